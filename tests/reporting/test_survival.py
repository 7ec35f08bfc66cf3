"""The Kaplan-Meier estimate equals the one of lifelines, and ends where the data does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from portops.reporting.survival import curve_rows, kaplan_meier, naive, summary

_OBSERVATIONS = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=120)


def _observed(*rows: tuple[int, bool]) -> pd.DataFrame:
    days, done = zip(*rows, strict=True)
    return pd.DataFrame({"days": np.array(days), "done": np.array(done, dtype=bool)})


@settings(max_examples=60, deadline=None)
@given(_OBSERVATIONS)
def test_the_curve_equals_lifelines(observations: list[tuple[int, bool]]) -> None:
    """Curve, band and quantiles on random data with open durations."""
    observed = _observed(*observations)
    oracle = KaplanMeierFitter(alpha=0.05).fit(observed["days"], observed["done"])
    curve = kaplan_meier(observed["days"].to_numpy(), observed["done"].to_numpy())
    assert curve.open == pytest.approx(np.ravel(oracle.predict(curve.days)), abs=1e-9)
    band = oracle.confidence_interval_.loc[curve.days].to_numpy()
    inside = (curve.open > 0) & (curve.open < 1)
    assert curve.low[inside] == pytest.approx(band[inside, 0], abs=1e-9)
    assert curve.high[inside] == pytest.approx(band[inside, 1], abs=1e-9)
    row = summary(observed)
    survival = oracle.survival_function_.iloc[:, 0]
    for name, share in (("median", 0.5), ("p75", 0.75), ("p90", 0.9)):
        reached = survival[survival <= 1 - share + 1e-9]
        any_done = bool(observed["done"].any())
        assert row[name] == (int(reached.index[0]) if len(reached) and any_done else None)


def test_a_textbook_example() -> None:
    """Five durations, one of them open: 4/5, then 3/5, then 3/10, then nothing."""
    rows = curve_rows(_observed((1, True), (2, True), (3, False), (4, True), (5, True)))
    assert [(row["day"], row["open"]) for row in rows] == [
        (1, 0.8),
        (2, 0.6),
        (3, 0.6),
        (4, 0.3),
        (5, 0.0),
    ]
    assert rows[-1]["low"] is None


def test_where_nothing_is_completed_there_is_no_curve() -> None:
    """Counts are given, quantiles are not."""
    observed = _observed((3, False), (9, False))
    assert curve_rows(observed) == []
    assert summary(observed) == {
        "n": 2,
        "completed": 0,
        "censored": 2,
        "median": None,
        "p75": None,
        "p90": None,
    }
    assert naive(observed) == {"n": 0, "median": None, "p75": None, "p90": None}
