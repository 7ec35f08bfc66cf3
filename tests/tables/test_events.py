"""EVENTS at the border: what fits, what does not, and in which words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import START, event

from portops import tables
from portops.errors import InputError
from portops.store import flatfile
from portops.tables import events

GOOD = event("KW1", "+12125550100", "submitted", START)


def test_a_bogus_event_does_not_fit() -> None:
    """Each cell that is wrong is named, by row and column; the others are taken."""
    bogus = {**GOOD, "event_id": "b", "phone_number": "bogus", "status": "flying"}
    fitting, wrong = events.fitting([bogus, GOOD])
    assert fitting["event_id"].tolist() == [GOOD["event_id"]]
    assert wrong[["row", "column", "value"]].to_numpy().tolist() == [
        [0, "phone_number", "bogus"],
        [0, "status", "flying"],
    ]
    assert events.in_words(wrong).startswith("row 0: phone_number 'bogus' is no number in E.164")


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": None}, "occurred_at"),
        ({"occurred_at": [1]}, "occurred_at"),
        ({"recorded_at": 5}, "recorded_at"),
        ({"request_sid": ""}, "request_sid"),
        ({"request_sid": "KW1\n"}, "request_sid"),
        ({"event_id": "two words"}, "event_id"),
        ({"reason": "a\x00b"}, "reason"),
        ({"reason_code": "x" * 33}, "reason_code"),
        ({"cause": "bad luck"}, "cause"),
        ({"line_type": 5}, "line_type"),
        ({"provider": "p" * 33}, "provider"),
    ],
)
def test_what_is_wrong_is_named_with_its_value(change: dict[str, Any], column: str) -> None:
    """Whatever type it came in."""
    fitting, wrong = events.fitting([GOOD | change])
    assert fitting.empty
    assert wrong["column"].tolist() == [column]
    assert wrong["value"].item() == str(change[column])[:60]


def test_the_same_event_twice_is_one_and_an_id_with_two_contents_is_none() -> None:
    """One instant written in two ways is one instant."""
    same = {**GOOD, "occurred_at": (START + timedelta(0)).isoformat()}
    fitting, wrong = events.fitting([GOOD, same])
    assert (len(fitting), len(wrong)) == (1, 0)
    fitting, wrong = events.fitting([GOOD, {**GOOD, "status": "completed"}])
    assert fitting.empty
    assert set(wrong["column"]) == {"event_id"}


def test_half_a_character_does_not_stop_the_others() -> None:
    """JSON can hold half a character, which no text can."""
    fitting, wrong = events.fitting([{**GOOD, "reason": "\ud800 no"}])
    assert wrong.empty
    assert fitting["reason"].tolist() == ["? no"]


def test_absent_texts_are_empty_and_order_of_columns_is_the_models() -> None:
    """NaN and None are absent; a table without rows has the columns and types."""
    fitting, _ = events.fitting([{**GOOD, "reason": None, "supersedes": float("nan")}])
    assert fitting[["reason", "supersedes"]].to_numpy().tolist() == [["", ""]]
    for table in (fitting, events.fitting([])[0], events.shape([])):
        assert list(table.columns) == list(tables.EVENT_COLUMNS)
        tables.EVENTS.validate(table, lazy=True)


def test_a_users_own_table_is_taken_as_they_wrote_it() -> None:
    """Text instants, instants without a time zone, missing texts, and any index and order."""
    late = {**GOOD, "event_id": "b", "occurred_at": "2026-10-06 09:30", "reason": None}
    table = pd.DataFrame([late, GOOD], index=["x", "x"])
    taken = events.from_user(table)
    assert taken["event_id"].tolist() == [GOOD["event_id"], "b"]
    assert taken["occurred_at"].iloc[1] == pd.Timestamp("2026-10-06T09:30Z")
    naive = table.assign(occurred_at=pd.to_datetime(["2026-10-06 09:30"] * 2))
    assert (events.from_user(naive)["occurred_at"] == pd.Timestamp("2026-10-06T09:30Z")).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "flying"}, "row 0: status 'flying'"),
        ({"colour": "red"}, "unknown: colour"),
        ({"status": None}, "row 0: status"),
    ],
)
def test_a_users_table_that_does_not_fit_is_refused(change: dict[str, Any], words: str) -> None:
    """The first rows are named by the table's own index."""
    with pytest.raises(InputError, match=words):
        events.from_user(pd.DataFrame([GOOD | change]))
    with pytest.raises(InputError, match="missing: cause"):
        events.from_user(pd.DataFrame([GOOD]).drop(columns="cause"))


_WRONG = {
    "event_id": ["", "a b", "x" * 65],
    "provider": ["", "my sandbox", "p" * 33],
    "request_sid": ["", "KW 1", "K" * 65],
    "phone_number": ["212-555-0100", "+0", "+1212555010a", "12125550100"],
    "status": ["", "flying", "Submitted"],
    "cause": ["bad luck", "PIN"],
    "reason_code": ["9" * 33, "a\nb"],
    "occurred_at": ["", "yesterday", "2026-13-01T00:00:00Z", "5 Oct 2026"],
    "line_type": ["fax", "Landline"],
    "supersedes": ["K 1", "K" * 65],
    "recorded_at": ["", "now"],
}
_CHANGES = st.dictionaries(st.sampled_from(sorted(_WRONG)), st.integers(0, 3), max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.lists(_CHANGES, min_size=1, max_size=5))
def test_a_file_is_refused_for_exactly_what_the_model_refuses(
    tmp_path: Path, changes: list[dict[str, int]]
) -> None:
    """There is one declaration: the model's, row by row, is also the file's and the border's."""
    made = []
    for place, change in enumerate(changes):
        wrong = {name: _WRONG[name][number % len(_WRONG[name])] for name, number in change.items()}
        made.append({**GOOD, "event_id": f"e{place}", **wrong})
    refused = []
    for place, row in enumerate(made):
        try:
            tables.EVENTS.validate(events.shape([row]), lazy=True)
        except pa.errors.SchemaErrors:
            refused.append(place)
    _, wrong = events.fitting(made)
    if len({row["event_id"] for row in made}) == len(made):
        assert sorted(set(wrong["row"])) == refused
    path = tmp_path / "history.csv"
    pd.DataFrame(made)[[name for name in tables.EVENT_COLUMNS if name in GOOD]].to_csv(
        path, index=False
    )
    if len(wrong):
        with pytest.raises(InputError, match=f"row {wrong['row'].min() + 2}: "):
            flatfile.read_csv(path)
    else:
        assert len(flatfile.read_csv(path)) == len(made)
