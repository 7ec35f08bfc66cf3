"""`portops secrets`: the key that seals PINs, and what is kept under it."""

from __future__ import annotations

import click

from portops import sealing as secrets
from portops.cli.options import json_option, load_settings, store_option
from portops.cli.output import emit, note, say
from portops.cli.track import stored
from portops.errors import SettingsError
from portops.store import vault
from portops.store.database import open_database
from portops.store.history import read_history
from portops.tracking.state import ended


@click.group("secrets", epilog="Example: portops secrets rotate")
def secrets_command() -> None:
    """Look after the PINs and SSN digits that are kept, sealed, while their ports are open."""


@secrets_command.command("key", epilog="Example: portops secrets key")
def key_command() -> None:
    """Print a new key for PORTOPS_SECRET_KEY; it is kept nowhere."""
    say(secrets.new_key())
    note(
        f"Set it as {secrets.VARIABLE}, and keep it where passwords are kept: without it the PINs "
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
    settings = stored(load_settings(ctx, store=store))
    given = settings.secret_key
    if given is not None and "," not in given.reveal():
        raise SettingsError(
            f"{secrets.VARIABLE} holds one key, so there is nothing to change to.",
            "Make a key with `portops secrets key`, set the variable to NEW,OLD, then run this.",
        )
    cipher = secrets.begin_rotation() if given is None else secrets.open_cipher(given)
    if cipher is None:
        raise SettingsError("There is no key.", f"Set {secrets.VARIABLE}.")
    with open_database(settings.store) as database:
        count = vault.reseal(database, cipher.renew)
    if given is None:
        secrets.end_rotation()
    if as_json:
        emit({"resealed": count})
        return
    say(f"{count:,} PINs are sealed with the new key.")
    if given is not None:
        say(f"Now set {secrets.VARIABLE} to the new key alone.")


@secrets_command.command("purge", epilog="Example: portops secrets purge")
@click.option("--all", "everything", is_flag=True, help="Of open requests as well.")
@store_option
@json_option
@click.pass_context
def purge_command(
    ctx: click.Context, store: str | None, *, everything: bool, as_json: bool
) -> None:
    """Remove the PINs of requests that have ended (`pull` does so as well)."""
    settings = stored(load_settings(ctx, store=store))
    with open_database(settings.store) as database:
        sids = None if everything else ended(read_history(database))
        removed, left = vault.purge(database, sids), vault.count(database)
    if as_json:
        emit({"removed": removed, "kept": left})
    else:
        say(f"{removed:,} PINs removed, {left:,} kept.")
