"""Take an order in as Twilio does: what is missing or taken, what the carrier will say."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portops.sandbox import orders, records
from portops.sandbox.access import Problem
from portops.sandbox.orders import Number, Order

if TYPE_CHECKING:
    from portops.sandbox.book import Book
    from portops.sandbox.clock import Clock
    from portops.sandbox.signing import Post

MOST_NUMBERS = 1_000


@dataclass(slots=True)
class Sandbox:
    """The server's state: its book, its clock, the carriers' records and its manners."""

    book: Book
    clock: Clock
    records: dict[str, records.Record]
    latency: float = 0.0
    folder: Path = Path()
    post: Post | None = None


def make_sid(prefix: str, *parts: object) -> str:
    """Make a SID from what it stands for: the same parts, the same SID."""
    joined = "|".join(map(str, parts))
    return prefix + hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()


def taken(sandbox: Sandbox, phone_number: str) -> tuple[int, str] | None:
    """Tell why a number cannot be ordered now: it is being ported in, or already is."""
    now = sandbox.clock.now()
    for order in sandbox.book.orders_with(phone_number):
        for number in order.numbers:
            if number.phone_number == phone_number:
                state = orders.state_of(order, number, now)
                if orders.is_open(state):
                    return 22137, f"A port of {phone_number} is already in progress"
                if state.status == "Completed":
                    return 22131, f"{phone_number} is already in the account"
    return None


def _required(body: Any) -> dict[str, Any]:
    """Return the carrier information of a create body in which nothing is missing."""
    if not isinstance(body, dict):
        raise Problem(400, 20001, "The body is not a JSON object")
    information = body.get("losing_carrier_information")
    if not isinstance(information, dict):
        raise Problem(400, 22171, "losing_carrier_information is required")
    missing = [
        name
        for name in (
            "customer_type",
            "customer_name",
            "authorized_representative",
            "authorized_representative_email",
        )
        if not information.get(name)
    ]
    address = information.get("address")
    if not information.get("address_sid"):
        parts = address if isinstance(address, dict) else {}
        missing += [
            f"address.{name}" for name in ("street", "city", "state", "zip") if not parts.get(name)
        ]
    missing += [name for name in ("documents", "phone_numbers") if not body.get(name)]
    if missing:
        raise Problem(400, 22171, f"Required fields are missing: {', '.join(missing)}")
    if information["customer_type"] not in {"Individual", "Business"}:
        raise Problem(400, 22171, "customer_type is Individual or Business")
    return information


def accept(sandbox: Sandbox, account: str, body: Any) -> Order:
    """Check a create body as Twilio does and keep the order; raises Problem."""
    information = _required(body)
    if not sandbox.book.has_documents(account, body["documents"]):
        raise Problem(400, 22171, "A document does not exist")
    wanted = body["phone_numbers"]
    if len(wanted) > MOST_NUMBERS:
        raise Problem(400, 22171, f"At most {MOST_NUMBERS} numbers in one request")
    now = sandbox.clock.now()
    target = body.get("target_port_in_date")
    if target is not None and _lead_days(target, now) < 7:
        raise Problem(400, 22158, "target_port_in_date must be 7 days ahead or more")
    pins = {str(each.get("phone_number")): each.get("pin") for each in wanted}
    if len(pins) < len(wanted):
        raise Problem(400, 22137, "A number stands in the request twice")
    numbers = []
    for phone_number, pin in pins.items():
        if not re.fullmatch(r"\+1[2-9]\d{9}", phone_number):
            raise Problem(400, 22102, f"{phone_number} is not a valid phone number")
        busy = taken(sandbox, phone_number)
        if busy is not None:
            raise Problem(400, *busy)
        record = sandbox.records.get(phone_number)
        mobile = record.line_type == "wireless" if record is not None else bool(pin)
        if mobile and not pin:
            raise Problem(400, 22155, f"A PIN is required for the mobile number {phone_number}")
        verdict = records.judge(record, information, pin)
        numbers.append((phone_number, mobile, verdict))
    carriers = [sandbox.records[each].losing_carrier for each in pins if each in sandbox.records]
    # The same numbers ordered again (after a rejection) are another order with another SID.
    again = len(sandbox.book.orders_with(numbers[0][0]))
    sid = make_sid("KW", account, again, *sorted(pins))
    order = Order(
        sid=sid,
        seed=int(sandbox.book.setting("seed") or 0),
        carrier=carriers[0] if carriers else "",
        created_at=now.replace(microsecond=0),
        target_date=target,
        numbers=tuple(
            Number(
                sid=make_sid("PU", sid, phone_number),
                phone_number=phone_number,
                mobile=mobile,
                verdict=None if verdict is None else (verdict.code, verdict.reason),
            )
            for phone_number, mobile, verdict in numbers
        ),
    )
    kept = {name: value for name, value in body.items() if name != "phone_numbers"}
    sandbox.book.add_order(account, {**kept, "carrier": order.carrier}, order)
    return order


def _lead_days(target: object, now: datetime) -> int:
    try:
        return (date.fromisoformat(str(target)) - now.date()).days
    except ValueError:
        raise Problem(400, 20001, "target_port_in_date is not a date") from None
