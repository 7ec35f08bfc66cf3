"""Twilio's bodies in our words, and our requests in its.

Source: Twilio's published OpenAPI document (numbers v1) and error catalogue.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, date, datetime
from typing import Any

from portops.providers.base import Event, Listed, PortRequest, Receipt
from portops.providers.twilio import WORDS
from portops.providers.words import fold

_log = logging.getLogger(__name__)


def to_payload(request: PortRequest, account_sid: str, documents: list[str]) -> dict[str, Any]:
    """Write a request as Twilio's create body. Holds PINs: never log it."""
    information = {
        "customer_type": "Individual" if request.customer_type == "Residential" else "Business",
        "customer_name": request.customer_name,
        "account_number": request.account_number,
        "account_telephone_number": request.billing_number,
        "authorized_representative": request.authorized_name,
        "authorized_representative_email": request.email,
    }
    address = {
        "street": request.street,
        "street_2": request.street_2,
        "city": request.city,
        "state": request.state,
        "zip": request.postal_code,
        "country": "USA",
    }
    body: dict[str, Any] = {
        "account_sid": account_sid,
        "documents": documents,
        "phone_numbers": [
            {
                "phone_number": number.phone_number,
                "pin": number.pin.reveal() if number.pin is not None else None,
            }
            for number in request.numbers
        ],
        # The published document knows no null for these texts: what is not known is left out.
        "losing_carrier_information": {**_given(information), "address": _given(address)},
    }
    if request.target_date is not None:
        body["target_port_in_date"] = request.target_date
    if request.notification_emails:
        body["notification_emails"] = list(request.notification_emails)
    return body


def _given(texts: dict[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def to_receipt(answer: dict[str, Any]) -> Receipt:
    """Read the answer to a create call, or a request found later."""
    created = _moment(answer.get("date_created")) or datetime.now(UTC)
    sid = answer["port_in_request_sid"]
    numbers = [number["phone_number"] for number in answer["phone_numbers"]]
    taken = [
        {"request_sid": sid, "phone_number": number, "status": "submitted", "occurred_at": created}
        for number in ["", *numbers]
    ]
    return Receipt(request_sid=sid, created_at=created, events=(*taken, *to_events(answer)))


def to_events(answer: dict[str, Any]) -> list[Event]:
    """Read the present statuses of a request and of its numbers.

    Twilio gives each number's last change with its time; the request's own time is the newest of
    them, since its list knows days only. A status of unknown spelling is left out, aloud.
    """
    sid = answer["port_in_request_sid"]
    created = _moment(answer.get("date_created"))
    events, newest = [], created
    for number in answer["phone_numbers"]:
        at = _moment(number.get("status_last_time_updated_timestamp")) or created
        status = _status(number.get("port_in_phone_number_status"), sid)
        if at is None or status is None:
            continue
        newest = max(filter(None, (newest, at)))
        events.append(
            {
                "request_sid": sid,
                "phone_number": number["phone_number"],
                "status": status,
                "occurred_at": at,
                **_about(
                    status,
                    number.get("rejection_reason_code"),
                    number.get("rejection_reason"),
                    number.get("port_date"),
                ),
            }
        )
    status = _status(answer.get("port_in_request_status"), sid)
    if status is not None and newest is not None:
        words = answer.get("order_cancellation_reason")
        events.append(
            {
                "request_sid": sid,
                "phone_number": "",
                "status": status,
                "occurred_at": newest,
                **_about(status, None, words),
            }
        )
    return events


def to_listed(row: dict[str, Any]) -> Listed:
    """Read a row of the list."""
    names = (
        "port_in_request_status",
        "status_last_updated_timestamp",
        "phone_numbers_requested",
        "phone_numbers_ported",
        "suggested_action",
    )
    changed = str(row.get("status_last_updated_timestamp") or "")[:10]
    return Listed(
        request_sid=str(row["port_in_request_sid"]),
        state=json.dumps([row.get(name) for name in names]),
        changed=date.fromisoformat(changed) if changed else None,
    )


def to_details(answer: dict[str, Any]) -> dict[str, str]:
    """Read a request's details in our words; what the provider does not say is absent."""
    given = answer.get("losing_carrier_information") or {}
    address = given.get("address") or {}
    kind = given.get("customer_type")
    details = {
        "customer_type": "Residential" if kind == "Individual" else kind,
        "customer_name": given.get("customer_name"),
        "account_number": given.get("account_number"),
        "billing_number": given.get("account_telephone_number"),
        "authorized_name": given.get("authorized_representative"),
        "email": given.get("authorized_representative_email"),
        "street": address.get("street"),
        "street_2": address.get("street_2"),
        "city": address.get("city"),
        "state": address.get("state"),
        "postal_code": address.get("zip"),
        "target_date": answer.get("target_port_in_date"),
    }
    return _given(details)


def webhook_event(body: dict[str, Any]) -> Event | None:
    """Read what a webhook tells: a status of a request, or of one of its numbers.

    Raises ValueError when it names no request, or no time.
    """
    sid = body.get("port_in_request_sid")
    try:
        at = _moment(body.get("last_date_updated"))
    except (TypeError, ValueError):
        at = None
    if not isinstance(sid, str) or not sid or at is None:
        raise ValueError("no port_in_request_sid, or no last_date_updated")
    status = _status(str(body.get("status") or ""), sid)
    if status is None:
        return None
    number = str(body.get("phone_number") or "")
    words = body.get("rejection_reason") or body.get("order_cancellation_reason")
    return {
        "request_sid": sid,
        "phone_number": number,
        "status": status,
        "occurred_at": at,
        **_about(status, body.get("rejection_reason_code"), words, body.get("port_date")),
    }


def status_of(spelling: str | None) -> str | None:
    """Translate a spelling (of an answer, a list or a webhook) to our status; None if unknown.

    Webhooks put `PortIn` or `PortInPhoneNumber` before it.
    """
    words = WORDS()
    bare = fold(spelling or "").removeprefix("portinphonenumber").removeprefix("portin")
    return words.status_of(spelling) or words.status_of(bare)


def _status(spelling: str | None, sid: str) -> str | None:
    status = status_of(spelling)
    if status is None:
        _log.warning("%s has the status %r, which is not known; it is left out", sid, spelling)
    return status


def _about(status: str, code: object, words: str | None, port_date: str | None = None) -> Event:
    """Return what goes with a status: the reason and its cause, or the day that was agreed."""
    if status == "foc_confirmed" and port_date:
        return {"port_date": _moment(port_date)}
    reason = {"reason_code": "" if code is None else str(code), "reason": words or ""}
    if status == "rejected":
        return {**reason, "cause": WORDS().cause_of(reason["reason_code"], words)}
    if status == "expired":
        # A request expires when its letter of authorization stays unsigned.
        return {**reason, "cause": "unsigned_loa"}
    if status == "canceled" and words:
        return {**reason, "cause": WORDS().cause_of(None, words)}
    return {}
