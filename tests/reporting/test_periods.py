"""Periods: ISO weeks and days of one's own choice, and the moment up to which data counts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from tests.conftest import START, event, events

import portops
from portops.errors import InputError
from portops.reporting.periods import Period, moment_of, period_of
from portops.reporting.reports.turnaround import turnaround
from portops.reporting.reports.weekly_rejections import rejections

NEW_YORK = "America/New_York"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
A, B, C = "+12125550100", "+12125550101", "+12125550102"


def _period(*asked: object) -> str:
    return period_of(*asked, timezone=NEW_YORK, now=NOW).name


def test_what_may_be_asked() -> None:
    """A week, an interval, two days; the last full week when nothing is asked."""
    assert _period() == _period("") == _period(None, "", "") == "2026-W47"
    assert _period("2026-W40") == _period("2026w40") == "2026-W40"
    assert _period("", date(2026, 11, 1), "2026-11-15") == "2026-11-01/2026-11-15"
    assert _period("2026-11-01/2026-11-15") == _period("2026-11-01--2026-11-15")
    assert Period.named("2026-11-01/2026-11-15").folder == "2026-11-01--2026-11-15"


def test_the_longest_period_can_be_counted() -> None:
    """The periods before it, and the day after it, are days that there are."""
    longest = {
        "start": "2000-01-01",
        "end": "2099-12-31",
        "events": events(event("KW1", A, "submitted", START), event("KW1", A, "completed", START)),
    }
    portops.rejections(**longest)
    portops.turnaround(**longest)
    for moment in ("9999-12-31", datetime(9999, 12, 31, 23, tzinfo=UTC)):
        with pytest.raises(InputError, match="outside the years"):
            moment_of(moment, NEW_YORK)


def test_monday_to_sunday_is_the_week() -> None:
    """So that both ways to ask give the same figures."""
    assert _period("", "2026-11-16", "2026-11-22") == "2026-W47"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("2026-W60",), "not a week"),
        ((47,), "not a week"),
        (("2026-W47", "2026-11-01", "2026-11-15"), "two periods"),
        (("", "2026-11-01"), "its start and its end"),
        (("", "2026-11-15", "2026-11-01"), "before it starts"),
        (("", "November", "2026-11-01"), "not a date"),
        (("", 3, 4), "not a date"),
        (("2026-13-01/2026-11-01",), "not a date"),
        (("", "0001-01-01", "9999-12-31"), "outside the years"),
        (("", "2026-11-01", "9999-12-31"), "outside the years"),
        (("9999-W52",), "outside the years"),
        (("0001-W01",), "outside the years"),
    ],
)
def test_what_may_not(asked: tuple[object, ...], words: str) -> None:
    """One sentence says why."""
    with pytest.raises(InputError, match=words):
        _period(*asked)


def test_as_of_may_be_a_day_an_instant_or_text() -> None:
    """A day is its end in the report's time zone; an instant without a zone is local."""
    end = datetime(2026, 12, 2, 5, tzinfo=UTC)
    assert moment_of("", NEW_YORK) is moment_of(None, NEW_YORK) is None
    assert moment_of(date(2026, 12, 1), NEW_YORK) == moment_of("2026-12-01", NEW_YORK) == end
    assert moment_of("2026-12-02T05:00:00Z", NEW_YORK) == end
    assert moment_of(datetime(2026, 12, 2, 0, 0), NEW_YORK) == end  # noqa: DTZ001 - local time
    assert moment_of(pd.Timestamp(end), NEW_YORK) == end


@pytest.mark.parametrize("as_of", [5, "soon", True, 5.0, ["2026-12-01"], "2026-12-01T25:00"])
def test_as_of_may_be_nothing_else(as_of: object) -> None:
    """Never a bare TypeError."""
    with pytest.raises(InputError, match="is not a date"):
        moment_of(as_of, NEW_YORK)
    with pytest.raises(InputError):
        portops.turnaround("2026-W47", events=events(), as_of=as_of)


HISTORY = events(
    event("KW1", A, "submitted", "2026-11-02T15:00:00Z"),
    event("KW1", A, "rejected", "2026-11-05T15:00:00Z", cause="pin"),
    event("KW2", B, "submitted", "2026-11-03T15:00:00Z"),
    event("KW2", B, "completed", "2026-11-12T15:00:00Z"),
    event("KW3", C, "submitted", "2026-10-20T15:00:00Z"),
    event("KW3", C, "completed", "2026-11-16T15:00:00Z"),
)


def test_rejections_of_days_of_ones_own() -> None:
    """The same definitions between the first and the last day, and for the trend before it."""
    figures = rejections(HISTORY, period="2026-11-01/2026-11-15")
    assert (figures.week, figures["decided"], figures["first_rejected"]) == (
        "2026-11-01/2026-11-15",
        2,
        1,
    )
    assert figures.as_of == "2026-11-16T00:00:00-05:00"
    assert len(figures["trend"]) == 12
    assert figures["trend"][-2]["week"] == "2026-10-17/2026-10-31"
    assert figures["trend"][-1]["decided"] == 2
    assert figures.cards().rows[-1].change == "0 of 0 the period before"


def test_turnaround_of_days_of_ones_own() -> None:
    """Looked at are numbers first submitted on these days, as known at their end or later."""
    figures = portops.turnaround(events=HISTORY, start="2026-11-01", end=date(2026, 11, 15))
    assert (figures["chain"]["n"], figures["chain"]["completed"]) == (2, 1)
    assert "window_weeks" not in figures.parameters
    october = turnaround(HISTORY, period="2026-10-01/2026-10-31")
    assert (october["chain"]["n"], october["chain"]["completed"]) == (1, 0)
    later = portops.turnaround("2026-10-01/2026-10-31", events=HISTORY, as_of="2026-11-20")
    assert (later["chain"]["n"], later["chain"]["completed"]) == (1, 1)


def test_rejections_as_of_an_earlier_day() -> None:
    """What happened after it had not happened."""
    early = portops.rejections("2026-11-01/2026-11-15", events=HISTORY, as_of="2026-11-10")
    assert (early["decided"], early["first_rejected"]) == (1, 1)
