"""Whole tables out of the store by columns, for reports.

PostgreSQL is read by its ADBC driver. SQLite is not: that driver brings a SQLite of its own, and
two of them in one process break each other's locks. SQLite writes each column as one JSON array,
so that no row is ever made.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import sqlalchemy as sa

if TYPE_CHECKING:
    from portops.store.database import Database

#: Rows of one JSON array: far from SQLite's limit of 1 GB for a text.
_WINDOW = 100_000


def read_columns(database: Database, table: sa.Table, names: tuple[str, ...]) -> pa.Table:
    """Return these text columns of a table, rows in no order; StoreError when it cannot be read."""
    schema = pa.schema([(name, pa.large_string()) for name in names])
    if database.dialect == "sqlite":
        return _as_json(database, table, schema)
    # Our own names only, so the text needs no other quoting.
    arrived = _by_adbc(database.url, f"SELECT {', '.join(names)} FROM {table.name}")  # noqa: S608
    return _as_rows(database, table, schema) if arrived is None else arrived.cast(schema)


def _as_json(database: Database, table: sa.Table, schema: pa.Schema) -> pa.Table:
    row: sa.ColumnElement[int] = sa.literal_column("rowid", sa.Integer)
    arrays = [sa.func.json_group_array(table.c[name]) for name in schema.names]
    with database.reading() as connection:
        last = sa.select(sa.func.max(row)).select_from(table)
        end = connection.execute(last).scalar() or 0
        batches = []
        for start in range(0, end, _WINDOW):
            window = row.between(start + 1, start + _WINDOW)
            texts = connection.execute(sa.select(*arrays).where(window)).one()
            columns = [pa.array(json.loads(text), pa.large_string()) for text in texts]
            batches.append(pa.RecordBatch.from_arrays(columns, schema=schema))
    return pa.Table.from_batches(batches, schema)


def _as_rows(database: Database, table: sa.Table, schema: pa.Schema) -> pa.Table:
    texts = [sa.type_coerce(table.c[name], sa.Text).label(name) for name in schema.names]
    with database.reading() as connection:
        rows = connection.execute(sa.select(*texts)).all()
    columns = zip(*rows, strict=True) if rows else [()] * len(schema.names)
    return pa.Table.from_arrays(
        [pa.array(column, pa.large_string()) for column in columns], schema=schema
    )


def _by_adbc(url: sa.URL, query: str) -> pa.Table | None:
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        return None
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with dbapi.connect(plain) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetch_arrow_table()
