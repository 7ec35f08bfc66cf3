"""Whole tables out of the store by columns, for reports.

PostgreSQL is read by its ADBC driver. SQLite is not: that driver brings a SQLite of its own, and
two of them in one process break each other's locks.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from portops.store.database import Database


def read_columns(database: Database, table: sa.Table, names: tuple[str, ...]) -> pa.Table:
    """Return these text columns of a table, rows in no order; StoreError when it cannot be read."""
    # Our own names only, so the text needs no other quoting.
    query = f"SELECT {', '.join(names)} FROM {table.name}"  # noqa: S608
    schema = pa.schema([(name, pa.large_string()) for name in names])
    whole = _by_adbc(database.url, query) if database.dialect == "postgresql" else None
    if whole is not None:
        return whole.cast(schema)
    with database.reading() as connection, _uncollected():
        # Plain tuples: rows that know their columns' names cost three times as much.
        cursor = connection.connection.cursor()
        cursor.execute(query)
        rows = cursor.fetchall()
        cursor.close()
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        arrays = [pa.array(column, pa.large_string()) for column in columns]
    return pa.Table.from_arrays(arrays, schema=schema)


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
