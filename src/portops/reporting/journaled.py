"""What the journal adds to events: whose requests they are, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any, TypeAlias

import pandas as pd

#: Says what is due: `(events, moment, timezone)` to rows as `portops status --due --json` has them.
SaysDue: TypeAlias = Callable[[pd.DataFrame, datetime, str], list[dict[str, Any]]]

_NAMES = ["request", "customer_name", "workbook", "operator"]


def _nothing_due(_: pd.DataFrame, _moment: datetime, _timezone: str) -> list[dict[str, Any]]:
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Journaled:
    """Requests by name, and what is due.

    `names` has `request, customer_name, workbook, operator` by SID; texts are empty where they
    are not known. `actions` gives the most urgent first.
    """

    names: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_NAMES, dtype="str"))
    actions: SaysDue = _nothing_due


def names_of(tracked: pd.DataFrame) -> pd.DataFrame:
    """Return whose each request of the journal is (see `store.journal.tracked`), by SID."""
    table = pd.DataFrame(index=pd.Index(tracked["request_sid"], name="request_sid"))
    table["request"] = tracked["request"].to_numpy()
    for name, source, text in (
        ("customer_name", "details", lambda details: details.get("customer_name")),
        ("workbook", "workbooks", lambda paths: ", ".join(PurePath(path).name for path in paths)),
        ("operator", "operator", str),
    ):
        table[name] = [str(text(value) or "") for value in tracked[source]]
    return table.astype("str").fillna("")
