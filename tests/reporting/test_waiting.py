"""Cohorts, waiting and deadlines, against a slow and plain reading of the published definitions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import event, events

from portops.facts.statuses import RANK
from portops.reporting.chains import numbered, pairs
from portops.reporting.cohorts import cohorts, first_decisions, first_tries
from portops.reporting.periods import Period
from portops.reporting.waiting import calendar, deadlines, open_numbers, waiting
from portops.tables.figures import Cohorts, Deadlines, Waiting

ZONE = "America/New_York"
WEEK = Period.named("2026-W47")
MOMENT = WEEK.bounds(ZONE)[1]
PHONES = {"A": "+12125550100", "B": "+12125550101"}
HOLIDAYS = [np.datetime64(day) for day in holidays.country_holidays("US", years=(2026, 2027))]
NAMES = pd.DataFrame(
    {"request": ["Shop 0"], "customer_name": ["Copper Hill Bakery"]}, index=["KW0"]
)

_STATUSES = [
    "in_review",
    "waiting_for_signature",
    "in_progress",
    "foc_confirmed",
    "action_required",
    "completed",
    "rejected",
    "canceled",
    "expired",
]
_REQUEST = st.fixed_dictionaries(
    {
        "start": st.integers(-12 * 7 * 24, 10 * 24),
        "numbers": st.dictionaries(
            st.sampled_from("AB"),
            st.lists(st.tuples(st.integers(0, 300), st.sampled_from(_STATUSES)), max_size=4),
            min_size=1,
        ),
        "ends": st.sampled_from(["", "", "", "canceled", "expired"]),
        "supersedes": st.booleans(),
        "ports_after": st.sampled_from([None, 24, 24 * 9]),
    }
)


def _history(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for place, request in enumerate(requests):
        sid, old = f"KW{place}", f"KW{place - 1}" if request["supersedes"] and place else ""
        at = datetime(2026, 11, 14, 15, tzinfo=UTC) + timedelta(hours=request["start"])
        for name, steps in sorted(request["numbers"].items()):
            made.append(event(sid, PHONES[name], "submitted", at, supersedes=old))
            when = at
            for hours, status in steps:
                when += timedelta(hours=hours)
                made.append(event(sid, PHONES[name], status, when, supersedes=old))
                if status == "foc_confirmed" and request["ports_after"]:
                    made[-1]["port_date"] = when + timedelta(hours=request["ports_after"])
        if request["ends"]:
            end = at + timedelta(hours=500)
            made.append(event(sid, "", request["ends"], end, supersedes=old))
    unique = {row["event_id"]: row for row in made}.values()
    return [row for row in unique if row["occurred_at"] < MOMENT]


def _by_pair(rows: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Sort each (request, number)'s events as they happened."""
    ordered = sorted(rows, key=lambda e: (e["occurred_at"], RANK[e["status"]], e["event_id"]))
    table: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in ordered:
        if row["phone_number"]:
            table.setdefault((row["request_sid"], row["phone_number"]), []).append(row)
    return table


def _ended(rows: list[dict[str, Any]]) -> set[str]:
    return {row["request_sid"] for row in rows if not row["phone_number"]}


def _plain_open(rows: list[dict[str, Any]]) -> list[tuple[str, str, str, list[dict[str, Any]]]]:
    """Read for each open number who it waits for."""
    corrected = {(row["supersedes"], row["phone_number"]) for row in rows if row["supersedes"]}
    owners = {
        "submitted": "provider",
        "in_review": "provider",
        "waiting_for_signature": "customer",
        "in_progress": "carrier",
        "rejected": "desk",
        "action_required": "desk",
    }
    made = []
    for (sid, number), mine in _by_pair(rows).items():
        last = mine[-1]
        if last["status"] in {"completed", "canceled", "expired"} or sid in _ended(rows):
            continue
        if last["status"] == "rejected" and (sid, number) in corrected:
            continue
        date = last.get("port_date")
        owner = owners.get(last["status"]) or ("overdue" if date and date < MOMENT else "scheduled")
        made.append((sid, number, owner, mine))
    return made


def _age(rows: list[dict[str, Any]], sid: str, number: str) -> int:
    """Count business days since the chain's first submission."""
    by = _by_pair(rows)
    parents = {row["request_sid"]: row["supersedes"] for row in rows}
    while (parents[sid], number) in by:
        sid = parents[sid]
    chain = [key for key in by if key[1] == number and _root(by, parents, *key) == sid]
    first = min(
        row["occurred_at"] for key in chain for row in by[key] if row["status"] == "submitted"
    )
    local = (moment.astimezone(ZoneInfo(ZONE)).date() for moment in (first, MOMENT))
    return max(0, int(np.busday_count(*map(np.datetime64, local), holidays=HOLIDAYS)))


def _root(by: dict[Any, Any], parents: dict[str, str], sid: str, number: str) -> str:
    while (parents[sid], number) in by:
        sid = parents[sid]
    return sid


