"""The weekly rejection figures, from EVENTS. Pure: no clock, no store."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from portops.facts.business_time import (
    DEFAULT_ZONE,
    business_days,
    local_dates,
    week_bounds,
    weeks_ending,
    zone,
)
from portops.facts.causes import CAUSES
from portops.reporting import advice
from portops.results.figures import Figures, seen

if TYPE_CHECKING:
    import pandas as pd

#: Weeks of the trend, and of the look back at resubmissions.
TREND_WEEKS, RESUBMISSION_WEEKS = 12, 8

_PAIR = ["request_sid", "phone_number"]


def _first_decisions(events: pd.DataFrame) -> pd.DataFrame:
    """Return the first `completed` or `rejected` event of every (request, number) pair."""
    decided = events[events["status"].isin(["completed", "rejected"])]
    ordered = decided.sort_values(["occurred_at", "event_id"], kind="stable")
    return ordered.drop_duplicates(_PAIR)


def _within(events: pd.DataFrame, start: datetime, end: datetime) -> pd.DataFrame:
    return events[(events["occurred_at"] >= start) & (events["occurred_at"] < end)]


def _share(part: int, whole: int) -> float | None:
    return None if whole == 0 else round(part / whole, 6)


def _by(rejected: pd.DataFrame, column: str) -> list[dict[str, Any]]:
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
            "share": _share(int(row["count"]), len(rejected)),
            "numbers": int(row["numbers"]),
            "requests": int(row["requests"]),
        }
        for row in table.to_dict("records")
    ]


def _decided(first: pd.DataFrame, start: datetime, end: datetime) -> dict[str, Any]:
    week = _within(first, start, end)
    rejected = int((week["status"] == "rejected").sum())
    return {
        "decided": len(week),
        "first_rejected": rejected,
        "rejection_rate": _share(rejected, len(week)),
    }


def _preventable(rejected: pd.DataFrame, finding_codes: dict[str, list[str]]) -> dict[str, int]:
    """Sort rejections by what the check had said when their request was submitted."""
    counts = {"flagged": 0, "checkable": 0, "carrier_side": 0}
    for sid, cause in rejected[["request_sid", "cause"]].itertuples(index=False, name=None):
        known = CAUSES[cause].findings if cause in CAUSES else ()
        if set(known) & set(finding_codes.get(sid, ())):
            counts["flagged"] += 1
        else:
            counts["checkable" if known else "carrier_side"] += 1
    return counts


def _resubmission(
    events: pd.DataFrame, since: datetime, until: datetime, tz: str
) -> dict[str, Any]:
    """Follow the pairs rejected in the period to the requests that supersede theirs."""
    rejected = _within(events[events["status"] == "rejected"], since, until)
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


def rejections(
    events: pd.DataFrame,
    *,
    week: str,
    timezone: str = DEFAULT_ZONE,
    finding_codes: dict[str, list[str]] | None = None,
) -> Figures:
    """Return the rejection figures of an ISO week such as `2026-W47`.

    `events` is EVENTS; weeks begin on Monday in `timezone`. `finding_codes` are the codes found
    in each request when it was submitted, by SID. Rates are `None` when nothing was decided.
    Raises InputError for a week or time zone that does not exist.
    """
    start, end = week_bounds(week, timezone)
    known = events[(events["occurred_at"] < end) & (events["phone_number"] != "")]
    first = _first_decisions(known)
    rejected = _within(known[known["status"] == "rejected"], start, end)
    rejected = rejected.sort_values("event_id").drop_duplicates([*_PAIR, "occurred_at"])
    every = known[known["status"] == "rejected"].sort_values("event_id")
    every = every.drop_duplicates([*_PAIR, "occurred_at"])
    trend = [
        {"week": name, **_decided(first, *week_bounds(name, timezone))}
        for name in weeks_ending(week, TREND_WEEKS)
    ]
    since, _ = week_bounds(weeks_ending(week, RESUBMISSION_WEEKS)[0], timezone)
    expired = _within(events[(events["status"] == "expired")], start, end)
    return Figures(
        report="weekly-rejections",
        week=week,
        as_of=end.astimezone(zone(timezone)).isoformat(),
        timezone=timezone,
        parameters={
            "trend_weeks": TREND_WEEKS,
            "resubmission_weeks": RESUBMISSION_WEEKS,
            "data": seen(events[events["occurred_at"] < end]),
        },
        figures={
            **_decided(first, start, end),
            "rejections_by_cause": _by(rejected, "cause"),
            "by_losing_carrier": _by(rejected, "losing_carrier"),
            "by_line_type": _by(rejected, "line_type"),
            "trend": trend,
            "preventable": _preventable(rejected, finding_codes or {}),
            "resubmission": _resubmission(known, since, end, timezone),
            "expired_unsigned": int(expired["request_sid"].nunique()),
            "costly": advice.costly(known, rejected, end, timezone),
            "cause_grew": advice.grew(every, start, end),
            "carrier_to_call": advice.to_call(first, start, end),
        },
    )
