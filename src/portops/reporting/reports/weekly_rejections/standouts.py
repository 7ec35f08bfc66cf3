"""What stands out in a week's rejections, from EVENTS: costly requests, causes, carriers to call."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from portops.facts.business_time import business_days, local_dates

if TYPE_CHECKING:
    from portops.reporting.periods import Period

#: Requests that are named, and the weeks (or other periods) before that a cause is compared with.
NAMED, PERIODS_BEFORE = 5, 4

_PAIR = ["request_sid", "phone_number"]


def all_of(
    events: pd.DataFrame,
    every: pd.DataFrame,
    first: pd.DataFrame,
    period: Period,
    moment: datetime,
    timezone: str,
) -> dict[str, Any]:
    """Return what stands out: `costly`, `cause_grew` and `carrier_to_call`.

    `every` are all rejections, `first` the first decisions of every pair.
    """
    start, end = period.bounds(timezone)
    rejected = every[(every["occurred_at"] >= start) & (every["occurred_at"] < end)]
    since = period.starts(timezone, before=PERIODS_BEFORE)
    return {
        "costly": costly(events, rejected, moment, timezone),
        "cause_grew": grew(every, since, start, end),
        "carrier_to_call": to_call(first, start, end),
    }


def costly(
    events: pd.DataFrame, rejected: pd.DataFrame, moment: datetime, tz: str
) -> list[dict[str, Any]]:
    """Name the requests of the week's rejections that cost most: numbers times business days.

    Days count from the request's submission to its number's completion or `moment`.
    """
    if rejected.empty:
        return []
    sids = rejected["request_sid"].unique()
    mine = events[events["request_sid"].isin(sids)]
    first = mine.groupby(_PAIR)["occurred_at"].min()
    done = mine[mine["status"] == "completed"].groupby(_PAIR)["occurred_at"].min()
    spent = pd.DataFrame({"from": first, "to": done.reindex(first.index)})
    spent["to"] = spent["to"].fillna(pd.Timestamp(moment).tz_convert("UTC"))
    days = business_days(local_dates(spent["from"], tz), local_dates(spent["to"], tz))
    cost = pd.Series(np.maximum(days, 0), spent.index).groupby("request_sid").sum()
    about = (
        rejected.sort_values(["occurred_at", "event_id"])
        .groupby("request_sid")
        .agg(
            rejected_numbers=("phone_number", "nunique"),
            cause=("cause", "last"),
            losing_carrier=("losing_carrier", "last"),
            reason=("reason", "last"),
        )
    )
    table = about.assign(days=cost).sort_values(
        ["days", "rejected_numbers"], ascending=False, kind="stable"
    )
    return [
        {
            "request_sid": str(sid),
            "losing_carrier": row["losing_carrier"] or "unknown",
            "rejected_numbers": int(row["rejected_numbers"]),
            "number_days": int(row["days"]),
            "cause": row["cause"] or "other",
        }
        for sid, row in zip(table.index[:NAMED], table.head(NAMED).to_dict("records"), strict=True)
    ]


def grew(
    rejections: pd.DataFrame, since: datetime, start: datetime, end: datetime
) -> dict[str, Any] | None:
    """Name the cause that grew most against the mean of the four weeks before; None if none did.

    `rejections` are the rejected events, each (request, number, instant) once; the weeks before
    begin at `since`. A cause with fewer than three rejections is no news.
    """
    at = rejections["occurred_at"]
    now = rejections[(at >= start) & (at < end)]["cause"].value_counts()
    before = rejections[(at >= since) & (at < start)]["cause"].value_counts() / PERIODS_BEFORE
    table = pd.DataFrame({"now": now, "before": before}).fillna(0.0)
    table = table[table["now"] >= 3]
    table["growth"] = table["now"] - table["before"]
    # What chance alone brings about in counts: two standard deviations.
    table = table[table["growth"] > 2 * np.sqrt(table["before"].clip(lower=1))]
    if table.empty:
        return None
    best = (
        table.rename_axis("cause")
        .reset_index()
        .sort_values(["growth", "cause"], ascending=[False, True])
        .iloc[0]
    )
    return {
        "cause": str(best["cause"]),
        "count": int(best["now"]),
        "weekly_before": round(float(best["before"]), 2),
    }


def to_call(first: pd.DataFrame, start: datetime, end: datetime) -> dict[str, Any] | None:
    """Name the losing carrier that first rejected most numbers of the week, and its rate."""
    week = first[(first["occurred_at"] >= start) & (first["occurred_at"] < end)]
    week = week[week["losing_carrier"] != ""]
    by = week.groupby("losing_carrier")["status"].agg(
        decided="size", rejected=lambda status: int((status == "rejected").sum())
    )
    by = by[by["rejected"] >= 2].reset_index()
    if by.empty:
        return None
    best = by.sort_values(["rejected", "losing_carrier"], ascending=[False, True]).iloc[0]
    return {
        "losing_carrier": str(best["losing_carrier"]),
        "first_rejected": int(best["rejected"]),
        "decided": int(best["decided"]),
    }
