"""The track record of the checks: which warnings came true, and which only made noise. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portops.reporting.intervals import newcombe

if TYPE_CHECKING:
    import pandas as pd


def track_record(
    decided: pd.DataFrame,
    finding_codes: Mapping[str, Sequence[str]],
    codes_by_cause: Mapping[str, Sequence[str]],
    warnings: Collection[str],
) -> list[dict[str, Any]]:
    """Set the requests that carried a warning beside those that did not.

    `decided` are `cohorts.first_decisions(…)`; `finding_codes` are what each request had when it
    was submitted, by SID (requests of which that is not known do not count); `warnings` are the
    codes of that severity. A request is `rejected` when a number of it was first decided by a
    rejection for a cause that the code names. The largest difference comes first, then by code.
    """
    told = decided[decided["request_sid"].isin(list(finding_codes))]
    causes = told[told["status"] == "rejected"].groupby("request_sid")["cause"].agg(set)
    sids = list(dict.fromkeys(told["request_sid"]))
    carried = {sid: set(finding_codes[sid]) for sid in sids}
    named: dict[str, set[str]] = {}
    for cause, codes in codes_by_cause.items():
        for code in codes:
            named.setdefault(code, set()).add(cause)
    rows = []
    for code in sorted(set().union(*carried.values()) & set(warnings)):
        refused = {sid for sid, its in causes.items() if its & named.get(code, set())}
        groups: dict[bool, tuple[int, int]] = {}
        for has in (True, False):
            mine = [sid for sid in sids if (code in carried[sid]) is has]
            groups[has] = (sum(sid in refused for sid in mine), len(mine))
        rows.append(_row(code, groups[True], groups[False]))
    return sorted(rows, key=lambda row: (-(row["difference"] or 0.0), row["code"]))


def _row(code: str, with_: tuple[int, int], without: tuple[int, int]) -> dict[str, Any]:
    """Write one code's record; there is no difference where one side has no request."""
    row: dict[str, Any] = {"code": code}
    for name, (rejected, requests) in (("with", with_), ("without", without)):
        row[name] = {"requests": requests, "rejected": rejected}
    if not (with_[1] and without[1]):
        return {**row, "difference": None, "low": None, "high": None}
    low, high = newcombe(with_, without)
    difference = with_[0] / with_[1] - without[0] / without[1]
    return {
        **row,
        "difference": round(difference, 6),
        "low": round(low, 6),
        "high": round(high, 6),
    }
