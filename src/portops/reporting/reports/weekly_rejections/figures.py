"""The weekly rejection figures, from EVENTS. Pure: no clock, no store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from portops.facts.business_time import (
    DEFAULT_ZONE,
    business_days,
    local_dates,
    midnight,
    zone,
)
from portops.reporting import provenance
from portops.reporting.periods import Period
from portops.reporting.reports.weekly_rejections import standouts
from portops.reporting.reports.weekly_rejections.words import summarized
from portops.results.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def _share(part: int, total: int) -> float | None:
    return None if total == 0 else round(part / total, 6)


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


def _preventable(
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
    period: Period | str,
    as_of: datetime | None = None,
    timezone: str = DEFAULT_ZONE,
    finding_codes: Mapping[str, Sequence[str]] | None = None,
    codes_by_cause: Mapping[str, Sequence[str]] | None = None,
) -> Figures:
    """Return the rejection figures of an ISO week such as `2026-W47`, or of other days.

    `events` is EVENTS; those at or after `as_of` (default: the end of the period) do not exist.
    Weeks begin on Monday in `timezone`; the trend goes on in periods of the same length.
    `finding_codes` are the codes found in each request when it was submitted, by SID;
    `codes_by_cause` those that foresee each cause (default: none are known). Rates are
    `None` when nothing was decided. Raises InputError for a period or time zone that does not
    exist.
    """
    period = period if isinstance(period, Period) else Period.named(period)
    start, end = period.bounds(timezone)
    moment = as_of or end
    past = events[events["occurred_at"] < moment]
    of_numbers = past[past["phone_number"] != ""]
    first = _first_decisions(of_numbers)
    every = of_numbers[of_numbers["status"] == "rejected"].sort_values("event_id")
    every = every.drop_duplicates([*_PAIR, "occurred_at"])
    rejected = _within(every, start, end)
    expired = _within(past[past["status"] == "expired"], start, end)
    since = midnight(period.last - timedelta(days=7 * RESUBMISSION_WEEKS - 1), timezone)
    figures = Figures(
        report="weekly-rejections",
        week=period.name,
        as_of=moment.astimezone(zone(timezone)).isoformat(),
        timezone=timezone,
        parameters={
            "trend_weeks": TREND_WEEKS,
            "resubmission_weeks": RESUBMISSION_WEEKS,
            "data": provenance.of_events(past),
        },
        figures={
            **_decided(first, start, end),
            "rejections_by_cause": _by(rejected, "cause"),
            "by_losing_carrier": _by(rejected, "losing_carrier"),
            "by_line_type": _by(rejected, "line_type"),
            "trend": [
                {"week": one.name, **_decided(first, *one.bounds(timezone))}
                for one in period.series(TREND_WEEKS)
            ],
            "preventable": _preventable(rejected, finding_codes or {}, codes_by_cause or {}),
            "resubmission": _resubmission(of_numbers, since, end, timezone),
            "expired_unsigned": int(expired["request_sid"].nunique()),
            "costly": standouts.costly(of_numbers, rejected, moment, timezone),
            "cause_grew": standouts.grew(
                every, period.starts(timezone, before=standouts.PERIODS_BEFORE), start, end
            ),
            "carrier_to_call": standouts.to_call(first, start, end),
        },
    )
    return summarized(figures)
