"""`portops history`."""

from __future__ import annotations

from pathlib import Path

import click

from portops.cli.options import json_option, open_desk, store_option
from portops.cli.output import emit, say
from portops.wording import counted


@click.group("history", epilog="Example: portops history export events.csv")
def history_command() -> None:
    """Take the status history in from a flat file, or write it to one."""


@history_command.command("import", epilog="Example: portops history import events.csv")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@store_option
@json_option
@click.pass_context
def import_command(ctx: click.Context, file: Path, *, store: str | None, as_json: bool) -> None:
    """Append the events of FILE (UTF-8 CSV); a file with one bad row changes nothing."""
    with open_desk(ctx, store=store) as desk:
        events, new = desk.import_history(file)
    if as_json:
        emit({"events": events, "new": new})
    else:
        say(f"{counted(events, 'event')} read, {new:,} of them new.")


@history_command.command("export", epilog="Example: portops history export events.csv")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@store_option
@json_option
@click.pass_context
def export_command(ctx: click.Context, file: Path, *, store: str | None, as_json: bool) -> None:
    """Write every event to FILE, oldest first."""
    with open_desk(ctx, store=store) as desk:
        events = desk.export_history(file)
    if as_json:
        emit({"file": str(file), "events": events})
    else:
        say(f"{counted(events, 'event')}: {file}")
