"""Twilio's bodies in our words, and a request of ours in its."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from typing import Any

import pytest

from portops.providers.base import PortNumber, PortRequest
from portops.providers.twilio.translation import (
    to_details,
    to_events,
    to_listed,
    to_receipt,
    webhook_event,
)
from portops.providers.twilio.writing import to_payload
from portops.redaction import Secret

A, B = "+12125550100", "+12125550101"


def _number(number: str, status: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "phone_number": number,
        "port_in_phone_number_status": status,
        "status_last_time_updated_timestamp": at,
        **more,
    }


def _answer(*numbers: dict[str, Any], status: str = "In Progress", **more: Any) -> dict[str, Any]:
    return {
        "port_in_request_sid": "KW1",
        "port_in_request_status": status,
        "date_created": "2026-10-05T14:00:00Z",
        "phone_numbers": list(numbers),
        **more,
    }


def _request(**more: Any) -> PortRequest:
    details = {
        "request": "Copper Hill",
        "losing_carrier": "Granite Tel",
        "account_number": "100200300400",
        "customer_type": "Residential",
        "customer_name": "Avery Larkspur",
        "authorized_name": "Avery Larkspur",
        "email": "avery.larkspur@example.com",
        "billing_number": None,
        "street": "12 Mill Rd",
        "street_2": None,
        "city": "New York",
        "state": "NY",
        "postal_code": "10001",
        "target_date": None,
        "statement": None,
        "numbers": (
            PortNumber(phone_number=A, line_type="landline"),
            PortNumber(phone_number=B, line_type="wireless", pin=Secret("4711")),
        ),
    }
    return PortRequest(**{**details, **more})


def test_each_number_and_the_request_is_an_event_with_its_time() -> None:
    """The request's own time is the newest of its numbers'."""
    events = to_events(
        _answer(
            _number(A, "Submitted", "2026-10-07T12:00:00Z"),
            _number(B, "Completed", "2026-10-09T12:00:00-04:00"),
        )
    )
    assert [(row["phone_number"], row["status"], row["occurred_at"]) for row in events] == [
        (A, "in_progress", datetime(2026, 10, 7, 12, tzinfo=UTC)),
        (B, "completed", datetime(2026, 10, 9, 16, tzinfo=UTC)),
        ("", "in_progress", datetime(2026, 10, 9, 16, tzinfo=UTC)),
    ]


def test_the_port_date_is_a_value_of_its_own() -> None:
    """An agreed day comes as an instant, not in words; without one there is none."""
    events = to_events(
        _answer(
            _number(A, "Pending", "2026-10-07T12:00:00Z", port_date="2026-10-15T10:30:00-05:00"),
            _number(B, "Pending", "2026-10-07T12:00:00Z", port_date=None),
        )
    )
    first, second, _ = events
    assert first["status"] == second["status"] == "foc_confirmed"
    assert first["port_date"] == datetime(2026, 10, 15, 15, 30, tzinfo=UTC)
    assert "reason" not in first
    assert second.get("port_date") is None


@pytest.mark.parametrize(
    ("status", "more", "wanted"),
    [
        (
            "Rejected",
            {"rejection_reason_code": 22155, "rejection_reason": "does not match"},
            {"cause": "pin", "reason_code": "22155", "reason": "does not match"},
        ),
        (
            "Rejected",
            {"rejection_reason_code": 99999, "rejection_reason": "Wrong ZIP"},
            {"cause": "postal_code", "reason_code": "99999", "reason": "Wrong ZIP"},
        ),
        ("Rejected", {}, {"cause": "other", "reason_code": "", "reason": ""}),
        ("Expired", {}, {"cause": "unsigned_loa", "reason": ""}),
        ("Completed", {"rejection_reason": "old words"}, {}),
    ],
)
def test_the_code_decides_then_the_words(
    status: str, more: dict[str, Any], wanted: dict[str, str]
) -> None:
    """A cause goes with what ended badly, and with nothing else."""
    event = to_events(_answer(_number(A, status, "2026-10-07T12:00:00Z", **more)))[0]
    names = ("cause", "reason_code", "reason")
    assert {name: event[name] for name in names if name in event} == {
        **wanted,
        **({"reason_code": ""} if wanted and "reason_code" not in wanted else {}),
    }


def test_a_status_of_unknown_spelling_is_left_out_aloud(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged with the request's SID; the others are read."""
    with caplog.at_level(logging.WARNING):
        events = to_events(_answer(_number(A, "Teleported", "2026-10-07T12:00:00Z")))
    assert [row["phone_number"] for row in events] == [""]
    assert "KW1 has the status 'Teleported'" in caplog.text


