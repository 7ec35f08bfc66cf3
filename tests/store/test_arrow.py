"""Columns out of the store: the same texts as row by row, whatever they hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import START, event

from portops.store import arrow, schema
from portops.store.database import Database, instant, open_database
from portops.store.history import append, stamp

NAMES = ("event_id", "reason", "losing_carrier", "supersedes")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One SQLite store, emptied by each example."""
    with open_database(f"sqlite:///{tmp_path_factory.mktemp('arrow') / 'store.db'}") as database:
        yield database


def _fill(database: Database, reasons: list[str]) -> None:
    rows = [
        stamp(
            {
                k: v
                for k, v in event(
                    f"KW{n}", "+12125550100", "rejected", START, reason=reason
                ).items()
                if k != "event_id"
            },
            instant(START),
        )
        for n, reason in enumerate(reasons)
    ]
    with database.writing() as connection:
        connection.execute(sa.delete(schema.events))
        append(connection, rows)


def _plain(database: Database) -> list[tuple[str, ...]]:
    with database.reading() as connection:
        query = sa.select(*(schema.events.c[name] for name in NAMES))
        return sorted(tuple(row) for row in connection.execute(query))


def _by_columns(database: Database) -> list[tuple[str, ...]]:
    table = arrow.read_columns(database, schema.events, NAMES)
    return sorted(zip(*(table[name].to_pylist() for name in NAMES), strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=6))
def test_columns_are_the_rows(kept: Database, reasons: list[str]) -> None:
    """Empty texts, other scripts, NUL and control characters included."""
    _fill(kept, reasons)
    assert _by_columns(kept) == _plain(kept)


def test_a_text_that_holds_the_separator_is_whole(kept: Database) -> None:
    """Such a column cannot be cut, so the rows are read."""
    _fill(kept, ["one\x1ftwo", "", "\x1f"])
    assert arrow._joined(kept, schema.events, NAMES) is None
    assert _by_columns(kept) == _plain(kept)


def test_the_common_case_makes_no_rows(kept: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ordinary history is read without a Python object a value."""
    _fill(kept, ["Wrong PIN", ""])
    monkeypatch.delattr(arrow, "_row_by_row")
    assert len(_by_columns(kept)) == 2


def test_a_column_that_is_too_long_for_one_text(
    kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's limit on a text is met by reading rows."""
    _fill(kept, ["x" * 600, "y" * 600])
    expected = _plain(kept)
    reading = kept.reading

    def small():
        found = reading()
        connection = found.__enter__()
        connection.connection.driver_connection.setlimit(0, 1_000)  # SQLITE_LIMIT_LENGTH
        return _Kept(found, connection)

    monkeypatch.setattr(kept, "reading", small)
    assert arrow._joined(kept, schema.events, NAMES) is None
    assert _by_columns(kept) == expected


class _Kept:
    def __init__(self, found, connection) -> None:
        self._found, self._connection = found, connection

    def __enter__(self):
        return self._connection

    def __exit__(self, *error: object) -> None:
        self._connection.connection.driver_connection.setlimit(0, 1_000_000_000)
        self._found.__exit__(*error)
