"""The turnaround figures, to their definitions."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import event, events

from portops.reporting.reports.turnaround import turnaround

A, B, C = "+12125550100", "+12125550101", "+12125550102"
WEEK = "2026-W47"


def test_business_days_from_submission_to_completion() -> None:
    """Monday to the Wednesday of the next week is seven; Veterans Day does not count."""
    figures = turnaround(
        events(
            event("KW1", A, "submitted", "2026-11-09T15:00:00Z"),
            event("KW1", A, "completed", "2026-11-18T15:00:00Z"),
        ),
        period=WEEK,
    )
    assert figures["chain"] == {
        "n": 1,
        "completed": 1,
        "censored": 0,
        "median": 6,
        "p75": 6,
        "p90": 6,
    }


def test_a_chain_follows_supersedes_to_the_first_submission() -> None:
    """Rejected, corrected, completed: one observation a chain, two a request."""
    figures = turnaround(
        events(
            event("KW1", A, "submitted", "2026-11-02T15:00:00Z"),
            event("KW1", A, "rejected", "2026-11-04T15:00:00Z", cause="pin"),
            event("KW2", A, "submitted", "2026-11-05T15:00:00Z", supersedes="KW1"),
            event("KW2", A, "completed", "2026-11-10T15:00:00Z", supersedes="KW1"),
        ),
        period=WEEK,
    )
    assert (figures["chain"]["n"], figures["chain"]["median"]) == (1, 6)
    assert (figures["request"]["n"], figures["request"]["completed"]) == (2, 1)


def test_open_numbers_count_as_not_yet_completed() -> None:
    """Completed ones alone look better than the truth."""
    history = [
        event("KW1", f"+1212555{place:04d}", "submitted", "2026-10-26T15:00:00Z")
        for place in range(10)
    ] + [
        event("KW1", f"+1212555{place:04d}", "completed", "2026-10-28T15:00:00Z")
        for place in range(4)
    ]
    figures = turnaround(events(*history), period=WEEK)
    assert figures["chain"]["median"] is None
    assert figures["naive"] == {"n": 4, "median": 2, "p75": 2, "p90": 2}


def test_events_after_as_of_do_not_exist() -> None:
    """The report is what was known then."""
    history = events(
        event("KW1", A, "submitted", "2026-11-09T15:00:00Z"),
        event("KW1", A, "completed", "2026-11-18T15:00:00Z"),
    )
    early = turnaround(history, period=WEEK, as_of=datetime(2026, 11, 17, 12, tzinfo=UTC))
    assert (early["chain"]["completed"], early["chain"]["censored"]) == (0, 1)
    assert sum(row["count"] for row in early["open_by_age"]) == 1


def test_stages_and_open_ages() -> None:
    """Calendar days between statuses; open numbers by business days, and those past the target."""
    figures = turnaround(
        events(
            event("KW1", A, "submitted", "2026-11-02T12:00:00Z"),
            event("KW1", A, "in_review", "2026-11-02T18:00:00Z"),
            event("KW1", A, "waiting_for_signature", "2026-11-04T18:00:00Z"),
            event("KW2", B, "submitted", "2026-11-19T12:00:00Z", line_type="wireless"),
        ),
        period=WEEK,
    )
    assert figures["stages"] == [
        {"status": "submitted", "n": 1, "median": 0.25, "p90": 0.25},
        {"status": "in_review", "n": 1, "median": 2.0, "p90": 2.0},
    ]
    ages = {row["bucket"]: row["count"] for row in figures["open_by_age"]}
    assert ages == {"0-2": 1, "3-5": 0, "6-10": 0, "11-20": 1, "21+": 0}
    assert figures["past_target"] == 1


def test_nothing_submitted_is_said() -> None:
    """An empty store gives a sensible page."""
    figures = turnaround(events(), period=WEEK)
    assert figures["chain"]["n"] == 0
    assert figures["chain"]["median"] is None
    assert "no turnaround to show" in figures.headline()[0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=50))
def test_naive_quantiles_are_nearest_rank(lengths: list[int]) -> None:
    """The same numbers as the definition gives by hand."""
    start = datetime(2026, 6, 1, 15, tzinfo=UTC)
    history = []
    for place, length in enumerate(lengths):
        number = f"+1212555{place:04d}"
        history.append(event("KW1", number, "submitted", start))
        history.append(event("KW1", number, "completed", start + timedelta(days=length)))
    figures = turnaround(events(*history), period=WEEK)["naive"]
    ends = [np.datetime64((start + timedelta(days=length)).date()) for length in lengths]
    from portops.facts.business_time import calendar

    days = sorted(
        int(np.busday_count(np.datetime64(start.date()), end, busdaycal=calendar())) for end in ends
    )
    for name, share in (("median", 0.5), ("p75", 0.75), ("p90", 0.9)):
        assert figures[name] == days[math.ceil(share * len(days)) - 1]