def test_a_receipt_begins_the_history() -> None:
    """The request and each number are `submitted` when it was created."""
    receipt = to_receipt(_answer(_number(A, "In Review", "2026-10-05T15:00:00Z")))
    assert (receipt.request_sid, receipt.created_at) == (
        "KW1",
        datetime(2026, 10, 5, 14, tzinfo=UTC),
    )
    assert [(row["phone_number"], row["status"]) for row in receipt.events] == [
        ("", "submitted"),
        (A, "submitted"),
        (A, "in_review"),
        ("", "in_progress"),
    ]


def test_a_request_is_written_in_twilios_words() -> None:
    """Residential is Individual; what is not known is left out; a PIN goes where it belongs."""
    body = to_payload(_request(), "AC1", ["RD1"])
    about = body["losing_carrier_information"]
    assert body["account_sid"] == "AC1"
    assert body["documents"] == ["RD1"]
    assert body["phone_numbers"] == [
        # The published document has a text that may be absent, and no null.
        {"phone_number": A},
        {"phone_number": B, "pin": "4711"},
    ]
    assert about["customer_type"] == "Individual"
    assert about["address"] == {
        "street": "12 Mill Rd",
        "city": "New York",
        "state": "NY",
        "zip": "10001",
        "country": "USA",
    }
    assert "account_telephone_number" not in about
    assert not {"target_port_in_date", "notification_emails"} & set(body)
    asked = to_payload(
        _request(target_date="2026-10-20", notification_emails=("desk@example.com",)), "AC1", []
    )
    assert asked["target_port_in_date"] == "2026-10-20"
    assert asked["notification_emails"] == ["desk@example.com"]


def test_details_come_back_as_they_were_sent() -> None:
    """What we send and what we read of it are the same words."""
    request = _request(billing_number=A, target_date="2026-10-20")
    details = to_details(to_payload(request, "AC1", []))
    assert details == {name: getattr(request, name) for name in details}
    assert "street_2" not in details


def test_a_row_of_the_list_changes_when_the_request_does() -> None:
    """Its day is the day of the last change, where it is given."""
    row = {"port_in_request_sid": "KW1", "port_in_request_status": "In Review"}
    later = {**row, "status_last_updated_timestamp": "2026-10-07"}
    assert to_listed(row).changed is None
    assert to_listed(later).changed == date(2026, 10, 7)
    assert to_listed(row).state != to_listed(later).state


def test_a_webhook_is_the_event_that_a_pull_would_give() -> None:
    """Status, number, time and port date are those of the answer."""
    body = {
        "port_in_request_sid": "KW1",
        "phone_number": A,
        "status": "PortInPhoneNumberPending",
        "last_date_updated": "2026-10-07T12:00:00Z",
        "port_date": "2026-10-15T15:30:00Z",
    }
    pulled = to_events(
        _answer(_number(A, "Pending", "2026-10-07T12:00:00Z", port_date="2026-10-15T15:30:00Z"))
    )[0]
    assert webhook_event(body) == pulled
    canceled = webhook_event(
        {
            "port_in_request_sid": "KW1",
            "status": "PortInCanceled",
            "last_date_updated": "2026-10-07T12:00:00Z",
            "order_cancellation_reason": "The letter was not signed",
        }
    )
    assert canceled is not None
    assert (canceled["phone_number"], canceled["cause"]) == ("", "unsigned_loa")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"port_in_request_sid": "KW1"},
        {"port_in_request_sid": 5, "last_date_updated": "2026-10-07T12:00:00Z"},
        {"port_in_request_sid": "KW1", "last_date_updated": "yesterday"},
    ],
)
def test_a_webhook_without_request_or_time_is_refused(body: dict[str, Any]) -> None:
    """It is not of Twilio's making."""
    with pytest.raises(ValueError, match="no port_in_request_sid"):
        webhook_event(body)


def test_a_webhook_of_unknown_status_is_no_event() -> None:
    """Twilio may call about what we do not keep."""
    body = {"port_in_request_sid": "KW1", "last_date_updated": "2026-10-07T12:00:00Z"}
    assert webhook_event({**body, "status": "PortInTeleported"}) is None
