"""What figures were made of, so that each can be traced to its data."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from portops.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping


def fingerprint(rows: pd.DataFrame | pd.Series) -> str:
    """Return one number of all rows, in any order, as 16 hexadecimal digits."""
    hashes = pd.util.hash_pandas_object(rows, index=False, categorize=False).to_numpy()
    with np.errstate(over="ignore"):
        return f"{int(hashes.sum(dtype='uint64')):016x}"


def of_events(events: pd.DataFrame) -> dict[str, Any]:
    """Name events by their count, the first, the last, and one hash of all their ids."""
    if events.empty:
        return {"events": 0, "first": None, "last": None, "hash": "0" * 16}
    first, last = events["occurred_at"].min(), events["occurred_at"].max()
    return {
        "events": len(events),
        "first": f"{first:%Y-%m-%dT%H:%M:%SZ}",
        "last": f"{last:%Y-%m-%dT%H:%M:%SZ}",
        "hash": fingerprint(events["event_id"]),
    }


def sentence_of_events(data: Mapping[str, Any]) -> str:
    """Say in a sentence what `of_events` names."""
    if not data["events"]:
        return "Made of no events."
    return (
        f"Made of {counted(data['events'], 'event')} from {data['first'][:10]} to "
        f"{data['last'][:10]}; data {data['hash']}."
    )


def of_numbers(numbers: pd.DataFrame) -> dict[str, Any]:
    """Name a table of numbers by its length and one hash of all its rows."""
    return {"numbers": len(numbers), "hash": fingerprint(numbers)}


def sentence_of_numbers(data: Mapping[str, Any], local: datetime) -> str:
    """Say in a sentence what `of_numbers` names, compared at a local time of `local`'s zone."""
    return (
        f"Made of {counted(data['numbers'], 'number')}, compared on {local:%Y-%m-%d at %H:%M} "
        f"({local.tzinfo}); data {data['hash']}."
    )
