"""Twilio's Porting API (numbers v1), translated.

Source: Twilio's published OpenAPI document and error catalogue. Twilio writes the letter of
authorization itself and has no client reference: a lost answer is settled by the set of numbers.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portops.errors import InputError, Unclear
from portops.facts import causes, statuses
from portops.facts.limits import limits_of
from portops.providers.base import Described, Event, Listed, Portability, PortRequest, Receipt

if TYPE_CHECKING:
    from portops.providers.transport import Transport

_log = logging.getLogger(__name__)

_KINDS = {".pdf": "application/pdf", ".png": "image/png"}
_PAGE = 100


class Twilio:
    """The adapter for Twilio, and for whatever speaks its API (the sandbox)."""

    def __init__(
        self, api: Transport, uploads: Transport, account_sid: str, *, name: str = "twilio"
    ) -> None:
        self.name = name
        self.limits = limits_of(name)
        self._api = api
        self._uploads = uploads
        self._account_sid = account_sid

    def portability(self, phone_number: str) -> Portability:
        """Ask whether a number can be ported into the account."""
        answer = self._api.ask(
            "GET",
            f"/v1/Porting/Portability/PhoneNumber/{phone_number}",
            params={"TargetAccountSid": self._account_sid},
        )
        code = answer.get("not_portable_reason_code")
        return Portability(
            phone_number=phone_number,
            portable=bool(answer["portable"]),
            needs_pin=bool(answer.get("pin_and_account_number_required")),
            code=None if code is None else str(code),
            reason=answer.get("not_portable_reason"),
        )

    def upload(self, statement: Path) -> str:
        """Send a billing statement; returns its `RD…` SID."""
        kind = _KINDS.get(statement.suffix.lower(), "image/jpeg")
        # A document that is sent twice does no harm, so it may be repeated.
        answer = self._uploads.ask(
            "POST",
            "/v1/Documents",
            data={"document_type": "utility_bill", "friendly_name": statement.name},
            files={"File": (statement.name, statement.read_bytes(), kind)},
        )
        return str(answer["sid"])

    def create(self, request: PortRequest, documents: Iterable[str]) -> Receipt:
        """Create a port request; raises Unclear when the answer is lost."""
        body = to_payload(request, self._account_sid, list(documents))
        answer = self._api.post("/v1/Porting/PortIn", json=body)
        try:
            return to_receipt(answer)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unclear(f"{self.name} gave an answer without a Request SID.") from error

    def find(
        self, phone_numbers: frozenset[str], since: datetime, known: Collection[str]
    ) -> Receipt | None:
        """Look among the requests created since then for one with exactly these numbers."""
        # CreatedAfter takes a date, and clocks differ: a day earlier costs nothing.
        day = (since.astimezone(UTC) - timedelta(days=1)).date().isoformat()
        for row in self._pages({"CreatedAfter": day}):
            if row["port_in_request_sid"] in known:
                continue
            if row.get("phone_numbers_requested") not in {None, len(phone_numbers)}:
                continue
            answer = self._fetch(row["port_in_request_sid"])
            if {each["phone_number"] for each in answer["phone_numbers"]} == phone_numbers:
                return to_receipt(answer)
        return None

    def _pages(self, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        token: str | None = None
        while True:
            query = {**params, "Size": str(_PAGE), **({"Token": token} if token else {})}
            answer = self._api.ask("GET", "/v1/Porting/PortIn/PortInRequests", params=query)
            yield from answer["port_in_requests"]
            token = answer["meta"].get("next_token")
            if not token:
                return

    def _fetch(self, request_sid: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._api.ask("GET", f"/v1/Porting/PortIn/{request_sid}")
        return answer

    def changes(self, request_sid: str) -> list[Event]:
        """Return the present statuses of a request and its numbers as events."""
        return to_events(self._fetch(request_sid))

    def listed(self, request_sids: Sequence[str] | None = None) -> Iterator[Listed]:
        """Go through the list of requests: these, or all."""
        if request_sids is None:
            yield from map(to_listed, self._pages({}))
            return
        for start in range(0, len(request_sids), _PAGE):
            some = ",".join(request_sids[start : start + _PAGE])
            yield from map(to_listed, self._pages({"PortInRequestSid": some}))

    def describe(self, request_sid: str) -> Described:
        """Return a request with its numbers, details and present statuses."""
        answer = self._fetch(request_sid)
        return Described(
            request_sid=request_sid,
            numbers=tuple(each["phone_number"] for each in answer["phone_numbers"]),
            details=to_details(answer),
            events=tuple(to_events(answer)),
        )

    def read_webhook(self, body: dict[str, Any]) -> Event | None:
        """Translate a webhook's body; raises ValueError when it is none."""
        return webhook_event(body)

    def subscribe(self, url: str) -> None:
        """Have events sent to this URL."""
        self._api.ask("POST", "/v1/Porting/Configuration/Webhook", json={"port_in_target_url": url})

    def cancel(self, request_sid: str, phone_number: str | None = None) -> None:
        """Cancel a request, or one number of it."""
        path = f"/v1/Porting/PortIn/{request_sid}"
        if phone_number is not None:
            numbers = {
                each["phone_number"]: each["port_in_phone_number_sid"]
                for each in self._fetch(request_sid)["phone_numbers"]
            }
            if phone_number not in numbers:
                raise InputError(
                    f"{phone_number} is not in the request {request_sid}.",
                    f"See its numbers with `portops status {request_sid}`.",
                )
            path += f"/PhoneNumber/{numbers[phone_number]}"
        self._api.ask("DELETE", path)


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
    numbers = [each["phone_number"] for each in answer["phone_numbers"]]
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
                **_reason(
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
                **_reason(status, None, words),
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
    found = {
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
    return _given(found)


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
        **_reason(status, body.get("rejection_reason_code"), words, body.get("port_date")),
    }


def _status(words: str | None, sid: str) -> str | None:
    status = statuses.from_twilio(words or "")
    if status is None:
        _log.warning("%s has the status %r, which is not known; it is left out", sid, words)
    return status


def _reason(status: str, code: object, words: str | None, port_date: str | None = None) -> Event:
    if status == "foc_confirmed" and port_date:
        at = _moment(port_date)
        return {"reason": f"FOC date {at:%Y-%m-%dT%H:%MZ}" if at else ""}
    known = {"reason_code": "" if code is None else str(code), "reason": words or ""}
    if status == "rejected":
        return {**known, "cause": causes.cause_of("twilio", known["reason_code"], words)}
    if status == "expired":
        # A request expires when its letter of authorization stays unsigned.
        return {**known, "cause": "unsigned_loa"}
    if status == "canceled" and words:
        return {**known, "cause": causes.cause_of("twilio", None, words)}
    return {}
