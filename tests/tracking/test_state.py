"""Present state from events: any order, any repeats, the same answer."""

from __future__ import annotations

import random

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import event, events

from portops.facts import statuses
from portops.tracking.state import present, request_status, tracker

A, B = "+12125550100", "+12125550101"

EVENT = st.builds(
    event,
    st.sampled_from(["KW1", "KW2"]),
    st.sampled_from(["", A, B]),
    st.sampled_from(statuses.STATUSES),
    st.sampled_from([f"2026-11-0{day}T10:00:00Z" for day in range(1, 7)]),
)


@given(st.lists(EVENT, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_order_and_repeats_do_not_count(given_events: list[dict], draw: random.Random) -> None:
    """The same happenings, shuffled and told twice, give the same state."""
    once = {each["event_id"]: each for each in given_events}
    first = events(*once.values())
    shuffled = list(once.values())
    draw.shuffle(shuffled)
    second = events(*shuffled)
    pd.testing.assert_frame_equal(present(first), present(second))
    pd.testing.assert_series_equal(
        request_status(first).sort_index(), request_status(second).sort_index()
    )


def test_the_last_event_of_a_number_counts() -> None:
    """Later wins; of one instant the one further along."""
    now = present(
        events(
            event("KW1", A, "submitted", "2026-11-02T10:00:00Z"),
            event("KW1", A, "completed", "2026-11-09T10:00:00Z"),
            event("KW1", A, "in_progress", "2026-11-05T10:00:00Z"),
            event("KW1", B, "foc_confirmed", "2026-11-05T10:00:00Z"),
            event("KW1", B, "in_progress", "2026-11-05T10:00:00Z"),
        )
    )
    assert dict(zip(now["phone_number"], now["status"], strict=True)) == {
        A: "completed",
        B: "foc_confirmed",
    }


def test_the_tracker_shows_what_people_ask_for() -> None:
    """Status, SID, created, counts and the carrier's words with the numbers they concern."""
    history = events(
        event("KW1", "", "submitted", "2026-11-02T10:00:00Z"),
        event("KW1", A, "completed", "2026-11-09T10:00:00Z"),
        event("KW1", B, "rejected", "2026-11-06T10:00:00Z", cause="pin", reason="PIN wrong"),
        event("KW1", "", "action_required", "2026-11-09T10:00:00Z"),
    )
    tracked = pd.DataFrame(
        {
            "request_sid": ["KW1"],
            "request": ["Copper Hill"],
            "workbooks": [["a.xlsx"]],
            "details": [{}],
        }
    )
    row = tracker(history, tracked).iloc[0]
    assert (row["status"], row["numbers"], row["completed"], row["rejected"]) == (
        "action_required",
        2,
        1,
        1,
    )
    assert row["carrier_action"] == "PIN wrong (2125550101)"
    assert row["created"] == pd.Timestamp("2026-11-02T10:00:00Z")


def test_an_agreed_port_date_is_told_in_words() -> None:
    """With the numbers it concerns, and with the carrier's own words where there are some."""
    agreed = {"port_date": "2026-10-15T15:30:00Z"}
    history = events(
        event("KW1", A, "foc_confirmed", "2026-10-07T12:00:00Z", **agreed),
        event("KW1", B, "foc_confirmed", "2026-10-07T12:00:00Z", **agreed),
        event("KW2", A, "foc_confirmed", "2026-10-07T12:00:00Z", reason="Moved", **agreed),
        event("KW3", A, "foc_confirmed", "2026-10-07T12:00:00Z"),
    )
    tracked = pd.DataFrame({"request_sid": [], "request": [], "workbooks": [], "details": []})
    words = tracker(history, tracked).set_index("request_sid")["carrier_action"]
    assert words["KW1"] == "FOC date 2026-10-15 15:30 UTC (2125550100, 2125550101)"
    assert words["KW2"] == "Moved, FOC date 2026-10-15 15:30 UTC (2125550100)"
    assert words["KW3"] == ""
