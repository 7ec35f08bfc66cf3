"""`portops reconcile`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portops import api
from portops.checks.checking import read
from portops.cli.options import check_options, load_settings, run_check
from portops.cli.output import emit, note, progress, say, table
from portops.cli.track import stored
from portops.errors import InputError
from portops.facts.nanp import classify
from portops.results.reconciled import CLASSES
from portops.store import journal
from portops.store.database import open_database
from portops.submission.plan import plan
from portops.workbooks.ledger import write_ledger

if TYPE_CHECKING:
    import pandas as pd


def read_inventory(path: Path) -> pd.Series:
    """Read the numbers of an export of what the platform holds; raises InputError."""
    numbers = classify(read(path)["number_text"])["phone_number"].dropna()
    if numbers.empty:
        raise InputError(
            f"{path} holds no telephone numbers.", "Name the column 'Phone Number' there."
        )
    return numbers


@click.command("reconcile", epilog="Example: portops reconcile migration.xlsx --inventory held.csv")
@check_options(required=False)
@click.option(
    "--inventory",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Export of the numbers that the platform holds now.",
)
@click.pass_context
def reconcile_command(ctx: click.Context, /, *, inventory: Path | None, **options: Any) -> None:
    """Compare WORKBOOKs, the store, the provider and an inventory, number by number.

    Writes reconciliation.xlsx (a sheet a class) and reconciliation.csv; exits with 1 when
    anything is not agreed.
    """
    settings = stored(load_settings(ctx, store=options["store"], provider=options["provider"]))
    planned = None
    if options["workbooks"]:
        checked = run_check(settings, options)
        planned = plan(checked, provider=settings.provider, strict=options["strict"])
    held = None if inventory is None else read_inventory(inventory)
    with open_database(settings.store) as database:
        total = len(journal.tracked(database, settings.provider))
    with progress("Asking", total, quiet=options["as_json"]) as step:
        result = api.reconcile(planned, inventory=held, settings=settings, report=step)
    files = write_ledger(result, options["out"] or Path(settings.out))
    if options["as_json"]:
        emit(
            {
                "numbers": result.total,
                "differing": result.differing,
                "counts": result.counts,
                "inventory_only": result.inventory_only,
                "as_of": f"{result.as_of:%Y-%m-%dT%H:%M:%SZ}",
                "files": [str(path) for path in files],
            }
        )
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
