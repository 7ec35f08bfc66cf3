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
from portops.facts import causes, statuses
from portops.store import schema
from portops.store.history import dated
from portops.tables import EVENT_COLUMNS, LINE_TYPES
from portops.texts import arrow, matches, series

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from portops.store.database import Database

#: Rows that are handed to the database together.
_CHUNK = 50_000

_INSTANTS = ("occurred_at", "recorded_at", "port_date")

#: Columns that a file may leave out, and instants that may be empty.
_OPTIONAL = {"port_date"}

#: Texts that people wrote; Excel must not take them for a formula.
_WORDS = ("reason_code", "reason", "losing_carrier")
_FORMULA = "^[=+@\\t\\r\\n-]"
_DEFUSED = "^'([=+@\\t\\r\\n-])"

_SHAPES = {
    "event_id": (r"\S{1,64}$", "is not 1 to 64 characters without spaces"),
    "provider": (r"\S{1,32}$", "is not 1 to 32 characters without spaces"),
    "request_sid": (r"\S{1,64}$", "is not 1 to 64 characters without spaces"),
    "supersedes": (r"\S{0,64}$", "is longer than 64 characters, or has spaces"),
    "reason_code": (r".{0,32}$", "is longer than 32 characters"),
    "phone_number": (r"(\+[1-9]\d{6,14})?$", "is no number in E.164, such as +12125550100"),
}
_CHOICES = {
    "status": statuses.STATUSES,
    "cause": ("", *causes.CAUSES),
    "line_type": ("", *LINE_TYPES),
}


