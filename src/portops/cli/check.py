"""`portops check`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from portops.cli.options import check_options, open_desk, run_check
from portops.cli.output import emit, note, say, table
from portops.tables import findings as finding_table

if TYPE_CHECKING:
    from portops.results.checked import Checked

#: So many findings are printed; all of them are in the files.
SHOWN = 20


def print_summary(checked: Checked) -> None:
    """Print what was read, how the columns were understood, and the findings."""
    say(checked.size)
    for name in checked.skipped:
        note(f"Skipped {name}.")
    pairs = [f"{header} → {field}" for header, field in checked.headers.items() if field]
    say(f"Columns: {'; '.join(pairs)}")
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
            [(row.cell, row.code, row.message) for row in first.itertuples()],
        )


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
