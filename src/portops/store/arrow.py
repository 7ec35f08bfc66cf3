"""Whole tables out of the store by columns, for reports.

PostgreSQL is read by its ADBC driver. SQLite is not: that driver brings a SQLite of its own, and
two of them in one process break each other's locks.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portops.store.database import Database


def read_columns(database: Database, table: sa.Table, names: tuple[str, ...]) -> pa.Table:
    """Return these text columns of a table, rows in no order; StoreError when it cannot be read."""
    schema = pa.schema([(name, pa.large_string()) for name in names])
    if database.dialect == "postgresql":
        # Our own names only, so the text needs no other quoting.
        whole = _by_adbc(database.url, f"SELECT {', '.join(names)} FROM {table.name}")  # noqa: S608
        if whole is not None:
            return whole.cast(schema)
    elif not any(table.c[name].nullable for name in names):
        joined = _joined(database, table, names)
        if joined is not None:
            return pa.Table.from_arrays(joined, schema=schema)
    return pa.Table.from_arrays(_row_by_row(database, table, names), schema=schema)


def _joined(
    database: Database, table: sa.Table, names: tuple[str, ...]
) -> list[pa.LargeStringArray] | None:
    """Let SQLite join each column to one text, and cut it again; a row is never made of it.

    None when that cannot be: a value holds the separator, or a column is too long for one text.
    """
    ends: sa.ColumnElement[str] = sa.literal_column("char(31)")
    texts = [sa.cast(sa.func.group_concat(table.c[name], ends), sa.LargeBinary) for name in names]
    try:
        with database.reading() as connection:
            count, *found = connection.execute(
                sa.select(sa.func.count(), *texts).select_from(table)
            ).one()
    except sa.exc.DataError:
        return None
    if not count:
        return [pa.array([], pa.large_string())] * len(names)
    columns = [_cut(text) for text in found]
    return columns if all(len(column) == count for column in columns) else None


def _cut(text: bytes) -> pa.LargeStringArray:
    data = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(data == 31)
    # Where each value begins once the separators are gone.
    offsets = np.concatenate([[0], ends - np.arange(len(ends)), [len(data) - len(ends)]])
    kept = pa.py_buffer(data[data != 31])
    return pa.LargeStringArray.from_buffers(len(ends) + 1, pa.py_buffer(offsets), kept)


def _row_by_row(database: Database, table: sa.Table, names: tuple[str, ...]) -> list[pa.Array]:
    with database.reading() as connection, _uncollected():
        # Plain tuples: rows that know their columns' names cost three times as much.
        cursor = connection.connection.cursor()
        cursor.execute(f"SELECT {', '.join(names)} FROM {table.name}")  # noqa: S608
        rows = cursor.fetchall()
        cursor.close()
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        return [pa.array(column, pa.large_string()) for column in columns]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector from going through millions of fresh tuples again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _by_adbc(url: sa.URL, query: str) -> pa.Table | None:
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        return None
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with dbapi.connect(plain) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetch_arrow_table()
