"""Control limits of a rejection rate: what chance alone brings about (p-chart, three sigma)."""

from __future__ import annotations

from typing import Any


def usual(trend: list[dict[str, Any]]) -> float | None:
    """Return the rate of all weeks of a trend together; None when nothing was decided."""
    decided, rejected = (sum(row[name] for row in trend) for name in ("decided", "first_rejected"))
    return rejected / decided if decided else None


def limits(rate: float, decided: int) -> tuple[float, float]:
    """Return between what a week's rate lies by chance, with so many numbers decided in it."""
    spread = 3 * (rate * (1 - rate) / decided) ** 0.5
    return max(0.0, rate - spread), min(1.0, rate + spread)


def verdict(trend: list[dict[str, Any]]) -> str:
    """Tell how the last week stands to all of them: `above`, `below`, or `in line with`."""
    rate, decided = usual(trend), trend[-1]["decided"]
    if rate is None or not decided:
        return "in line with"
    low, high = limits(rate, decided)
    last = trend[-1]["rejection_rate"]
    return "above" if last > high else "below" if last < low else "in line with"
