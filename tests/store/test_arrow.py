"""Columns out of the store: the same texts as row by row, whatever they hold."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import START, event

from portops.store import arrow, schema
from portops.store.database import Database, open_database
from portops.store.history import append, stamp

NAMES = ("event_id", "reason", "losing_carrier", "supersedes")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One SQLite store, emptied by each example."""
    with open_database(f"sqlite:///{tmp_path_factory.mktemp('arrow') / 'store.db'}") as database:
        yield database


def _fill(database: Database, reasons: list[str]) -> None:
    rows = [
        stamp(event(f"KW{place}", "+12125550100", "rejected", START, reason=reason), START)
        for place, reason in enumerate(reasons)
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
    """Empty texts, other scripts, quotes, NUL and control characters included."""
    _fill(kept, reasons)
    assert _by_columns(kept) == _plain(kept)


def test_a_long_table_is_read_in_windows(kept: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows there are, and whatever rows are gone, each is read once."""
    monkeypatch.setattr(arrow, "_WINDOW", 2)
    _fill(kept, ["one", "two", "three", "four", "five"])
    with kept.writing() as connection:
        connection.execute(sa.delete(schema.events).where(schema.events.c.reason == "three"))
    assert len(_by_columns(kept)) == 4
    assert _by_columns(kept) == _plain(kept)


def test_every_kind_of_store_gives_its_columns(database: Database) -> None:
    """Instants come as the texts that the store keeps."""
    _fill(database, ["Wrong PIN", ""])
    table = arrow.read_columns(database, schema.events, ("reason", "occurred_at"))
    assert sorted(table["reason"].to_pylist()) == ["", "Wrong PIN"]
    assert set(table["occurred_at"].to_pylist()) == {"2026-10-05T14:00:00.000000+00:00"}


def test_without_the_columnar_driver_rows_are_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL is then slower and gives the same."""
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    _fill(database, ["Wrong PIN", ""])
    assert _by_columns(database) == _plain(database)
