"""The weekly rejection figures, to their definitions."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import event, events

from portops.reporting.reports.weekly_rejections import rejections

A, B, C = "+12125550100", "+12125550101", "+12125550102"
WEEK = "2026-W47"  # 16 to 22 November
NEW_YORK = ZoneInfo("America/New_York")


def test_the_first_decision_counts() -> None:
    """A completion after a rejection was still first decided by the rejection."""
    figures = rejections(
        events(
            event("KW1", A, "rejected", "2026-11-17T15:00:00Z", cause="pin"),
            event("KW1", A, "completed", "2026-11-19T15:00:00Z"),
            event("KW1", B, "completed", "2026-11-18T15:00:00Z"),
            event("KW1", C, "rejected", "2026-11-12T15:00:00Z", cause="pin"),
            event("KW1", C, "completed", "2026-11-18T15:00:00Z"),
            event("KW1", "", "completed", "2026-11-18T15:00:00Z"),
        ),
        period=WEEK,
    )
    assert (figures["decided"], figures["first_rejected"], figures["rejection_rate"]) == (2, 1, 0.5)
    assert figures["rejections_by_cause"] == [
        {"cause": "pin", "count": 1, "share": 1.0, "numbers": 1, "requests": 1}
    ]


def test_a_week_is_local() -> None:
    """Sunday evening in New York is already Monday in UTC."""
    late = events(event("KW1", A, "rejected", "2026-11-23T04:30:00Z", cause="pin"))
    assert rejections(late, period=WEEK)["decided"] == 1
    assert rejections(late, period=WEEK, timezone="UTC")["decided"] == 0


def test_nothing_decided_has_no_rate() -> None:
    """No number is no zero."""
    figures = rejections(events(), period=WEEK)
    assert (figures["decided"], figures["rejection_rate"]) == (0, None)
    assert figures["rejections_by_cause"] == []
    assert len(figures["trend"]) == 12
    assert "No number was submitted" in figures.headline()[0]


def test_causes_are_sorted_by_count_then_name() -> None:
    """Ties read alphabetically."""
    figures = rejections(
        events(
            event("KW1", A, "rejected", "2026-11-17T15:00:00Z", cause="pin"),
            event("KW1", B, "rejected", "2026-11-17T15:00:00Z", cause="address"),
            event("KW1", C, "rejected", "2026-11-17T15:00:00Z", cause="pin"),
            event("KW2", C, "rejected", "2026-11-17T15:00:00Z", cause="account_number"),
        ),
        period=WEEK,
    )
    assert [row["cause"] for row in figures["rejections_by_cause"]] == [
        "pin",
        "account_number",
        "address",
    ]


def test_preventable() -> None:
    """A warning was there; a rule had passed; no rule could see it."""
    figures = rejections(
        events(
            event("KW1", A, "rejected", "2026-11-17T15:00:00Z", cause="authorized_name"),
            event("KW2", B, "rejected", "2026-11-17T15:00:00Z", cause="authorized_name"),
            event("KW3", C, "rejected", "2026-11-17T15:00:00Z", cause="port_protection"),
        ),
        period=WEEK,
        finding_codes={"KW1": ["contact.incomplete"], "KW2": ["number.reformatted"]},
        codes_by_cause={"authorized_name": ["contact.missing", "contact.incomplete"]},
    )
    assert figures["preventable"] == {"flagged": 1, "checkable": 1, "carrier_side": 1}


def test_resubmission_follows_supersedes() -> None:
    """Rejected on Friday, again on Tuesday: two business days; then completed."""
    figures = rejections(
        events(
            event("KW1", A, "rejected", "2026-11-06T15:00:00Z", cause="pin"),
            event("KW1", B, "rejected", "2026-11-06T15:00:00Z", cause="pin"),
            event("KW2", A, "submitted", "2026-11-10T15:00:00Z", supersedes="KW1"),
            event("KW2", A, "completed", "2026-11-17T15:00:00Z", supersedes="KW1"),
        ),
        period=WEEK,
    )
    assert figures["resubmission"] == {
        "rejected": 2,
        "resubmitted": 1,
        "completed": 1,
        "median_business_days": 2.0,
    }


HISTORY = st.lists(
    st.builds(
        event,
        st.sampled_from(["KW1", "KW2", "KW3"]),
        st.sampled_from(["", A, B, C]),
        st.sampled_from(["submitted", "rejected", "completed", "in_progress"]),
        st.integers(0, 24 * 7 * 14).map(
            lambda hours: datetime(2026, 8, 24, tzinfo=UTC) + timedelta(hours=hours)
        ),
        cause=st.sampled_from(["pin", "address", "other"]),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(HISTORY)
def test_figures_equal_a_plain_reading_of_the_definitions(given_events: list[dict]) -> None:
    """Counted one by one in plain Python."""
    rows = list({row["event_id"]: row for row in given_events}.values())
    figures = rejections(events(*rows), period=WEEK)

    def week_of(moment: datetime) -> str:
        year, week, _ = moment.astimezone(NEW_YORK).isocalendar()
        return f"{year}-W{week:02d}"

    first: dict[tuple[str, str], dict] = {}
    for row in sorted(rows, key=lambda e: (e["occurred_at"], e["event_id"])):
        if row["phone_number"] and row["status"] in {"completed", "rejected"}:
            first.setdefault((row["request_sid"], row["phone_number"]), row)
    decided: dict[str, list[str]] = defaultdict(list)
    for row in first.values():
        decided[week_of(row["occurred_at"])].append(row["status"])
    mine = decided[WEEK]
    assert figures["decided"] == len(mine)
    assert figures["first_rejected"] == mine.count("rejected")
    assert figures["rejection_rate"] == pytest.approx(
        mine.count("rejected") / len(mine) if mine else None
    )
    for row in figures["trend"]:
        assert row["decided"] == len(decided[row["week"]])
    pairs = {
        (e["request_sid"], e["phone_number"], e["occurred_at"]): e
        for e in sorted(rows, key=lambda e: e["event_id"], reverse=True)
        if e["phone_number"] and e["status"] == "rejected" and week_of(e["occurred_at"]) == WEEK
    }
    causes = Counter(row["cause"] for row in pairs.values())
    assert {row["cause"]: row["count"] for row in figures["rejections_by_cause"]} == causes
    ordered = [(-row["count"], row["cause"]) for row in figures["rejections_by_cause"]]
    assert ordered == sorted(ordered)
