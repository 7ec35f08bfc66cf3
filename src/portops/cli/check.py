"""`portops check`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from portops.cli.options import check_options, open_desk, run_check
from portops.cli.output import emit, note, say, table
from portops.cli.understood import print_understood
from portops.tables import findings as finding_table
from portops.wording import one_line

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.checked import Checked

#: So many findings are printed; all of them are in the files.
SHOWN = 20


def print_summary(checked: Checked) -> None:
    """Print what was read, how sheets and columns were understood, and the findings."""
    print_understood(checked)
    for name in checked.skipped:
        if not name.startswith("sheet "):
            note(f"Skipped {name}.")
    say()
    counted = checked.findings.groupby(["severity", "code"]).size().reset_index(name="count")
    rank = {severity: place for place, severity in enumerate(finding_table.SEVERITIES)}
    counted["rank"] = counted["severity"].map(rank)
    counted = counted.sort_values(["rank", "count"], ascending=[True, False])
    rows = [
        (severity, code, count, checked.codes[code].meaning)
        for severity, code, count in zip(
            counted["severity"], counted["code"], counted["count"], strict=True
        )
    ]
    if not rows:
        say("Nothing was found: the workbook is clean.")
        return
    table("", ("severity", "code", "count", "meaning"), [(a, b, int(c), d) for a, b, c, d in rows])
    errors = checked.findings[checked.findings["severity"] == "error"]
    if not errors.empty:
        say()
        first = errors.head(SHOWN).fillna("")
        table(
            f"First {len(first)} of {len(errors):,} errors" if len(errors) > SHOWN else "Errors",
            ("cell", "code", "message"),
            [(row.cell or row.sheet, row.code, row.message) for row in first.itertuples()],
        )
        _print_options(errors)


def _print_options(errors: pd.DataFrame) -> None:
    """Print the options that settle a column, a line each, so that they can be copied."""
    options = errors.loc[errors["suggestion"].str.startswith("--map", na=False)]
    options = options.drop_duplicates("suggestion")
    if options.empty:
        return
    say()
    say("Settle with:")
    for column, suggestion in options[["column", "suggestion"]].itertuples(index=False):
        say(one_line(f"{column}: {suggestion}"))


@click.command("check", epilog="Example: portops check migration.xlsx --documents statements")
@check_options()
@click.pass_context
def check_command(ctx: click.Context, /, **options: Any) -> None:
    """Check WORKBOOKs; write DIR/<stem>.findings.csv and DIR/<stem>.checked.xlsx."""
    with open_desk(ctx, store=options["store"], provider=options["provider"]) as desk:
        checked = run_check(desk, options)
        written = desk.write(
            checked, options["out"], mark=not options["no_mark"], keep_pins=options["keep_pins"]
        )
    if options["as_json"]:
        emit(checked.as_json())
    else:
        print_summary(checked)
        say()
        for file in written:
            say(f"Written: {file.path}{f' ({file.note})' if file.note else ''}")
    sys.exit(1 if checked.held_back(strict=options["strict"]) else 0)
