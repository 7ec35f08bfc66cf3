"""`portops request`: one customer's request, guided step by step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portops.cli.options import json_option, open_desk, provider_option, store_option
from portops.cli.output import emit, note, say, table
from portops.cli.submit import agreed, run_submit
from portops.errors import InputError
from portops.submission import guided
from portops.submission.guided import DRAFT, Draft, Wireless
from portops.tables.columns import FIELDS

if TYPE_CHECKING:
    import pandas as pd

    from portops.desk import Desk
    from portops.results.checked import Checked


@click.group("request", epilog="Example: portops request new")
def request_command() -> None:
    """Make one port request for one customer, in four steps."""


class _Guide:
    """Asks for the fields of a draft and checks each by the rules of a workbook."""

    def __init__(self, desk: Desk, draft: Draft) -> None:
        self.desk, self.draft = desk, draft
        self._prior = desk.prior()

    def check(self, frame: pd.DataFrame) -> Checked:
        """Check a draft's table; the statement is looked for where its name says."""
        return self.desk.check_draft(self.draft, frame, prior=self._prior)

    def ask(self, name: str) -> None:
        """Ask for one field until nothing is wrong with it."""
        about = FIELDS[name]
        while True:
            before = self.draft.answers.get(name, "")
            optional = name in guided.OPTIONAL
            answer = click.prompt(
                f"  {about.label}{' (optional)' if optional else ''}",
                default=before or ("" if optional else None),
                show_default=bool(before),
                type=str,
            )
            self.draft.answers[name] = answer.strip()
            self.draft.save(DRAFT)
            if self._tell(guided.judge(self.draft, self.check).get(name, [])):
                return

    def _tell(self, problems: list[tuple[str, str]]) -> bool:
        """Say what was found; tells whether nothing of it is an error."""
        for severity, words in problems:
            if severity in {"error", "warning"}:
                say(f"    {severity}: {words}")
        return not any(severity == "error" for severity, _ in problems)

    def ask_wireless(self) -> None:
        """Ask for wireless numbers one by one, each with its PIN or SSN digits."""
        kept, self.draft.wireless = self.draft.wireless, []
        for place in range(1_000):
            before = kept[place].number if place < len(kept) else ""
            number = click.prompt(
                "  Wireless number (empty: no more)", default=before, show_default=bool(before)
            ).strip()
            if not number:
                return
            pin = click.prompt(
                "    PIN (empty: last four SSN digits)",
                default="",
                hide_input=True,
                show_default=False,
            ).strip()
            ssn = (
                ""
                if pin
                else click.prompt(
                    "    Last four SSN digits", default="", hide_input=True, show_default=False
                ).strip()
            )
            self.draft.wireless.append(Wireless(number=number, pin=pin, ssn_last4=ssn))
            if not self._tell(guided.judge(self.draft, self.check).get("wireless", [])):
                self.draft.wireless.pop()
            self.draft.save(DRAFT)


def _somebody_answers() -> bool:
    return sys.stdin.isatty()


def _interview(guide: _Guide, *, agree: bool) -> None:
    say("Step 1 of 4: the agreement")
    agreed(agree=agree, as_json=False)
    for number, (title, names) in enumerate(guided.STEPS.items(), start=2):
        say(f"Step {min(number, 3)} of 4: {title.lower()}")
        for name in names:
            guide.ask(name)
        if "landline_numbers" in names:
            guide.ask_wireless()
    say("Step 4 of 4: review")
    table("", ("", ""), guided.review(guide.draft))
    if not click.confirm("Submit this request?"):
        raise InputError("Nothing was submitted.", "The draft is kept; run the command again.")


@request_command.command("new", epilog="Example: portops request new --from request.toml --agree")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Take the answers from a TOML file instead of asking.",
)
@click.option("--agree", is_flag=True, help="Accept the agreement checklist (for scripts).")
@click.option("--dry-run", is_flag=True, help="Check and show; send nothing.")
@provider_option
@store_option
@json_option
@click.pass_context
def new_command(  # noqa: PLR0913 - one parameter per option
    ctx: click.Context,
    *,
    source: Path | None,
    agree: bool,
    dry_run: bool,
    provider: str | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Ask for one customer's request in four steps, check each answer, and submit it.

    The draft is kept in .portops/draft.json (without PINs), so that a closed window loses nothing.
    """
    interactive = source is None
    if interactive and not _somebody_answers():
        raise InputError(
            "There is nobody to answer.", "Give the answers in a file: --from request.toml."
        )
    with open_desk(ctx, store=store, provider=provider) as desk:
        draft = guided.load(DRAFT) if source is None else guided.read_toml(source)
        guide = _Guide(desk, draft)
        if interactive:
            _interview(guide, agree=agree)
        elif not dry_run:
            agreed(agree=agree, as_json=as_json)
        checked = guide.check(draft.table())
        problems = guided.problems(checked)
        if checked.counts["error"] or dry_run:
            _show(problems, draft, as_json=as_json)
            sys.exit(1 if checked.counts["error"] else 0)
        submitted, stopped = run_submit(desk, desk.plan(checked))
        # Told inside: whatever fails when the desk is closed, nobody loses a Request SID.
        if as_json:
            emit(submitted.as_json())
        else:
            for outcome in submitted.outcomes:
                sid = outcome.request_sid
                say(f"Request SID: {sid}" if sid else str(outcome.error))
    if stopped is not None:
        raise stopped
    done = all(outcome.request_sid for outcome in submitted.outcomes)
    if done:
        try:
            DRAFT.unlink(missing_ok=True)
        except OSError as error:
            note(f"The draft {DRAFT} could not be removed ({error.strerror}). Delete it yourself.")
            sys.exit(2)
    sys.exit(0 if done else 1)


def _show(problems: dict[str, list[tuple[str, str]]], draft: Draft, *, as_json: bool) -> None:
    rows: list[tuple[Any, ...]] = [
        (severity, FIELDS[name].label if name in FIELDS else name, words)
        for name, messages in problems.items()
        for severity, words in messages
    ]
    if as_json:
        emit({"problems": [{"severity": s, "field": f, "message": m} for s, f, m in rows]})
        return
    table("", ("", ""), guided.review(draft))
    if rows:
        say()
        table("Found", ("severity", "field", "what"), rows)
