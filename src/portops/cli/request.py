"""`portops request`: one customer's request, guided step by step."""

from __future__ import annotations

import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portops import api
from portops.cli.options import json_option, load_settings, provider_option, store_option
from portops.cli.output import emit, say, table
from portops.cli.submit import agreed, as_document
from portops.errors import InputError
from portops.store.database import exists
from portops.submission import guided
from portops.submission.guided import DRAFT, Draft, Wireless
from portops.submission.plan import plan
from portops.tables.columns import FIELDS

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.checked import Checked
    from portops.settings import Settings


@click.group("request", epilog="Example: portops request new")
def request_command() -> None:
    """Make one port request for one customer, in four steps."""


class _Guide:
    """Asks for the fields of a draft and checks each by the rules of a workbook."""

    def __init__(self, settings: Settings, draft: Draft) -> None:
        self.settings, self.draft = settings, draft
        self._known = api.known_to(settings) if exists(settings.store) else None

    def check(self, frame: pd.DataFrame) -> Checked:
        """Check a draft's table; the statement is looked for where its name says."""
        return api.check_draft(self.draft, frame, self._known, self.settings)

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

    def _tell(self, said: list[tuple[str, str]]) -> bool:
        """Say what was found; tells whether nothing of it is an error."""
        for severity, words in said:
            if severity in {"error", "warning"}:
                say(f"    {severity}: {words}")
        return not any(severity == "error" for severity, _ in said)

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


def _from_file(path: Path) -> Draft:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.", "Mend the line it names.") from error
    draft = guided.from_table(given, str(path))
    statement = draft.answers.get("statement")
    if statement:
        draft.answers["statement"] = str(path.parent / statement)
    return draft


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
def new_command(  # noqa: PLR0913 - one parameter an option
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
    settings = load_settings(ctx, store=store, provider=provider)
    interactive = source is None
    if interactive and not _somebody_answers():
        raise InputError(
            "There is nobody to answer.", "Give the answers in a file: --from request.toml."
        )
    guide = _Guide(settings, guided.load(DRAFT) if source is None else _from_file(source))
    if interactive:
        _interview(guide, agree=agree)
    elif not dry_run:
        agreed(agree=agree, as_json=as_json)
    checked = guide.check(guide.draft.table())
    found = guided.problems(checked)
    wrong = {name: said for name, said in found.items() if any(s == "error" for s, _ in said)}
    planned = plan(checked, provider=settings.provider)
    if wrong or dry_run:
        _show(found, guide.draft, as_json=as_json)
        sys.exit(1 if wrong else 0)
    submitted = api.submit(planned, agree=True, settings=settings, clock=lambda: datetime.now(UTC))
    if submitted.stopped is not None:
        raise submitted.stopped
    if as_json:
        emit(as_document(submitted))
    else:
        for each in submitted.outcomes:
            say(f"Request SID: {each.request_sid}" if each.request_sid else str(each.error))
    if all(each.request_sid for each in submitted.outcomes):
        DRAFT.unlink(missing_ok=True)
    sys.exit(0 if all(each.request_sid for each in submitted.outcomes) else 1)


def _show(found: dict[str, list[tuple[str, str]]], draft: Draft, *, as_json: bool) -> None:
    rows: list[tuple[Any, ...]] = [
        (severity, FIELDS[name].label if name in FIELDS else name, words)
        for name, said in found.items()
        for severity, words in said
    ]
    if as_json:
        emit({"problems": [{"severity": s, "field": f, "message": m} for s, f, m in rows]})
        return
    table("", ("", ""), guided.review(draft))
    if rows:
        say()
        table("Found", ("severity", "field", "what"), rows)
