"""The scorecard and the track record, against a slow and plain reading of their definitions."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from tests.conftest import event, events

from portops.reporting.reports.scorecard import Checks, scorecard

CARRIERS = ["Granite Tel", "Prairie Cable", ""]
NAMES = {"contact.incomplete": {"authorized_name"}, "pin.shape": {"pin"}, "number.fictional": set()}
BY_CAUSE = {"authorized_name": ("contact.incomplete",), "pin": ("pin.shape",)}

_REQUEST = st.fixed_dictionaries(
    {
        "week": st.integers(-14, 0),
        "carrier": st.sampled_from(CARRIERS),
        "codes": st.none() | st.lists(st.sampled_from(sorted(NAMES)), unique=True),
        "fates": st.lists(
            st.sampled_from(["", "completed", "canceled", "authorized_name", "pin"]),
            min_size=1,
            max_size=3,
        ),
        "corrects": st.booleans(),
    }
)


def _rows(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for place, request in enumerate(requests):
        sent = datetime(2026, 11, 17, 15, tzinfo=UTC) + timedelta(weeks=request["week"])
        more = {"losing_carrier": request["carrier"]}
        more["supersedes"] = "KWold" if request["corrects"] else ""
        for n, fate in enumerate(request["fates"]):
            number = f"+1212555{place:02d}{n:02d}"
            made.append(event(f"KW{place}", number, "submitted", sent, **more))
            if fate:
                status = fate if fate in {"completed", "canceled"} else "rejected"
                cause = fate if status == "rejected" else ""
                at = sent + timedelta(days=2)
                made.append(event(f"KW{place}", number, status, at, cause=cause, **more))
    return made


@settings(max_examples=60)
@given(st.lists(_REQUEST, max_size=6))
def test_carriers_equal_a_plain_reading(requests: list[dict[str, Any]]) -> None:
    """Numbers of requests that correct none, first submitted in twelve weeks, by carrier."""
    carriers = scorecard(events(*_rows(requests)), period="2026-W47")["carriers"]
    fates: dict[str, list[str]] = {}
    for request in requests:
        if request["week"] > -12 and not request["corrects"]:
            fates.setdefault(request["carrier"] or "unknown", []).extend(request["fates"])
    assert [row["losing_carrier"] for row in carriers] == sorted(
        fates, key=lambda name: (-len(fates[name]), name)
    )
    for row in carriers:
        mine = Counter(fates[row["losing_carrier"]])
        accepted, causes = mine["completed"], {k: mine[k] for k in ("authorized_name", "pin")}
        decided = accepted + sum(causes.values())
        assert row["submitted"] == mine.total()
        if not decided:
            assert row["acceptance"] is row["low"] is row["high"] is row["top_cause"] is None
            continue
        assert row["acceptance"] == pytest.approx(accepted / decided, abs=1e-6)
        bounds = proportion_confint(accepted, decided, method="wilson")
        assert (row["low"], row["high"]) == pytest.approx(bounds, abs=1e-6)
        top = max(causes.values())
        first = min(name for name, count in causes.items() if count == top)
        assert row["top_cause"] == (first if top else None)


@settings(max_examples=60)
@given(st.lists(_REQUEST, max_size=6))
def test_the_track_record_equals_a_plain_reading(requests: list[dict[str, Any]]) -> None:
    """Decided requests with and without each warning, and how many it came true for."""
    codes = {f"KW{n}": r["codes"] for n, r in enumerate(requests) if r["codes"] is not None}
    told = scorecard(
        events(*_rows(requests)),
        period="2026-W47",
        checks=Checks(
            finding_codes=codes,
            codes_by_cause=BY_CAUSE,
            warnings={"contact.incomplete", "pin.shape"},
        ),
    )["checks"]
    decided = {
        sid: set(requests[int(sid[2:])]["fates"])
        for sid in codes
        if set(requests[int(sid[2:])]["fates"]) & {"completed", "authorized_name", "pin"}
    }
    seen = {code for sid in decided for code in codes[sid]} & {"contact.incomplete", "pin.shape"}
    assert {row["code"] for row in told} == seen
    for row in told:
        counts = []
        for has, name in ((True, "with"), (False, "without")):
            mine = [sid for sid in decided if (row["code"] in codes[sid]) is has]
            hit = sum(bool(decided[sid] & NAMES[row["code"]]) for sid in mine)
            assert row[name] == {"requests": len(mine), "rejected": hit}
            counts += [hit, len(mine)]
        if not (counts[1] and counts[3]):
            assert row["difference"] is row["low"] is row["high"] is None
            continue
        bounds = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
        assert (row["low"], row["high"]) == pytest.approx(bounds, abs=1e-6)


def test_nothing_gives_an_empty_scorecard() -> None:
    """It says so, and draws no conclusion."""
    figures = scorecard(events(), period="2026-W47")
    assert figures["carriers"] == figures["checks"] == []
    assert figures.headline() == ["No number was submitted in these twelve weeks."]
    assert figures.advice().lines == []
