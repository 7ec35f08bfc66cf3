"""`portops template`."""

from __future__ import annotations

from pathlib import Path

import click

from portops.cli.options import json_option
from portops.cli.output import emit, say
from portops.errors import InputError
from portops.workbooks.template import LAYOUTS, write_template


@click.command("template", epilog="Example: portops template --layout numbers intake.xlsx")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--layout",
    type=click.Choice(LAYOUTS),
    default="numbers",
    show_default=True,
    help="One row a number, or one row a request.",
)
@json_option
def template_command(*, file: Path, layout: str, as_json: bool) -> None:
    """Write an empty intake workbook with notes, drop-downs and an example row."""
    if file.suffix.lower() != ".xlsx":
        raise InputError(f"{file} is not named .xlsx.", f"Name it {file.with_suffix('.xlsx')}.")
    if file.exists():
        raise InputError(f"{file} exists already.", "Choose another name, or remove it first.")
    write_template(layout, file)
    if as_json:
        emit({"file": str(file), "layout": layout})
    else:
        say(f"Written: {file}. Replace the example row; `portops check {file}` checks it.")
