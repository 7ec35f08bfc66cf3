"""What a provider is: a protocol of few calls over plain values; adapters only translate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from portops.facts.limits import Limits
    from portops.redaction import Secret

#: A status change as the provider tells it: some of the columns of EVENTS.
Event = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortNumber:
    """One number of a request; `pin` is the PIN or the last four SSN digits."""

    phone_number: str
    line_type: str
    pin: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortRequest:
    """One port request, ready to be sent. Texts are as on the losing carrier's record.

    `reference` is what a provider that keeps a client's reference is given as one.
    """

    request: str
    losing_carrier: str | None
    account_number: str | None
    customer_type: str
    customer_name: str
    authorized_name: str
    email: str
    billing_number: str | None
    street: str
    street_2: str | None
    city: str
    state: str
    postal_code: str
    target_date: str | None
    statement: Path | None
    numbers: tuple[PortNumber, ...]
    reference: str = ""
    notification_emails: tuple[str, ...] = ()

    @property
    def phone_numbers(self) -> frozenset[str]:
        """The E.164 numbers."""
        return frozenset(number.phone_number for number in self.numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The provider has taken a request: its SID, when (UTC), and its first events.

    A provider may make several orders of a request: then `numbers` are those of this one, and
    `others` are the receipts of the others.
    """

    request_sid: str
    created_at: datetime
    events: tuple[Event, ...]
    numbers: tuple[str, ...] = ()
    others: tuple[Receipt, ...] = ()

    @property
    def orders(self) -> tuple[Receipt, ...]:
        """The receipts of all orders, the first included."""
        return (self, *self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portability:
    """A provider's word on one number; `portable` is None where it could not tell: ask again later."""

    phone_number: str
    portable: bool | None
    needs_pin: bool
    code: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A row of the provider's list of requests.

    `state` is a text that changes when the request does; `changed` is the day (UTC) of its last
    change, where the provider tells it: a change later on that day may leave `state` as it was.
    """

    request_sid: str
    state: str
    changed: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A request as the provider has it now: its numbers, its details in our words, its events.

    `created_at` (UTC) is when it was created, where the provider tells it.
    """

    request_sid: str
    numbers: tuple[str, ...]
    details: dict[str, str]
    events: tuple[Event, ...]
    created_at: datetime | None = None

    @property
    def status(self) -> str:
        """The status of the request as a whole; `submitted` where the provider names none."""
        return self.status_of("")

    def status_of(self, phone_number: str) -> str:
        """Return the status of one of its numbers: its own, unless the request as a whole has ended."""
        by = {str(event.get("phone_number") or ""): event["status"] for event in self.events}
        own, request = by.get(phone_number, "submitted"), by.get("", "submitted")
        ended = request in {"canceled", "expired"} and own != "completed"
        return str(request if ended else own)


class Provider(Protocol):
    """A provider. Every call may raise AccessError, Refused, Unavailable; `create` also Unclear."""

    name: str
    limits: Limits

    def portability(self, phone_number: str) -> Portability:
        """Ask whether a number can be ported."""

    def upload(self, statement: Path) -> str:
        """Send a billing statement; returns the provider's id of the document."""

    def create(self, request: PortRequest, documents: Iterable[str]) -> Receipt:
        """Create a port request. Never called again for one whose answer is not known."""

    def find(
        self, phone_numbers: frozenset[str], since: datetime, other_sids: Collection[str]
    ) -> Receipt | None:
        """Look for a request with exactly these numbers, created since then; `other_sids` are
        of other requests.
        """  # noqa: D205

    def changes(self, request_sid: str) -> list[Event]:
        """Return the present statuses of a request and its numbers as events."""

    def listed(self, request_sids: Sequence[str] | None = None) -> Iterator[Listed]:
        """Go through the provider's list of requests: these, or all."""

    def describe(self, request_sid: str) -> Described:
        """Return a request as the provider has it now."""

    def read_webhook(self, body: dict[str, Any]) -> Event | None:
        """Translate what the provider calls us with; None when it is no status we know.

        Raises ValueError when it is not of the provider's making.
        """

    def subscribe(self, url: str) -> None:
        """Have the provider call this URL whenever something happens."""

    def cancel(self, request_sid: str, phone_number: str | None = None) -> None:
        """Cancel a request, or one number of it."""


@runtime_checkable
class ByOrder(Protocol):
    """A provider whose webhooks tell of an order as a whole: its numbers are asked for."""

    by_order: bool


@runtime_checkable
class Remarking(Protocol):
    """A provider that says more about a request than its statuses."""

    def remarks(self, request_sid: str) -> list[tuple[datetime, str, str]]:
        """Return what was said about a request, oldest first: when (UTC), by whom, the words."""


@runtime_checkable
class Drafting(Protocol):
    """A provider whose requests begin as drafts, which nobody may go on with."""

    def withdraw(
        self, phone_numbers: frozenset[str], since: datetime, other_sids: Collection[str]
    ) -> Receipt | None:
        """Delete the drafts of a request with exactly these numbers; returns what was submitted."""


@runtime_checkable
class Timed(Protocol):
    """A provider that knows what time it is there; ours may be off by days."""

    def now(self) -> datetime | None:
        """Return the provider's time (UTC); None before it has answered once."""


def time_of(provider: Provider) -> datetime | None:
    """Return the provider's time (UTC); None where it is not known."""
    return provider.now() if isinstance(provider, Timed) else None
