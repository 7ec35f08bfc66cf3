"""The adapter for Telnyx's porting API (v2).

A request becomes one or more orders: Telnyx makes drafts, which are filled and confirmed one by
one. All of them bear our reference, so that whatever was begun is found again and gone on with;
nothing is created twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portops.errors import (
    AccessError,
    InputError,
    Refused,
    Unavailable,
    Unclear,
)
from portops.providers.base import Described, Event, Listed, Portability, PortRequest, Receipt
from portops.providers.telnyx import translation, writing
from portops.providers.telnyx.reading import ORDERS, Reader, joined
from portops.providers.telnyx.translation import (
    DRAFT,
    ODD,
    data_of,
    name_of,
    order_of,
    rows_of,
    value_of,
)
from portops.providers.transport import Transport

if TYPE_CHECKING:
    from portops.providers.base import Provider
    from portops.providers.service import Service
    from portops.redaction import Secret

_KINDS = {".pdf": "application/pdf", ".png": "image/png"}


class Telnyx(Reader):
    """A provider that speaks Telnyx's API; `webhook` is told what becomes of new orders."""

    #: Its webhooks tell of an order as a whole (see `base.ByOrder`).
    by_order = True

    def __init__(self, api: Transport, service: Service, webhook: str = "") -> None:
        super().__init__(api, service.name)
        self.limits, self._webhook = service.limits, webhook

    def now(self) -> datetime | None:
        """Return Telnyx's time (UTC), by its last answer; None before it has answered once."""
        return self._api.now()

    def portability(self, phone_number: str) -> Portability:
        """Ask whether a number can be ported into the account."""
        # It only asks, so it may be repeated.
        answer = self._api.ask(
            "POST", "/portability_checks", json={"phone_numbers": [phone_number]}
        )
        with self._reading("whether a number can be ported"):
            return translation.to_portability(answer, phone_number)

    def upload(self, statement: Path) -> str:
        """Send a statement or a letter; returns its id. An order has to take it in 30 minutes."""
        kind = _KINDS.get(statement.suffix.lower(), "image/jpeg")
        answer = self._api.ask(
            "POST",
            "/documents?content-type=multipart",
            files={"file": (statement.name, statement.read_bytes(), kind)},
        )
        with self._reading("the upload of a document"):
            return name_of(data_of(answer)["id"])

    def create(self, request: PortRequest, documents: Iterable[str]) -> Receipt:
        """Bring a request to its orders: make drafts unless they are there, fill, confirm.

        Raises Unclear when an answer is lost, and for whatever fails once a draft may be there:
        called again, it goes on where it stopped. An order that is refused when others were taken
        stays a draft, with why; when none was taken, its drafts are deleted and Refused is raised.
        """
        if len(writing.pins_of(request, request.phone_numbers)) > 1:
            raise Refused(
                f"{self.name} takes one PIN in an order, and '{request.request}' has several.",
                "Plan again with this provider: it splits requests by PIN.",
            )
        orders = self._orders(writing.reference_of(request))
        if not orders:
            answer = self._api.post(ORDERS, json=writing.to_create(request))
            try:
                orders = [order_of(row) for row in rows_of(answer)]
                if not orders:
                    raise ValueError("no orders")
            except ODD as error:
                raise Unclear(f"{self.name} gave an answer without orders.") from error
        try:
            return self._bring(request, orders, list(documents))
        except (Unavailable, AccessError) as error:
            # Some of it may be there, so it is settled before anything else is done with it.
            raise Unclear(str(error)) from error

    def _bring(
        self, request: PortRequest, orders: Sequence[dict[str, Any]], documents: list[str]
    ) -> Receipt:
        """Fill and confirm each draft; returns the receipt of all of them."""
        refusals: dict[str, Refused] = {}
        for order in orders:
            if value_of(order) == DRAFT:
                try:
                    self._confirm(request, order, documents)
                except Refused as error:
                    refusals[name_of(order["id"])] = error
        if len(refusals) == len(orders):
            for sid in refusals:
                self._api.ask("DELETE", f"{ORDERS}/{sid}")
            raise next(iter(refusals.values()))
        with self._reading("the orders of a request"):
            return joined([self._receipt(name_of(order["id"]), refusals) for order in orders])

    def _confirm(self, request: PortRequest, order: dict[str, Any], documents: list[str]) -> None:
        sid = name_of(order["id"])
        numbers = self._numbers(order)
        foc = None
        if request.target_date:
            answer = self._api.ask("GET", f"{ORDERS}/{sid}/allowed_foc_windows")
            with self._reading("the days on which a port can be"):
                foc = writing.foc_for(request.target_date, rows_of(answer))
        body = writing.to_patch(request, numbers, documents, foc=foc, webhook=self._webhook)
        # Filling a draft twice does no harm, so it may be repeated.
        self._api.ask("PATCH", f"{ORDERS}/{sid}", json=body)
        self._api.post(f"{ORDERS}/{sid}/actions/confirm")

    def find(
        self, phone_numbers: frozenset[str], since: datetime, other_sids: Collection[str]
    ) -> Receipt | None:
        """Look for the orders that a request with exactly these numbers has become.

        None as well while one of them is a draft: `create` goes on with it.
        """
        orders = self._group(phone_numbers, since, other_sids)
        if not orders or any(value_of(order) == DRAFT for order in orders):
            return None
        with self._reading("the orders of a request"):
            return joined([self._receipt(name_of(order["id"]), {}) for order in orders])

    def withdraw(
        self, phone_numbers: frozenset[str], since: datetime, other_sids: Collection[str]
    ) -> Receipt | None:
        """Delete the drafts of a request that nobody goes on with; returns what was submitted."""
        submitted = []
        for order in self._group(phone_numbers, since, other_sids):
            if value_of(order) == DRAFT:
                self._api.ask("DELETE", f"{ORDERS}/{order['id']}")
            else:
                submitted.append(name_of(order["id"]))
        if not submitted:
            return None
        with self._reading("the orders of a request"):
            return joined([self._receipt(sid, {}) for sid in submitted])

    def changes(self, request_sid: str) -> list[Event]:
        """Return all statuses of an order, and of its numbers, as events."""
        try:
            order = self._fetch(request_sid)
        except Refused as error:
            if error.status != 404:
                raise
            # Only a draft can go: it was deleted, by us or after 30 days.
            at = self.now() or datetime.now(UTC)
            gone = {"request_sid": request_sid, "phone_number": "", "status": "canceled"}
            return [{**gone, "occurred_at": at, "reason": "The draft was deleted"}]
        return self._events(order, self._numbers(order))

    def listed(self, request_sids: Sequence[str] | None = None) -> Iterator[Listed]:
        """Go through the list of orders: these, or all that were submitted."""
        wanted = None if request_sids is None else set(request_sids)
        for row in self._all_orders({"include_phone_numbers": "false"}):
            with self._reading("its list of orders"):
                listed, value = translation.to_listed(row), value_of(row)
            if listed.request_sid in wanted if wanted is not None else value != DRAFT:
                yield listed

    def describe(self, request_sid: str) -> Described:
        """Return an order with its numbers, details and statuses."""
        order = self._fetch(request_sid)
        numbers = self._numbers(order)
        events = self._events(order, numbers)
        with self._reading(f"the order {request_sid}"):
            return Described(
                request_sid=name_of(order["id"]),
                numbers=numbers,
                details=translation.to_details(order),
                events=tuple(events),
                created_at=translation.instant(order["created_at"]),
            )

    def read_webhook(self, body: dict[str, Any]) -> Event | None:
        """Translate a webhook's body; raises ValueError when it is none."""
        return translation.webhook_event(body)

    def subscribe(self, url: str) -> None:
        """Have this URL told what becomes of the orders that are open, and of new ones."""
        self._webhook = url
        for row in self._all_orders({"include_phone_numbers": "false"}):
            if value_of(row) not in {"ported", "cancelled"} and row.get("webhook_url") != url:
                self._api.ask("PATCH", f"{ORDERS}/{row['id']}", json={"webhook_url": url})

    def cancel(self, request_sid: str, phone_number: str | None = None) -> None:
        """Cancel an order as a whole; a draft is deleted."""
        if phone_number is not None:
            raise InputError(
                f"{self.name} cancels orders as a whole, so {phone_number} can't be canceled alone.",
                f"Cancel the order with `portops cancel {request_sid}`.",
            )
        if value_of(self._fetch(request_sid)) == DRAFT:
            self._api.ask("DELETE", f"{ORDERS}/{request_sid}")
            return
        # Canceling twice is refused, and does no harm.
        self._api.ask("POST", f"{ORDERS}/{request_sid}/actions/cancel")


@contextmanager
def connect(
    service: Service, host: str, key: Secret, concurrency: int | None, webhook: str = ""
) -> Iterator[Provider]:
    """Open connections to a service that speaks Telnyx's API, with its key."""
    api = Transport(host, key.reveal(), name=service.name, pace=service.pace(concurrency, host))
    try:
        yield Telnyx(api, service, webhook)
    finally:
        api.close()
