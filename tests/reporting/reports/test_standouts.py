"""What stands out in a week: named when it is news, silent when it is chance."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.conftest import event, events

from portops.reporting.reports.turnaround import turnaround
from portops.reporting.reports.weekly_rejections import rejections
from portops.reporting.reports.weekly_rejections.charts import trend


def _rejected(
    sid: str, number: int, at: str, cause: str, carrier: str = "Granite Tel"
) -> list[dict]:
    phone = f"+1212555{number:04d}"
    start = pd.Timestamp(at) - pd.Timedelta(days=7)
    return [
        event(sid, phone, "submitted", str(start), losing_carrier=carrier),
        event(sid, phone, "rejected", at, cause=cause, losing_carrier=carrier),
    ]


def test_the_request_that_costs_most_is_named_first() -> None:
    """Numbers times business days."""
    rows = [*_rejected("KW1", 1, "2026-11-17T15:00:00Z", "pin")]
    for number in range(10, 14):
        rows += _rejected("KW2", number, "2026-11-18T15:00:00Z", "address", "Prairie Cable")
    figures = rejections(events(*rows), period="2026-W47")
    assert [row["request_sid"] for row in figures["costly"]] == ["KW2", "KW1"]
    assert figures["costly"][0]["rejected_numbers"] == 4
    # From Veterans Day to the week's end there are seven business days.
    assert figures["costly"][0]["number_days"] == 4 * 7
    assert figures["carrier_to_call"]["losing_carrier"] == "Prairie Cable"


def test_a_cause_grew_only_when_chance_does_not_say_so() -> None:
    """Five after none is news; four after three a week is not."""
    fresh = [row for n in range(5) for row in _rejected("KW1", n, "2026-11-17T15:00:00Z", "pin")]
    grew = rejections(events(*fresh), period="2026-W47")["cause_grew"]
    assert grew == {"cause": "pin", "count": 5, "weekly_before": 0.0}
    usual = [
        row
        for week in range(1, 5)
        for n in range(3)
        for row in _rejected(
            f"KW{week}",
            100 * week + n,
            str(pd.Timestamp("2026-11-17T15:00Z") - pd.Timedelta(weeks=week)),
            "pin",
        )
    ]
    four = [row for n in range(4) for row in _rejected("KW9", n, "2026-11-17T15:00:00Z", "pin")]
    assert rejections(events(*usual, *four), period="2026-W47")["cause_grew"] is None


def test_nothing_stands_out_of_nothing() -> None:
    """No event, no advice, and every card says so."""
    for figures in (
        rejections(events(), period="2026-W47"),
        turnaround(events(), period="2026-W47"),
    ):
        assert figures.advice().lines == []
        assert "Nothing stands out" in figures.advice()._repr_html_()
        assert figures.cards().rows[0][1] == "–"
        assert figures.data().words == "Made of no events."


def test_cards_compare_with_the_week_before() -> None:
    """The same figures as a report made a week earlier."""
    rows = []
    for number in range(6):
        phone = f"+1212555{number:04d}"
        rows += [
            event("KW1", phone, "submitted", "2026-11-02T15:00:00Z"),
            event("KW1", phone, "completed", f"2026-11-{9 + 2 * number:02d}T15:00:00Z"),
        ]
    history = events(*rows)
    now, before = (turnaround(history, period=week) for week in ("2026-W47", "2026-W46"))
    assert now["week_before"] == {
        "median": before["chain"]["median"],
        "open": before["open"],
        "past_target": before["past_target"],
    }
    assert now.cards().rows[1][2:] == ("down 2 from the week before", None)


def _decided(week: int, rejected: int, completed: int) -> list[dict]:
    at = (
        f"2026-{'11' if week > 44 else '10'}-{ {44: 28, 45: 4, 46: 11, 47: 18}[week]:02d}T15:00:00Z"
    )
    return [
        event(
            f"KW{week}",
            f"+1212555{n:04d}",
            "rejected" if n < rejected else "completed",
            at,
            cause="pin" if n < rejected else "",
        )
        for n in range(rejected + completed)
    ]


@pytest.mark.parametrize(
    ("rejected", "completed", "good"),
    [(3, 7, None), (30, 10, False), (0, 40, True), (0, 3, None)],
)
def test_what_chance_brings_about_is_neither_good_nor_bad(
    rejected: int, completed: int, good: bool | None
) -> None:
    """A card is marked only where the trend's point lies outside of its limits."""
    history = [
        *_decided(44, 10, 30),
        *_decided(45, 11, 29),
        *_decided(46, 9, 31),
        *_decided(47, rejected, completed),
    ]
    figures = rejections(events(*history), period="2026-W47")
    assert figures["decided"] == rejected + completed
    assert figures.cards().rows[-1][3] is good
    title = trend(figures).figure.axes[0].get_title(loc="left")
    assert {None: "in line with", False: "above", True: "below"}[good] in title


def test_the_data_is_named_whatever_its_order() -> None:
    """The same events give the same hash; one more gives another."""
    rows = [row for n in range(5) for row in _rejected("KW1", n, "2026-11-17T15:00:00Z", "pin")]
    one = rejections(events(*rows), period="2026-W47").parameters["data"]
    two = rejections(events(*reversed(rows)), period="2026-W47").parameters["data"]
    other = rejections(events(*rows[:-1]), period="2026-W47").parameters["data"]
    assert one == two
    assert (one["events"], one["first"]) == (10, "2026-11-10T15:00:00Z")
    assert one["hash"] != other["hash"]
