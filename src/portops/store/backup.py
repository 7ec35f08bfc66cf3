"""Backup and restore: one consistent file of the store, written while others go on writing.

A backup is a SQLite file with our own schema, whatever database the store is in.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from portops.errors import InputError, StoreError
from portops.files import replacing
from portops.results.kept import Backup, Restored
from portops.store import schema
from portops.store.address import file_at
from portops.store.database import Database, open_database

if TYPE_CHECKING:
    from datetime import datetime

#: Who may read a store: it holds customers' details.
_OURS = 0o600

#: Rows that are copied together.
_TOGETHER = 5_000

#: What SQLite keeps beside an open store; a file that is moved takes them along.
_BESIDE = ("-wal", "-shm")

_HEADER = b"SQLite format 3\x00"


def back_up(database: Database, target: Path) -> Backup:
    """Write the whole store to a new file; raises InputError when it exists, StoreError."""
    if target.exists():
        raise InputError(
            f"{target} exists already.", "Choose another name; a backup replaces nothing."
        )
    try:
        with replacing(target) as beside:
            beside.chmod(_OURS)
            if database.dialect == "sqlite":
                with database.reading() as connection:
                    raw: Any = connection.connection.driver_connection
                    _copy_file(raw, beside)
            else:
                # A file of our own schema, filled from one moment of the server's.
                with open_database(f"sqlite:///{beside}") as copy, database.reading() as connection:
                    moment = connection.execution_options(isolation_level="REPEATABLE READ")
                    _copy_rows(moment, copy)
            _alone(beside)
            with open_database(f"sqlite:///{beside}", create=False) as copy:
                requests, events = _counts(copy)
            _alone(beside)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"The backup {target} cannot be written: {error}.", "Choose another folder."
        ) from error
    return Backup(file=str(target), requests=requests, events=events, size=target.stat().st_size)


def _copy_file(source: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _alone(file: Path) -> None:
    """Make a store one single file, with nothing beside it that it needs."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _copy_rows(source: sa.Connection, target: Database) -> None:
    """Copy every table of our schema in one transaction; what each began with is replaced."""
    with target.writing() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(table.delete())
        for table in schema.metadata.sorted_tables:
            rows = source.execution_options(stream_results=True).execute(sa.select(table))
            for some in rows.mappings().partitions(_TOGETHER):
                connection.execute(table.insert(), [dict(row) for row in some])
        if connection.dialect.name == "postgresql":
            _go_on_counting(connection)


def _go_on_counting(connection: sa.Connection) -> None:
    """Let a server number new rows behind those that were copied."""
    for table in schema.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            last = connection.execute(sa.select(sa.func.max(column))).scalar()
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            if last is not None:
                connection.execute(sa.select(sa.func.setval(sequence, last)))


def _counts(database: Database) -> tuple[int, int]:
    with database.reading() as connection:
        requests, events = (
            int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
            for table in (schema.requests, schema.events)
        )
    return requests, events


def _read(file: Path, beside: Path) -> None:
    """Copy a backup, looked through and brought to our version; raises InputError for another file."""
    try:
        with file.open("rb") as opened:
            begins = opened.read(len(_HEADER))
        if begins != _HEADER:
            raise _no_backup(file, "it is no SQLite file")
        # Read only, so that a file that is no backup is left as it is.
        source = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        with closing(source):
            damage = source.execute("PRAGMA integrity_check").fetchone()[0]
            if damage != "ok":
                raise _no_backup(file, "it is damaged")
            names = {row[0] for row in source.execute("SELECT name FROM sqlite_master")}
            if not {"alembic_version", "requests", "journal", "events"} <= names:
                raise _no_backup(file, "it holds no store")
            _copy_file(source, beside)
    except sqlite3.Error as error:
        raise _no_backup(file, str(error)) from error
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}).") from error
    # An older backup is brought to the present schema here, before anything is replaced.
    open_database(f"sqlite:///{beside}", create=False).close()
    _alone(beside)


def _no_backup(file: Path, why: str) -> InputError:
    return InputError(
        f"{file} is no backup of a store: {why}. Nothing was changed.",
        "Name a file that `portops store backup` wrote.",
    )


def restore(url: str, file: Path, now: datetime) -> Restored:
    """Put a backup in the store's place.

    A present SQLite store is kept beside it under a name with the time (`now`, UTC); a server's
    database has to be empty. Raises InputError for a file that is no backup, StoreError.
    """
    target = file_at(url)
    if target is None:
        return _restore_into_server(url, file)
    if target.exists() and file.exists() and target.samefile(file):
        raise InputError(f"{file} is the store itself.", "Name a backup of it.")
    try:
        with replacing(target) as beside:
            beside.chmod(_OURS)
            _read(file, beside)
            with open_database(f"sqlite:///{beside}", create=False) as copy:
                requests, events = _counts(copy)
            _alone(beside)
            kept = _put_aside(target, now)
    except OSError as error:
        raise StoreError(f"The store {target} cannot be replaced: {error.strerror}.") from error
    return Restored(
        store=str(target),
        kept=None if kept is None else str(kept),
        requests=requests,
        events=events,
    )


def _put_aside(target: Path, now: datetime) -> Path | None:
    """Rename the present store, with what SQLite keeps beside it; returns its new name."""
    if not target.exists():
        return None
    kept = target.with_name(f"{target.stem}.before-restore-{now:%Y%m%dT%H%M%SZ}{target.suffix}")
    if kept.exists():
        raise StoreError(f"{kept} exists already.", "Try again in a second.")
    try:
        with closing(sqlite3.connect(target)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        # It may be damaged: that is what a backup is for. It is kept as it is.
        pass
    target.rename(kept)
    for end in _BESIDE:
        beside = target.with_name(target.name + end)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + end))
    return kept


def _restore_into_server(url: str, file: Path) -> Restored:
    with TemporaryDirectory(prefix="portops-") as folder:
        beside = Path(folder) / "backup.db"
        _read(file, beside)
        with (
            open_database(f"sqlite:///{beside}", create=False) as copy,
            open_database(url) as there,
        ):
            if any(_counts(there)):
                raise StoreError(
                    "The database holds a store already. Nothing was changed.",
                    "Restore into an empty database, then set PORTOPS_STORE to it.",
                )
            with copy.reading() as connection:
                _copy_rows(connection, there)
            requests, events = _counts(there)
    return Restored(store="the database", kept=None, requests=requests, events=events)
