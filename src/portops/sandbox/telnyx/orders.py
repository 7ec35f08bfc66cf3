"""Orders of the Telnyx dialect: how an order's status follows from the order and the time.

Status and exceptions belong to the order, not to a number. Delays are those of the sandbox's
carriers: each attempt is an order of theirs, signed when it was handed in.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from portops.facts.business_time import is_business_day
from portops.sandbox import orders, records

if TYPE_CHECKING:
    from portops.sandbox.records import Record

#: After so long a draft is deleted.
DRAFTS_LAST = timedelta(days=30)

#: How long a cancellation takes, and how close to the port it is refused.
CANCELING, NO_CANCEL = timedelta(hours=1), timedelta(hours=48)

#: The exception's code by what the carrier found.
CODES = {
    "inactive": "PHONE_NUMBER_MISMATCH",
    "frozen": "OTHER",
    "pending_order": "LSR_PENDING",
    "account_number": "ACCOUNT_NUMBER_MISMATCH",
    "pin": "PASSCODE_PIN_INVALID",
    "customer_name": "ENTITY_NAME_MISMATCH",
    "authorized_name": "AUTH_PERSON_MISMATCH",
    "address": "LOCATION_MISMATCH",
    "postal_code": "POSTAL_CODE_MISMATCH",
}

_STATUSES = {
    "In Review": "in-process",
    "Submitted": "submitted",
    "Rejected": "exception",
    "Pending": "foc-date-confirmed",
    "Completed": "ported",
}


class Change(NamedTuple):
    """A status of an order: since when, in Telnyx's word, with exceptions' codes and the FOC."""

    at: datetime
    value: str
    codes: tuple[str, ...] = ()
    foc: datetime | None = None


def moment(text: str) -> datetime:
    """Read an instant as the sandbox keeps it."""
    return datetime.fromisoformat(text)


def judged(order: dict[str, Any], carriers: dict[str, Record]) -> list[tuple[str, str]]:
    """Return what the carrier finds wrong with an order: each code with the carrier's words, once."""
    admin, location = order["end_user"]["admin"], order["end_user"]["location"]
    information = {
        "account_number": admin.get("account_number"),
        "customer_name": admin.get("entity_name"),
        "authorized_representative": admin.get("auth_person_name"),
        "address": {
            "street": location.get("street_address"),
            "city": location.get("locality"),
            "state": location.get("administrative_area"),
            "zip": location.get("postal_code"),
        },
    }
    wrong: dict[str, str] = {}
    for number in order["numbers"]:
        record = carriers.get(number)
        pin = "" if number in order["wrong_pins"] else (record.pin if record else "")
        verdict = records.judge(record, information, pin)
        if verdict is not None:
            wrong.setdefault(CODES[verdict.about], verdict.reason)
    return list(wrong.items())


def history(order: dict[str, Any], seed: int, until: datetime) -> list[Change]:
    """Return an order's statuses up to an instant, oldest first."""
    changes = [Change(moment(order["created_at"]), "draft")]
    attempts = order["attempts"]
    for place, attempt in enumerate(attempts):
        end = moment(attempts[place + 1]["at"]) if place + 1 < len(attempts) else None
        reached = _attempt(order, attempt, seed, first=place == 0)
        changes += [change for change in reached if end is None or change.at < end]
    if order["canceled_at"] is not None:
        at = moment(order["canceled_at"])
        changes = [change for change in changes if change.at <= at]
        changes += [Change(at, "cancel-pending"), Change(at + CANCELING, "cancelled")]
    return [change for change in changes if change.at <= until]


def _attempt(
    order: dict[str, Any], attempt: dict[str, Any], seed: int, *, first: bool
) -> list[Change]:
    """Return what one attempt leads to, as if nobody canceled."""
    handed_in = moment(attempt["at"])
    codes = tuple(code for code, _ in attempt["wrong"])
    verdict = (None, attempt["wrong"][0][1]) if codes else None
    numbers = tuple(
        orders.Number(sid=number, phone_number=number, mobile=order["mobile"], verdict=verdict)
        for number in order["numbers"]
    )
    asked = order["foc_datetime_requested"]
    core = orders.Order(
        sid=order["id"],
        seed=seed,
        carrier=order["carrier"],
        created_at=handed_in,
        signed_at=handed_in,
        numbers=numbers,
        target_date=asked[:10] if asked else None,
    )
    changes = []
    for state in orders.timeline(core, numbers[0]):
        value = _STATUSES.get(state.status)
        if value is None or (not first and value == "in-process"):
            continue
        # A resolved exception goes back to the carrier at once.
        at = handed_in if value == "submitted" and not first else state.since
        wrong = codes if value == "exception" else ()
        changes.append(Change(at, value, wrong, state.port_date))
    return changes


def windows(now: datetime) -> list[tuple[datetime, datetime]]:
    """Return when a port can be asked for: business hours of the next business days but one."""
    days = [(now + timedelta(days=ahead)).date() for ahead in range(2, 60)]
    return [
        (datetime.combine(day, time(13), UTC), datetime.combine(day, time(21), UTC))
        for day in days
        if is_business_day(day)
    ]
