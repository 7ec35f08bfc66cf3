"""Cohorts: how the numbers submitted in a week fared on the first try. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from portops.reporting.periods import Period

#: What can have become of a first try.
FATES = ("accepted", "rejected", "ended", "open")


def first_decisions(events: pd.DataFrame) -> pd.DataFrame:
    """Return the first `completed` or `rejected` event of every (request, number) pair.

    `events` are numbered (see `chains.numbered`). Of one instant, the smaller event id is first.
    """
    own = events[events["status"].isin(["completed", "rejected"]) & (events["phone_number"] != "")]
    first = own[own["occurred_at"] == own.groupby("pair")["occurred_at"].transform("min")]
    return first.sort_values("event_id", kind="stable").drop_duplicates("pair")


def first_tries(pairs: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of requests that correct none, with `fate` (one of `FATES`).

    `pairs` are `chains.pairs(…)`, `decided` are `first_decisions(…)`; an undecided number that was
    canceled or has expired is `ended`.
    """
    tries = pairs[pairs["parent"] == ""]
    first = decided.set_index("pair")["status"].reindex(tries["pair"]).to_numpy()
    fate = np.select(
        [first == "completed", first == "rejected", tries["ended"].notna().to_numpy()],
        FATES[:3],
        default=FATES[3],
    )
    return tries.assign(fate=fate)


def acceptance(tries: pd.DataFrame) -> dict[str, Any]:
    """Count first tries by fate, with `acceptance`: None while nothing is decided."""
    counts = tries["fate"].value_counts()
    row: dict[str, Any] = {"submitted": len(tries)}
    row |= {name: int(counts.get(name, 0)) for name in FATES}
    decided = row["accepted"] + row["rejected"]
    return {**row, "acceptance": round(row["accepted"] / decided, 6) if decided else None}


def cohorts(tries: pd.DataFrame, weeks: Iterable[Period], timezone: str) -> list[dict[str, Any]]:
    """Return a row per period of first submission: `week`, counts by fate, `acceptance`."""
    rows = []
    for week in weeks:
        start, end = week.bounds(timezone)
        mine = tries[(tries["submitted"] >= start) & (tries["submitted"] < end)]
        rows.append({"week": week.name, **acceptance(mine)})
    return rows
