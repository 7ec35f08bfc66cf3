"""The turnaround figures, from EVENTS: how long a port takes, with the open ones counted in."""

from __future__ import annotations

import math
import warnings
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from portops.facts.business_time import (
    DEFAULT_ZONE,
    business_days,
    local_date,
    local_dates,
    midnight,
    week_bounds,
    zone,
)
from portops.facts.statuses import RANK, STATUSES
from portops.results.figures import Figures, seen

#: The columns of EVENTS that the figures are made of.
READS = (
    "event_id",
    "request_sid",
    "phone_number",
    "status",
    "occurred_at",
    "losing_carrier",
    "line_type",
    "supersedes",
)

#: Submissions of so many weeks before `as_of` are looked at.
WINDOW_WEEKS = 26

#: Business days that a port should take, by line type; an unknown line counts as a landline.
TARGET_DAYS = {"landline": 10, "wireless": 5}

_AGES = ((0, 2, "0-2"), (3, 5, "3-5"), (6, 10, "6-10"), (11, 20, "11-20"), (21, None, "21+"))
_PAIR = ["request_sid", "phone_number"]
_QUANTILES = (("median", 0.5), ("p75", 0.75), ("p90", 0.9))


def _numbered(events: pd.DataFrame) -> pd.DataFrame:
    """Add `pair`, a number for each (request, number): grouping by it is cheaper than by words."""
    request, number = (pd.factorize(events[name])[0].astype(np.int64) for name in _PAIR)
    return events.assign(pair=request * (number.max(initial=0) + 1) + number)


def _first(events: pd.DataFrame, statuses: list[str], key: str) -> pd.Series:
    """Return when one of the statuses was first reached, by key."""
    reached = events[events["status"].isin(statuses)]
    return reached.groupby(key)["occurred_at"].min()


def _pairs(events: pd.DataFrame) -> pd.DataFrame:
    """Return one row a (request, number): when submitted, completed, ended; carrier and line.

    What is said of a request as a whole (submitted, canceled, expired) counts for its numbers
    where nothing is said of them.
    """
    own = events[events["phone_number"] != ""]
    whole = events[events["phone_number"] == ""]
    kept = [*_PAIR, "pair", "losing_carrier", "line_type"]
    pairs = own.drop_duplicates("pair")[kept].sort_values(_PAIR).set_index("pair")
    sid = pairs["request_sid"]
    ends = ["canceled", "expired"]
    for column, names in (("submitted", ["submitted"]), ("ended", ends)):
        of_number = _first(own, names, "pair").reindex(pairs.index)
        of_request = _first(whole, names, "request_sid").reindex(sid).set_axis(pairs.index)
        pairs[column] = of_number.fillna(of_request)
    pairs["completed"] = _first(own, ["completed"], "pair").reindex(pairs.index)
    corrected = events[events["supersedes"] != ""].drop_duplicates("request_sid")
    parent = corrected.set_index("request_sid")["supersedes"].reindex(sid)
    pairs["parent"] = parent.set_axis(pairs.index).fillna("")
    return pairs.reset_index()


def _roots(pairs: pd.DataFrame) -> np.ndarray:
    """Return for each pair the position of the pair its chain begins with.

    A pair whose request supersedes another with the same number follows that one; all chains are
    walked at once, in steps that double.
    """
    place = pd.MultiIndex.from_frame(pairs[_PAIR])
    parents = pd.MultiIndex.from_arrays([pairs["parent"], pairs["phone_number"]])
    above = place.get_indexer(parents)
    root = np.where(above >= 0, above, np.arange(len(pairs)))
    for _ in range(64):
        further = root[root]
        if (further == root).all():
            break
        root = further
    return root


def _chains(pairs: pd.DataFrame) -> pd.DataFrame:
    """Join the pairs of a number along `supersedes`: one row a number and chain."""
    ordered = pairs.assign(chain=_roots(pairs)).sort_values("submitted", kind="stable")
    by = ordered.groupby("chain", sort=True)
    joined = by.agg(
        submitted=("submitted", "min"),
        completed=("completed", "min"),
        losing_carrier=("losing_carrier", "first"),
        line_type=("line_type", "first"),
        phone_number=("phone_number", "first"),
    )
    # Only the end of the last request ends the chain.
    joined["ended"] = ordered.drop_duplicates("chain", keep="last").set_index("chain")["ended"]
    return joined.reset_index()


def _observe(rows: pd.DataFrame, as_of: datetime, tz: str) -> pd.DataFrame:
    """Add `days` (business days) and `done` (completed, else censored)."""
    done = rows["completed"].notna()
    stop = rows["completed"].fillna(rows["ended"]).fillna(pd.Timestamp(as_of).tz_convert("UTC"))
    days = business_days(local_dates(rows["submitted"], tz), local_dates(stop, tz))
    return rows.assign(days=np.maximum(days, 0), done=done)


def _survival(observed: pd.DataFrame) -> Any:
    # Loading it takes half a second, which only a report should pay.
    from scipy import stats

    data = stats.CensoredData.right_censored(
        observed["days"].to_numpy(dtype=float), (~observed["done"]).to_numpy()
    )
    return stats.ecdf(data).sf


def _summary(observed: pd.DataFrame) -> dict[str, Any]:
    """Kaplan-Meier quantiles: the smallest duration with so much of the curve behind it."""
    completed = int(observed["done"].sum())
    found: dict[str, Any] = {
        "n": len(observed),
        "completed": completed,
        "censored": len(observed) - completed,
    }
    curve = _survival(observed) if completed else None
    for name, share in _QUANTILES:
        found[name] = None
        if curve is not None:
            # Products of fractions miss 0.5 by a hair where they should meet it.
            reached = curve.quantiles[curve.probabilities <= 1 - share + 1e-9]
            found[name] = int(reached[0]) if len(reached) else None
    return found


