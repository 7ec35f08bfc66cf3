"""History of statuses: events are appended, never changed; the same event twice is one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from portops import tables
from portops.store import schema
from portops.store.arrow import read_columns
from portops.store.database import instant
from portops.texts import matches, series

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portops.store.database import Database

#: Rows of one INSERT statement.
_CHUNK = 5_000

#: How an agreed port date stood in an event's reason before it had a column of its own.
_AGREED = "FOC date "
_AGREED_REASON = r"FOC date \d{4}-\d\d-\d\dT\d\d:\d\dZ$"

_INSTANTS = ("occurred_at", "recorded_at", "port_date")


def event_id(event: dict[str, Any]) -> str:
    """Make the identity of an event from what happened: the same happening, the same id.

    `event` is a row as the store keeps it. A port date counts as the words in which stores before
    it had a column held it, to the minute, so that events which are there keep their ids.
    """
    parts = ("provider", "request_sid", "phone_number", "status", "occurred_at", "reason_code")
    date = event.get("port_date")
    reason = [event.get("reason", ""), f"{_AGREED}{date[:16]}Z" if date else ""]
    texts = [*(event.get(part, "") for part in parts), "; ".join(filter(None, reason))]
    joined = "\x1f".join(map(str, texts))
    return hashlib.sha256(joined.encode()).hexdigest()[:32]


def dated(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows that were written before EVENTS had a port date, with their port date.

    It stood in the reason of `foc_confirmed` events; the reason is empty afterwards. All columns
    are texts, here and in the result.
    """
    agreed = matches(rows["reason"], _AGREED_REASON) & (rows["status"] == "foc_confirmed")
    moment = rows["reason"].str.slice(len(_AGREED)).where(agreed, "")
    return rows.assign(port_date=moment, reason=rows["reason"].mask(agreed, ""))


def rows_of(events: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn EVENTS into rows as the store keeps them."""
    plain = events.copy()
    for name in _INSTANTS:
        plain[name] = plain[name].dt.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00").fillna("")
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def append(connection: sa.Connection, events: Iterable[dict[str, Any]]) -> int:
    """Append events (rows as the store keeps them); returns how many were new."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(schema.events).on_conflict_do_nothing(index_elements=["event_id"])
    rows, before = list(events), _count(connection)
    for start in range(0, len(rows), _CHUNK):
        connection.execute(statement, rows[start : start + _CHUNK])
    return _count(connection) - before


def _count(connection: sa.Connection) -> int:
    return int(
        connection.execute(sa.select(sa.func.count()).select_from(schema.events)).scalar_one()
    )


def stamp(event: dict[str, Any], recorded_at: str) -> dict[str, Any]:
    """Complete an event: its id, when it was recorded, and empty texts for what is unknown."""
    texts = dict.fromkeys(tables.EVENT_COLUMNS, "")
    row = {**texts, **{key: value for key, value in event.items() if value is not None}}
    for name in ("occurred_at", "port_date"):
        row[name] = instant(pd.Timestamp(row[name]).to_pydatetime()) if row[name] else ""
    return {**row, "event_id": event_id(row), "recorded_at": recorded_at}


def read_history(
    database: Database,
    request_sids: Sequence[str] | None = None,
    *,
    columns: tuple[str, ...] = tables.EVENT_COLUMNS,
) -> pd.DataFrame:
    """Return EVENTS of these requests, or all of them, ordered by when they occurred.

    Of all of them some `columns` may be read alone; `occurred_at` and `event_id` must be there.
    """
    if request_sids is None:
        return _whole_history(database, columns)
    names = [schema.events.c[name] for name in tables.EVENT_COLUMNS]
    query = sa.select(*names).order_by(schema.events.c.occurred_at, schema.events.c.event_id)
    query = query.where(schema.events.c.request_sid.in_(list(request_sids)))
    with database.reading() as connection:
        rows = connection.execute(query).all()
    frame = pd.DataFrame(rows, columns=list(tables.EVENT_COLUMNS))
    return tables.events(frame, trusted=True)


def _whole_history(database: Database, columns: tuple[str, ...]) -> pd.DataFrame:
    table = read_columns(database, schema.events, columns)
    moments = {
        name: pc.cast(_or_null(table[name]), pa.timestamp("us", tz="UTC"))
        for name in _INSTANTS
        if name in columns
    }
    for name, column in moments.items():
        table = table.set_column(table.schema.get_field_index(name), name, column)
    order = [("occurred_at", "ascending"), ("event_id", "ascending")]
    table = table.take(pc.sort_indices(table, order))
    index = pd.RangeIndex(table.num_rows)
    return pd.DataFrame(
        {
            name: pd.Series(table[name].to_pandas(), index=index)
            if name in moments
            else series(table[name].combine_chunks(), index)
            for name in columns
        }
    )


def _or_null(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(texts, ""), None, texts)
