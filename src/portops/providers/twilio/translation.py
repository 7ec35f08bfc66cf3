"""Twilio's bodies in our words.

Source: Twilio's published OpenAPI document (numbers v1) and error catalogue.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, date, datetime
from typing import Any

from portops.providers.base import Event, Listed, Portability, Receipt
from portops.providers.twilio import WORDS
from portops.providers.twilio.writing import given
from portops.providers.words import Level, fold

_log = logging.getLogger(__name__)

#: The code of "could not be determined, try again": neither portable nor not.
UNDETERMINED = "22135"

#: What reading an answer raises that is not what the published API promises.
ODD = (AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError)


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


def document_of(answer: dict[str, Any]) -> str | None:
    """Return the SID of a statement that was sent; None where nothing of it arrived.

    An upload can come back with a SID and an empty `mime_type`: then it has failed (Twilio's page
    on documents).
    """
    sid = _name(answer["sid"])
    return None if answer.get("mime_type", sid) in {"", None} else sid


def page_of(answer: dict[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """Return the rows of a page of the list, and the token of the next."""
    token = (answer.get("meta") or {}).get("next_token")
    return _rows(answer["port_in_requests"]), _name(token) if token else None


def is_word_on_number(body: object) -> bool:
    """Tell whether a refusal (400) says of a number that it cannot be ported.

    Twilio's page on portability answers so, its published document with 200: both are its word.
    """
    return isinstance(body, dict) and any(
        body.get(name) for name in ("not_portable_reason_code", "not_portable_reason")
    )


def to_portability(answer: dict[str, Any], phone_number: str) -> Portability:
    """Read whether a number can be ported; `portable` is None where Twilio could not tell."""
    code = _text(answer.get("not_portable_reason_code")) or None
    portable = answer.get("portable", False) if is_word_on_number(answer) else answer["portable"]
    if not isinstance(portable, bool):
        raise TypeError("neither portable nor not")
    return Portability(
        phone_number=phone_number,
        portable=None if code == UNDETERMINED else portable,
        needs_pin=answer.get("pin_and_account_number_required") is True,
        code=code,
        reason=_text(answer.get("not_portable_reason")) or None,
    )


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
        status, code, words = _word_on(number, sid)
        if at is None or status is None:
            continue
        newest = max(filter(None, (newest, at)))
        events.append(
            {
                "request_sid": sid,
                "phone_number": _name(number["phone_number"]),
                "status": status,
                "occurred_at": at,
                **_about(status, code, words, number.get("port_date")),
            }
        )
    status = _status(answer.get("port_in_request_status"), sid, level="request")
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


def _word_on(number: dict[str, Any], sid: str) -> tuple[str | None, object, object]:
    """Return a number's status, and the code and words of its rejection.

    Twilio takes a request with numbers that it cannot port, and its letter leaves them out: such
    a number is rejected, whatever else its status says. `portable` is null until it was looked at.
    """
    status = _status(number.get("port_in_phone_number_status"), sid)
    if number.get("portable") is False and status not in {"completed", "canceled"}:
        code = number.get("not_portability_reason_code")
        return "rejected", code, number.get("not_portability_reason")
    return status, number.get("rejection_reason_code"), number.get("rejection_reason")


def to_remarks(answer: dict[str, Any]) -> list[tuple[datetime, str, str]]:
    """Read what an analyst asks for first: where the letter is signed, and the support ticket."""
    at = _moment(answer.get("date_created"))
    link, ticket = (
        _text(answer.get(name)) for name in ("signature_request_url", "support_ticket_id")
    )
    words = [f"Sign the letter at {link}"] if link else []
    words += [f"Support ticket {ticket}"] if ticket else []
    return [] if at is None else [(at, "provider", line) for line in words]


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
    about = answer.get("losing_carrier_information") or {}
    address = about.get("address") or {}
    kind = about.get("customer_type")
    details = {
        "customer_type": "Residential" if kind == "Individual" else kind,
        "customer_name": about.get("customer_name"),
        "account_number": about.get("account_number"),
        "billing_number": about.get("account_telephone_number"),
        "authorized_name": about.get("authorized_representative"),
        "email": about.get("authorized_representative_email"),
        "street": address.get("street"),
        "street_2": address.get("street_2"),
        "city": address.get("city"),
        "state": address.get("state"),
        "postal_code": address.get("zip"),
        "target_date": answer.get("target_port_in_date"),
    }
    return given({name: _text(value) for name, value in details.items()})


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
    number = _text(body.get("phone_number"))
    level: Level = "number" if number else "request"
    status = _status(_text(body.get("status")), sid, level=level)
    if status is None:
        return None
    words = body.get("rejection_reason") or body.get("order_cancellation_reason")
    code = body.get("rejection_reason_code")
    if number and body.get("portable") is False and status not in {"completed", "canceled"}:
        status = "rejected"
        code, words = body.get("not_portable_reason_code"), body.get("not_portable_reason")
    return {
        "request_sid": sid,
        "phone_number": number,
        "status": status,
        "occurred_at": at,
        **_about(status, code, words, body.get("port_date")),
    }


def status_of(spelling: str | None, *, level: Level = "number") -> str | None:
    """Translate a spelling (of an answer, a list or a webhook) to our status; None if unknown.

    Webhooks put `PortIn` or `PortInPhoneNumber` before it. `level` is whose status it is: a
    request's `pending` is not a number's, which has a day.
    """
    words = WORDS()
    bare = fold(spelling or "").removeprefix("portinphonenumber").removeprefix("portin")
    return words.status_of(spelling, level) or words.status_of(bare, level)


def _status(spelling: object, sid: str, *, level: Level = "number") -> str | None:
    status = status_of(_text(spelling), level=level)
    if status is None:
        _log.warning("%s has the status %r, which is not known; it is left out", sid, spelling)
    return status


def _about(status: str, code: object, told: object, port_date: object = None) -> Event:
    """Return what goes with a status: the reason and its cause, or the day that was agreed."""
    if status == "foc_confirmed" and port_date:
        return {"port_date": _moment(_text(port_date))}
    words = _text(told)
    # A reason can be a token of the published list, with or without its code.
    token = words if words in WORDS().causes else ""
    words = token.replace("_", " ").capitalize() if token else words
    reason = {"reason_code": _text(code) or token, "reason": words}
    if status == "rejected":
        return {**reason, "cause": WORDS().cause_of(reason["reason_code"], words or None)}
    if status == "expired":
        # A request expires when its letter of authorization stays unsigned.
        return {**reason, "cause": "unsigned_loa"}
    if status == "canceled" and words:
        return {**reason, "cause": WORDS().cause_of(None, words)}
    return {}
