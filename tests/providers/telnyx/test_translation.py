"""Telnyx's bodies in our words, and a request of ours in its."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.providers.twilio.test_as_it_is import order as request_of

from portops.providers import telnyx
from portops.providers.base import PortNumber
from portops.providers.telnyx.translation import (
    to_details,
    to_events,
    to_listed,
    to_portability,
    webhook_event,
)
from portops.providers.telnyx.writing import foc_for, pins_of, reference_of, to_create, to_patch
from portops.redaction import Secret

A, B = "+12125550100", "+12125550101"
ID = "f1486bae-f067-460c-ad43-73a92848f902"


def _order(value: str, *codes: str, **more: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "created_at": "2026-10-05T14:00:00.000000Z",
        "updated_at": "2026-10-07T12:00:00.000000Z",
        "status": {"value": value, "details": [{"code": code} for code in codes]},
        "activation_settings": {
            "foc_datetime_actual": "2026-10-15T15:30:00Z",
            "foc_datetime_requested": "2026-10-14T13:00:00Z",
        },
        **more,
    }


def _event(value: str, at: str, *codes: str) -> dict[str, Any]:
    status = {"value": value, "details": [{"code": code} for code in codes]}
    return {
        "event_type": "porting_order.status_changed",
        "created_at": at,
        "payload": {"id": ID, "status": status},
    }


def test_every_change_is_told_of_the_order_and_each_number() -> None:
    """With its time, oldest first; the port date goes with the agreement."""
    events = to_events(
        _order("foc-date-confirmed"),
        (A, B),
        [
            _event("foc-date-confirmed", "2026-10-07T12:00:00Z"),
            _event("submitted", "2026-10-06T12:00:00Z"),
            {"event_type": "porting_order.new_comment", "created_at": "2026-10-06T13:00:00Z"},
        ],
    )
    assert [(row["phone_number"], row["status"]) for row in events] == [
        ("", "in_progress"),
        (A, "in_progress"),
        (B, "in_progress"),
        ("", "foc_confirmed"),
        (A, "foc_confirmed"),
        (B, "foc_confirmed"),
    ]
    assert events[0]["occurred_at"] == datetime(2026, 10, 6, 12, tzinfo=UTC)
    assert events[-1]["port_date"] == datetime(2026, 10, 15, 15, 30, tzinfo=UTC)
    assert "port_date" not in events[0]


def test_without_events_the_present_status_counts() -> None:
    """At the order's last change."""
    events = to_events(_order("in-process"), (A,))
    assert [(row["status"], row["occurred_at"].day) for row in events] == [("in_review", 7)] * 2


@pytest.mark.parametrize(
    ("codes", "remarks", "cause", "code"),
    [
        (("ACCOUNT_NUMBER_MISMATCH",), (), "account_number", "ACCOUNT_NUMBER_MISMATCH"),
        (("OTHER", "LOCATION_MISMATCH"), (), "address", "LOCATION_MISMATCH"),
        (("OTHER",), ("The account has a port freeze",), "port_protection", "OTHER"),
        (("OTHER",), (), "other", "OTHER"),
        (("LOA_ILLEGIBLE",), (), "document", "LOA_ILLEGIBLE"),
        (("SOMETHING_NEW",), (), "other", "SOMETHING_NEW"),
        ((), (), "other", ""),
    ],
)
def test_exceptions_lead_to_causes(
    codes: tuple[str, ...], remarks: tuple[str, ...], cause: str, code: str
) -> None:
    """The first code that says something; else the carrier's words; the order waits for us."""
    request, number = to_events(_order("exception", *codes), (A,), (), remarks)
    assert (request["status"], number["status"]) == ("action_required", "rejected")
    assert (number["cause"], number["reason_code"]) == (cause, code)
    assert "cause" not in request


def test_a_resolved_exception_goes_back_to_the_carrier() -> None:
    """The rejection stays in the history, and the port goes on after it."""
    events = to_events(
        _order("submitted"),
        (A,),
        [
            _event("exception", "2026-10-06T12:00:00Z", "PASSCODE_PIN_INVALID"),
            _event("submitted", "2026-10-07T12:00:00Z"),
        ],
    )
    numbers = [(row["status"], row.get("cause")) for row in events if row["phone_number"]]
    assert numbers == [("rejected", "pin"), ("in_progress", None)]


