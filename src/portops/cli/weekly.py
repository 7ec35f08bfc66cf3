"""`portops weekly`: everything that a scheduler has to start once a week."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portops.cli.options import (
    Week,
    json_option,
    open_desk,
    out_option,
    provider_option,
    store_option,
)
from portops.cli.output import emit, note, say


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
def weekly_command(  # noqa: PLR0913 - one parameter per option
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
    with open_desk(ctx, store=store, provider=provider) as desk:
        run = desk.weekly(week, out=out, mail_to=mail_to, pull=not no_pull, tell=note)
    if as_json:
        emit(run.as_json())
    else:
        say(run.summary())
    if run.failed is not None:
        raise run.failed
    sys.exit(1 if run.differing else 0)