def _naive(observed: pd.DataFrame) -> dict[str, Any]:
    """Give the quantiles (nearest rank) of the completed alone: they look better than the truth."""
    days = np.sort(observed.loc[observed["done"], "days"].to_numpy())
    found: dict[str, Any] = {"n": len(days)}
    for name, share in _QUANTILES:
        found[name] = int(days[math.ceil(share * len(days)) - 1]) if len(days) else None
    return found


def _curve(observed: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the share still open after so many business days, with its 95 % band."""
    if not observed["done"].any():
        return []
    sf = _survival(observed)
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # Where nothing or everything is left the band has no value, and is left out below.
        warnings.simplefilter("ignore", RuntimeWarning)
        band = sf.confidence_interval(confidence_level=0.95, method="log-log")
    low, high = band.low.probabilities, band.high.probabilities
    points = zip(sf.quantiles, sf.probabilities, low, high, strict=True)
    return [
        {
            "day": int(day),
            "open": round(float(share), 6),
            "low": None if np.isnan(under) else round(float(under), 6),
            "high": None if np.isnan(over) else round(float(over), 6),
        }
        for day, share, under, over in points
    ]


def _by(observed: pd.DataFrame, column: str) -> list[dict[str, Any]]:
    value = observed[column].where(observed[column] != "", "unknown")
    rows = [{column: str(name), **_summary(each)} for name, each in observed.groupby(value)]
    return sorted(rows, key=lambda row: (-row["n"], row[column]))


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
            "status": STATUSES[place],
            "n": len(each),
            "median": round(float(each.median()), 4),
            "p90": round(float(each.quantile(0.9)), 4),
        }
        for place, each in passed.groupby("rank")["days"]
    ]


def _open(chains: pd.DataFrame) -> tuple[list[dict[str, Any]], int]:
    """Count open numbers by age in business days, and those past their target."""
    waiting = chains[~chains["done"] & chains["ended"].isna()]
    age = waiting["days"]
    buckets = [
        {"bucket": name, "count": int(((age >= low) & (age <= (high or math.inf))).sum())}
        for low, high, name in _AGES
    ]
    wireless = (waiting["line_type"] == "wireless").to_numpy(dtype=bool)
    target = np.where(wireless, TARGET_DAYS["wireless"], TARGET_DAYS["landline"])
    return buckets, int((age > target).sum())


def turnaround(
    events: pd.DataFrame,
    *,
    week: str,
    as_of: date | datetime | None = None,
    timezone: str = DEFAULT_ZONE,
    window_weeks: int = WINDOW_WEEKS,
) -> Figures:
    """Return the turnaround figures as known at `as_of` (default: the end of the week).

    `events` is EVENTS; events at or after `as_of` do not exist for it. A date stands for the end
    of that day in `timezone`. Durations are business days, stages calendar days. Quantiles are
    Kaplan-Meier: open numbers count as not yet completed; `None` where the curve never gets
    there. Raises InputError for a week or time zone that does not exist.
    """
    _, moment = week_bounds(week, timezone)
    if isinstance(as_of, datetime):
        moment = as_of
    elif as_of is not None:
        moment = midnight(as_of + timedelta(days=1), timezone)
    # A later cancellation takes a chain out, a completion is kept: both as known by then.
    known = _numbered(events[events["occurred_at"] < moment])
    pairs = _pairs(known)
    pairs = pairs[pairs["submitted"].notna()]
    local = moment.astimezone(zone(timezone))
    since = local - timedelta(weeks=window_weeks)
    chains = _observe(_chains(pairs), moment, timezone)
    alone = _observe(pairs, moment, timezone)
    recent = chains[chains["submitted"] >= since]
    recent_alone = alone[alone["submitted"] >= since]
    in_window = known["pair"].isin(recent_alone["pair"])
    buckets, past = _open(recent)
    today = str(local_date(moment, timezone))
    return Figures(
        report="turnaround",
        week=week,
        as_of=local.isoformat(),
        timezone=timezone,
        parameters={
            "window_weeks": window_weeks,
            "as_of_date": today,
            "target_days": TARGET_DAYS,
            "data": seen(known),
        },
        figures={
            "chain": _summary(recent),
            "request": _summary(recent_alone),
            "naive": _naive(recent),
            "by_losing_carrier": _by(recent, "losing_carrier"),
            "by_line_type": _by(recent, "line_type"),
            "stages": _stages(known[in_window]),
            "open_by_age": buckets,
            "past_target": past,
            "curve": _curve(recent),
            "open": int((~recent["done"] & recent["ended"].isna()).sum()),
            "week_before": _week_before(known, local - timedelta(weeks=1), timezone, window_weeks),
        },
    )


def _week_before(
    known: pd.DataFrame, moment: datetime, timezone: str, window_weeks: int
) -> dict[str, Any]:
    """Return the leading figures as they were a week before: `median, open, past_target`.

    Read anew from the events of that time: what a later event says of a number may hide what an
    earlier one says of its request.
    """
    pairs = _pairs(known[known["occurred_at"] < moment])
    pairs = pairs[pairs["submitted"].notna()]
    if pairs.empty:
        return {"median": None, "open": 0, "past_target": 0}
    chains = _observe(_chains(pairs), moment, timezone)
    recent = chains[chains["submitted"] >= moment - timedelta(weeks=window_weeks)]
    return {
        "median": _summary(recent)["median"],
        "open": int((~recent["done"] & recent["ended"].isna()).sum()),
        "past_target": _open(recent)[1],
    }
