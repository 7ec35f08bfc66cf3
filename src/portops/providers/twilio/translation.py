"""Twilio's bodies in our words, and our requests in its.

Source: Twilio's published OpenAPI document (numbers v1) and error catalogue.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, date, datetime
from typing import Any

from portops.providers.base import Event, Listed, Portability, PortRequest, Receipt
from portops.providers.twilio import WORDS
from portops.providers.words import fold

_log = logging.getLogger(__name__)

#: What reading an answer raises that is not what the published API promises.
ODD = (AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError)


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


def _name(value: object) -> str:
    """Return a SID or a number of an answer; raises ValueError for anything else."""
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{1,64}", value):
        raise ValueError(f"{str(value)[:40]!r} is no SID and no number")
    return value


def _text(value: object) -> str:
    """Return what an answer says as text that a store can keep; empty for nothing."""
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).encode("utf-8", "replace").decode().replace("\x00", "")


def _rows(value: object) -> list[dict[str, Any]]:
    """Return a list of an answer; raises TypeError when it is none."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise TypeError("no list of objects")
    return value


def sid_of(answer: dict[str, Any]) -> str:
    """Return the Request SID of an answer or of a row of the list."""
    return _name(answer["port_in_request_sid"])


def numbers_of(answer: dict[str, Any]) -> list[str]:
    """Return the numbers of a request."""
    return [_name(number["phone_number"]) for number in _rows(answer["phone_numbers"])]


def number_sids(answer: dict[str, Any]) -> dict[str, str]:
    """Return the numbers of a request with the provider's ids of them."""
    return {
        _name(number["phone_number"]): _name(number["port_in_phone_number_sid"])
        for number in _rows(answer["phone_numbers"])
    }


def document_of(answer: dict[str, Any]) -> str:
    """Return the SID of a statement that was sent."""
    return _name(answer["sid"])


def page_of(answer: dict[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """Return the rows of a page of the list, and the token of the next."""
    token = (answer.get("meta") or {}).get("next_token")
    return _rows(answer["port_in_requests"]), _name(token) if token else None


def to_portability(answer: dict[str, Any], phone_number: str) -> Portability:
    """Read whether a number can be ported."""
    portable = answer["portable"]
    if not isinstance(portable, bool):
        raise TypeError("neither portable nor not")
    return Portability(
        phone_number=phone_number,
        portable=portable,
        needs_pin=answer.get("pin_and_account_number_required") is True,
        code=_text(answer.get("not_portable_reason_code")) or None,
        reason=_text(answer.get("not_portable_reason")) or None,
    )


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
    sid, numbers = sid_of(answer), numbers_of(answer)
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
    sid = sid_of(answer)
    created = _moment(answer.get("date_created"))
    events, newest = [], created
    for number in _rows(answer["phone_numbers"]):
        at = _moment(number.get("status_last_time_updated_timestamp")) or created
        status = _status(number.get("port_in_phone_number_status"), sid)
        if at is None or status is None:
            continue
        newest = max(filter(None, (newest, at)))
        events.append(
            {
                "request_sid": sid,
                "phone_number": _name(number["phone_number"]),
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
    try:
        changed = date.fromisoformat(str(row.get("status_last_updated_timestamp"))[:10])
    except ValueError:
        # A request whose day cannot be read is asked for.
        changed = None
    return Listed(
        request_sid=sid_of(row),
        state=json.dumps([row.get(name) for name in names]),
        changed=changed,
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
    return _given({name: _text(value) for name, value in details.items()})


def webhook_event(body: dict[str, Any]) -> Event | None:
    """Read what a webhook tells: a status of a request, or of one of its numbers.

    Raises ValueError when it names no request, or no time.
    """
    try:
        sid, at = sid_of(body), _moment(body.get("last_date_updated"))
    except ODD:
        at = None
    if at is None:
        raise ValueError("no port_in_request_sid, or no last_date_updated")
    status = _status(_text(body.get("status")), sid)
    if status is None:
        return None
    number = _text(body.get("phone_number"))
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


def _status(spelling: object, sid: str) -> str | None:
    status = status_of(_text(spelling))
    if status is None:
        _log.warning("%s has the status %r, which is not known; it is left out", sid, spelling)
    return status


def _about(status: str, code: object, told: object, port_date: object = None) -> Event:
    """Return what goes with a status: the reason and its cause, or the day that was agreed."""
    if status == "foc_confirmed" and port_date:
        return {"port_date": _moment(_text(port_date))}
    words = _text(told)
    reason = {"reason_code": _text(code), "reason": words}
    if status == "rejected":
        return {**reason, "cause": WORDS().cause_of(reason["reason_code"], words or None)}
    if status == "expired":
        # A request expires when its letter of authorization stays unsigned.
        return {**reason, "cause": "unsigned_loa"}
    if status == "canceled" and words:
        return {**reason, "cause": WORDS().cause_of(None, words)}
    return {}
