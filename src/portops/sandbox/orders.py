"""The fate of an order, as a pure function of what is known of it and the time.

Nothing is stored but the order, its signature and its cancellations: the state at any moment
follows. Delays are drawn from the seed, the carrier and the numbers, so the same order always
meets the same fate.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from portops.facts.business_time import is_business_day

#: A letter of authorization that nobody signs expires after so many days.
SIGN_WITHIN = timedelta(days=30)

#: Statuses in which the letter can still be signed or declined.
SIGNABLE = frozenset({"In Review", "Waiting for Signature"})

UNSIGNED = "The letter of authorization was not signed within 30 days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number of an order; `verdict` is the carrier's (code, reason) when it will reject it."""

    sid: str
    phone_number: str
    mobile: bool
    verdict: tuple[int | None, str] | None = None
    canceled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One port-in request as the sandbox keeps it. Instants are UTC."""

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
    """Where a number is: Twilio's status words, since when, and what goes with it."""

    status: str
    since: datetime
    code: int | None = None
    reason: str | None = None
    port_date: datetime | None = None


def _draw(*parts: object) -> random.Random:
    return random.Random("|".join(map(str, parts)))  # noqa: S311 - a fate, not a secret


def _business_days_later(moment: datetime, days: int) -> datetime:
    day = moment
    while days > 0 or not is_business_day(day.date()):
        day += timedelta(days=1)
        days -= is_business_day(day.date())
    return day


def review_ends(order: Order) -> datetime:
    """Return when the letter of authorization goes out: one to six hours after creation."""
    first = order.numbers[0].phone_number
    return order.created_at + timedelta(minutes=_draw(order.seed, "review", first).randint(60, 360))


def expires(order: Order) -> datetime | None:
    """Return when the unsigned letter expires; None once it is signed in time."""
    end = order.created_at + SIGN_WITHIN
    return None if order.signed_at is not None and order.signed_at < end else end


def timeline(order: Order, number: Number) -> list[State]:
    """Return every state the number runs through, past and to come, without cancellations."""
    reviewed = review_ends(order)
    states = [
        State(status="In Review", since=order.created_at),
        State(status="Waiting for Signature", since=reviewed),
    ]
    if order.signed_at is None:
        return states
    # All numbers of one kind in an order move together: one carrier, one desk, one date.
    draw = _draw(order.seed, order.carrier, order.numbers[0].phone_number, number.mobile)
    sent = max(order.signed_at, reviewed) + timedelta(minutes=draw.randint(90, 480))
    states.append(State(status="Submitted", since=sent))
    speed = _draw(order.seed, "carrier", order.carrier)
    slowness = 0 if number.mobile else speed.randint(0, 3)
    answer = _business_days_later(sent, (0 if number.mobile else 1) + slowness)
    answer += timedelta(minutes=draw.randint(60, 300))
    if number.verdict is not None:
        code, reason = number.verdict
        return [*states, State(status="Rejected", since=answer, code=code, reason=reason)]
    days = draw.randint(1, 2) if number.mobile else draw.randint(3, 7) + slowness
    port = _business_days_later(answer, days)
    if order.target_date is not None:
        wanted = datetime.combine(datetime.fromisoformat(order.target_date), time(), tzinfo=UTC)
        port = _business_days_later(max(port, wanted), 0)
    port = port.replace(hour=15, minute=draw.randint(0, 59), second=0, microsecond=0)
    port = max(port, answer + timedelta(hours=1))
    return [
        *states,
        State(status="Pending", since=answer, port_date=port),
        State(status="Completed", since=port, port_date=port),
    ]


def state_of(order: Order, number: Number, now: datetime) -> State:
    """Return where the number is at `now`."""
    ends = [each for each in (order.canceled_at, number.canceled_at, expires(order)) if each]
    end = min(ends, default=None)
    until = now if end is None else min(now, end)
    reached = [state for state in timeline(order, number) if state.since <= until]
    last = reached[-1]
    if end is not None and end <= now and last.status != "Completed":
        return State(status="Canceled", since=end)
    return last


def request_status(order: Order, now: datetime) -> tuple[str, str | None]:
    """Return the request's status, and why it ended when it was not completed."""
    states = [state_of(order, number, now).status for number in order.numbers]
    if order.canceled_at is not None and order.canceled_at <= now:
        return ("Completed" if "Completed" in states else "Canceled"), order.declined
    expiry = expires(order)
    if expiry is not None and expiry <= now and "Completed" not in states:
        return "Expired", UNSIGNED
    open_ = [status for status in states if status not in {"Completed", "Canceled"}]
    if not open_:
        return ("Completed" if "Completed" in states else "Canceled"), None
    if "Rejected" in open_:
        return "Action Required", None
    for words in ("In Review", "Waiting for Signature"):
        if all(status == words for status in open_):
            return words, None
    return "In Progress", None


def is_open(state: State) -> bool:
    """Tell whether a number in this state stands in the way of another order for it."""
    return state.status not in {"Completed", "Canceled", "Rejected"}


def sign(order: Order, now: datetime) -> Order:
    """Return the order with its letter signed at `now`."""
    return replace(order, signed_at=now)
