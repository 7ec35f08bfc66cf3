"""What the store knows of numbers that were submitted before, which a check has to look at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from portops.results.prior import Prior
from portops.store import journal, lines, vault
from portops.store.history import read_history
from portops.tracking import state

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import pandas as pd

    from portops.redaction import Secret
    from portops.sealing import Cipher
    from portops.store.database import Database


def open_numbers(database: Database) -> pd.DataFrame:
    """Return the numbers that are in an open request of the store (see `state.open_numbers`)."""
    return state.open_numbers(
        read_history(database), lines.numbers_of(database), journal.tracked(database)
    )


def ended(database: Database) -> frozenset[str]:
    """Return the SIDs of requests that were canceled or have expired."""
    status = state.request_status(read_history(database))
    return frozenset(status[status.isin(["canceled", "expired"])].index)


def rejected(database: Database) -> frozenset[str]:
    """Return the SIDs of requests whose open numbers are all rejected."""
    numbers = open_numbers(database)
    status = numbers.assign(over=numbers["status"] == "rejected").groupby("request_sid")["over"]
    everything = status.all()
    return frozenset(everything[everything].index)


def kept_pins(
    database: Database, cipher: Callable[[], Cipher | None], phone_numbers: Collection[str]
) -> dict[str, Secret]:
    """Return the PINs of these numbers that the store keeps and `cipher` opens.

    Raises SettingsError when they were sealed with another key.
    """
    if not phone_numbers or not vault.count(database):
        return {}
    opener = cipher()
    return {} if opener is None else vault.read(database, opener, phone_numbers)


def prior(database: Database, cipher: Callable[[], Cipher | None]) -> Prior:
    """Return what the store knows; `cipher` opens the kept PINs, and is called when there are any."""
    events, tracked = read_history(database), journal.tracked(database)
    refused = state.refused(events, tracked)
    recall = partial(kept_pins, database, cipher)
    numbers = state.open_numbers(events, lines.numbers_of(database), tracked)
    # A rejected number may come again: its new request supersedes the old one.
    return Prior(
        open_numbers=numbers[numbers["status"] != "rejected"],
        refused=refused,
        pins=recall(list(refused["phone_number"])),
        recall=recall,
    )