def read_csv(path: Path) -> pd.DataFrame:
    """Read a history file as the store keeps it.

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
    unknown, missing = set(names) - set(EVENT_COLUMNS), set(EVENT_COLUMNS) - set(names) - _OPTIONAL
    if unknown or missing or len(set(names)) < len(names):
        said = [
            f"unknown: {', '.join(sorted(unknown))}" if unknown else "",
            f"missing: {', '.join(sorted(missing))}" if missing else "",
        ]
        raise InputError(
            f"{path}, row 1: the columns are not those of a history "
            f"({'; '.join(filter(None, said)) or 'one is there twice'}).",
            f"They are exactly: {', '.join(EVENT_COLUMNS)} (the last may be absent).",
        )
    frame = pd.DataFrame(
        {
            name: series(column.combine_chunks(), pd.RangeIndex(table.num_rows))
            for name, column in zip(names, table.columns, strict=True)
        }
    )
    if "port_date" not in frame:
        frame = dated(frame)
    return _valid(frame[list(EVENT_COLUMNS)], path)


def _valid(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    wrong: list[tuple[int, str]] = []

    def refuse(bad: pd.Series, name: str, said: str) -> None:
        for row in bad[bad].index[:3]:
            value = str(frame[name].iloc[row])[:60]
            wrong.append((row + 2, f"row {row + 2}: {name} '{value}' {said}"))

    for name, (shape, said) in _SHAPES.items():
        refuse(~matches(frame[name], shape), name, said)
    for name, allowed in _CHOICES.items():
        refuse(~frame[name].isin(allowed), name, "is not one of the contract's")
    for name in _INSTANTS:
        # Many events are recorded at one instant, and each text is read once.
        code, texts = pd.factorize(frame[name])
        moments = pd.Series(pd.to_datetime(texts, utc=True, format="ISO8601", errors="coerce"))
        wrong_text = moments.isna().to_numpy() & ~((texts == "") & (name in _OPTIONAL))
        refuse(
            pd.Series(wrong_text[code]),
            name,
            "is no instant such as 2026-11-02T15:00:00Z",
        )
        as_kept = pc.strftime(
            pa.array(moments.astype("datetime64[us, UTC]")), "%Y-%m-%dT%H:%M:%S+00:00"
        )
        kept = pc.fill_null(as_kept, "").cast(pa.large_string())
        frame[name] = series(kept.take(pa.array(code)), frame.index)
    for name in _WORDS:
        bare = pc.replace_substring_regex(arrow(frame[name]), _DEFUSED, r"\1")
        frame[name] = series(bare, frame.index)
    unique = frame.drop_duplicates()
    twice = unique["event_id"].duplicated()
    refuse(twice, "event_id", "is there already with other contents")
    if wrong:
        rows = "; ".join(said for _, said in sorted(wrong)[:3])
        raise InputError(f"{path}: {rows}. Nothing was imported.", "Correct the file, then again.")
    # In the order of the primary key the index grows at its end.
    return unique.sort_values("event_id", ignore_index=True)


def import_csv(database: Database, path: Path) -> tuple[int, int]:
    """Append the events of a file in one transaction: all of them, or none.

    Returns how many the file holds and how many of them were new. Raises InputError, StoreError.
    """
    frame = read_csv(path)
    with database.writing() as connection:
        count = sa.select(sa.func.count()).select_from(schema.events)
        before = connection.execute(count).scalar_one()
        if connection.dialect.name == "postgresql":
            _copy(connection, frame)
        else:
            _insert(connection, frame)
        return len(frame), connection.execute(count).scalar_one() - before


def _insert(connection: sa.Connection, frame: pd.DataFrame) -> None:
    places = ", ".join("?" * len(EVENT_COLUMNS))
    statement = f"INSERT OR IGNORE INTO events ({', '.join(EVENT_COLUMNS)}) VALUES ({places})"  # noqa: S608 - our own names
    # Three indexes grow at once; they should not be read from the disk again and again.
    connection.exec_driver_sql("PRAGMA cache_size=-262144")
    for start in range(0, len(frame), _CHUNK):
        some = frame.iloc[start : start + _CHUNK]
        columns = [arrow(some[name]).to_pylist() for name in EVENT_COLUMNS]
        connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def _copy(connection: sa.Connection, frame: pd.DataFrame) -> None:
    names = ", ".join(EVENT_COLUMNS)
    connection.exec_driver_sql("CREATE TEMPORARY TABLE arriving (LIKE events) ON COMMIT DROP")
    table = pa.table({name: arrow(frame[name]) for name in EVENT_COLUMNS})
    cursor = connection.connection.cursor()
    with cursor.copy(
        f"COPY arriving ({names}) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL ({names}))"
    ) as copy:
        for batch in table.to_batches(max_chunksize=_CHUNK):
            sink = pa.BufferOutputStream()
            arrow_csv.write_csv(batch, sink, arrow_csv.WriteOptions(include_header=False))
            copy.write(sink.getvalue().to_pybytes())
    connection.exec_driver_sql(
        f"INSERT INTO events ({names}) SELECT {names} FROM arriving ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
    )


def _rows(connection: sa.Connection) -> Iterator[list[tuple[Any, ...]]]:
    columns = [schema.events.c[name] for name in EVENT_COLUMNS]
    query = sa.select(*columns).order_by(schema.events.c.occurred_at, schema.events.c.event_id)
    result = connection.execution_options(stream_results=True, max_row_buffer=_CHUNK).execute(query)
    for rows in result.partitions(_CHUNK):
        yield [tuple(row) for row in rows]


def export_csv(database: Database, path: Path) -> int:
    """Write the whole history, oldest first; returns how many events. Raises StoreError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside, count = path.with_name(path.name + ".part"), 0
    with database.reading() as connection, beside.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerow(EVENT_COLUMNS)
        for rows in _rows(connection):
            count += len(rows)
            frame = pd.DataFrame(rows, columns=list(EVENT_COLUMNS)).astype("str")
            for name in _WORDS:
                risky = matches(frame[name], _FORMULA[1:])
                frame[name] = frame[name].mask(risky, "'" + frame[name])
            frame.to_csv(file, header=False, index=False, lineterminator="\r\n")
    beside.replace(path)
    return count
