"""`portops loa`."""

from __future__ import annotations

import sys
from typing import Any

import click

from portops.cli.options import check_options, open_desk, run_plan
from portops.cli.output import emit, note, say
from portops.providers import service
from portops.wording import counted


@click.command("loa", epilog="Example: portops loa migration.xlsx --documents statements")
@check_options()
@click.option("--carrier", help="The new carrier's name (default: the provider's).")
@click.option("--agent", help="The agent that acts for the new carrier, if there is one.")
@click.pass_context
def loa_command(
    ctx: click.Context, /, *, carrier: str | None, agent: str | None, **options: Any
) -> None:
    """Write the letter of authorization of each planned request of WORKBOOKs as PDF."""
    with open_desk(ctx, store=options["store"], provider=options["provider"]) as desk:
        planned = run_plan(desk, options)
        letters = desk.letters(
            planned, options["out"], carrier=carrier, agent=agent, as_of=options["as_of"]
        )
    held = len(planned.held_back)
    if options["as_json"]:
        emit({"letters": [letter.as_json() for letter in letters], "held_back": held})
    else:
        for letter in letters:
            say(f"{letter.file}  ({letter.request}, {counted(letter.numbers, 'number')})")
        say(f"{counted(len(letters), 'letter')} written, {counted(held, 'request')} held back.")
        if service(planned.provider).limits.letter == "provider":
            note(f"{planned.provider} writes and mails its own letter; these are for your files.")
    sys.exit(1 if held else 0)
