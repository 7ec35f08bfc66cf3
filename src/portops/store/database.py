"""Open the store: engine, settings of the connection, migrations, transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from portops.errors import StoreError

#: The schema's newest version; a store at another version is migrated when it is opened.
VERSION = "0004"

#: Milliseconds that a writer waits for another one, on SQLite.
BUSY = 30_000

# Two processes that open a store at once must not both migrate it.
_MIGRATING = 7_678_673


def instant(moment: datetime) -> str:
    """Write an instant as the store keeps it: ISO 8601 in UTC with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def _on_connect(connection: Any, _record: Any) -> None:
    # WAL lets readers go on while one writes; FULL makes a commit survive a power cut.
    # Purged secrets are overwritten, not only unlinked.
    for pragma in (
        f"busy_timeout={BUSY}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    # The driver must not begin transactions of its own: `begin` below says which kind.
    connection.isolation_level = None


def _on_begin(connection: sa.Connection) -> None:
    # A writer takes its lock at once, so that two writers wait instead of failing half-way.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


class Database:
    """A store that is open. Use `reading()` and `writing()` for a connection."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection inside one transaction: all of it is committed, or nothing."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.OperationalError as error:
            raise StoreError(f"The store cannot be written: {error.orig}.") from error

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection for questions."""
        try:
            with self._engine.connect() as connection:
                yield connection.execution_options(reading=True)
        except sa.exc.OperationalError as error:
            raise StoreError(f"The store cannot be read: {error.orig}.") from error

    @property
    def url(self) -> sa.URL:
        """The store's address, with its password."""
        return self._engine.url

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _url(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError as error:
        raise StoreError(
            "The store's address is not a URL.", "Write it as sqlite:///portops.db."
        ) from error
    if url.get_backend_name() == "postgresql" and url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url


def exists(url: str) -> bool:
    """Tell whether a store is there; only files can be absent, servers are taken as there."""
    parsed = _url(url)
    if parsed.get_backend_name() != "sqlite":
        return True
    return bool(parsed.database) and Path(str(parsed.database)).is_file()


def absolute(url: str) -> str:
    """Return the same store's URL for a process that runs in another folder."""
    parsed = _url(url)
    file = parsed.database
    if parsed.get_backend_name() == "sqlite" and file and file != ":memory:":
        parsed = parsed.set(database=str(Path(file).resolve()))
    return parsed.render_as_string(hide_password=False)


def open_database(url: str) -> Database:
    """Open the store at a SQLAlchemy URL, making or migrating its tables when needed.

    Raises StoreError when it cannot be opened.
    """
    parsed = _url(url)
    shown = parsed.render_as_string(hide_password=True)
    try:
        engine = sa.create_engine(parsed)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(
            f"The store {shown} cannot be used: {error}.",
            "For PostgreSQL: pip install 'portops[postgres]'.",
        ) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _on_connect)
        sa.event.listen(engine, "begin", _on_begin)
    try:
        _migrate(engine)
    except StoreError:
        engine.dispose()
        raise
    except (sa.exc.DatabaseError, OSError) as error:
        engine.dispose()
        reason = getattr(error, "orig", None) or error
        raise StoreError(f"The store {shown} cannot be opened: {reason}.") from error
    return Database(engine)


def _migrate(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
        if sa.inspect(connection).has_table("alembic_version"):
            there = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
            if there == VERSION:
                return
        # A store that is up to date does not pay for loading what moves it.
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(files("portops.store") / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(
                f"The store {engine.url.render_as_string(hide_password=True)} was made by a newer "
                "portops.",
                "Update portops, then try again.",
            ) from error


def upsert(
    connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]], keys: list[str]
) -> None:
    """Insert rows, or renew those whose keys are there."""
    if not rows:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table)
    newer = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=newer), rows)
