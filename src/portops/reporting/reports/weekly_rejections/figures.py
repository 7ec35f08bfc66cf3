"""The weekly rejection figures, from EVENTS. Pure: no clock, no store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from portops.facts.business_time import DEFAULT_ZONE, midnight, zone
from portops.reporting import provenance
from portops.reporting.chains import numbered, pairs
from portops.reporting.cohorts import cohorts, first_decisions, first_tries
from portops.reporting.journaled import Journaled
from portops.reporting.periods import Period
from portops.reporting.reports.weekly_rejections import counts, standouts
from portops.reporting.reports.weekly_rejections.words import summarized
from portops.reporting.waiting import deadlines, open_numbers, waiting
from portops.results.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

#: Weeks of the trend, and of the look back at resubmissions.
TREND_WEEKS, RESUBMISSION_WEEKS = 12, 8

#: Actions that the JSON lists; the page and the mail show the first five.
ACTIONS = 10


_NAMED_BY = {"customer": "customer_name", "workbook": "workbook", "operator": "operator"}


def rejections(  # noqa: PLR0913 - what the figures are of, and what is known beside the events
    events: pd.DataFrame,
    *,
    period: Period | str,
    as_of: datetime | None = None,
    timezone: str = DEFAULT_ZONE,
    finding_codes: Mapping[str, Sequence[str]] | None = None,
    codes_by_cause: Mapping[str, Sequence[str]] | None = None,
    journaled: Journaled | None = None,
) -> Figures:
    """Return the rejection figures of an ISO week such as `2026-W47`, or of other days.

    `events` is EVENTS; those at or after `as_of` (default: the end of the period) do not exist.
    Weeks begin on Monday in `timezone`; the trend goes on in periods of the same length.
    `finding_codes` are the codes found in each request when it was submitted, by SID;
    `codes_by_cause` those that foresee each cause (default: none are known). `journaled` names
    the requests and says what to do next (default: neither is known). Rates are `None` when
    nothing was decided. Raises InputError for a period or time zone that does not exist.
    """
    period = period if isinstance(period, Period) else Period.named(period)
    start, end = period.bounds(timezone)
    moment = as_of or end
    past = numbered(events[events["occurred_at"] < moment])
    of_numbers = past[past["phone_number"] != ""]
    first = first_decisions(past)
    every = of_numbers[of_numbers["status"] == "rejected"].sort_values("event_id")
    every = every.drop_duplicates(["pair", "occurred_at"])
    rejected = counts.within(every, start, end)
    expired = counts.within(past[past["status"] == "expired"], start, end)
    since = midnight(period.last - timedelta(days=7 * RESUBMISSION_WEEKS - 1), timezone)
    journaled = journaled or Journaled()
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
            **_first_screen(past, first, period, moment, timezone, journaled),
            **counts.decided(first, start, end),
            "rejections_by_cause": counts.by(rejected, "cause"),
            "by_losing_carrier": counts.by(rejected, "losing_carrier"),
            "by_line_type": counts.by(rejected, "line_type"),
            **{
                f"by_{who}": counts.by_name(rejected, journaled.names[column])
                for who, column in _NAMED_BY.items()
            },
            "trend": counts.trend(first, period.series(TREND_WEEKS), timezone),
            "preventable": counts.preventable(rejected, finding_codes or {}, codes_by_cause or {}),
            "resubmission": counts.resubmission(of_numbers, since, end, timezone),
            "expired_unsigned": int(expired["request_sid"].nunique()),
            **standouts.all_of(of_numbers, every, first, period, moment, timezone),
            "causes": _opened(rejected, journaled),
        },
    )
    return summarized(figures)


def _first_screen(
    past: pd.DataFrame,
    first: pd.DataFrame,
    period: Period,
    moment: datetime,
    timezone: str,
    journaled: Journaled,
) -> dict[str, Any]:
    """Return how the last batches fare, who is waited for, what falls due, and what to do."""
    submitted = pairs(past)
    open_ = open_numbers(past, submitted, moment, timezone)
    refused = open_[open_["status"] == "rejected"]
    return {
        "cohorts": cohorts(first_tries(submitted, first), period.series(TREND_WEEKS), timezone),
        "waiting": waiting(open_),
        "deadlines": deadlines(past, open_, journaled.names, moment),
        "actions": journaled.actions(past, moment, timezone)[:ACTIONS],
        "rejected_not_resubmitted": {
            "numbers": len(refused),
            "requests": int(refused["request_sid"].nunique()),
        },
    }


def _opened(rejected: pd.DataFrame, journaled: Journaled) -> list[dict[str, Any]]:
    """List the requests behind each cause: `numbers`, and `which` they are."""
    names = journaled.names
    rows: list[dict[str, Any]] = [
        {
            "cause": cause or "other",
            "customer_name": str(names["customer_name"].get(sid, "")),
            "request": str(names["request"].get(sid, "")),
            "numbers": int(numbers.nunique()),
            "which": ", ".join(sorted(set(numbers))),
            "request_sid": sid,
        }
        for (cause, sid), numbers in rejected.groupby(["cause", "request_sid"])["phone_number"]
    ]
    return sorted(rows, key=lambda row: (row["cause"], -row["numbers"], row["request_sid"]))
