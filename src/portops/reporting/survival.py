"""How long something takes when some of it is still open: the Kaplan-Meier estimate.

Durations are whole business days. `observed` has a row a duration: `days`, and `done`, which is
True where it ended in a completion and False where it was still open, or left, at that time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: The quantiles that reports show: the share that is done by then.
QUANTILES = (("median", 0.5), ("p75", 0.75), ("p90", 0.9))

#: Of the band around a curve.
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Curve:
    """The share still open after so many days, a point a day on which anything happened.

    `low` and `high` bound it (95 %, log-log); they are NaN where everything or nothing is open.
    """

    days: np.ndarray
    open: np.ndarray
    low: np.ndarray
    high: np.ndarray


def kaplan_meier(days: np.ndarray, done: np.ndarray) -> Curve:
    """Estimate the curve from durations and whether each ended in a completion."""
    points, place, leaving = np.unique(days, return_inverse=True, return_counts=True)
    completed = np.bincount(place, weights=done, minlength=len(points))
    at_risk = leaving[::-1].cumsum()[::-1]
    still_open = np.cumprod((at_risk - completed) / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Greenwood's variance, on the scale of log(-log) so that the band stays in 0 to 1.
        variance = np.cumsum(completed / (at_risk * (at_risk - completed)))
        middle = np.log(-np.log(still_open))
        spread = np.sqrt(variance / np.log(still_open) ** 2)
        spread *= NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
        low, high = (np.exp(-np.exp(middle + side * spread)) for side in (1, -1))
    return Curve(days=points, open=still_open, low=low, high=high)


def _of(observed: pd.DataFrame) -> Curve:
    return kaplan_meier(observed["days"].to_numpy(), observed["done"].to_numpy(dtype=bool))


def summary(observed: pd.DataFrame) -> dict[str, Any]:
    """Return `n, completed, censored, median, p75, p90`.

    A quantile is the smallest duration with so much of the curve behind it; None where the curve
    never gets there.
    """
    completed = int(observed["done"].sum())
    row: dict[str, Any] = {
        "n": len(observed),
        "completed": completed,
        "censored": len(observed) - completed,
    }
    curve = _of(observed) if completed else None
    for name, share in QUANTILES:
        row[name] = None
        if curve is not None:
            # Products of fractions miss 0.5 by a hair where they should meet it.
            reached = curve.days[curve.open <= 1 - share + 1e-9]
            row[name] = int(reached[0]) if len(reached) else None
    return row


def median_band(observed: pd.DataFrame) -> dict[str, int | None]:
    """Return between which days the median lies (`low`, `high`, 95%); None where that is open."""
    band: dict[str, int | None] = {"low": None, "high": None}
    if not observed["done"].any():
        return band
    curve = _of(observed)
    for name, bound in (("low", curve.low), ("high", curve.high)):
        # Where everything or nothing is open the curve has no band of its own.
        reached = curve.days[np.where(np.isnan(bound), curve.open, bound) <= 0.5 + 1e-9]
        band[name] = int(reached[0]) if len(reached) else None
    return band


def naive(observed: pd.DataFrame) -> dict[str, Any]:
    """Give the quantiles (nearest rank) of the completed alone: they look better than the truth."""
    days = np.sort(observed.loc[observed["done"], "days"].to_numpy())
    row: dict[str, Any] = {"n": len(days)}
    for name, share in QUANTILES:
        row[name] = int(days[math.ceil(share * len(days)) - 1]) if len(days) else None
    return row


def curve_rows(observed: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the curve as rows `day, open, low, high`; nothing where nothing was completed."""
    if not observed["done"].any():
        return []
    curve = _of(observed)
    points = zip(curve.days, curve.open, curve.low, curve.high, strict=True)
    return [
        {
            "day": int(day),
            "open": round(float(share), 6),
            "low": None if np.isnan(low) else round(float(low), 6),
            "high": None if np.isnan(high) else round(float(high), 6),
        }
        for day, share, low, high in points
    ]


def summaries(observed: pd.DataFrame, column: str) -> list[dict[str, Any]]:
    """Give the summary of each value of a column, most observations first, then by name."""
    value = observed[column].where(observed[column] != "", "unknown")
    rows = [{column: str(name), **summary(group)} for name, group in observed.groupby(value)]
    return sorted(rows, key=lambda row: (-row["n"], row[column]))