@settings(max_examples=60)
@given(st.lists(_REQUEST, max_size=4))
def test_who_is_waited_for_equals_a_plain_reading(requests: list[dict[str, Any]]) -> None:
    """Each open number waits for exactly one, by its latest event; ages count from the chain."""
    rows = _history(requests)
    table = numbered(events(*rows))
    mine = open_numbers(table, pairs(table), MOMENT, ZONE)
    plain = _plain_open(rows)
    seen = {
        (sid, number): (who, age)
        for sid, number, who, age in mine[["request_sid", "phone_number", "who", "age"]].itertuples(
            index=False, name=None
        )
    }
    assert seen == {(sid, number): (who, _age(rows, sid, number)) for sid, number, who, _ in plain}
    counted = waiting(mine)
    assert [row["who"] for row in counted] == [
        "customer",
        "desk",
        "provider",
        "carrier",
        "scheduled",
        "overdue",
    ]
    assert sum(row["numbers"] for row in counted) == len(plain)
    Waiting.validate(pd.DataFrame(counted).astype({"oldest_business_days": "float64"}))


@settings(max_examples=60)
@given(st.lists(_REQUEST, max_size=4))
def test_deadlines_equal_a_plain_reading(requests: list[dict[str, Any]]) -> None:
    """Letters after thirty days, ports on their day; the next seven days only, the first first."""
    rows = _history(requests)
    table = numbered(events(*rows))
    listed = deadlines(table, open_numbers(table, pairs(table), MOMENT, ZONE), NAMES, MOMENT)
    plain: dict[tuple[str, str, str], int] = {}
    for sid, _, owner, mine in _plain_open(rows):
        if owner == "customer":
            spell = []
            for row in reversed(mine):
                if row["status"] != "waiting_for_signature":
                    break
                spell.append(row)
            due, what = spell[-1]["occurred_at"] + timedelta(days=30), "letter_expires"
        elif owner == "scheduled" and mine[-1].get("port_date"):
            due, what = mine[-1]["port_date"], "port_day"
        else:
            continue
        if MOMENT <= due <= MOMENT + timedelta(days=7):
            key = (f"{due:%Y-%m-%dT%H:%M:%SZ}", what, sid)
            plain[key] = plain.get(key, 0) + 1
    assert [
        ((row["due"], row["what"], row["request_sid"]), row["numbers"]) for row in listed
    ] == sorted(plain.items())
    for row in listed:
        named = row["request_sid"] == "KW0"
        assert row["customer_name"] == ("Copper Hill Bakery" if named else "")
    if listed:
        Deadlines.validate(pd.DataFrame(listed))


@settings(max_examples=60)
@given(st.lists(_REQUEST, max_size=5))
def test_cohorts_equal_a_plain_reading(requests: list[dict[str, Any]]) -> None:
    """First tries by the local week of their submission; every one has exactly one fate."""
    rows = _history(requests)
    table = numbered(events(*rows))
    tries = first_tries(pairs(table), first_decisions(table))
    seen = cohorts(tries, WEEK.series(12), ZONE)
    assert [row["week"] for row in seen] == [week.name for week in WEEK.series(12)]
    plain = {row["week"]: {"accepted": 0, "rejected": 0, "ended": 0, "open": 0} for row in seen}
    for (sid, _), mine in _by_pair(rows).items():
        year, week, _ = mine[0]["occurred_at"].astimezone(ZoneInfo(ZONE)).isocalendar()
        name = f"{year}-W{week:02d}"
        if mine[0]["supersedes"] or name not in plain:
            continue
        decided = sorted(
            (row["occurred_at"], row["event_id"], row["status"])
            for row in mine
            if row["status"] in {"completed", "rejected"}
        )
        if decided:
            fate = "accepted" if decided[0][2] == "completed" else "rejected"
        else:
            gone = {row["status"] for row in mine} & {"canceled", "expired"} or sid in _ended(rows)
            fate = "ended" if gone else "open"
        plain[name][fate] += 1
    for row in seen:
        fates = plain[row["week"]]
        decided = fates["accepted"] + fates["rejected"]
        share = round(fates["accepted"] / decided, 6) if decided else None
        assert row == {
            "week": row["week"],
            "submitted": sum(fates.values()),
            **fates,
            "acceptance": share,
        }
    Cohorts.validate(pd.DataFrame(seen).astype({"acceptance": "float64"}))


@settings(max_examples=40)
@given(st.lists(_REQUEST, max_size=4))
def test_the_calendar_equals_a_plain_reading(requests: list[dict[str, Any]]) -> None:
    """Agreed port dates of ten business days from the report's own day on."""
    rows = _history(requests)
    table = numbered(events(*rows))
    told = calendar(open_numbers(table, pairs(table), MOMENT, ZONE), MOMENT, ZONE)
    plain: dict[str, set[tuple[str, str]]] = {}
    for sid, number, owner, mine in _plain_open(rows):
        if owner == "scheduled" and mine[-1].get("port_date"):
            day = mine[-1]["port_date"].astimezone(ZoneInfo(ZONE)).date()
            # Thanksgiving is none: the tenth business day from Nov 23 is Dec 7.
            if f"{day}" <= "2026-12-07":
                plain.setdefault(f"{day}", set()).add((sid, number))
    assert told == [
        {
            "date": day,
            "numbers": len({number for _, number in mine}),
            "requests": len({sid for sid, _ in mine}),
        }
        for day, mine in sorted(plain.items())
    ]
