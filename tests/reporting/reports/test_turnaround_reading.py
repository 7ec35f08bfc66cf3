"""Every turnaround figure, against a slow and plain reading of the published definitions."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from tests.conftest import event, events

from portops.facts.statuses import RANK
from portops.reporting.reports.turnaround import TARGET_DAYS, turnaround

ZONE = ZoneInfo("America/New_York")
AS_OF = datetime(2026, 11, 23, tzinfo=ZONE)
HOLIDAYS = [np.datetime64(day) for day in holidays.country_holidays("US", years=(2026, 2027))]
LINES = {"A": "landline", "B": "wireless", "C": ""}
PHONES = {"A": "+12125550100", "B": "+12125550101", "C": "+12125550102"}
CARRIERS = {"A": "Granite Tel", "B": "Granite Tel", "C": "Prairie Cable"}

_STEPS = st.lists(
    st.tuples(
        st.integers(1, 240),
        st.sampled_from(
            [
                "in_review",
                "waiting_for_signature",
                "in_progress",
                "foc_confirmed",
                "completed",
                "rejected",
                "canceled",
                "expired",
            ]
        ),
    ),
    max_size=5,
)
_REQUEST = st.fixed_dictionaries(
    {
        "start": st.integers(-30 * 7 * 24, 20 * 24),
        "numbers": st.dictionaries(st.sampled_from("ABC"), _STEPS, min_size=1),
        "ends": st.sampled_from(["", "", "", "canceled", "expired"]),
        "supersedes": st.booleans(),
    }
)


def _history(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for place, request in enumerate(requests):
        sid, old = f"KW{place}", f"KW{place - 1}" if request["supersedes"] and place else ""
        at = datetime(2026, 11, 1, 15, tzinfo=UTC) + timedelta(hours=request["start"])
        for name, steps in sorted(request["numbers"].items()):
            more = {"line_type": LINES[name], "losing_carrier": CARRIERS[name], "supersedes": old}
            when = at
            made.append(event(sid, PHONES[name], "submitted", when, **more))
            for hours, status in steps:
                when += timedelta(hours=hours)
                made.append(event(sid, PHONES[name], status, when, **more))
        if request["ends"]:
            end = at + timedelta(hours=400)
            made.append(event(sid, "", request["ends"], end, supersedes=old))
    return list({row["event_id"]: row for row in made}.values())


def _day(moment: datetime) -> np.datetime64:
    return np.datetime64(moment.astimezone(ZONE).date())


def _days(start: datetime, end: datetime) -> int:
    return max(0, int(np.busday_count(_day(start), _day(end), holidays=HOLIDAYS)))


def _pairs(past: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Read for each (request, number): when submitted, completed, ended, and what it corrects."""
    pairs: dict[tuple[str, str], dict[str, Any]] = {}
    for sid, number in {(e["request_sid"], e["phone_number"]) for e in past if e["phone_number"]}:
        own = [e for e in past if (e["request_sid"], e["phone_number"]) == (sid, number)]
        about_request = [e for e in past if (e["request_sid"], e["phone_number"]) == (sid, "")]

        def first(rows: list[dict[str, Any]], *names: str) -> datetime | None:
            return min((e["occurred_at"] for e in rows if e["status"] in names), default=None)

        submitted = first(own, "submitted") or first(about_request, "submitted")
        if submitted is None:
            continue
        pairs[sid, number] = {
            "submitted": submitted,
            "completed": first(own, "completed"),
            "ended": first(own, "canceled", "expired")
            or first(about_request, "canceled", "expired"),
            "parent": next((e["supersedes"] for e in own + about_request if e["supersedes"]), ""),
            "carrier": own[0]["losing_carrier"],
            "line": own[0]["line_type"],
            "sid": sid,
        }
    return pairs


def _chains(pairs: dict[tuple[str, str], dict[str, Any]]) -> list[dict[str, Any]]:
    members = defaultdict(list)
    for key, pair in pairs.items():
        root, number = key
        while (pairs[root, number]["parent"], number) in pairs:
            root = pairs[root, number]["parent"]
        members[root, number].append(pair)
    made = []
    for some in members.values():
        ordered = sorted(some, key=lambda pair: (pair["submitted"], pair["sid"]))
        done = [pair["completed"] for pair in some if pair["completed"]]
        made.append(
            {
                **ordered[0],
                "submitted": ordered[0]["submitted"],
                "completed": min(done, default=None),
                "ended": ordered[-1]["ended"],
            }
        )
    return made


