"""History as a flat file: EVENTS in and out as CSV, a million of them in seconds."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from pyarrow import csv as arrow_csv

from portops.errors import InputError
from portops.files import replacing
from portops.store import audit, schema
from portops.store.history import dated
from portops.store.instants import as_texts
from portops.tables import EVENT_COLUMNS, events
from portops.tables.events import INSTANTS, check_columns
from portops.texts import arrow, matches, series

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from portops.store.database import Database

#: Rows that are handed to the database together.
_CHUNK = 50_000

#: Texts that people wrote; Excel must not take them for a formula.
_WORDS = ("reason_code", "reason", "losing_carrier")
_FORMULA = "^[=+@\\t\\r\\n-]"
_DEFUSED = "^'([=+@\\t\\r\\n-])"


def read_csv(path: Path) -> pd.DataFrame:
    """Read a history file as EVENTS; the same event twice is one.

    Raises InputError, which names the first rows that are wrong; nothing of such a file is used.
    """
    try:
        table = arrow_csv.read_csv(
            path,
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(EVENT_COLUMNS, pa.large_string()),
                strings_can_be_null=False,
            ),
        )
    except (OSError, pa.ArrowInvalid) as error:
        words = str(error).splitlines()[0]
        raise InputError(
            f"{path} cannot be read as CSV ({words}).", "Write it as UTF-8 with commas."
        ) from error
    names = [name.removeprefix("\ufeff") for name in table.column_names]
    check_columns(names, f"{path}, row 1")
    index = pd.RangeIndex(2, table.num_rows + 2, name="row")  # as Excel counts them
    written = pd.DataFrame(
        {
            name: series(column.combine_chunks(), index)
            for name, column in zip(names, table.columns, strict=True)
        }
    )
    if "port_date" not in written:
        written = dated(written)
    for name in _WORDS:
        bare = pc.replace_substring_regex(arrow(written[name]), _DEFUSED, r"\1")
        written[name] = series(bare, index)
    fitting, wrong = events.fitting(written)
    if len(wrong):
        raise InputError(
            f"{path}: {events.in_words(wrong)}. Nothing was imported.",
            "Fix these rows, then import the file again.",
        )
    # In the order of the primary key the index grows at its end.
    return fitting.sort_values("event_id", ignore_index=True)


def _texts(table: pd.DataFrame) -> dict[str, pa.Array]:
    """Return EVENTS as the store keeps them, by columns."""
    return {
        name: arrow(as_texts(table[name]) if name in INSTANTS else table[name])
        for name in EVENT_COLUMNS
    }


#: The columns of the store that a file fills.
_FILLED = (*EVENT_COLUMNS, "place", "chain", "mac")


def _chained(connection: sa.Connection, table: pd.DataFrame) -> dict[str, list[Any]]:
    """Return EVENTS as the store keeps them, by columns, with their places in the chain."""
    length, head = audit.end_of(connection, schema.events)
    key = audit.key_of(connection, schema.events, make=not table.empty)
    columns: dict[str, list[Any]] = {name: a.to_pylist() for name, a in _texts(table).items()}
    chain = []
    for place, values in enumerate(zip(*columns.values(), strict=True), start=length + 1):
        head = audit.digest(head, place, values)
        chain.append(head)
    if chain:
        audit.keep_end(connection, schema.events, length + len(chain), head, key)
    places = list(range(length + 1, length + len(chain) + 1))
    macs: list[str | None] = [None] * len(chain)
    if key is not None:
        pairs = zip(places, chain, strict=True)
        macs = [audit.mac(key, schema.events.name, place, link) for place, link in pairs]
    return {**columns, "place": places, "chain": chain, "mac": macs}


def _new(connection: sa.Connection, frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out events that the store has; nobody else appends from here on."""
    audit.end_of(connection, schema.events)
    there = set(connection.execute(sa.select(schema.events.c.event_id)).scalars())
    frame = frame.drop_duplicates("event_id")
    return frame[~frame["event_id"].isin(there)] if there else frame


def import_csv(database: Database, path: Path) -> tuple[int, int]:
    """Append the events of a file in one transaction: all of them, or none.

    Returns how many the file holds and how many of them were new. Raises InputError, StoreError.
    """
    frame = read_csv(path)
    with database.writing() as connection:
        new = _new(connection, frame)
        if connection.dialect.name == "postgresql":
            _copy(connection, new)
        else:
            _insert(connection, new)
        return len(frame), len(new)


def _insert(connection: sa.Connection, frame: pd.DataFrame) -> None:
    places = ", ".join("?" * len(_FILLED))
    statement = f"INSERT INTO events ({', '.join(_FILLED)}) VALUES ({places})"  # noqa: S608 - our own names
    # Three indexes grow at once; they should not be read from the disk again and again.
    connection.exec_driver_sql("PRAGMA cache_size=-262144")
    for start in range(0, len(frame), _CHUNK):
        some = frame.iloc[start : start + _CHUNK]
        columns = _chained(connection, some)
        connection.exec_driver_sql(
            statement, list(zip(*(columns[name] for name in _FILLED), strict=True))
        )


def _copy(connection: sa.Connection, frame: pd.DataFrame) -> None:
    names = ", ".join(_FILLED)
    connection.exec_driver_sql("CREATE TEMPORARY TABLE arriving (LIKE events) ON COMMIT DROP")
    columns = _chained(connection, frame)
    table = pa.table({name: columns[name] for name in _FILLED})
    never_null = ", ".join(name for name in EVENT_COLUMNS if not schema.events.c[name].nullable)
    cursor = connection.connection.cursor()
    with cursor.copy(
        f"COPY arriving ({names}) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL ({never_null}))"
    ) as copy:
        for batch in table.to_batches(max_chunksize=_CHUNK):
            sink = pa.BufferOutputStream()
            arrow_csv.write_csv(batch, sink, arrow_csv.WriteOptions(include_header=False))
            copy.write(sink.getvalue().to_pybytes())
    connection.exec_driver_sql(
        f"INSERT INTO events ({names}) SELECT {names} FROM arriving ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
    )


def _rows(connection: sa.Connection) -> Iterator[list[tuple[Any, ...]]]:
    columns = [sa.type_coerce(schema.events.c[name], sa.Text) for name in EVENT_COLUMNS]
    query = sa.select(*columns).order_by(schema.events.c.occurred_at, schema.events.c.event_id)
    result = connection.execution_options(stream_results=True, max_row_buffer=_CHUNK).execute(query)
    for rows in result.partitions(_CHUNK):
        yield [tuple(row) for row in rows]


def export_csv(database: Database, path: Path) -> int:
    """Write the whole history, oldest first; returns how many events. Raises StoreError."""
    count = 0
    with (
        database.reading() as connection,
        replacing(path) as beside,
        beside.open("w", encoding="utf-8", newline="") as file,
    ):
        csv.writer(file, lineterminator="\r\n").writerow(EVENT_COLUMNS)
        for rows in _rows(connection):
            count += len(rows)
            frame = pd.DataFrame(rows, columns=list(EVENT_COLUMNS)).astype("str")
            for name in _WORDS:
                risky = matches(frame[name], _FORMULA[1:])
                frame[name] = frame[name].mask(risky, "'" + frame[name])
            frame.to_csv(file, header=False, index=False, lineterminator="\r\n")
    return count
