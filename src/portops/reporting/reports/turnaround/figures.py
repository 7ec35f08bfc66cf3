"""The turnaround figures, from EVENTS: how long a port takes, with the open ones counted in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import numpy as np
import pandas as pd

from portops.facts.business_time import DEFAULT_ZONE, local_date, zone
from portops.facts.statuses import RANK, STATUSES
from portops.reporting import provenance, survival
from portops.reporting.chains import chains, numbered, observe, pairs, roots_by_pair
from portops.reporting.periods import Period
from portops.reporting.reports.turnaround.words import summarized
from portops.reporting.targets import TARGET_DAYS, is_late, past_target
from portops.reporting.waiting import OWNERS, calendar, open_numbers
from portops.results.figures import Figures

#: Submissions of so many weeks before `as_of` are looked at.
WINDOW_WEEKS = 26

_AGES = ((0, 2, "0-2"), (3, 5, "3-5"), (6, 10, "6-10"), (11, 20, "11-20"), (21, None, "21+"))


@dataclass(frozen=True, slots=True)
class _Window:
    """The instants between which a number's first submission is looked at."""

    since: datetime
    until: datetime

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that were first submitted in it."""
        submitted = rows["submitted"]
        return rows[(submitted >= self.since) & (submitted < self.until)]


def _stages(events: pd.DataFrame) -> list[dict[str, Any]]:
    """Days of 24 hours between entering a status and the next one of the same pair."""
    own = events[events["phone_number"] != ""]
    codes, names = pd.factorize(own["status"])
    rank = np.array([RANK[name] for name in names], dtype=np.int64)[codes]
    pair = own["pair"].to_numpy()
    entered = own["occurred_at"].dt.tz_convert(None).to_numpy()
    order = np.lexsort((rank, entered, pair))
    pair, rank, entered = pair[order], rank[order], entered[order]
    # The same status once more is no step.
    changed = np.ones(len(own), dtype=bool)
    changed[1:] = (pair[1:] != pair[:-1]) | (rank[1:] != rank[:-1])
    pair, rank, entered = pair[changed], rank[changed], entered[changed]
    left = np.flatnonzero(pair[1:] == pair[:-1])
    days = (entered[left + 1] - entered[left]) / np.timedelta64(1, "D")
    passed = pd.DataFrame({"rank": rank[left], "days": days})
    return [
        {
            "status": STATUSES[cast("int", place)],
            "n": len(spent),
            "median": round(float(spent.median()), 4),
            "p90": round(float(spent.quantile(0.9)), 4),
        }
        for place, spent in passed.groupby("rank")["days"]
    ]


def _open(chains: pd.DataFrame) -> tuple[list[dict[str, Any]], int]:
    """Count open numbers by age in business days, and those past their target."""
    waiting = chains[~chains["done"] & chains["ended"].isna()]
    age = waiting["days"]
    buckets = [
        {"bucket": name, "count": int(((age >= low) & (age <= (high or math.inf))).sum())}
        for low, high, name in _AGES
    ]
    return buckets, past_target(waiting)


def turnaround(
    events: pd.DataFrame,
    *,
    period: Period | str,
    as_of: datetime | None = None,
    timezone: str = DEFAULT_ZONE,
    window_weeks: int = WINDOW_WEEKS,
) -> Figures:
    """Return the turnaround figures as known at `as_of` (default: the end of the period).

    `events` is EVENTS; events at or after `as_of` do not exist for it. Looked at are numbers first
    submitted in the `window_weeks` before `as_of`; for days that are no ISO week, those first
    submitted in them. Durations are business days, stages calendar days. Quantiles are
    Kaplan-Meier: open numbers count as not yet completed; `None` where the curve never gets
    there. Raises InputError for a period or time zone that does not exist.
    """
    period = period if isinstance(period, Period) else Period.named(period)
    first, end = period.bounds(timezone)
    local = (as_of or end).astimezone(zone(timezone))
    back, before = timedelta(weeks=window_weeks), local - timedelta(weeks=1)
    window, earlier = _Window(local - back, local), _Window(before - back, before)
    if not period.is_week:
        window = earlier = _Window(first, end)
    # A later cancellation takes a chain out, a completion is kept: both as known by then.
    past = numbered(events[events["occurred_at"] < local])
    submitted = pairs(past)
    recent = window.of(observe(chains(submitted), local, timezone))
    alone = window.of(observe(submitted, local, timezone))
    open_ = open_numbers(past, submitted, local, timezone)
    buckets, late = _open(recent)
    data = provenance.of_events(past)
    figures = Figures(
        report="turnaround",
        week=period.name,
        as_of=local.isoformat(),
        timezone=timezone,
        parameters={
            **({"window_weeks": window_weeks} if period.is_week else {}),
            "as_of_date": str(local_date(local, timezone)),
            "target_days": TARGET_DAYS,
            "data": data,
        },
        figures={
            "chain": survival.summary(recent),
            "request": survival.summary(alone),
            "naive": survival.naive(recent),
            "by_losing_carrier": survival.summaries(recent, "losing_carrier"),
            "by_line_type": survival.summaries(recent, "line_type"),
            "stages": _stages(past[past["pair"].isin(alone["pair"])]),
            "open_by_age": buckets,
            "past_target": late,
            "curve": survival.curve_rows(recent),
            "median_band": survival.median_band(recent),
            "calendar": calendar(open_, local, timezone),
            "past_target_waits": _waits_of_late(recent, submitted, open_),
            "open": int((~recent["done"] & recent["ended"].isna()).sum()),
            "week_before": _week_before(past, before, timezone, earlier),
        },
    )
    return summarized(figures)


def _waits_of_late(
    observed: pd.DataFrame, submitted: pd.DataFrame, open_: pd.DataFrame
) -> list[dict[str, Any]]:
    """Count the numbers past their target by who has to act: `who, numbers`, none left out."""
    waiting = observed[~observed["done"] & observed["ended"].isna()]
    late = waiting[is_late(waiting)]
    root = roots_by_pair(submitted).reindex(open_["pair"]).to_numpy()
    owner = open_.assign(chain=root).sort_values("occurred_at", kind="stable")
    by_chain = owner.drop_duplicates("chain", keep="last").set_index("chain")["who"]
    counts = late["chain"].map(by_chain).value_counts()
    return [{"who": who, "numbers": int(counts[who])} for who in OWNERS if who in counts]


def _week_before(
    past: pd.DataFrame, moment: datetime, timezone: str, window: _Window
) -> dict[str, Any]:
    """Return the leading figures as they were a week before: `median, open, past_target`.

    Read anew from the events of that time: what a later event says of a number may hide what an
    earlier one says of its request.
    """
    submitted = pairs(past[past["occurred_at"] < moment])
    if submitted.empty:
        return {"median": None, "open": 0, "past_target": 0}
    recent = window.of(observe(chains(submitted), moment, timezone))
    return {
        "median": survival.summary(recent)["median"],
        "open": int((~recent["done"] & recent["ended"].isna()).sum()),
        "past_target": _open(recent)[1],
    }
