"""`portops plan` and `portops submit`."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from portops import api
from portops.checks.checking import write_results
from portops.cli.options import check_options, load_settings, run_check
from portops.cli.output import emit, note, progress, say, table
from portops.errors import InputError
from portops.facts import agreement
from portops.store.database import exists
from portops.submission.plan import plan
from portops.wording import counted, words
from portops.workbooks.receipts import write_plan, write_submitted

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.planned import Planned
    from portops.results.submitted import Submitted
    from portops.settings import Settings


def _planned(ctx: click.Context, options: dict[str, Any]) -> tuple[Settings, Planned]:
    settings = load_settings(ctx, store=options["store"], provider=options["provider"])
    checked = run_check(settings, options)
    return settings, plan(checked, provider=settings.provider, strict=options["strict"])


def print_plan(planned: Planned) -> None:
    """Print the requests that are ready, then those held back with the reason."""
    ready, held = planned.ready, planned.held_back
    say(
        f"Ready for {planned.provider}: {counted(len(ready), 'request')} with "
        f"{counted(int(ready['count'].sum()), 'number')}. "
        f"Held back: {counted(len(held), 'request')}."
    )
    if not ready.empty:
        say()
        table(
            "Ready",
            ("request", "losing carrier", "account", "numbers", "split"),
            [
                (r.request, r.losing_carrier, r.account_number, int(r.count), r.split)
                for r in ready.fillna("").itertuples(index=False)
            ],
        )
    if not held.empty:
        say()
        table(
            "Held back",
            ("request", "numbers", "because of"),
            [
                (r.request, int(r.count), r.held_back)
                for r in held.fillna("").itertuples(index=False)
            ],
        )


def _plan_document(planned: Planned) -> dict[str, Any]:
    rows = planned.requests.astype(object).where(planned.requests.notna(), None)
    names = (
        "request",
        "losing_carrier",
        "account_number",
        "customer_name",
        "numbers",
        "held_back",
        "split",
    )
    return {
        "workbooks": list(planned.checked.workbooks),
        "provider": planned.provider,
        "ready": len(planned.ready),
        "held_back": len(planned.held_back),
        "requests": [{name: row[name] for name in names} for row in rows.to_dict("records")],
    }


def _said(said: pd.DataFrame) -> list[dict[str, Any]]:
    plain = said.assign(asked_at=said["asked_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _print_portability(said: pd.DataFrame) -> None:
    no = said[~said["portable"]]
    oldest = f", asked since {said['asked_at'].min():%d %b %H:%M} UTC" if len(said) else ""
    say(f"Portability: {len(said) - len(no):,} can be ported, {len(no):,} cannot{oldest}.")
    if len(no):
        table(
            "",
            ("number", "why", "code", "asked (UTC)"),
            [
                (each.phone_number, each.reason, each.code, f"{each.asked_at:%Y-%m-%d %H:%M}")
                for each in no.itertuples()
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
    settings, planned = _planned(ctx, options)
    said = None
    if asks:
        with progress("Asking", len(planned.numbers), quiet=options["as_json"]) as step:
            planned, said = api.with_portability(planned, settings=settings, report=step)
    if options["as_json"]:
        emit({**_plan_document(planned), **({} if said is None else {"portability": _said(said)})})
    else:
        print_plan(planned)
        if said is not None:
            say()
            _print_portability(said)
    if options["out"] is not None:
        for workbook in planned.checked.workbooks:
            path = write_plan(planned, options["out"] / f"{Path(workbook).stem}.plan.csv")
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


def _rehearse(planned: Planned, settings: Settings, *, again: bool, as_json: bool) -> NoReturn:
    """Say what a submission would do, and end."""
    found = None
    # A store that is not there yet knows of nothing, and looking should not make it.
    if exists(settings.store):
        found = api.submit(planned, dry_run=True, settings=settings, again=again)
    if as_json:
        before = 0 if found is None else found.count("already_submitted")
        emit({**_plan_document(planned), "already_submitted": before})
    else:
        print_plan(planned)
        if found is not None:
            say()
            say(found.summary())
            for each in found.outcomes:
                if each.status == "held_back" and each.request in set(planned.ready["request"]):
                    note(f"{each.request}: {each.error}")
    sys.exit(1 if len(planned.held_back) else 0)


def as_document(submitted: Submitted) -> dict[str, Any]:
    """Return the result of a submission as its JSON document."""
    return {
        "batch": submitted.batch,
        "submitted": submitted.count("submitted"),
        "already_submitted": submitted.count("already_submitted"),
        "held_back": submitted.count("held_back"),
        "failed": submitted.count("failed"),
        "requests": [
            {
                "request": each.request,
                "request_sid": each.request_sid,
                "status": each.status,
                "numbers": list(each.numbers),
                "error": each.error,
            }
            for each in submitted.outcomes
        ],
    }


def print_submitted(submitted: Submitted) -> None:
    """Print each Request SID, then what was held back or failed."""
    done = [each for each in submitted.outcomes if each.request_sid]
    if done:
        table(
            "",
            ("request", "Request SID", "numbers", ""),
            [
                (
                    e.request,
                    e.request_sid,
                    len(e.numbers),
                    "submitted before" if e.status == "already_submitted" else "submitted",
                )
                for e in done
            ],
        )
        say()
    rest = [each for each in submitted.outcomes if not each.request_sid]
    if rest:
        table(
            "Not submitted",
            ("request", "", "why"),
            [(e.request, words(e.status), e.error) for e in rest],
        )
        say()
    say(submitted.summary())


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
    help="Begin nothing more after so long.",
)
@click.option(
    "--no-portability", is_flag=True, help="Do not ask first whether each number can be ported."
)
@click.option(
    "--again", is_flag=True, help="Make requests once more that were canceled or have expired."
)
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
    **options: Any,
) -> None:
    """Check, plan and submit."""
    settings, planned = _planned(ctx, options)
    as_json = options["as_json"]
    if dry_run:
        _rehearse(planned, settings, again=again, as_json=as_json)
    agreed(agree=agree, as_json=as_json)
    with progress("Submitting", len(planned.ready), quiet=as_json) as step:
        submitted = api.submit(
            planned,
            agree=True,
            settings=settings,
            concurrency=concurrency,
            ask_portability=not no_portability,
            again=again,
            deadline=None if deadline is None else timedelta(minutes=deadline),
            report=step,
        )
    out = options["out"] or Path(settings.out)
    write_results(submitted.planned.checked, out, mark=not options["no_mark"])
    if as_json:
        emit(as_document(submitted))
    else:
        print_submitted(submitted)
    for workbook in planned.checked.workbooks:
        target = out / f"{Path(workbook).stem}.submitted.xlsx"
        note(f"Written: {write_submitted(submitted.planned, submitted, workbook, target)}")
    if submitted.stopped is not None:
        raise submitted.stopped
    sys.exit(1 if submitted.count("failed") or submitted.count("held_back") else 0)
