"""`portops reconcile`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from portops.cli.adopt import adopt_option, offer
from portops.cli.options import check_options, open_desk, run_plan_if_named
from portops.cli.output import emit, note, progress, say, table
from portops.results.reconciled import CLASSES


@click.command("reconcile", epilog="Example: portops reconcile migration.xlsx --inventory held.csv")
@check_options(required=False)
@click.option(
    "--inventory",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Export of the numbers that the platform holds now.",
)
@adopt_option
@click.pass_context
def reconcile_command(
    ctx: click.Context, /, *, inventory: Path | None, adopt: bool, **options: Any
) -> None:
    """Compare WORKBOOKs, the store, the provider and an inventory, number by number.

    Writes reconciliation.xlsx (a sheet a class) and reconciliation.csv; exits with 1 when
    anything is not agreed.
    """
    as_json = options["as_json"]
    with open_desk(ctx, store=options["store"], provider=options["provider"]) as desk:
        planned = run_plan_if_named(desk, options)
        if desk.has_store:
            offer(desk, planned, adopt=adopt, as_json=as_json)
        with progress("Asking", desk.tracked, quiet=as_json) as step:
            desk.progress = step
            result = desk.reconcile(planned, inventory=inventory)
        files = desk.ledger(result, options["out"])
    if as_json:
        emit({**result.as_json(), "files": [str(path) for path in files]})
    else:
        say(f"{result.total:,} numbers compared, {result.differing:,} do not agree.")
        say()
        table(
            "",
            ("class", "numbers", "which", "what to do"),
            [(name, count, *CLASSES[name]) for name, count in result.counts.items() if count],
        )
        for path in files:
            note(f"Written: {path}")
    sys.exit(1 if result.differing else 0)
