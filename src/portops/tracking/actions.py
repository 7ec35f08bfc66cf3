"""What to do next: for each open request, in words, and what is coming up in the next days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from portops.facts import statuses
from portops.facts.business_time import business_days, local_date, zone
from portops.facts.causes import CAUSES
from portops.facts.nanp import display
from portops.tracking.state import present, request_status

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A letter of authorization that expires is warned of so long before.
WARN_BEFORE = timedelta(days=7)

#: Business days without a word after which a request is asked about.
QUIET = 5

COLUMNS = ("request_sid", "request", "status", "since", "next_action", "due", "email", "urgency")

#: Words, when it is due (UTC), and how urgent it is.
Action = tuple[str, datetime | None, int]


@dataclass(frozen=True, slots=True)
class _Number:
    phone_number: str
    status: str
    cause: str
    occurred_at: datetime
    port_date: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """What is known of one open request."""

    sid: str
    status: str
    since: datetime
    last: datetime
    asked: datetime
    email: str
    is_corrected: bool
    numbers: list[_Number]


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _named(numbers: Iterable[str]) -> str:
    shown = sorted(numbers)
    some = ", ".join(display(number) for number in shown[:3])
    return some + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")


def _signature(one: _Open, now: datetime) -> Action:
    ends, days = one.asked + statuses.SIGN_WITHIN, (now - one.since).days
    words = (
        f"LOA unsigned for {_count(days, 'day')}: remind "
        f"{one.email or 'the authorized representative'}"
    )
    left = ends - now
    if left > WARN_BEFORE:
        return words, ends, 2 if days >= 3 else 1
    hours = max(0, int(left.total_seconds() // 3600))
    rest = _count(hours // 24, "day") if hours >= 24 else _count(hours, "hour")
    return f"{words}; it expires in {rest}", ends, 3


def _rejected(numbers: list[_Number]) -> str:
    by_cause: dict[str, list[str]] = defaultdict(list)
    for number in numbers:
        by_cause[number.cause or "other"].append(number.phone_number)
    return "; ".join(
        f"{_named(some)} rejected for {CAUSES[cause].label.lower()}: correct and resubmit"
        for cause, some in sorted(by_cause.items())
    )


def _foc(numbers: list[_Number], now: datetime, timezone: str) -> Action | None:
    dates = [number.port_date for number in numbers if number.port_date is not None]
    if not dates:
        return None
    first, who = min(dates), _named(number.phone_number for number in numbers)
    local = first.astimezone(zone(timezone))
    days = int((local_date(first, timezone) - local_date(now, timezone)).astype(int))
    when = f"{local:%a %d %b, %H:%M}"
    if days < 0:
        return f"{who} was to port on {when} and has not: ask the provider", first, 3
    if days == 0:
        words = f"ports today at {local:%H:%M}: keep the old service on, test calls afterwards"
        return f"{who} {words}", first, 3
    if days == 1:
        words = f"ports tomorrow ({when}): tell the customer, keep the old service on"
        return f"{who} {words}", first, 2
    if days <= 3:
        return f"{who} ports on {when}, in {days} days: tell the customer", first, 2
    return f"{who} ports on {when}", first, 0


def _quiet(one: _Open, now: datetime, timezone: str) -> Action:
    days = np.array([local_date(one.last, timezone), local_date(now, timezone)])
    quiet = int(business_days(days[:1], days[1:])[0])
    if quiet >= QUIET:
        words = f"no word for {_count(quiet, 'business day')}: ask the provider about {one.sid}"
        return words, None, 2
    return "wait for the carrier", None, 0


def _action(one: _Open, now: datetime, timezone: str) -> Action:
    rejected = [number for number in one.numbers if number.status == "rejected"]
    if rejected and not one.is_corrected:
        return _rejected(rejected), None, 3
    if one.status == "waiting_for_signature":
        return _signature(one, now)
    confirmed = [number for number in one.numbers if number.status == "foc_confirmed"]
    coming = _foc(confirmed, now, timezone)
    if coming is not None:
        return coming
    if rejected:
        return "corrected and submitted again; cancel this one when the new one is done", None, 0
    return _quiet(one, now, timezone)


def next_actions(
    events: pd.DataFrame, tracked: pd.DataFrame, now: datetime, timezone: str
) -> pd.DataFrame:
    """Return what to do next for each open request, the most urgent first.

    Columns: `request_sid, request, status, since` (UTC), `next_action` (words), `due` (UTC, or
    missing), `email` (of the authorized representative), `urgency` (3 today, 2 soon, 1 when there
    is time, 0 nothing to do). `tracked` are the journal's accepted requests; `now` is UTC.
    """
    events = events[events["occurred_at"] <= pd.Timestamp(now)]
    status = request_status(events)
    open_ = status[~status.isin(statuses.TERMINAL)]
    details: dict[str, dict[str, Any]] = dict(
        zip(tracked["request_sid"], tracked["details"], strict=True)
    )
    names = dict(zip(tracked["request_sid"], tracked["request"], strict=True))
    corrected = set(events.loc[events["supersedes"] != "", "supersedes"])
    state = present(events)
    state = state[state["request_sid"].isin(open_.index)].copy()
    by: dict[str, list[_Number]] = defaultdict(list)
    columns = ["request_sid", "phone_number", "status", "cause", "occurred_at", "port_date"]
    state["port_date"] = state["port_date"].astype(object).where(state["port_date"].notna(), None)
    for sid, *facts in state[columns].itertuples(index=False, name=None):
        by[sid].append(_Number(*facts))
    rows = []
    for sid, mine in by.items():
        now_in = str(open_[sid])
        entered = [number.occurred_at for number in mine if number.status == now_in]
        last = max(number.occurred_at for number in mine)
        one = _Open(
            sid=sid,
            status=now_in,
            since=max(entered, default=last),
            last=last,
            asked=min(entered, default=last),
            email=str(details.get(sid, {}).get("email") or ""),
            is_corrected=sid in corrected,
            numbers=[number for number in mine if number.phone_number],
        )
        words, due, urgency = _action(one, now, timezone)
        rows.append((sid, names.get(sid, ""), now_in, one.since, words, due, one.email, urgency))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("since", "due"):
        table[name] = pd.to_datetime(table[name], utc=True)
    return table.sort_values(
        ["urgency", "due", "since"], ascending=[False, True, True], ignore_index=True
    )
