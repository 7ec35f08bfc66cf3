"""How sure a share is: Wilson's interval of one, Newcombe's of the difference of two. Pure."""

from __future__ import annotations

from statistics import NormalDist

#: Of both intervals.
CONFIDENCE = 0.95

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def wilson(part: int, total: int) -> tuple[float, float]:
    """Return the bounds of a share of `total`, which is not 0.

    Wilson, Journal of the American Statistical Association 22 (1927).
    """
    share, weight = part / total, _Z**2 / total
    middle = (share + weight / 2) / (1 + weight)
    spread = _Z * (share * (1 - share) / total + weight / total / 4) ** 0.5 / (1 + weight)
    return max(0.0, middle - spread), min(1.0, middle + spread)


def newcombe(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """Return the bounds of the difference of two shares, each a (part, total); no total is 0.

    Newcombe's hybrid score interval (method 10), Statistics in Medicine 17 (1998).
    """
    (one, two), ((low1, high1), (low2, high2)) = (
        (part / total for part, total in (first, second)),
        (wilson(*first), wilson(*second)),
    )
    below = ((one - low1) ** 2 + (high2 - two) ** 2) ** 0.5
    above = ((high1 - one) ** 2 + (two - low2) ** 2) ** 0.5
    return one - two - below, one - two + above
