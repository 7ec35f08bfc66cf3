"""How a figure moved since last time, in a few words and as good, bad or neither."""

from __future__ import annotations


def change(
    now: float | None,
    before: float | None,
    *,
    unit: str = "",
    good: str = "less",
    then: str = "the week before",
) -> tuple[str, bool | None]:
    """Return the words, and whether the change is good; None where it is neither.

    `good` is `less`, `more`, or empty where neither direction is better.
    """
    if now is None or before is None:
        return f"nothing to compare from {then}" if before is None else "–", None
    moved = round(now - before, 2)
    if not moved:
        return f"same as {then}", None
    better = (moved < 0) == (good == "less") if good else None
    return f"{'up' if moved > 0 else 'down'} {abs(moved):,g}{unit} from {then}", better
