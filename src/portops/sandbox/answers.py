"""Answers: requests, numbers and status changes in the shapes of Twilio's OpenAPI document."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from portops.letters.letter import date_words
from portops.sandbox import orders

if TYPE_CHECKING:
    from portops.sandbox.orders import Number, Order


_INFORMATION = (
    "customer_type",
    "customer_name",
    "account_number",
    "account_telephone_number",
    "address_sid",
    "address",
    "authorized_representative",
    "authorized_representative_email",
    "authorized_representative_katakana",
    "sub_municipality",
    "building",
    "katakana_name",
)
_ADDRESS = ("street", "street_2", "city", "state", "zip", "country")


def _only(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the values that have one of these names; what is None is left out."""
    return {name: values[name] for name in names if values.get(name) is not None}


def wire(moment: datetime | None) -> str | None:
    """Write an instant as Twilio does: ISO 8601 in UTC, to the second."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def request_answer(
    account: str, body: dict[str, Any], order: Order, now: datetime, base_url: str
) -> dict[str, Any]:
    """Describe a request with its numbers."""
    status, reason = orders.request_status(order, now)
    information = _only(body["losing_carrier_information"], _INFORMATION)
    if isinstance(information.get("address"), dict):
        information["address"] = _only(information["address"], _ADDRESS)
    # The sandbox opens no support tickets, and the document allows no null for a ticket's number.
    return {
        "port_in_request_sid": order.sid,
        "url": f"{base_url}v1/Porting/PortIn/{order.sid}",
        "account_sid": account,
        "notification_emails": body.get("notification_emails") or [],
        "target_port_in_date": body.get("target_port_in_date"),
        "target_port_in_time_range_start": body.get("target_port_in_time_range_start"),
        "target_port_in_time_range_end": body.get("target_port_in_time_range_end"),
        "port_in_request_status": status,
        "order_cancellation_reason": reason,
        "losing_carrier_information": information,
        "phone_numbers": [number_answer(order, number, now) for number in order.numbers],
        "documents": body["documents"],
        "date_created": wire(order.created_at),
        "bundle_sid": body.get("bundle_sid"),
        "portability_advance_carrier": body.get("portability_advance_carrier"),
        "auto_cancel_approval_numbers": body.get("auto_cancel_approval_numbers"),
        "signature_request_url": None,
    }


def _portable(order: Order, number: Number, now: datetime) -> dict[str, Any]:
    """Say whether a number is portable: null until the review has ended."""
    reviewed = orders.review_ends(order) <= now
    code, reason = (reviewed and number.unportable) or (None, None)
    return {
        "portable": None if not reviewed else number.unportable is None,
        "not_portability_reason": reason,
        "not_portability_reason_code": code,
    }


def _rejection(number: Number, state: orders.State) -> tuple[int | None, str | None]:
    """Return code and words of a carrier's rejection, which not being portable is none of."""
    return (state.code, state.reason) if number.unportable is None else (None, None)


def number_answer(order: Order, number: Number, now: datetime) -> dict[str, Any]:
    """Describe a number as part of its request."""
    state = orders.state_of(order, number, now)
    code, reason = _rejection(number, state)
    return {
        "port_in_phone_number_sid": number.sid,
        "phone_number": number.phone_number,
        "number_type": "MOBILE" if number.mobile else "LOCAL",
        **_portable(order, number, now),
        "port_in_phone_number_status": state.status,
        "rejection_reason": reason,
        # The published document has text here, and an integer where the number is fetched alone.
        "rejection_reason_code": None if code is None else str(code),
        "external_porting_vendor_phone_number_id": None,
        "port_date": wire(state.port_date),
        "status_last_time_updated_timestamp": wire(state.since),
    }


def number_resource(order: Order, number: Number, now: datetime, url: str) -> dict[str, Any]:
    """Describe a number that is fetched alone."""
    state = orders.state_of(order, number, now)
    code, reason = _rejection(number, state)
    return {
        "port_in_request_sid": order.sid,
        "phone_number_sid": number.sid,
        "url": url,
        "account_sid": None,
        "phone_number_type": "MOBILE" if number.mobile else "LOCAL",
        "date_created": wire(order.created_at),
        "country": "US",
        "missing_required_fields": False,
        "last_updated": wire(state.since),
        "phone_number": number.phone_number,
        **_portable(order, number, now),
        "port_in_phone_number_status": state.status,
        "port_out_pin": None,
        "rejection_reason": reason,
        "rejection_reason_code": code,
        "port_date": wire(state.port_date),
    }


