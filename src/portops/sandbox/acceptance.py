"""Accept a new order as Twilio does: refuse what is missing or in use, save the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from portops.sandbox import orders, records
from portops.sandbox.access import Problem
from portops.sandbox.eligibility import ineligible, kinds_of
from portops.sandbox.orders import Number, Order
from portops.sandbox.sandbox import make_sid
from portops.sandbox.variants import TOKENS

if TYPE_CHECKING:
    from portops.sandbox.sandbox import Sandbox

MOST_NUMBERS = 1_000

_REQUIRED = (
    "customer_type",
    "customer_name",
    "authorized_representative",
    "authorized_representative_email",
)
_REQUIRED_ADDRESS = ("street", "city", "state", "zip")


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A number that may be ordered, and the carrier's verdict on it."""

    phone_number: str
    mobile: bool
    verdict: records.Verdict | None
    unportable: tuple[int, str] | None = None


def refusal(sandbox: Sandbox, phone_number: str) -> tuple[int, str] | None:
    """Return why a number can't be ordered now, as code and words; None when it can."""
    now = sandbox.clock.now()
    for order in sandbox.database.orders_with(phone_number):
        for number in order.numbers:
            if number.phone_number == phone_number:
                state = orders.state_of(order, number, now)
                if orders.is_open(state):
                    return 22137, f"A port of {phone_number} is already in progress"
                if state.status == "Completed":
                    return 22131, f"{phone_number} is already in the account"
    return None


def _information(body: dict[str, Any]) -> dict[str, Any]:
    """Return the carrier information of a create body; raises Problem when anything is missing."""
    information = body.get("losing_carrier_information")
    if not isinstance(information, dict):
        raise Problem(400, 22171, "losing_carrier_information is required")
    _check_texts(body, information)
    missing = [name for name in _REQUIRED if not information.get(name)]
    if not information.get("address_sid"):
        address = information.get("address")
        parts = address if isinstance(address, dict) else {}
        missing += [f"address.{name}" for name in _REQUIRED_ADDRESS if not parts.get(name)]
    missing += [name for name in ("documents", "phone_numbers") if not body.get(name)]
    if missing:
        raise Problem(400, 22171, f"Required fields are missing: {', '.join(missing)}")
    if information["customer_type"] not in {"Individual", "Business"}:
        raise Problem(400, 22171, "customer_type must be Individual or Business")
    return information


def _check_texts(body: dict[str, Any], information: dict[str, Any]) -> None:
    """Raise Problem where a text, or a list of texts, is something else."""
    address = information.get("address")
    if address is not None and not isinstance(address, dict):
        raise Problem(400, 20001, "address must be an object")
    for about in (information, address or {}):
        for name, value in about.items():
            if name != "address" and not isinstance(value, (str, type(None))):
                raise Problem(400, 20001, f"{name} must be a text")
    for name in ("documents", "notification_emails"):
        listed = body.get(name)
        if listed is not None and not (
            isinstance(listed, list) and all(isinstance(text, str) for text in listed)
        ):
            raise Problem(400, 20001, f"{name} must be a list of texts")


def _pins(listed: Any) -> dict[str, str | None]:
    """Return the PIN of each phone number of a create body, in the body's order."""
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise Problem(400, 20001, "phone_numbers must be a list of objects")
    if len(listed) > MOST_NUMBERS:
        raise Problem(400, 22171, f"At most {MOST_NUMBERS} numbers in one request")
    if not all(isinstance(entry.get("pin"), (str, type(None))) for entry in listed):
        raise Problem(400, 20001, "pin must be a text")
    pins = {str(entry.get("phone_number")): entry.get("pin") for entry in listed}
    if len(pins) < len(listed):
        raise Problem(400, 22137, "A number appears in the request more than once")
    return pins


def _accept_number(
    sandbox: Sandbox, information: dict[str, Any], phone_number: str, pin: str | None, kind: str
) -> _Accepted:
    if not re.fullmatch(r"\+1[2-9]\d{9}", phone_number):
        raise Problem(400, 22102, f"{phone_number} is not a valid phone number")
    unportable = ineligible(kind)
    if unportable is not None and sandbox.variants.unportable == "refused":
        raise Problem(400, *unportable)
    reason = refusal(sandbox, phone_number)
    if reason is not None:
        raise Problem(400, *reason)
    record = sandbox.records.get(phone_number)
    mobile = record.line_type == "wireless" if record is not None else bool(pin)
    if mobile and not pin:
        raise Problem(400, 22155, f"A PIN is required for the mobile number {phone_number}")
    verdict = records.judge(record, information, pin)
    if sandbox.variants.reasons == "tokens" and verdict is not None and verdict.code in TOKENS:
        verdict = records.Verdict(None, TOKENS[verdict.code])
    return _Accepted(phone_number, mobile, verdict, unportable)


def accept(sandbox: Sandbox, account: str, body: dict[str, Any] | None) -> Order:
    """Check a create body as Twilio does and save the order; raises Problem."""
    if body is None:
        raise Problem(400, 20001, "The body is not a JSON object")
    information = _information(body)
    if not sandbox.database.has_documents(account, body["documents"]):
        raise Problem(400, 22171, "A document does not exist")
    now = sandbox.clock.now()
    target_date = body.get("target_port_in_date")
    if target_date is not None and _lead_days(target_date, now) < 7:
        raise Problem(400, 22158, "target_port_in_date must be at least 7 days ahead")
    pins = _pins(body["phone_numbers"])
    kinds = kinds_of(pins)
    accepted = [
        _accept_number(sandbox, information, phone_number, pin, kinds[phone_number])
        for phone_number, pin in pins.items()
    ]
    carriers = [
        sandbox.records[phone_number].losing_carrier
        for phone_number in pins
        if phone_number in sandbox.records
    ]
    # The same numbers ordered again, after a rejection, make a new order with a new SID.
    earlier = len(sandbox.database.orders_with(accepted[0].phone_number))
    sid = make_sid("KW", account, earlier, *sorted(pins))
    order = Order(
        sid=sid,
        seed=int(sandbox.database.setting("seed") or 0),
        carrier=carriers[0] if carriers else "",
        created_at=now.replace(microsecond=0),
        target_date=target_date,
        numbers=tuple(_number(sid, number) for number in accepted),
    )
    kept = {name: value for name, value in body.items() if name != "phone_numbers"}
    kept |= {
        "carrier": order.carrier,
        "unportable": {one.phone_number: one.unportable for one in accepted if one.unportable},
    }
    sandbox.database.add_order(account, kept, order)
    return order


def _number(order_sid: str, accepted: _Accepted) -> Number:
    verdict = accepted.verdict
    return Number(
        sid=make_sid("PU", order_sid, accepted.phone_number),
        phone_number=accepted.phone_number,
        mobile=accepted.mobile,
        verdict=None if verdict is None else (verdict.code, verdict.reason),
        unportable=accepted.unportable,
    )


def _lead_days(target_date: object, now: datetime) -> int:
    try:
        return (date.fromisoformat(str(target_date)) - now.date()).days
    except ValueError:
        raise Problem(400, 20001, "target_port_in_date is not a date") from None
