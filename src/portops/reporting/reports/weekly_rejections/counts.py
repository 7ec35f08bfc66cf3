"""How a week's decisions and rejections are counted, from EVENTS."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from portops.facts.business_time import business_days, local_dates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from portops.reporting.periods import Period

_PAIR = ["request_sid", "phone_number"]


def within(events: pd.DataFrame, start: datetime, end: datetime) -> pd.DataFrame:
    """Return the events from `start` to before `end`."""
    return events[(events["occurred_at"] >= start) & (events["occurred_at"] < end)]


def share(part: int, total: int) -> float | None:
    """Return a part of a total, None where there is no total."""
    return None if total == 0 else round(part / total, 6)


def by(rejected: pd.DataFrame, column: str) -> list[dict[str, Any]]:
    """Count rejections by a column, most first, then by name."""
    if rejected.empty:
        return []
    value = rejected[column].where(rejected[column] != "", "unknown")
    table = rejected.groupby(value).agg(
        count=("event_id", "size"),
        numbers=("phone_number", "nunique"),
        requests=("request_sid", "nunique"),
    )
    table = table.rename_axis(column).reset_index()
    table = table.sort_values(["count", column], ascending=[False, True], kind="stable")
    return [
        {
            column: str(row[column]),
            "count": int(row["count"]),
            "share": share(int(row["count"]), len(rejected)),
            "numbers": int(row["numbers"]),
            "requests": int(row["requests"]),
        }
        for row in table.to_dict("records")
    ]


def decided(first: pd.DataFrame, start: datetime, end: datetime) -> dict[str, Any]:
    """Count what was first decided from `start` to before `end`, and how much was rejected."""
    week = within(first, start, end)
    rejected = int((week["status"] == "rejected").sum())
    return {
        "decided": len(week),
        "first_rejected": rejected,
        "rejection_rate": share(rejected, len(week)),
    }


def trend(first: pd.DataFrame, weeks: list[Period], timezone: str) -> list[dict[str, Any]]:
    """Return what was first decided in each week."""
    return [{"week": week.name, **decided(first, *week.bounds(timezone))} for week in weeks]


def preventable(
    rejected: pd.DataFrame,
    finding_codes: Mapping[str, Sequence[str]],
    codes_by_cause: Mapping[str, Sequence[str]],
) -> dict[str, int]:
    """Sort rejections by what the check reported when their request was submitted."""
    counts = {"flagged": 0, "checkable": 0, "carrier_side": 0}
    for sid, cause in rejected[["request_sid", "cause"]].itertuples(index=False, name=None):
        naming = codes_by_cause.get(cause, ())
        if set(naming) & set(finding_codes.get(sid, ())):
            counts["flagged"] += 1
        else:
            counts["checkable" if naming else "carrier_side"] += 1
    return counts


def resubmission(events: pd.DataFrame, since: datetime, until: datetime, tz: str) -> dict[str, Any]:
    """Follow the pairs rejected in the period to the requests that supersede theirs."""
    rejected = within(events[events["status"] == "rejected"], since, until)
    pairs = rejected.groupby(_PAIR)["occurred_at"].min().rename("rejected_at").reset_index()
    again = events[(events["supersedes"] != "") & (events["phone_number"] != "")]
    submitted = (
        again[again["status"] == "submitted"]
        .groupby(["supersedes", "phone_number", "request_sid"])["occurred_at"]
        .min()
        .rename("submitted_at")
        .reset_index()
        .rename(columns={"request_sid": "next_sid", "supersedes": "request_sid"})
        .sort_values("submitted_at")
        .drop_duplicates(_PAIR)
    )
    followed = pairs.merge(submitted, on=_PAIR)
    done = events.loc[events["status"] == "completed", _PAIR].drop_duplicates()
    completed = followed.merge(
        done.rename(columns={"request_sid": "next_sid"}), on=["next_sid", "phone_number"]
    )
    days = np.array([])
    if len(followed):
        days = business_days(
            local_dates(followed["rejected_at"], tz), local_dates(followed["submitted_at"], tz)
        )
    return {
        "rejected": len(pairs),
        "resubmitted": len(followed),
        "completed": len(completed),
        "median_business_days": float(np.median(days)) if len(days) else None,
    }


def by_name(rejected: pd.DataFrame, names: pd.Series) -> list[dict[str, Any]]:
    """Count rejections by what `names` says of their request (by SID): rows with `name`."""
    name = rejected["request_sid"].map(names).astype("str").fillna("")
    return by(rejected.assign(name=name), "name")
