"""What the sandbox answers: requests and numbers in the shapes of Twilio's OpenAPI document."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

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


def _known(given: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Give back what was given of the known names; absent texts stay absent."""
    return {name: given[name] for name in names if given.get(name) is not None}


def wire(moment: datetime | None) -> str | None:
    """Write an instant as Twilio does: ISO 8601 in UTC, whole seconds."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def request_answer(
    account: str, body: dict[str, Any], order: Order, now: datetime, base_url: str
) -> dict[str, Any]:
    """Describe a request with its numbers."""
    status, why = orders.request_status(order, now)
    information = _known(body["losing_carrier_information"], _INFORMATION)
    if isinstance(information.get("address"), dict):
        information["address"] = _known(information["address"], _ADDRESS)
    # No support ticket is ever opened here, and the document knows no null for its number.
    return {
        "port_in_request_sid": order.sid,
        "url": f"{base_url}v1/Porting/PortIn/{order.sid}",
        "account_sid": account,
        "notification_emails": body.get("notification_emails") or [],
        "target_port_in_date": body.get("target_port_in_date"),
        "target_port_in_time_range_start": body.get("target_port_in_time_range_start"),
        "target_port_in_time_range_end": body.get("target_port_in_time_range_end"),
        "port_in_request_status": status,
        "order_cancellation_reason": why,
        "losing_carrier_information": information,
        "phone_numbers": [number_answer(order, number, now) for number in order.numbers],
        "documents": body["documents"],
        "date_created": wire(order.created_at),
        "bundle_sid": body.get("bundle_sid"),
        "portability_advance_carrier": body.get("portability_advance_carrier"),
        "auto_cancel_approval_numbers": body.get("auto_cancel_approval_numbers"),
        "signature_request_url": None,
    }


def number_answer(order: Order, number: Number, now: datetime) -> dict[str, Any]:
    """Describe one number as a part of its request."""
    state = orders.state_of(order, number, now)
    return {
        "port_in_phone_number_sid": number.sid,
        "phone_number": number.phone_number,
        "number_type": "MOBILE" if number.mobile else "LOCAL",
        "portable": True,
        "not_portability_reason": None,
        "not_portability_reason_code": None,
        "port_in_phone_number_status": state.status,
        "rejection_reason": state.reason,
        # The published document has a text here, and a number where the number is fetched alone.
        "rejection_reason_code": None if state.code is None else str(state.code),
        "external_porting_vendor_phone_number_id": None,
        "port_date": wire(state.port_date),
        "status_last_time_updated_timestamp": wire(state.since),
    }


def number_resource(order: Order, number: Number, now: datetime, url: str) -> dict[str, Any]:
    """Describe one number as a resource of its own."""
    state = orders.state_of(order, number, now)
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
        "portable": True,
        "not_portability_reason": None,
        "not_portability_reason_code": None,
        "port_in_phone_number_status": state.status,
        "port_out_pin": None,
        "rejection_reason": state.reason,
        "rejection_reason_code": state.code,
        "port_date": wire(state.port_date),
    }


def list_row(order: Order, now: datetime) -> dict[str, Any]:
    """Describe a request as a row of the list; its time is a date, as at Twilio."""
    status, _ = orders.request_status(order, now)
    states = [orders.state_of(order, number, now) for number in order.numbers]
    advice = {
        "Action Required": "Correct the rejected numbers and submit them again",
        "Waiting for Signature": "Sign the letter of authorization",
    }
    return {
        "port_in_request_sid": order.sid,
        "port_in_request_status": status,
        "status_last_updated_timestamp": max(each.since for each in states).date().isoformat(),
        "phone_numbers_requested": len(states),
        "phone_numbers_ported": sum(each.status == "Completed" for each in states),
        "suggested_action": advice.get(status),
    }


_TICK = timedelta(microseconds=1)


def happened(order: Order, since: datetime, now: datetime) -> list[tuple[datetime, dict[str, Any]]]:
    """Return what happened to an order after `since` and until `now`: when, and the body to send."""
    moments = {state.since for number in order.numbers for state in orders.timeline(order, number)}
    moments |= {each.canceled_at for each in order.numbers if each.canceled_at}
    moments |= {each for each in (order.canceled_at, orders.expires(order)) if each}
    sent = []
    for at in sorted(each for each in moments if since < each <= now):
        for number in order.numbers:
            state = orders.state_of(order, number, at)
            if state.since == at and state != orders.state_of(order, number, at - _TICK):
                body = {
                    "port_in_request_sid": order.sid,
                    "port_in_phone_number_sid": number.sid,
                    "phone_number": number.phone_number,
                    "status": "PortInPhoneNumber" + state.status.replace(" ", ""),
                    "last_date_updated": wire(at),
                    "portable": True,
                    "not_portable_reason": None,
                    "not_portable_reason_code": None,
                    "rejection_reason": state.reason,
                    "rejection_reason_code": state.code,
                    "port_date": wire(state.port_date),
                }
                sent.append((at, body))
        status, why = orders.request_status(order, at)
        if status != orders.request_status(order, at - _TICK)[0] and status != "In Review":
            body = {
                "port_in_request_sid": order.sid,
                "status": "PortIn" + status.replace(" ", ""),
                "last_date_updated": wire(at),
                "order_cancellation_reason": why,
            }
            sent.append((at, body))
    return sent


def page_row(order: Order, now: datetime) -> dict[str, Any]:
    """Describe a request as the page of requests shows it."""
    status, why = orders.request_status(order, now)
    said: dict[str, list[str]] = {}
    for number in order.numbers:
        state = orders.state_of(order, number, now)
        if state.reason:
            said.setdefault(state.reason, []).append(number.phone_number)
    action = [f"{reason} ({', '.join(numbers)})" for reason, numbers in said.items()]
    history = [{"at": f"{order.created_at:%Y-%m-%d %H:%M}", "what": "created"}]
    for at, body in happened(order, order.created_at, now):
        who = body.get("phone_number") or "request"
        words = body["status"].removeprefix("PortInPhoneNumber").removeprefix("PortIn")
        history.append({"at": f"{at:%Y-%m-%d %H:%M}", "what": f"{who}: {words}"})
    return {
        "status": status,
        "sid": order.sid,
        "created": f"{order.created_at:%Y-%m-%d}",
        "numbers": len(order.numbers),
        "action": "; ".join([*filter(None, [why]), *action]),
        "history": history,
    }
