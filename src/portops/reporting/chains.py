"""Numbers followed through their requests: pairs, chains of corrections, and how long each took.

A pair is a (request, number); a chain joins the pairs of a number along `supersedes`, from its
first submission through rejections and corrections.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from portops.facts.business_time import business_days, local_dates

#: The columns of EVENTS that pairs and chains are made of.
READS = (
    "event_id",
    "request_sid",
    "phone_number",
    "status",
    "occurred_at",
    "losing_carrier",
    "line_type",
    "supersedes",
    "port_date",
)

_PAIR = ["request_sid", "phone_number"]


def numbered(events: pd.DataFrame) -> pd.DataFrame:
    """Add `pair`, a number for each (request, number): grouping by it is cheaper than by words."""
    request, number = (pd.factorize(events[name])[0].astype(np.int64) for name in _PAIR)
    return events.assign(pair=request * (number.max(initial=0) + 1) + number)


def _first(events: pd.DataFrame, statuses: list[str], key: str) -> pd.Series:
    """Return when one of the statuses was first reached, by key."""
    reached = events[events["status"].isin(statuses)]
    return reached.groupby(key)["occurred_at"].min()


def pairs(events: pd.DataFrame) -> pd.DataFrame:
    """Return one row a (request, number) that was submitted: when, completed, ended; carrier, line.

    What is said of a request as a whole (submitted, canceled, expired) counts for its numbers
    where nothing is said of them.
    """
    own = events[events["phone_number"] != ""]
    about_request = events[events["phone_number"] == ""]
    kept = [*_PAIR, "pair", "losing_carrier", "line_type"]
    pairs = own.drop_duplicates("pair")[kept].sort_values(_PAIR).set_index("pair")
    sid = pairs["request_sid"]
    ends = ["canceled", "expired"]
    for column, names in (("submitted", ["submitted"]), ("ended", ends)):
        of_number = _first(own, names, "pair").reindex(pairs.index)
        of_request = _first(about_request, names, "request_sid").reindex(sid).set_axis(pairs.index)
        pairs[column] = of_number.fillna(of_request)
    pairs["completed"] = _first(own, ["completed"], "pair").reindex(pairs.index)
    corrected = events[events["supersedes"] != ""].drop_duplicates("request_sid")
    parent = corrected.set_index("request_sid")["supersedes"].reindex(sid)
    pairs["parent"] = parent.set_axis(pairs.index).fillna("")
    return pairs[pairs["submitted"].notna()].reset_index()


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


def chains(pairs: pd.DataFrame) -> pd.DataFrame:
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


def first_submissions(pairs: pd.DataFrame) -> pd.Series:
    """Return when the chain of each pair was first submitted, by `pair`."""
    root = roots_by_pair(pairs)
    first = pairs.groupby(root.to_numpy())["submitted"].transform("min")
    return first.set_axis(root.index)


def roots_by_pair(pairs: pd.DataFrame) -> pd.Series:
    """Return the chain of each pair, as `chains` numbers them, by `pair`."""
    return pd.Series(_roots(pairs), index=pd.Index(pairs["pair"]))


def observe(rows: pd.DataFrame, as_of: datetime, tz: str) -> pd.DataFrame:
    """Add `days` (business days) and `done` (completed, else censored)."""
    done = rows["completed"].notna()
    stop = rows["completed"].fillna(rows["ended"]).fillna(pd.Timestamp(as_of).tz_convert("UTC"))
    days = business_days(local_dates(rows["submitted"], tz), local_dates(stop, tz))
    return rows.assign(days=np.maximum(days, 0), done=done)
