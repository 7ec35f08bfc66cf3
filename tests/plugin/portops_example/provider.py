"""A provider that keeps what it takes in memory, for the life of the process.

It takes two numbers a request, and needs EXAMPLE_KEY in the environment to be opened.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portops.errors import Refused
from portops.facts.limits import MEGABYTE, Limits
from portops.providers.base import Described, Event, Listed, Portability, PortRequest, Receipt
from portops.providers.service import Service
from portops.providers.words import words_of
from portops.settings import Settings


class Example:
    """The adapter: a book of requests by SID."""

    name = "example"

    def __init__(self) -> None:
        self.limits = SERVICE.limits
        self.book: dict[str, tuple[PortRequest, Receipt]] = {}
        self._count = itertools.count(1)

    def portability(self, phone_number: str) -> Portability:
        return Portability(
            phone_number=phone_number, portable=True, needs_pin=False, code=None, reason=None
        )

    def upload(self, statement: Path) -> str:
        return f"DOC-{statement.name}"

    def create(self, request: PortRequest, documents: Iterable[str]) -> Receipt:
        sid, now = f"EX{next(self._count):06d}", datetime.now(UTC)
        events = tuple(self._event(sid, number, now) for number in ["", *request.phone_numbers])
        receipt = Receipt(request_sid=sid, created_at=now, events=events)
        self.book[sid] = (request, receipt)
        return receipt

    def _event(self, sid: str, number: str, at: datetime) -> Event:
        status = SERVICE.words().status_of("Taken")
        return {"request_sid": sid, "phone_number": number, "status": status, "occurred_at": at}

    def find(
        self, phone_numbers: frozenset[str], since: datetime, other_sids: Collection[str]
    ) -> Receipt | None:
        return next(
            (
                receipt
                for sid, (request, receipt) in self.book.items()
                if sid not in other_sids and request.phone_numbers == phone_numbers
            ),
            None,
        )

    def changes(self, request_sid: str) -> list[Event]:
        return list(self._entry(request_sid)[1].events)

    def listed(self, request_sids: Sequence[str] | None = None) -> Iterator[Listed]:
        for sid in self.book if request_sids is None else request_sids:
            if sid in self.book:
                yield Listed(request_sid=sid, state="taken", changed=None)

    def describe(self, request_sid: str) -> Described:
        request, receipt = self._entry(request_sid)
        return Described(
            request_sid=request_sid,
            numbers=tuple(sorted(request.phone_numbers)),
            details={},
            events=receipt.events,
        )

    def read_webhook(self, body: dict[str, Any]) -> Event | None:
        raise ValueError("this provider calls nobody")

    def subscribe(self, url: str) -> None:
        raise Refused("This provider calls nobody.")

    def cancel(self, request_sid: str, phone_number: str | None = None) -> None:
        self._entry(request_sid)

    def _entry(self, request_sid: str) -> tuple[PortRequest, Receipt]:
        if request_sid not in self.book:
            raise Refused(f"There is no request {request_sid}.")
        return self.book[request_sid]


_ONE: list[Example] = []


@contextmanager
def _open(settings: Settings, concurrency: int | None) -> Iterator[Example]:
    SERVICE.secrets()
    if not _ONE:
        _ONE.append(Example())
    yield _ONE[0]


SERVICE = Service(
    name="example",
    label="Example",
    company="Example Telecom Inc.",
    limits=Limits(
        numbers=2,
        document_bytes=10 * MEGABYTE,
        document_kinds=("pdf", "jpeg", "png"),
        lead_days=1,
        letter="us",
    ),
    open=_open,
    words=words_of("portops_example"),
    credentials=("EXAMPLE_KEY",),
)
