"""The scorecard's figures, from EVENTS: how each losing carrier does, and how right the checks are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from portops.facts.business_time import DEFAULT_ZONE, zone
from portops.reporting import provenance, survival
from portops.reporting.chains import chains, numbered, observe, pairs
from portops.reporting.cohorts import acceptance, first_decisions, first_tries
from portops.reporting.intervals import wilson
from portops.reporting.periods import Period
from portops.reporting.record import track_record
from portops.reporting.reports.scorecard.words import summarized
from portops.reporting.targets import past_target
from portops.results.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

#: Submissions of so many weeks are looked at.
WEEKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What the checks said of each request when it was submitted, and what their codes mean.

    `finding_codes` by SID; `codes_by_cause` those that foresee each cause; `warnings` the codes of
    that severity.
    """

    finding_codes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    codes_by_cause: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warnings: Collection[str] = ()


def scorecard(
    events: pd.DataFrame,
    *,
    period: Period | str,
    as_of: datetime | None = None,
    timezone: str = DEFAULT_ZONE,
    checks: Checks | None = None,
) -> Figures:
    """Return the scorecard of the twelve weeks to an ISO week, or of twelve periods to days.

    `events` is EVENTS; those at or after `as_of` (default: the end of the period) do not exist.
    Carriers are compared on the numbers first submitted in these weeks; the track record takes
    every decided request whose findings are known. Raises InputError for a period or time zone
    that does not exist.
    """
    period = period if isinstance(period, Period) else Period.named(period)
    weeks = period.series(WEEKS)
    moment = as_of or period.bounds(timezone)[1]
    local = moment.astimezone(zone(timezone))
    past = numbered(events[events["occurred_at"] < moment])
    submitted, decided = pairs(past), first_decisions(past)
    since, until = weeks[0].bounds(timezone)[0], weeks[-1].bounds(timezone)[1]
    tries = _between(first_tries(submitted, decided), since, until)
    observed = _between(observe(chains(submitted), local, timezone), since, until)
    checks = checks or Checks()
    figures = Figures(
        report="scorecard",
        week=period.name,
        as_of=local.isoformat(),
        timezone=timezone,
        parameters={"weeks": WEEKS, "data": provenance.of_events(past)},
        figures={
            "carriers": _carriers(tries, observed, decided),
            "checks": track_record(
                decided, checks.finding_codes, checks.codes_by_cause, checks.warnings
            ),
            "trends": list(_trends(tries, weeks, timezone)),
            "all": acceptance(tries),
        },
    )
    return summarized(figures)


def _between(rows: pd.DataFrame, since: datetime, until: datetime) -> pd.DataFrame:
    return rows[(rows["submitted"] >= since) & (rows["submitted"] < until)]


def _carrier(rows: pd.DataFrame) -> pd.Series:
    return rows["losing_carrier"].where(rows["losing_carrier"] != "", "unknown")


def _carriers(
    tries: pd.DataFrame, observed: pd.DataFrame, decided: pd.DataFrame
) -> list[dict[str, Any]]:
    """Return a row per losing carrier, the one with most submissions first."""
    rejected = decided[(decided["status"] == "rejected") & decided["pair"].isin(tries["pair"])]
    cause = tries["pair"].map(rejected.set_index("pair")["cause"])
    by_chain = dict(iter(observed.groupby(_carrier(observed))))
    rows = []
    for name, mine in tries.groupby(_carrier(tries)):
        counts = acceptance(mine)
        answered = counts["accepted"] + counts["rejected"]
        low, high = wilson(counts["accepted"], answered) if answered else (None, None)
        long = by_chain.get(name, observed.iloc[:0])
        took = survival.summary(long)
        waiting = long[~long["done"] & long["ended"].isna()]
        rows.append(
            {
                "losing_carrier": str(name),
                "submitted": counts["submitted"],
                "acceptance": counts["acceptance"],
                "low": None if low is None else round(low, 6),
                "high": None if high is None else round(high, 6),
                "median": took["median"],
                "p90": took["p90"],
                "open": len(waiting),
                "past_target": past_target(waiting),
                "top_cause": _top(cause.reindex(mine.index)),
            }
        )
    return sorted(rows, key=lambda row: (-row["submitted"], row["losing_carrier"]))


def _top(causes: pd.Series) -> str | None:
    """Name the most frequent cause, of several the first by name; None where there is none."""
    counts = causes.dropna().replace("", "other").value_counts()
    best = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return str(best[0][0]) if best else None


def _trends(tries: pd.DataFrame, weeks: list[Period], timezone: str) -> Iterator[dict[str, Any]]:
    """Give the acceptance of three weeks together at a time, by carrier: weeks alone are few."""
    for name, mine in tries.groupby(_carrier(tries)):
        for at in range(0, len(weeks), 3):
            some = weeks[at : at + 3]
            part = _between(mine, some[0].bounds(timezone)[0], some[-1].bounds(timezone)[1])
            days = f"{some[0].first}/{some[-1].last}"
            share = acceptance(part)["acceptance"]
            yield {"losing_carrier": str(name), "week": days, "acceptance": share}
