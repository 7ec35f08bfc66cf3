"""History as a flat file: exactly the contract's columns, all of a file or nothing, back and forth."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import START, event

from portops.errors import InputError
from portops.store import flatfile
from portops.store.database import Database
from portops.store.history import read_history
from portops.tables import EVENT_COLUMNS, events


def _event(sid: str, number: str, **more: str) -> dict:
    row = event(sid, number, "submitted", START, **more)
    return {**row, "event_id": hashlib.sha256(row["event_id"].encode()).hexdigest()[:32]}


def _rows(count: int, **same: str) -> list[dict]:
    return [_event("KW1", f"+1212555{n:04d}", **same) for n in range(count)]


def _write(path: Path, rows: list[dict]) -> Path:
    frame = events.shape(rows)
    frame["occurred_at"] = frame["occurred_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    frame["recorded_at"] = frame["recorded_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    frame.to_csv(path, index=False)
    return path


def test_what_goes_in_comes_out(database: Database, tmp_path: Path) -> None:
    """Exported and imported again it is the same history, and nothing is new."""
    words = _rows(3, reason='=cmd|" /c calc"!A1, says "no"\nand more', cause="other")
    path = _write(tmp_path / "in.csv", words)
    assert flatfile.import_csv(database, path) == (3, 3)
    assert flatfile.export_csv(database, tmp_path / "out.csv") == 3
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert "\"'=cmd" in text
    assert text.splitlines()[0] == ",".join(EVENT_COLUMNS)
    assert flatfile.import_csv(database, tmp_path / "out.csv") == (3, 0)
    pd.testing.assert_frame_equal(
        read_history(database).sort_values("event_id", ignore_index=True),
        events.shape(words).sort_values("event_id", ignore_index=True),
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"status": "ported"}, "row 3: status 'ported'"),
        ({"cause": "bad luck"}, "row 3: cause 'bad luck'"),
        ({"occurred_at": "yesterday"}, "row 3: occurred_at 'yesterday'"),
        ({"phone_number": "212-555-0100"}, "row 3: phone_number"),
        ({"request_sid": ""}, "row 3: request_sid '' is not 1 to 64"),
        ({"event_id": "same"}, "row 4: event_id 'same'"),
    ],
)
def test_one_bad_row_changes_nothing(
    database: Database, tmp_path: Path, change: dict, problem: str
) -> None:
    """It is named as Excel counts it."""
    path = _write(tmp_path / "in.csv", _rows(4))
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name, value in change.items():
        frame.loc[[1, 2] if name == "event_id" else [1], name] = value
    frame.to_csv(path, index=False)
    with pytest.raises(InputError, match=re.escape(problem)):
        flatfile.import_csv(database, path)
    assert read_history(database).empty


@pytest.mark.parametrize("change", ["extra", "less", "empty", "no text"])
def test_other_columns_are_refused(database: Database, tmp_path: Path, change: str) -> None:
    """Row 1 is named."""
    path = _write(tmp_path / "in.csv", _rows(2))
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if change == "extra":
        frame.assign(colour="red").to_csv(path, index=False)
    elif change == "less":
        frame.drop(columns="cause").to_csv(path, index=False)
    else:
        path.write_bytes(b"" if change == "empty" else b"\xff\xfe\x00\x01" * 100)
    with pytest.raises(InputError, match=r"row 1|cannot be read"):
        flatfile.import_csv(database, path)


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=30)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(reasons=st.lists(_TEXT, min_size=1, max_size=4))
def test_any_words_survive(database: Database, tmp_path: Path, reasons: list[str]) -> None:
    """What carriers write comes back as they wrote it, but for an apostrophe before a formula."""
    rows = [_event("KW9", "", reason=reason) for reason in reasons]
    rows = list({row["event_id"]: row for row in rows}.values())
    wanted = {row["event_id"]: row["reason"] for row in rows if not row["reason"].startswith("'")}
    flatfile.import_csv(database, _write(tmp_path / "any.csv", rows))
    flatfile.export_csv(database, tmp_path / "back.csv")
    back = flatfile.read_csv(tmp_path / "back.csv").set_index("event_id")["reason"]
    assert {key: back[key] for key in wanted} == wanted
