"""`portops store`: backup, restore and check."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portops.cli.options import json_option, open_desk, store_option
from portops.cli.output import emit, note, say, table
from portops.wording import counted


@click.group("store", epilog="Example: portops store backup portops-2026-11-24.db")
def store_command() -> None:
    """Back up the store, put it back, and check that it is sound."""


@store_command.command("backup", epilog="Example: portops store backup portops-2026-11-24.db")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@store_option
@json_option
@click.pass_context
def backup_command(ctx: click.Context, file: Path, *, store: str | None, as_json: bool) -> None:
    """Write the whole store to FILE, consistent while others write. An existing FILE is refused."""
    with open_desk(ctx, store=store) as desk:
        result = desk.backup(file)
    if as_json:
        emit(result.as_json())
    else:
        say(result.summary())


@store_command.command("restore", epilog="Example: portops store restore portops-2026-11-24.db")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@store_option
@json_option
@click.pass_context
def restore_command(ctx: click.Context, file: Path, *, store: str | None, as_json: bool) -> None:
    """Put the backup FILE in the store's place.

    The present store is kept beside it under a name with the time. A PostgreSQL database has to
    be empty.
    """
    with open_desk(ctx, store=store) as desk:
        result = desk.restore(file)
    if as_json:
        emit(result.as_json())
        return
    say(result.summary())
    if result.kept is not None:
        say(f"The store before it: {result.kept}")
    note("Next: `portops adopt` takes in what was submitted since, then `portops pull`.")


@store_command.command("check", epilog="Example: portops store check")
@store_option
@json_option
@click.option(
    "--keyed",
    is_flag=True,
    help="Exit with 1 too unless the audit chain is keyed throughout and the key is at hand.",
)
@click.pass_context
def check_command(ctx: click.Context, *, store: str | None, as_json: bool, keyed: bool) -> None:
    """Check the database, the journal against the history, and the audit chain.

    A desk with a key (PORTOPS_SECRET_KEY or the keyring) writes a chain that nobody can make anew
    without it. Note the ends of the chains elsewhere: they show a store that was put back.

    Exit status 0: sound; 1: something is damaged, missing, edited or deleted, and is named.
    """
    with open_desk(ctx, store=store) as desk:
        result = desk.check_store()
    if as_json:
        emit(result.as_json())
    else:
        if result.problems:
            table(
                "",
                ("", "where", "what is wrong"),
                [(problem.kind, problem.where, problem.what) for problem in result.problems],
            )
            say()
        say(result.summary())
        for chain in result.chains:
            say(chain.summary())
            if chain.length:
                say(f"  It ends with row {chain.length:,}: {chain.end}")
        if result.foreign:
            some = ", ".join(result.foreign[:3])
            more = ", …" if len(result.foreign) > 3 else ""
            count = counted(len(result.foreign), "request")
            say(f"The history has {count} not submitted from here: {some}{more}")
        if result.problems:
            note("Keep this store as it is, restore a backup beside it, and compare the two.")
    sys.exit(1 if result.problems or (keyed and not result.vouched) else 0)
