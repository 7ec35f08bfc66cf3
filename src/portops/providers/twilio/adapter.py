"""The adapter for Twilio's Porting API (numbers v1), and for whatever speaks it.

Twilio writes the letter of authorization itself and has no client reference: a lost answer is
settled by the set of numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portops.errors import InputError, ProviderError, Refused, Unclear
from portops.providers.base import Described, Event, Listed, Portability, PortRequest, Receipt
from portops.providers.transport import Transport
from portops.providers.twilio.translation import (
    ODD,
    document_of,
    is_word_on_number,
    number_sids,
    numbers_of,
    page_of,
    sid_of,
    to_details,
    to_events,
    to_listed,
    to_portability,
    to_receipt,
    to_remarks,
    webhook_event,
)
from portops.providers.twilio.writing import to_payload, to_webhook

if TYPE_CHECKING:
    from portops.providers.base import Provider
    from portops.providers.service import Service

_KINDS = {".pdf": "application/pdf", ".png": "image/png"}
_PAGE = 100

#: How often a statement is sent before it is given up: an upload can come back empty.
_UPLOADS = 2

_WEBHOOK = "/v1/Porting/Configuration/Webhook"


class Twilio:
    """A provider that speaks Twilio's API, under the name and limits of its service."""

    def __init__(
        self, api: Transport, uploads: Transport, account_sid: str, service: Service
    ) -> None:
        self.name = service.name
        self.limits = service.limits
        self._api = api
        self._uploads = uploads
        self._account_sid = account_sid
        self._remarks: dict[str, list[tuple[datetime, str, str]]] = {}

    def now(self) -> datetime | None:
        """Return Twilio's time (UTC), by its last answer; None before it has answered once."""
        return self._api.now()

    def portability(self, phone_number: str) -> Portability:
        """Ask whether a number can be ported into the account."""
        answer = self._api.ask(
            "GET",
            f"/v1/Porting/Portability/PhoneNumber/{phone_number}",
            params={"TargetAccountSid": self._account_sid},
            answers=is_word_on_number,
        )
        with self._reading("whether a number can be ported"):
            return to_portability(answer, phone_number)

    def upload(self, statement: Path) -> str:
        """Send a billing statement; returns its `RD…` SID."""
        kind = _KINDS.get(statement.suffix.lower(), "image/jpeg")
        for _ in range(_UPLOADS):
            # A document that is sent twice does no harm, so it may be repeated.
            answer = self._uploads.ask(
                "POST",
                "/v1/Documents",
                data={"document_type": "utility_bill", "friendly_name": statement.name},
                files={"File": (statement.name, statement.read_bytes(), kind)},
            )
            with self._reading("the upload of a statement"):
                document = document_of(answer)
            if document is not None:
                return document
        raise Refused(
            f"{self.name} gave {statement.name} an id, but nothing of the file arrived.",
            "Submit again; if it stays so, save the statement anew as a PDF.",
        )

    def create(self, request: PortRequest, documents: Iterable[str]) -> Receipt:
        """Create a port request; raises Unclear when the answer is lost."""
        body = to_payload(request, self._account_sid, list(documents))
        answer = self._api.post("/v1/Porting/PortIn", json=body)
        try:
            return to_receipt(answer)
        except ODD as error:
            raise Unclear(f"{self.name} gave an answer without a Request SID.") from error

    @contextmanager
    def _reading(self, about: str) -> Iterator[None]:
        """Raise ProviderError for an answer that is not what the published API promises."""
        try:
            yield
        except ODD as error:
            raise ProviderError(
                f"{self.name} gave an answer about {about} that makes no sense.",
                "Try again later. If it stays so, ask the provider's support, and do not submit "
                "these numbers another way.",
            ) from error

    def find(
        self, phone_numbers: frozenset[str], since: datetime, other_sids: Collection[str]
    ) -> Receipt | None:
        """Look among the requests created since then for one with exactly these numbers."""
        # CreatedAfter takes a date, and clocks differ: a day earlier costs nothing.
        day = (since.astimezone(UTC) - timedelta(days=1)).date().isoformat()
        for row in self._pages({"CreatedAfter": day}):
            with self._reading("its list of requests"):
                sid, count = sid_of(row), row.get("phone_numbers_requested")
            if sid in other_sids:
                continue
            if isinstance(count, int) and count != len(phone_numbers):
                continue
            answer = self._fetch(sid)
            with self._reading(f"the request {sid}"):
                if set(numbers_of(answer)) == phone_numbers:
                    return to_receipt(answer)
        return None

    def _pages(self, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        token: str | None = None
        seen: set[str | None] = set()
        while token not in seen:
            seen.add(token)
            query = {**params, "Size": str(_PAGE), **({"Token": token} if token else {})}
            answer = self._api.ask("GET", "/v1/Porting/PortIn/PortInRequests", params=query)
            with self._reading("its list of requests"):
                rows, token = page_of(answer)
            yield from rows
            if token is None:
                return
        raise ProviderError(f"{self.name} gives the same page of its list of requests again.")

    def _fetch(self, request_sid: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._api.ask("GET", f"/v1/Porting/PortIn/{request_sid}")
        return answer

    def changes(self, request_sid: str) -> list[Event]:
        """Return the present statuses of a request and its numbers as events."""
        answer = self._fetch(request_sid)
        with self._reading(f"the request {request_sid}"):
            self._remarks[request_sid] = to_remarks(answer)
            return to_events(answer)

    def remarks(self, request_sid: str) -> list[tuple[datetime, str, str]]:
        """Return where a request's letter is signed, and its support ticket, where there are any.

        They are in the answer that `changes` has read; without one it is asked for.
        """
        if request_sid not in self._remarks:
            self.changes(request_sid)
        return self._remarks.pop(request_sid, [])

    def listed(self, request_sids: Sequence[str] | None = None) -> Iterator[Listed]:
        """Go through the list of requests: these, or all."""
        if request_sids is None:
            yield from self._listed({})
            return
        for start in range(0, len(request_sids), _PAGE):
            some = ",".join(request_sids[start : start + _PAGE])
            yield from self._listed({"PortInRequestSid": some})

    def _listed(self, params: dict[str, str]) -> Iterator[Listed]:
        for row in self._pages(params):
            with self._reading("its list of requests"):
                listed = to_listed(row)
            yield listed

    def describe(self, request_sid: str) -> Described:
        """Return a request with its numbers, details and present statuses."""
        answer = self._fetch(request_sid)
        with self._reading(f"the request {request_sid}"):
            return Described(
                request_sid=request_sid,
                numbers=tuple(numbers_of(answer)),
                details=to_details(answer),
                events=tuple(to_events(answer)),
                created_at=to_receipt(answer).created_at if answer.get("date_created") else None,
            )

    def read_webhook(self, body: dict[str, Any]) -> Event | None:
        """Translate a webhook's body; raises ValueError when it is none."""
        return webhook_event(body)

    def subscribe(self, url: str) -> None:
        """Have events sent to this URL; what else the account's webhook has stays as it is."""
        try:
            there = self._api.ask("GET", _WEBHOOK)
        except Refused as error:
            if error.status != 404:
                raise
            there = {}
        with self._reading("its webhook"):
            configuration = to_webhook(there, url)
        # This call replaces the account's configuration, port-outs included.
        self._api.ask("POST", _WEBHOOK, json=configuration)

    def cancel(self, request_sid: str, phone_number: str | None = None) -> None:
        """Cancel a request, or one number of it."""
        path = f"/v1/Porting/PortIn/{request_sid}"
        if phone_number is not None:
            answer = self._fetch(request_sid)
            with self._reading(f"the request {request_sid}"):
                numbers = number_sids(answer)
            if phone_number not in numbers:
                raise InputError(
                    f"{phone_number} is not in the request {request_sid}.",
                    f"See its numbers with `portops status {request_sid}`.",
                )
            path += f"/PhoneNumber/{numbers[phone_number]}"
        self._api.ask("DELETE", path)


@contextmanager
def connect(
    service: Service,
    hosts: tuple[str, str],
    credentials: tuple[str, str],
    concurrency: int | None,
    account: str | None = None,
) -> Iterator[Provider]:
    """Open connections to a service that speaks Twilio's API.

    `hosts` are its addresses for calls and for uploads, `credentials` account SID and token, or
    the SID of an API key and its secret: then `account` is the account SID.
    """
    # Both hosts are one provider: they share its patience.
    pace = service.pace(concurrency, hosts[0])
    api, uploads = (Transport(host, credentials, name=service.name, pace=pace) for host in hosts)
    try:
        yield Twilio(api, uploads, account or credentials[0], service)
    finally:
        api.close()
        uploads.close()
