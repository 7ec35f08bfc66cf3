"""`portops report`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portops.cli.options import Day, Week, json_option, load_settings, out_option, store_option
from portops.cli.output import emit, say
from portops.facts.business_time import last_full_week
from portops.reporting.press.publish import Published, publish
from portops.reporting.report import REPORTS
from portops.store.database import absolute, open_database

if TYPE_CHECKING:
    from portops.settings import Settings


def make_report(
    settings: Settings, name: str, *, week: str, as_of: date | None, out: Path
) -> Published:
    """Make one report of the settings' store."""
    store = absolute(settings.store)
    # A store that cannot be opened should say so here, not inside a notebook.
    open_database(store).close()
    return publish(
        name,
        out,
        # The kernel works in another folder and reads no portops.toml there.
        environment={
            "PORTOPS_STORE": store,
            "PORTOPS_PROVIDER": settings.provider,
            "PORTOPS_SANDBOX_URL": settings.sandbox_url,
            "PORTOPS_TWILIO_URL": settings.twilio_url,
            "PORTOPS_TWILIO_UPLOAD_URL": settings.twilio_upload_url,
        },
        parameters={
            "week": week,
            "timezone": settings.timezone,
            "provider": settings.provider,
            "as_of": as_of.isoformat() if as_of else "",
        },
    )


@click.command("report", epilog="Example: portops report weekly-rejections --week 2026-W47")
@click.argument("name", type=click.Choice(REPORTS.names()))
@click.option("--week", type=Week(), help="ISO week (default: the last full week).")
@click.option("--as-of", type=Day(), help="What was known at the end of this day.")
@out_option
@store_option
@json_option
@click.pass_context
def report_command(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context,
    name: str,
    *,
    week: str | None,
    as_of: date | None,
    out: Path | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Make a report: DIR/<week>/<name>.ipynb, .html, .xlsx and .json."""
    settings = load_settings(ctx, store=store)
    week = week or last_full_week(datetime.now(UTC), settings.timezone)
    published = make_report(settings, name, week=week, as_of=as_of, out=out or Path(settings.out))
    figures = published.shown
    if as_json:
        shown = figures.as_json() if figures else {}
        emit({**shown, "files": [str(path) for path in published.files]})
        return
    for line in figures.headline() if figures else []:
        say(line)
    say()
    for path in published.files:
        say(f"Written: {path}")
