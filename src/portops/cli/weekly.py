"""`portops weekly`: everything that a scheduler has to start once a week."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from filelock import FileLock, Timeout

from portops import api
from portops.cli.options import (
    Week,
    json_option,
    load_settings,
    out_option,
    provider_option,
    store_option,
)
from portops.cli.output import emit, say
from portops.cli.report import make_report
from portops.cli.track import stored
from portops.errors import PortopsError, SettingsError
from portops.facts.business_time import last_full_week
from portops.letters import mail
from portops.reporting.press.digest import compose
from portops.reporting.press.index import write_index
from portops.reporting.report import in_order
from portops.workbooks.ledger import write_ledger

if TYPE_CHECKING:
    from portops.reporting.press.publish import Published
    from portops.settings import Settings


class _Run:
    """Runs steps one after the other; one that fails does not keep the others from running."""

    def __init__(self, log: Path, week: str) -> None:
        self.log, self.week = log, week
        self.steps: list[dict[str, Any]] = []
        self.failed: PortopsError | None = None

    def step(self, name: str, work: Callable[[], dict[str, Any]]) -> None:
        """Do one step and write one line about it, here and into the log."""
        began, clock = datetime.now(UTC), time.monotonic()
        line: dict[str, Any] = {
            "at": f"{began:%Y-%m-%dT%H:%M:%SZ}",
            "week": self.week,
            "step": name,
        }
        try:
            line |= {"status": "done", **work()}
        except PortopsError as error:
            line |= {"status": "failed", "error": str(error), "remedy": error.remedy}
            self.failed = self.failed or error
        line["seconds"] = round(time.monotonic() - clock, 2)
        self.steps.append(line)
        text = json.dumps(line, ensure_ascii=False)
        click.echo(text, err=True)
        with self.log.open("a", encoding="utf-8") as file:
            file.write(text + "\n")


def _digest(
    settings: Settings, reports: list[Published], mail_to: tuple[str, ...]
) -> dict[str, Any]:
    if settings.smtp_url is None:
        raise SettingsError(
            "The digest has no mail server.",
            "Set PORTOPS_SMTP_URL, such as smtp://user:password@mail.example.com:587.",
        )
    if not reports:
        raise SettingsError("There is no report to send.", "See the steps before.")
    message = compose(reports, mail.sender_of(settings.smtp_url), mail_to)
    mail.send(settings.smtp_url, message)
    return {"recipients": len(mail_to)}


@click.command("weekly", epilog="Example: portops weekly --mail-to boss@example.com")
@click.option("--week", type=Week(), help="ISO week (default: the last full week).")
@click.option("--mail-to", multiple=True, metavar="ADDRESS", help="Send the digest there.")
@click.option(
    "--no-pull", is_flag=True, help="Ask the provider nothing: no pull, no reconciliation."
)
@provider_option
@out_option
@store_option
@json_option
@click.pass_context
def weekly_command(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context,
    *,
    week: str | None,
    mail_to: tuple[str, ...],
    no_pull: bool,
    provider: str | None,
    out: Path | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Pull, reconcile, make the reports and their index, and mail the digest.

    Exit status 0: all done; 1: done, and something does not agree; 2: a step failed. Each step
    writes one line of JSON to stderr and to DIR/weekly.log. Two runs never overlap.
    """
    settings = stored(load_settings(ctx, store=store, provider=provider))
    week = week or last_full_week(datetime.now(UTC), settings.timezone)
    folder = out or Path(settings.out)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".weekly.lock", timeout=0):
            run, differing = _weekly(settings, folder, week, mail_to, asks=not no_pull)
    except Timeout:
        raise SettingsError(
            f"Another weekly run is writing to {folder}.", "Wait until it has ended."
        ) from None
    if as_json:
        emit(
            {
                "week": week,
                "steps": run.steps,
                "differing": differing,
                "index": str(folder / "index.html"),
            }
        )
    else:
        say(
            f"{week}: {sum(step['status'] == 'done' for step in run.steps)} of {len(run.steps)} "
            f"steps done. See {folder / 'index.html'}"
        )
    if run.failed is not None:
        raise run.failed
    sys.exit(1 if differing else 0)


def _weekly(
    settings: Settings, folder: Path, week: str, mail_to: tuple[str, ...], *, asks: bool
) -> tuple[_Run, int]:
    run, differing = _Run(folder / "weekly.log", week), 0
    reports: list[Published] = []

    def pull() -> dict[str, Any]:
        pulled = api.pull(settings=settings)
        return {"requests": pulled.asked, "new_events": pulled.new_events}

    def reconcile() -> dict[str, Any]:
        nonlocal differing
        result = api.reconcile(settings=settings)
        # The report of the same name has its own tables in reconciliation.xlsx.
        files = write_ledger(result, folder / week, name="reconciliation-numbers.xlsx")
        differing = result.differing
        return {
            "numbers": result.total,
            "differing": differing,
            "files": [str(path) for path in files],
        }

    def report(name: str) -> Callable[[], dict[str, Any]]:
        def make() -> dict[str, Any]:
            reports.append(make_report(settings, name, week=week, as_of=None, out=folder))
            return {"files": [str(path) for path in reports[-1].files]}

        return make

    def failing(error: PortopsError) -> Callable[[], dict[str, Any]]:
        def fail() -> dict[str, Any]:
            raise error

        return fail

    if asks:
        run.step("pull", pull)
        run.step("reconcile", reconcile)
    loaded, broken = in_order()
    for one in loaded:
        if asks or not one.needs_provider:
            run.step(one.name, report(one.name))
    for name, error in broken.items():
        run.step(name, failing(error))
    run.step("index", lambda: {"files": [str(write_index(folder))]})
    if mail_to:
        run.step("digest", lambda: _digest(settings, reports, mail_to))
    return run, differing
