"""History of statuses: events are appended, never changed; the same event twice is one."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from portops.store import audit, schema
from portops.store.arrow import read_columns
from portops.store.instants import as_text
from portops.tables import EVENT_COLUMNS, events
from portops.tables.events import INSTANTS
from portops.texts import matches, series

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portops.store.database import Database

_log = logging.getLogger(__name__)

#: Rows of one INSERT statement.
_CHUNK = 5_000

#: How an agreed port date stood in an event's reason before it had a column of its own.
_AGREED = "FOC date "
_AGREED_REASON = r"FOC date \d{4}-\d\d-\d\dT\d\d:\d\dZ$"


def event_id(event: dict[str, Any]) -> str:
    """Make the identity of an event from what happened: the same happening, the same id.

    A port date counts as the words in which stores before it had a column held it, to the minute,
    so that events which are there keep their ids.
    """
    moment, date = event.get("occurred_at", ""), event.get("port_date")
    agreed = f"{_AGREED}{as_text(date)[:16]}Z" if isinstance(date, datetime) else ""
    reason = "; ".join(filter(None, (str(event.get("reason") or ""), agreed)))
    parts = (
        *(event.get(name, "") for name in ("provider", "request_sid", "phone_number", "status")),
        as_text(moment) if isinstance(moment, datetime) else moment,
        event.get("reason_code", ""),
        reason,
    )
    joined = "\x1f".join(map(str, parts))
    return hashlib.sha256(joined.encode(errors="replace")).hexdigest()[:32]


def dated(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows that were written before EVENTS had a port date, with their port date.

    It stood in the reason of `foc_confirmed` events; the reason is empty afterwards. All columns
    are texts, here and in the result.
    """
    agreed = matches(rows["reason"], _AGREED_REASON) & (rows["status"] == "foc_confirmed")
    moment = rows["reason"].str.slice(len(_AGREED)).where(agreed, "")
    return rows.assign(port_date=moment, reason=rows["reason"].mask(agreed, ""))


def stamp(event: dict[str, Any], recorded_at: datetime) -> dict[str, Any]:
    """Complete an event of a provider: its id, and when it was recorded (UTC)."""
    row = {key: value for key, value in event.items() if value is not None}
    for name in ("occurred_at", "port_date"):
        row[name] = _moment(event.get(name))
    return {**row, "event_id": event_id(row), "recorded_at": recorded_at}


def _moment(value: object) -> object:
    """Read an instant, in UTC where it names no time zone; what is none is given back."""
    try:
        # Anything may be handed in; what is no instant is refused here.
        moment = pd.Timestamp(cast("str", value)).to_pydatetime()
    except (ValueError, TypeError):
        return value
    return value if pd.isna(moment) else moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def taken_in(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return what a provider's adapter has handed in, stamped, as EVENTS.

    An event that does not fit is set aside with a warning, and does not stop the others.
    """
    fitting, wrong = events.fitting(rows)
    unknown = {name for row in rows for name in row} - set(EVENT_COLUMNS)
    if unknown:
        _log.warning("columns that no event has were left out: %s", ", ".join(sorted(unknown)))
    for row, column, value, problem in wrong.itertuples(index=False, name=None):
        _log.warning(
            "an event of request %s was set aside: %s '%s' %s",
            rows[row].get("request_sid"),
            column,
            value,
            problem,
        )
    return fitting


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn EVENTS into rows for `append`."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def append(connection: sa.Connection, rows: Iterable[dict[str, Any]]) -> int:
    """Append rows of EVENTS, which were validated where they came in; returns how many were new."""
    # Nobody else appends from here on, so what is not there now is new.
    audit.end_of(connection, schema.events)
    given: dict[str, dict[str, Any]] = {}
    for row in rows:
        given.setdefault(row["event_id"], row)
    there, ids = set(), list(given)
    event_id = schema.events.c.event_id
    for start in range(0, len(ids), _CHUNK):
        query = sa.select(event_id).where(event_id.in_(ids[start : start + _CHUNK]))
        there |= set(connection.execute(query).scalars())
    new = [row for name, row in given.items() if name not in there]
    chained = audit.linked(connection, schema.events, new)
    for start in range(0, len(chained), _CHUNK):
        connection.execute(schema.events.insert(), chained[start : start + _CHUNK])
    return len(chained)


def read_history(
    database: Database,
    request_sids: Sequence[str] | None = None,
    *,
    columns: tuple[str, ...] = EVENT_COLUMNS,
) -> pd.DataFrame:
    """Return EVENTS of these requests, or all of them, ordered by when they occurred.

    Of all of them some `columns` may be read alone; `occurred_at` and `event_id` must be there.
    """
    if request_sids is None:
        return _all_of_it(database, columns)
    names = [schema.events.c[name] for name in EVENT_COLUMNS]
    query = sa.select(*names).order_by(schema.events.c.occurred_at, schema.events.c.event_id)
    query = query.where(schema.events.c.request_sid.in_(list(request_sids)))
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return events.shape(pd.DataFrame(rows, columns=list(EVENT_COLUMNS)))


def _all_of_it(database: Database, columns: tuple[str, ...]) -> pd.DataFrame:
    table = read_columns(database, schema.events, columns)
    moments = {
        name: pc.cast(table[name], pa.timestamp("us", tz="UTC"))
        for name in INSTANTS
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
