"""What Telnyx has: orders, their numbers, events and comments, by the calls that only ask."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from portops.errors import ProviderError, Refused
from portops.providers.base import Event, Receipt
from portops.providers.telnyx import translation
from portops.providers.telnyx.translation import (
    DRAFT,
    ODD,
    data_of,
    name_of,
    order_of,
    rows_of,
    value_of,
)

if TYPE_CHECKING:
    from portops.providers.transport import Transport

ORDERS, _PAGE = "/porting_orders", 250


class Reader:
    """Asks one account; `name` is the provider's, for what is said of odd answers."""

    def __init__(self, api: Transport, name: str) -> None:
        self.name, self._api = name, api

    @contextmanager
    def _reading(self, what: str) -> Iterator[None]:
        """Raise ProviderError for an answer that is not what the published API promises."""
        try:
            yield
        except ODD as error:
            raise ProviderError(
                f"{self.name} gave an answer about {what} that makes no sense.",
                "Try again later. If it stays so, ask the provider's support, and do not submit "
                "these numbers another way.",
            ) from error

    def _pages(self, path: str, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        page, pages = 1, 1
        before: list[dict[str, Any]] = []
        while page <= pages:
            query = {**params, "page[number]": str(page), "page[size]": str(_PAGE)}
            answer = self._api.ask("GET", path, params=query)
            with self._reading("a list"):
                rows, pages = rows_of(answer), translation.pages_of(answer)
            if not rows:
                return
            if rows == before:
                raise ProviderError(f"{self.name} gives the same page of a list again.")
            yield from rows
            page, before = page + 1, rows

    def _all_orders(self, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        for row in self._pages(ORDERS, params):
            with self._reading("its list of orders"):
                order = order_of(row)
            yield order

    def _orders(self, reference: str) -> list[dict[str, Any]]:
        """Return the orders of a reference, in the order in which they were made."""
        rows = list(self._all_orders({"filter[customer_reference]": reference}))
        with self._reading("its list of orders"):
            exact = [row for row in rows if row.get("customer_reference") == reference]
            return sorted(exact, key=lambda row: (str(row["created_at"]), name_of(row["id"])))

    def _numbers(self, order: dict[str, Any]) -> tuple[str, ...]:
        """Return all numbers of an order; it shows the first 50 itself."""
        with self._reading("the numbers of an order"):
            shown = translation.numbers_of(order.get("phone_numbers") or [])
            if shown and len(shown) >= int(order["porting_phone_numbers_count"]):
                return shown
            sid = name_of(order["id"])
        rows = self._pages("/porting_phone_numbers", {"filter[porting_order_id]": sid})
        with self._reading("the numbers of an order"):
            return translation.numbers_of(rows)

    def _fetch(self, sid: str) -> dict[str, Any]:
        answer = self._api.ask("GET", f"{ORDERS}/{sid}")
        with self._reading(f"the order {sid}"):
            return order_of(data_of(answer))

    def _events(self, order: dict[str, Any], numbers: Sequence[str]) -> list[Event]:
        with self._reading("an order"):
            sid = name_of(order["id"])
        params = {
            "filter[porting_order_id]": sid,
            "filter[type]": "porting_order.status_changed",
        }
        events = list(self._pages("/porting/events", params))
        with self._reading(f"the events of {sid}"):
            silent = any(code in {"OTHER", ""} for row in events for code in _codes(row))
            remarks = [words for _, _, words in self.remarks(sid)] if silent else []
            return translation.to_events(order, numbers, events, remarks)

    def remarks(self, request_sid: str) -> list[tuple[datetime, str, str]]:
        """Return what was said about an order, oldest first: when, by whom, the words."""
        try:
            rows = list(self._pages(f"{ORDERS}/{request_sid}/comments", {}))
        except Refused as error:
            if error.status != 404:
                raise
            # A draft that was canceled is gone, and its comments with it.
            return []
        with self._reading(f"the comments of {request_sid}"):
            said_at = [
                (
                    translation.instant(row["created_at"]),
                    translation.text_of(row.get("user_type")),
                    translation.text_of(row.get("body")),
                )
                for row in rows
            ]
        return sorted(said_at)

    def _receipt(self, sid: str, refusals: dict[str, Refused]) -> Receipt:
        order = self._fetch(sid)
        numbers = self._numbers(order)
        created = translation.instant(order["created_at"])
        if value_of(order) == DRAFT:
            why = {"reason": str(refusals[sid])} if sid in refusals else {}
            events = [
                {"request_sid": sid, "phone_number": number, "status": "draft", **why}
                | {"occurred_at": created}
                for number in ("", *numbers)
            ]
        else:
            taken = [
                {"request_sid": sid, "phone_number": number, "status": "submitted"}
                | {"occurred_at": created}
                for number in ("", *numbers)
            ]
            events = [*taken, *self._events(order, numbers)]
        return Receipt(request_sid=sid, created_at=created, events=tuple(events), numbers=numbers)

    def _group(
        self, phone_numbers: frozenset[str], since: datetime, other_sids: Collection[str]
    ) -> list[dict[str, Any]]:
        """Return the orders of one reference that have exactly these numbers together."""
        part = {"filter[phone_numbers][phone_number][contains]": min(phone_numbers)}
        references = {
            translation.text_of(row["customer_reference"])
            for row in self._all_orders(part)
            if row.get("customer_reference")
        }
        for reference in sorted(references):
            orders = self._orders(reference)
            with self._reading("its list of orders"):
                ids = {name_of(order["id"]) for order in orders}
                # Clocks differ: a day earlier costs nothing.
                first = min(translation.instant(order["created_at"]) for order in orders)
            if not ids.isdisjoint(other_sids) or first < since - timedelta(days=1):
                continue
            numbers = [number for order in orders for number in self._numbers(order)]
            if set(numbers) == phone_numbers:
                return orders
        return []


def _codes(event: dict[str, Any]) -> list[str]:
    return translation.codes_of((event.get("payload") or {}).get("status") or {})


def joined(receipts: Sequence[Receipt]) -> Receipt:
    """Join the receipts of a request's orders: the first bears the others."""
    first, *others = receipts
    return Receipt(
        request_sid=first.request_sid,
        created_at=first.created_at,
        events=first.events,
        numbers=first.numbers,
        others=tuple(others),
    )
