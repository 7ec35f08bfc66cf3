"""`portops report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from portops.cli.options import (
    Day,
    Names,
    Week,
    json_option,
    open_desk,
    out_option,
    provider_option,
    store_option,
)
from portops.cli.output import emit, say

if TYPE_CHECKING:
    from datetime import date


@click.command("report", epilog="Example: portops report weekly-rejections --week 2026-W47")
@click.argument("name", type=Names("portops.reporting.report", "REPORTS", suffix=".ipynb"))
@click.option("--week", type=Week(), help="ISO week (default: the last full week).")
@click.option("--as-of", type=Day(), help="What was known at the end of this day.")
@provider_option
@out_option
@store_option
@json_option
@click.pass_context
def report_command(  # noqa: PLR0913 - one parameter per option
    ctx: click.Context,
    name: str,
    *,
    week: str | None,
    as_of: date | None,
    provider: str | None,
    out: Path | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Make a report: DIR/<week>/<name>.ipynb, .html, .pdf, .xlsx and .json.

    NAME is a report, or the path of a notebook of your own.
    """
    with open_desk(ctx, store=store, provider=provider) as desk:
        published = desk.publish(name, week=week, as_of=as_of, out=out)
    if as_json:
        emit(published.as_json())
        return
    if published.shown is not None:
        for line in published.shown.headline():
            say(line)
        say()
    for path in published.files:
        say(f"Written: {path}")