def list_row(order: Order, now: datetime) -> dict[str, Any]:
    """Describe a request in a list; its time is only a date, as at Twilio."""
    status, _ = orders.request_status(order, now)
    states = [orders.state_of(order, number, now) for number in order.numbers]
    advice = {
        "Action Required": "Correct the rejected numbers and resubmit them",
        "Waiting for Signature": "Sign the letter of authorization",
    }
    return {
        "port_in_request_sid": order.sid,
        "port_in_request_status": status,
        "status_last_updated_timestamp": max(state.since for state in states).date().isoformat(),
        "phone_numbers_requested": len(states),
        "phone_numbers_ported": sum(state.status == "Completed" for state in states),
        "suggested_action": advice.get(status),
    }


class StatusChange(NamedTuple):
    """A change of status: when, of what, Twilio's words for it, and the body a webhook is sent.

    `phone_number` is None when it is the request's status that changed.
    """

    at: datetime
    phone_number: str | None
    status: str
    body: dict[str, Any]


_TICK = timedelta(microseconds=1)


def status_changes(order: Order, since: datetime, now: datetime) -> list[StatusChange]:
    """Return an order's status changes after `since` and until `now`, oldest first."""
    moments = {state.since for number in order.numbers for state in orders.timeline(order, number)}
    ends = [number.canceled_at for number in order.numbers]
    ends += [order.canceled_at, orders.expires(order)]
    moments |= {end for end in ends if end is not None}
    changes: list[StatusChange | None] = []
    for at in sorted(moment for moment in moments if since < moment <= now):
        changes += [_number_change(order, number, at) for number in order.numbers]
        changes.append(_request_change(order, at))
    return [change for change in changes if change is not None]


def _number_change(order: Order, number: Number, at: datetime) -> StatusChange | None:
    state = orders.state_of(order, number, at)
    if state.since != at or state == orders.state_of(order, number, at - _TICK):
        return None
    code, reason = _rejection(number, state)
    portable = _portable(order, number, at)
    body = {
        "port_in_request_sid": order.sid,
        "port_in_phone_number_sid": number.sid,
        "phone_number": number.phone_number,
        "status": "PortInPhoneNumber" + state.status.replace(" ", ""),
        "last_date_updated": wire(at),
        "portable": portable["portable"],
        "not_portable_reason": portable["not_portability_reason"],
        "not_portable_reason_code": portable["not_portability_reason_code"],
        "rejection_reason": reason,
        "rejection_reason_code": code,
        "port_date": wire(state.port_date),
    }
    return StatusChange(at, number.phone_number, state.status, body)


def _request_change(order: Order, at: datetime) -> StatusChange | None:
    status, reason = orders.request_status(order, at)
    before, _ = orders.request_status(order, at - _TICK)
    if status in {before, "In Review"}:
        return None
    body = {
        "port_in_request_sid": order.sid,
        "status": "PortIn" + status.replace(" ", ""),
        "last_date_updated": wire(at),
        "order_cancellation_reason": reason,
    }
    return StatusChange(at, None, status, body)


def _time_words(moment: datetime) -> str:
    """Write an instant for people, in its own time zone: Oct 5, 2026, 2:05 p.m."""
    half = "a.m." if moment.hour < 12 else "p.m."
    return f"{date_words(moment)}, {moment.hour % 12 or 12}:{moment:%M} {half}"


def page_row(order: Order, now: datetime) -> dict[str, Any]:
    """Describe a request for the page of requests, in words; its times are UTC."""
    status, end_reason = orders.request_status(order, now)
    rejected: dict[str, list[str]] = {}
    for number in order.numbers:
        state = orders.state_of(order, number, now)
        if state.reason:
            rejected.setdefault(state.reason, []).append(number.phone_number)
    actions = [f"{reason} ({', '.join(numbers)})" for reason, numbers in rejected.items()]
    history = [{"at": _time_words(order.created_at), "what": "Created"}]
    for change in status_changes(order, order.created_at, now):
        changed = change.phone_number or "Request"
        history.append({"at": _time_words(change.at), "what": f"{changed}: {change.status}"})
    return {
        "status": status,
        "sid": order.sid,
        "created": date_words(order.created_at),
        "numbers": len(order.numbers),
        "action": "; ".join([*filter(None, [end_reason]), *actions]),
        "history": history,
    }
