"""`portops plan` and `portops submit`."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import click

from portops.cli.adopt import adopt_option, offer
from portops.cli.options import check_options, open_desk, run_plan
from portops.cli.output import emit, note, progress, say, table
from portops.cli.understood import print_understood
from portops.errors import AccessError, InputError, Interrupted, PortopsError, ProviderError
from portops.facts import agreement
from portops.results.followed import plain_rows
from portops.wording import counted, words

if TYPE_CHECKING:
    import pandas as pd

    from portops.desk import Desk
    from portops.results.planned import Planned
    from portops.results.submitted import Submitted


def print_plan(planned: Planned) -> None:
    """Print the requests that are ready, then those held back with the reason."""
    ready, held = planned.ready, planned.held_back
    say(
        f"Ready for {planned.provider}: {counted(len(ready), 'request')} with "
        f"{counted(int(ready['count'].sum()), 'number')}. "
        f"Held back: {counted(len(held), 'request')}."
    )
    if not ready.empty:
        columns = ["request", "losing_carrier", "account_number", "count", "split"]
        say()
        table(
            "Ready",
            ("request", "losing carrier", "account", "numbers", "split"),
            [
                (request, carrier, account, int(count), split)
                for request, carrier, account, count, split in ready[columns]
                .fillna("")
                .itertuples(index=False, name=None)
            ],
        )
    if not held.empty:
        say()
        table(
            "Held back",
            ("request", "numbers", "because of"),
            [
                (request, int(count), why)
                for request, count, why in held[["request", "count", "held_back"]]
                .fillna("")
                .itertuples(index=False, name=None)
            ],
        )


def _print_portability(answers: pd.DataFrame) -> None:
    refused = answers[~answers["portable"]]
    oldest = f", asked since {answers['asked_at'].min():%b %d %H:%M} UTC" if len(answers) else ""
    say(
        f"Portability: {len(answers) - len(refused):,} can be ported, "
        f"{len(refused):,} cannot{oldest}."
    )
    if len(refused):
        table(
            "",
            ("number", "why", "code", "asked (UTC)"),
            [
                (
                    answer.phone_number,
                    answer.reason,
                    answer.code,
                    f"{answer.asked_at:%Y-%m-%d %H:%M}",
                )
                for answer in refused.itertuples()
            ],
        )


@click.command("plan", epilog="Example: portops plan migration.xlsx --documents statements")
@check_options()
@click.option(
    "--portability",
    "asks",
    is_flag=True,
    help="Ask the provider whether each number can be ported.",
)
@click.pass_context
def plan_command(ctx: click.Context, /, *, asks: bool, **options: Any) -> None:
    """Show the port requests that a submission of WORKBOOKs would create; nothing is sent."""
    answers = None
    with open_desk(ctx, store=options["store"], provider=options["provider"]) as desk:
        planned = run_plan(desk, options)
        if asks:
            with progress("Asking", len(planned.numbers), quiet=options["as_json"]) as step:
                desk.progress = step
                planned, answers = desk.portability(planned)
        if options["as_json"]:
            asked = {} if answers is None else {"portability": plain_rows(answers)}
            emit({**planned.as_json(), **asked})
        else:
            print_understood(planned.checked)
            say()
            print_plan(planned)
            if answers is not None:
                say()
                _print_portability(answers)
        if options["out"] is not None:
            for path in desk.write_plan(planned, options["out"]):
                note(f"Written: {path}")
    sys.exit(1 if len(planned.held_back) else 0)


def agreed(*, agree: bool, as_json: bool) -> None:
    """Have the agreement checklist accepted; raises InputError when it is not."""
    if agree:
        return
    refusal = InputError(
        "The agreement checklist is not accepted; nothing was submitted.",
        "Read the checklist in `portops submit --help` and add --agree.",
    )
    if as_json or not sys.stdin.isatty():
        raise refusal
    say("Before numbers are ported, please agree to each of these:")
    for number, point in enumerate(agreement.POINTS, start=1):
        if not click.confirm(f"  {number}. {point} Agreed?"):
            raise refusal


def _rehearse(desk: Desk, planned: Planned, *, again: bool, as_json: bool) -> NoReturn:
    """Say what a submission would do, and end."""
    rehearsed = desk.submit(planned, dry_run=True, again=again)
    if as_json:
        emit({**planned.as_json(), "already_submitted": rehearsed.count("already_submitted")})
    else:
        print_plan(planned)
        say()
        say(rehearsed.summary())
        ready = set(planned.ready["request"])
        for outcome in rehearsed.outcomes:
            if outcome.status == "held_back" and outcome.request in ready:
                note(f"{outcome.request}: {outcome.error}")
    sys.exit(1 if len(planned.held_back) else 0)


def print_submitted(submitted: Submitted) -> None:
    """Print each Request SID, then what was held back or failed."""
    done = [outcome for outcome in submitted.outcomes if outcome.request_sid]
    if done:
        table(
            "",
            ("request", "Request SID", "numbers", ""),
            [
                (
                    e.request,
                    e.request_sid,
                    len(e.numbers),
                    "submitted, not in the store" if e.status == "failed" else words(e.status),
                )
                for e in done
            ],
        )
        say()
    rest = [outcome for outcome in submitted.outcomes if not outcome.request_sid]
    if rest:
        table(
            "Not submitted",
            ("request", "", "why"),
            [(e.request, words(e.status), e.error) for e in rest],
        )
        say()
    say(submitted.summary())


def run_submit(desk: Desk, planned: Planned, **options: Any) -> tuple[Submitted, Exception | None]:
    """Submit; returns what came of it, and what is to be raised when that was told."""
    try:
        submitted = desk.submit(planned, agree=True, **options)
    except Interrupted as stopped:
        return stopped.submitted, click.Abort()
    return submitted, submitted.stopped


def _write(desk: Desk, submitted: Submitted, options: dict[str, Any]) -> bool:
    """Write findings, marked copies and receipts; tells whether all of them could be written."""
    sys.stdout.flush()
    done = True
    for write in (
        lambda: desk.receipts(submitted, options["out"]),
        lambda: desk.write(
            submitted.planned.checked,
            options["out"],
            mark=not options["no_mark"],
            keep_pins=options["keep_pins"],
        ),
    ):
        try:
            files = write()
        except PortopsError as error:
            done = False
            note(f"Not written: {error}\n  {error.remedy}")
        except Exception as error:
            # The requests are made, so nothing else may be said in its place.
            done = False
            note(
                f"Not written: {type(error).__name__}: {error}\n  The requests above are submitted."
            )
        else:
            for file in files:
                note(f"Written: {getattr(file, 'path', file)}")
    return done


_CHECKLIST = "\b\nThe agreement checklist:\n" + "\n".join(
    f"  {number}. {point}" for number, point in enumerate(agreement.POINTS, start=1)
)


@click.command(
    "submit",
    epilog="Example: portops submit migration.xlsx --documents statements --agree",
    help="Check, plan and submit WORKBOOKs; run it again after anything to go on.\n\n" + _CHECKLIST,
)
@check_options()
@click.option("--agree", is_flag=True, help="Accept the agreement checklist (for schedulers).")
@click.option("--dry-run", is_flag=True, help="Show the plan and send nothing.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=8,
    show_default=True,
    help="Calls to the provider at a time.",
)
@click.option(
    "--deadline",
    type=click.FloatRange(0, min_open=True),
    metavar="MINUTES",
    help="Start no new requests after this many minutes.",
)
@click.option(
    "--no-portability", is_flag=True, help="Do not ask first whether each number can be ported."
)
@click.option(
    "--again",
    is_flag=True,
    help="Make requests once more that were canceled, have expired or were rejected.",
)
@adopt_option
@click.pass_context
def submit_command(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context,
    /,
    *,
    agree: bool,
    dry_run: bool,
    concurrency: int,
    deadline: float | None,
    no_portability: bool,
    again: bool,
    adopt: bool,
    **options: Any,
) -> None:
    """Check, plan and submit."""
    as_json = options["as_json"]
    with open_desk(ctx, store=options["store"], provider=options["provider"]) as desk:
        planned = run_plan(desk, options)
        if dry_run:
            _rehearse(desk, planned, again=again, as_json=as_json)
        agreed(agree=agree, as_json=as_json)
        with suppress(ProviderError, AccessError):  # which the submission meets too, and tells
            offer(desk, planned, adopt=adopt, as_json=as_json)
        with progress("Submitting", len(planned.ready), quiet=as_json) as step:
            desk.progress = step
            submitted, stopped = run_submit(
                desk,
                planned,
                concurrency=concurrency,
                ask_portability=not no_portability,
                again=again,
                deadline=None if deadline is None else timedelta(minutes=deadline),
            )
        # What was submitted is told first: whatever fails later, nobody loses a Request SID.
        if as_json:
            emit(submitted.as_json())
        else:
            print_submitted(submitted)
        written = _write(desk, submitted, options)
    if stopped is not None:
        raise stopped
    if not written:
        sys.exit(2)
    sys.exit(1 if submitted.count("failed") or submitted.count("held_back") else 0)
