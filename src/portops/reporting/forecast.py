"""The forecast of a plan: how much of each request will be accepted on the first try, and why.

A logistic regression on carrier and warnings, with a normal prior on every effect: what few
requests say is shrunk to the overall rate. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: How far apart (log odds, standard deviation) carriers and warnings are taken to be beforehand.
PRIOR_SPREAD = 0.7

#: Requests of a carrier or a warning below which its effect is not told as a reason.
ENOUGH = 3

#: An effect of fewer points is no reason.
_TOLD_FROM = 0.02

_STEPS, _CLOSE = 50, 1e-9


def features(losing_carrier: str, codes: Iterable[str]) -> tuple[str, ...]:
    """Name what a request's fate may depend on: its carrier, however it is spelled, its warnings."""
    carrier = " ".join(losing_carrier.casefold().split())
    return (*((f"carrier {carrier}",) if carrier else ()), *sorted(set(codes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecaster:
    """What past requests teach: an effect per feature, the first one being the overall level."""

    names: tuple[str, ...]
    effects: np.ndarray
    covariance: np.ndarray
    counts: dict[str, int]
    requests: int

    def of(self, losing_carrier: str, codes: Sequence[str]) -> dict[str, Any]:
        """Return `acceptance, low, high` (95%), and `reasons`; None where nothing was decided.

        A reason is `(feature, points, requests)`: what it moves the acceptance by, and how many
        past requests had it.
        """
        if not self.requests:
            return {"acceptance": None, "low": None, "high": None, "reasons": []}
        mine = features(losing_carrier, codes)
        row = np.array([1.0, *(float(name in mine) for name in self.names[1:])])
        level = float(row @ self.effects)
        spread = float(row @ self.covariance @ row) ** 0.5 * NormalDist().inv_cdf(0.975)
        reasons = []
        for place, name in enumerate(self.names[1:], start=1):
            points = _share(level) - _share(level - float(row[place] * self.effects[place]))
            if row[place] and self.counts[name] >= ENOUGH and abs(points) >= _TOLD_FROM:
                reasons.append((name, round(points, 4), self.counts[name]))
        return {
            "acceptance": round(_share(level), 6),
            "low": round(_share(level - spread), 6),
            "high": round(_share(level + spread), 6),
            "reasons": sorted(reasons, key=lambda reason: (-abs(reason[1]), reason[0])),
        }


def _share(level: float) -> float:
    return float(1 / (1 + np.exp(-level)))


def past_requests(decided: pd.DataFrame) -> pd.DataFrame:
    """Return the decided requests: `request_sid, losing_carrier, acceptance`.

    `decided` are `cohorts.first_decisions(…)`; `acceptance` is the share of a request's decided
    numbers that were completed first.
    """
    table = decided.assign(acceptance=(decided["status"] == "completed").astype(float))
    return table.groupby("request_sid", as_index=False).agg(
        losing_carrier=("losing_carrier", "first"), acceptance=("acceptance", "mean")
    )


def learn(requests: Iterable[tuple[str, Sequence[str], float]]) -> Forecaster:
    """Learn from decided requests: carrier, warnings, and the share that was accepted.

    A request is one observation, however many numbers it has: they share its fate.
    """
    rows = [(features(carrier, codes), share) for carrier, codes, share in requests]
    counts = Counter(name for names, _ in rows for name in names)
    names = ("", *sorted(counts))
    place = {name: position for position, name in enumerate(names)}
    design = np.zeros((len(rows), len(names)))
    design[:, 0] = 1.0
    for at, (mine, _) in enumerate(rows):
        design[at, [place[name] for name in mine]] = 1.0
    accepted = np.array([share for _, share in rows])
    effects, covariance = _fitted(design, accepted)
    return Forecaster(
        names=names,
        effects=effects,
        covariance=covariance,
        counts=dict(counts),
        requests=len(rows),
    )


def _fitted(design: np.ndarray, accepted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the effects that are most likely, and their covariance (Newton's method)."""
    # The overall level is hardly held back: an unbiased coin's worth of one request.
    precision = np.full(design.shape[1], PRIOR_SPREAD**-2)
    precision[0] = 0.25
    effects = np.zeros(design.shape[1])
    information = np.diag(precision)
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-design @ effects))
        slope = design.T @ (accepted - share) - precision * effects
        information = (design.T * (share * (1 - share))) @ design + np.diag(precision)
        step = np.linalg.solve(information, slope)
        effects = effects + step
        if np.abs(step).max() < _CLOSE:
            break
    return effects, np.linalg.inv(information)
