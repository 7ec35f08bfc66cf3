"""`portops secrets`: the key that seals PINs, and what is kept under it."""

from __future__ import annotations

import click

from portops import sealing
from portops.cli.options import json_option, open_desk, store_option
from portops.cli.output import emit, note, say
from portops.wording import counted


@click.group("secrets", epilog="Example: portops secrets rotate")
def secrets_command() -> None:
    """Look after the PINs and SSN digits that are kept, sealed, while their ports are open."""


@secrets_command.command("key", epilog="Example: portops secrets key")
def key_command() -> None:
    """Print a new key for PORTOPS_SECRET_KEY; it is kept nowhere."""
    say(sealing.new_key())
    note(
        f"Set it as {sealing.VARIABLE}, and keep it where passwords are kept: without it the PINs "
        "in the store cannot be read."
    )


@secrets_command.command(
    "rotate", epilog="Example: PORTOPS_SECRET_KEY=NEW,OLD portops secrets rotate"
)
@store_option
@json_option
@click.pass_context
def rotate_command(ctx: click.Context, store: str | None, *, as_json: bool) -> None:
    """Seal everything that is kept with a new key.

    A key in the keyring is made anew. A key in PORTOPS_SECRET_KEY is yours to change: set it to
    NEW,OLD, run this, then set it to NEW.
    """
    with open_desk(ctx, store=store) as desk:
        count = desk.rotate_key()
        given = desk.settings.secret_key is not None
    if as_json:
        emit({"resealed": count})
        return
    say(f"{counted(count, 'PIN')} sealed with the new key.")
    if given:
        say(f"Now set {sealing.VARIABLE} to the new key alone.")


@secrets_command.command("purge", epilog="Example: portops secrets purge")
@click.option("--all", "everything", is_flag=True, help="Of open requests as well.")
@store_option
@json_option
@click.pass_context
def purge_command(
    ctx: click.Context, store: str | None, *, everything: bool, as_json: bool
) -> None:
    """Remove the PINs of requests that have ended (`pull` does so as well)."""
    with open_desk(ctx, store=store) as desk:
        removed, left = desk.purge_pins(everything=everything)
    if as_json:
        emit({"removed": removed, "kept": left})
    else:
        say(f"{counted(removed, 'PIN')} removed, {left:,} kept.")
