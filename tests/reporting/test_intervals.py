"""Intervals against statsmodels, for every small count."""

from __future__ import annotations

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from portops.reporting.intervals import newcombe, wilson


@pytest.mark.parametrize("total", [1, 2, 7, 30, 1000])
def test_wilson(total: int) -> None:
    """Bounds of a share, none and all included."""
    for part in {0, 1, total // 2, total}:
        expected = proportion_confint(part, total, method="wilson")
        assert wilson(part, total) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("first", "second"),
    [((3, 7), (2, 35)), ((0, 5), (0, 9)), ((1, 1), (2, 35)), ((40, 90), (9, 9))],
)
def test_newcombe(first: tuple[int, int], second: tuple[int, int]) -> None:
    """Bounds of a difference, from none of either to all of one."""
    expected = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff")
    assert newcombe(first, second) == pytest.approx(expected, abs=1e-9)
