"""Rules about the request as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from portops.checks.rule import Rule
from portops.checks.step import Across, Columns, Given, Step
from portops.facts.business_time import is_business_day
from portops.tables.grouping import DECIDES, SAME_IN_ACCOUNT, account_key, conflicts, request_of
from portops.texts import groups, take

#: Excel's serial numbers of 2020-01-01 and 2100-01-01: a date in a cell formatted as a number.
_SERIALS = (43_831, 73_051)

_WORDS = {
    "unreadable": "is not a date. Write it as 2026-12-31",
    "past": "is in the past",
    "near": "is nearer than the {lead} days that the provider asks for",
    "closed": "is no business day (a weekend or a federal holiday)",
}


def _date(text: str) -> pd.Timestamp | None:
    if text.isdigit() and _SERIALS[0] <= int(text) <= _SERIALS[1]:
        return pd.Timestamp("1899-12-30") + pd.Timedelta(days=int(text))
    try:
        # US people write the month first.
        return pd.to_datetime(text, dayfirst=False).tz_localize(None).normalize()
    except (ValueError, TypeError, OverflowError):
        return None


def _dates(facts: pd.DataFrame, given: Given) -> Columns:
    """Read target dates (ISO, or as written where they are none) and what is wrong, in words."""
    today, lead = given.today, given.limits.lead_days
    written = facts["written.target_date"]
    read: dict[str, str] = {}
    faults: dict[str, str] = {}
    for text in written.dropna().unique():
        day = _date(text)
        read[text] = text if day is None else day.date().isoformat()
        if day is None:
            fault = "unreadable"
        elif day.date() <= today:
            fault = "past"
        elif (day.date() - today).days < lead:
            fault = "near"
        else:
            fault = "" if is_business_day(day.date()) else "closed"
        if fault:
            faults[text] = _WORDS[fault].format(lead=lead)
    return {
        "target_date": written.map(read).astype("str"),
        "date_fault": written.map(faults).astype("str"),
    }


def _requests(facts: pd.DataFrame, _: Given) -> Columns:
    """Name the account and the request of each row, and what differs within the account."""
    group, first = groups([facts[name] for name in DECIDES])
    some = facts[list(DECIDES)].iloc[first].reset_index(drop=True)
    return _spread(_named(some, np.bincount(group)), group, facts.index)


def _named(some: pd.DataFrame, weight: np.ndarray) -> pd.DataFrame:
    """Name the account and the request of distinct rows, each of which stands for `weight` rows."""
    account = account_key(some)
    added = {"account": account, "request": request_of(some, account)}
    for field, differs in conflicts(some, account, weight).items():
        added[f"differs.{field}"] = differs
    return pd.DataFrame(added)


def _spread(named: pd.DataFrame, group: np.ndarray, index: pd.Index) -> Columns:
    return {str(name): take(column, group, index) for name, column in named.items()}


def _distinct(facts: pd.DataFrame, _: Given) -> tuple[pd.DataFrame, np.ndarray]:
    """Gather the distinct rows that decide about requests, and how many rows each stands for."""
    group, first = groups([facts[name] for name in DECIDES])
    return facts[list(DECIDES)].iloc[first].reset_index(drop=True), np.bincount(group)


def _all_named(
    parts: Sequence[tuple[pd.DataFrame, np.ndarray]],
    _: Given,
    __: Mapping[str, Sequence[Any]],
) -> list[pd.DataFrame]:
    """Name the requests of all parts at once: the first row of a request may be in any of them."""
    every = pd.concat([some for some, _ in parts], ignore_index=True)
    group, first = groups([every[name] for name in DECIDES])
    weight = np.bincount(group, np.concatenate([weight for _, weight in parts]))
    named = _named(every.iloc[first].reset_index(drop=True), weight)
    ends = np.cumsum([len(some) for some, _ in parts])
    return [named.take(places).reset_index(drop=True) for places in np.split(group, ends[:-1])]


def _of_part(facts: pd.DataFrame, _: Given, named: pd.DataFrame) -> Columns:
    group, _first = groups([facts[name] for name in DECIDES])
    return _spread(named, group, facts.index)


DATES = Step(
    reads=("written.target_date",),
    adds=("target_date", "date_fault"),
    derive=_dates,
    distinct=True,
)
REQUESTS = Step(
    reads=DECIDES,
    adds=("account", "request", *(f"differs.{field}" for field in SAME_IN_ACCOUNT)),
    derive=_requests,
    across=Across(_distinct, _all_named, _of_part),
)


def _agrees(field: str) -> Rule:
    return Rule(
        code="request.conflict",
        causes=("customer_name", "authorized_name", "address"),
        severity="error",
        meaning="one account with two addresses, names or persons",
        field=field,
        holds=lambda facts: ~facts[f"differs.{field}"],
        message="'{value}' differs from the other rows of account {account_number}. One account "
        "has one name, one representative and one service address.",
    )


RULES = (
    *map(_agrees, SAME_IN_ACCOUNT),
    Rule(
        code="request.target_date",
        severity="error",
        meaning="a date in the past, too near or on no business day",
        field="target_date",
        holds=lambda facts: facts["date_fault"].isna(),
        message="'{value}' {date_fault}. Choose another date, or leave it to the carrier.",
    ),
)