def _observe(rows: list[dict[str, Any]], as_of: datetime) -> list[dict[str, Any]]:
    since = as_of - timedelta(weeks=26)
    return [
        {
            **row,
            "days": _days(row["submitted"], row["completed"] or row["ended"] or as_of),
            "done": row["completed"] is not None,
        }
        for row in rows
        if row["submitted"] >= since
    ]


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    curve, share = [], Fraction(1)
    for day in sorted({row["days"] for row in rows}):
        at_risk = sum(row["days"] >= day for row in rows)
        died = sum(row["days"] == day and row["done"] for row in rows)
        share *= 1 - Fraction(died, at_risk)
        curve.append((day, share))
    done = sum(row["done"] for row in rows)
    row = {"n": len(rows), "completed": done, "censored": len(rows) - done}
    for name, level in (
        ("median", Fraction(1, 2)),
        ("p75", Fraction(1, 4)),
        ("p90", Fraction(1, 10)),
    ):
        row[name] = next((day for day, left in curve if left <= level), None) if done else None
    return row


def _stages(past: list[dict[str, Any]], kept: set[tuple[str, str]]) -> list[dict[str, Any]]:
    spent = defaultdict(list)
    for key in kept:
        own = sorted(
            (e for e in past if (e["request_sid"], e["phone_number"]) == key),
            key=lambda e: (e["occurred_at"], RANK[e["status"]], e["event_id"]),
        )
        entered = [
            e
            for place, e in enumerate(own)
            if place == 0 or own[place - 1]["status"] != e["status"]
        ]
        for one, two in pairwise(entered):
            spent[one["status"]].append(
                (two["occurred_at"] - one["occurred_at"]).total_seconds() / 86_400
            )
    return [
        {
            "status": status,
            "n": len(spent[status]),
            "median": pytest.approx(float(np.median(spent[status])), abs=1e-4),
            "p90": pytest.approx(float(np.quantile(spent[status], 0.9)), abs=1e-4),
        }
        for status in sorted(spent, key=RANK.__getitem__)
    ]


#: The request's cancellation ends its number a week before the report; the number's own comes
#: later, and must not hide it from the figures of that time.
_ENDED_WITH_ITS_REQUEST = [
    {"start": 0, "numbers": {"A": []}, "ends": "", "supersedes": False},
    {
        "start": -148,
        "numbers": {
            "A": [(150, "in_review"), (213, "in_review"), (236, "in_review"), (66, "canceled")]
        },
        "ends": "canceled",
        "supersedes": False,
    },
]


# A failing history is small enough to read: shrinking it could take minutes.
@settings(deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(_REQUEST, min_size=1, max_size=5))
@example(_ENDED_WITH_ITS_REQUEST)
def test_figures_equal_a_plain_reading_of_the_definitions(requests: list[dict[str, Any]]) -> None:
    """Chains, censoring, quantiles, stages, ages: the columns' answer is the plain one."""
    made = _history(requests)
    figures = turnaround(events(*made), period="2026-W47")
    before = AS_OF - timedelta(weeks=1)
    past = [e for e in made if e["occurred_at"] < AS_OF]
    pairs = _pairs(past)
    chains, alone = _observe(_chains(pairs), AS_OF), _observe(list(pairs.values()), AS_OF)
    assert figures["chain"] == _summary(chains)
    assert figures["request"] == _summary(alone)
    done = sorted(row["days"] for row in chains if row["done"])
    for name, share in (("median", 0.5), ("p75", 0.75), ("p90", 0.9)):
        wanted = done[math.ceil(share * len(done)) - 1] if done else None
        assert figures["naive"][name] == wanted
    for column, key in (("losing_carrier", "carrier"), ("line_type", "line")):
        wanted_rows = {
            row[column]: {k: v for k, v in row.items() if k != column}
            for row in figures[f"by_{column}"]
        }
        plain = {
            name or "unknown": _summary([row for row in chains if row[key] == name])
            for name in {row[key] for row in chains}
        }
        assert wanted_rows == plain
    kept = {key for key, pair in pairs.items() if pair["submitted"] >= AS_OF - timedelta(weeks=26)}
    assert figures["stages"] == _stages(past, kept)
    open_ = [row for row in chains if not row["done"] and row["ended"] is None]
    ages = {"0-2": 0, "3-5": 0, "6-10": 0, "11-20": 0, "21+": 0}
    for row in open_:
        age = row["days"]
        ages[
            "0-2"
            if age < 3
            else "3-5"
            if age < 6
            else "6-10"
            if age < 11
            else "11-20"
            if age < 21
            else "21+"
        ] += 1
    assert {row["bucket"]: row["count"] for row in figures["open_by_age"]} == ages
    late = sum(row["days"] > TARGET_DAYS[row["line"] or "landline"] for row in open_)
    assert (figures["past_target"], figures["open"]) == (late, len(open_))
    earlier = _observe(_chains(_pairs([e for e in made if e["occurred_at"] < before])), before)
    still = [row for row in earlier if not row["done"] and row["ended"] is None]
    assert figures["week_before"] == {
        "median": _summary(earlier)["median"],
        "open": len(still),
        "past_target": sum(row["days"] > TARGET_DAYS[row["line"] or "landline"] for row in still),
    }