def test_every_published_code_has_a_cause() -> None:
    """The document's enumeration, word by word; only OTHER says nothing."""
    causes = telnyx.SERVICE.words().causes
    assert len(causes) == 22
    assert [code for code, cause in causes.items() if cause == "other"] == ["OTHER"]


def test_a_status_of_unknown_spelling_is_left_out_aloud(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged with the order's id."""
    with caplog.at_level(logging.WARNING):
        assert to_events(_order("teleported"), (A,)) == []
    assert "teleported" in caplog.text


def test_both_envelopes_are_read() -> None:
    """The one with `data` tells statuses; the flat one tells of messaging, which is no status."""
    inner = _event("exception", "2026-10-06T12:00:00Z", "ENTITY_NAME_MISMATCH")
    inner["occurred_at"] = inner.pop("created_at")
    told = webhook_event({"data": inner, "meta": {"attempt": 1}})
    assert told is not None
    assert (told["request_sid"], told["phone_number"]) == (ID, "")
    assert (told["status"], told["reason_code"]) == ("action_required", "ENTITY_NAME_MISMATCH")
    flat = {
        "event_type": "porting_order.messaging_changed",
        "created_at": "2026-10-06T12:00:00Z",
        "payload": {"id": ID, "messaging": {"messaging_port_status": "ported"}},
        "porting_order_id": ID,
    }
    assert webhook_event(flat) is None
    split = {**flat, "event_type": "porting_order.split", "payload": {"from": {"id": ID}}}
    assert webhook_event({"data": split}) is None
    flat_status = _event("ported", "2026-10-06T12:00:00Z")
    told = webhook_event(flat_status)
    assert told is not None
    assert told["status"] == "completed"
    for odd in ({}, {"data": []}, {"data": {}}, {"event_type": 3}, {"data": _event("x", "never")}):
        with pytest.raises(ValueError, match="no event_type"):
            webhook_event(odd)


def test_a_draft_is_filled_in_telnyxs_words() -> None:
    """One PIN, its own numbers' only; what is not known is left out; documents by their kind."""
    lines = (
        PortNumber(phone_number=A, line_type="landline"),
        PortNumber(phone_number=B, line_type="wireless", pin=Secret("4711")),
    )
    request = request_of(numbers=lines)
    body = to_patch(request, (B,), ["bill", "letter"], webhook="https://x.example")
    admin = body["end_user"]["admin"]
    assert admin["pin_passcode"] == "4711"
    assert admin["entity_name"] == "Copper Hill Bakery"
    assert admin["billing_phone_number"] == B
    assert body["documents"] == {"invoice": "bill", "loa": "letter"}
    assert body["webhook_url"] == "https://x.example"
    landline = to_patch(request, (A,), [])
    assert "pin_passcode" not in landline["end_user"]["admin"]
    assert not {"activation_settings", "webhook_url"} & set(landline)
    assert "extended_address" not in landline["end_user"]["location"]
    assert pins_of(request, {A, B}) == {"4711"}


def test_the_reference_is_the_requests_own() -> None:
    """The same request, the same reference; another attempt, another one; no PIN in it."""
    request = request_of(A, B)
    assert to_create(request)["phone_numbers"] == [A, B]
    assert reference_of(request) == reference_of(request_of(B, A))
    assert reference_of(request) != reference_of(request_of(A, B, reference="again"))
    assert len(reference_of(request)) <= 50


def test_a_day_is_asked_for_in_a_window() -> None:
    """The first window on or after it; none where there is none."""
    windows = [{"started_at": f"2026-10-{day}T13:00:00Z"} for day in (14, 12, 13)]
    assert foc_for("2026-10-13", windows) == "2026-10-13T13:00:00Z"
    assert foc_for("2026-10-01", windows) == "2026-10-12T13:00:00Z"
    assert foc_for("2026-10-20", windows) is None


def test_details_portability_and_the_list() -> None:
    """What Telnyx says of an order comes back in our words."""
    body = to_patch(request_of(A), (A,), [])
    details = to_details(_order("draft", **body))
    request = request_of(A)
    assert details == {name: getattr(request, name) for name in details}
    row = {"phone_number": A, "portable": False, "not_portable_reason": "No coverage"}
    word = to_portability({"data": [row]}, A)
    assert (word.portable, word.reason) == (False, "No coverage")
    first, then = to_listed(_order("submitted")), to_listed(_order("ported"))
    assert first.state != then.state
    assert first.changed == datetime(2026, 10, 7).date()  # noqa: DTZ001 - a day
