"""`portops template`."""

from __future__ import annotations

from pathlib import Path

import click

from portops.cli.options import json_option, open_desk
from portops.cli.output import emit, say
from portops.workbooks.template import LAYOUTS


@click.command("template", epilog="Example: portops template --layout numbers intake.xlsx")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--layout",
    type=click.Choice(LAYOUTS),
    default="numbers",
    show_default=True,
    help="One row per number, or one row per request.",
)
@json_option
@click.pass_context
def template_command(ctx: click.Context, *, file: Path, layout: str, as_json: bool) -> None:
    """Write an empty intake workbook with notes, drop-downs and an example row."""
    with open_desk(ctx) as desk:
        desk.template(file, layout=layout)
    if as_json:
        emit({"file": str(file), "layout": layout})
    else:
        say(f"Written: {file}. Replace the example row; `portops check {file}` checks it.")
