"""Orders: what an order is, and how its status follows from the order and the time.

Only the order, its signature and its cancellations are saved; its status at any time is worked out
from them. Delays are drawn from the seed, the carrier and the numbers, so the same order always
takes the same course.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from portops.facts.business_time import is_business_day

#: How long a letter of authorization can be signed before it expires.
SIGN_WITHIN = timedelta(days=30)

#: Statuses in which the letter can still be signed or declined.
SIGNABLE = frozenset({"In Review", "Waiting for Signature"})

UNSIGNED = "The letter of authorization was not signed within 30 days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number of an order; `verdict` is the carrier's (code, reason) if it will reject the number.

    `unportable` is why it can't be ported in at all, which the review finds out.
    """

    sid: str
    phone_number: str
    mobile: bool
    verdict: tuple[int | None, str] | None = None
    unportable: tuple[int, str] | None = None
    canceled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A port-in request as the sandbox keeps it. Times are UTC; `declined` is the signer's reason."""

    sid: str
    seed: int
    carrier: str
    created_at: datetime
    numbers: tuple[Number, ...]
    signed_at: datetime | None = None
    canceled_at: datetime | None = None
    target_date: str | None = None
    declined: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A number's status in Twilio's words, since when, and the details of a rejection or port date."""

    status: str
    since: datetime
    code: int | None = None
    reason: str | None = None
    port_date: datetime | None = None


def _draw(*parts: object) -> random.Random:
    return random.Random("|".join(map(str, parts)))  # noqa: S311 - a delay, not a secret


def _business_days_later(moment: datetime, days: int) -> datetime:
    day = moment
    while days > 0 or not is_business_day(day.date()):
        day += timedelta(days=1)
        days -= is_business_day(day.date())
    return day


def review_ends(order: Order) -> datetime:
    """Return when the letter of authorization is sent: one to six hours after creation."""
    first = order.numbers[0].phone_number
    return order.created_at + timedelta(minutes=_draw(order.seed, "review", first).randint(60, 360))


def expires(order: Order) -> datetime | None:
    """Return when the letter expires; None when it was signed in time."""
    end = order.created_at + SIGN_WITHIN
    return None if order.signed_at is not None and order.signed_at < end else end


def timeline(order: Order, number: Number) -> list[State]:
    """Return every state the number goes through, past and future, as if nobody canceled."""
    reviewed = review_ends(order)
    if number.unportable is not None:
        unfit, words = number.unportable
        return [
            State(status="In Review", since=order.created_at),
            State(status="Rejected", since=reviewed, code=unfit, reason=words),
        ]
    states = [
        State(status="In Review", since=order.created_at),
        State(status="Waiting for Signature", since=reviewed),
    ]
    if order.signed_at is None:
        return states
    # All mobile numbers of an order move together, and so do all others.
    draw = _draw(order.seed, order.carrier, order.numbers[0].phone_number, number.mobile)
    sent = max(order.signed_at, reviewed) + timedelta(minutes=draw.randint(90, 480))
    states.append(State(status="Submitted", since=sent))
    speed = _draw(order.seed, "carrier", order.carrier)
    slowness = 0 if number.mobile else speed.randint(0, 3)
    answered = _business_days_later(sent, (0 if number.mobile else 1) + slowness)
    answered += timedelta(minutes=draw.randint(60, 300))
    if number.verdict is not None:
        code, reason = number.verdict
        return [*states, State(status="Rejected", since=answered, code=code, reason=reason)]
    days = draw.randint(1, 2) if number.mobile else draw.randint(3, 7) + slowness
    port_at = _business_days_later(answered, days)
    if order.target_date is not None:
        target = datetime.combine(datetime.fromisoformat(order.target_date), time(), tzinfo=UTC)
        port_at = _business_days_later(max(port_at, target), 0)
    port_at = port_at.replace(hour=15, minute=draw.randint(0, 59), second=0, microsecond=0)
    port_at = max(port_at, answered + timedelta(hours=1))
    return [
        *states,
        State(status="Pending", since=answered, port_date=port_at),
        State(status="Completed", since=port_at, port_date=port_at),
    ]


def state_of(order: Order, number: Number, now: datetime) -> State:
    """Return where the number is at `now`."""
    ends = (order.canceled_at, number.canceled_at, expires(order))
    end = min((moment for moment in ends if moment), default=None)
    until = now if end is None else min(now, end)
    reached = [state for state in timeline(order, number) if state.since <= until]
    last = reached[-1]
    if end is not None and end <= now and last.status != "Completed":
        return State(status="Canceled", since=end)
    return last


def request_status(order: Order, now: datetime) -> tuple[str, str | None]:
    """Return the request's status, and why it ended if it was declined or expired."""
    statuses = [state_of(order, number, now).status for number in order.numbers]
    if order.canceled_at is not None and order.canceled_at <= now:
        return ("Completed" if "Completed" in statuses else "Canceled"), order.declined
    expiry = expires(order)
    if expiry is not None and expiry <= now and "Completed" not in statuses:
        return "Expired", UNSIGNED
    open_statuses = {status for status in statuses if status not in {"Completed", "Canceled"}}
    if not open_statuses:
        return ("Completed" if "Completed" in statuses else "Canceled"), None
    if "Rejected" in open_statuses:
        return "Action Required", None
    for status in ("In Review", "Waiting for Signature"):
        if open_statuses == {status}:
            return status, None
    return "In Progress", None


def is_open(state: State) -> bool:
    """Return whether a number in this state keeps others from ordering it."""
    return state.status not in {"Completed", "Canceled", "Rejected"}


def sign(order: Order, now: datetime) -> Order:
    """Return the order with its letter signed at `now`."""
    return replace(order, signed_at=now)
