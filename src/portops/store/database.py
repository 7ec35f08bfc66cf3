"""Open the store: engine, settings of the connection, migrations, transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from portops.errors import StoreError
from portops.files import private_file
from portops.store import audit
from portops.store.address import exists, file_of, written
from portops.store.address import read as read_address

if TYPE_CHECKING:
    from portops.sealing import Cipher

_MIGRATIONS = files("portops.store") / "migrations"


def _newest() -> str:
    """Read the newest version off the names of the migration scripts, as in v0003_word.py.

    Alembic would tell it too, and takes longer to load than most commands take in all.
    """
    names = (script.name for script in (_MIGRATIONS / "versions").iterdir())
    return max(name[1:].partition("_")[0] for name in names if name.startswith("v"))


#: The schema's newest version; a store at another version is migrated when it is opened.
VERSION = _newest()

#: Milliseconds that a writer waits for another one, on SQLite.
BUSY = 30_000

# Two processes that open a store at once must not both migrate it.
_MIGRATING = 7_678_673


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


class NoStoreError(StoreError):
    """There is no store at an address, or what is there was never made one."""


class Database:
    """A store that is open. Use `reading()` and `writing()` for a connection."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._file = file_of(engine.url)
        self._identity = _identity(self._file)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection inside one transaction: all of it is committed, or nothing.

        Raises StoreError, also when the store's file was removed or replaced since it was opened:
        a commit to a file that nobody finds again would be lost without a word.
        """
        self._still_there()
        try:
            with self._engine.begin() as connection:
                yield connection
                self._still_there()
        except sa.exc.DatabaseError as error:
            self._still_there()
            raise _failed("written", error) from error

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection for questions. Raises StoreError."""
        self._still_there()
        try:
            with self._engine.connect() as connection:
                yield connection.execution_options(reading=True)
        except sa.exc.DatabaseError as error:
            self._still_there()
            raise _failed("read", error) from error

    def _still_there(self) -> None:
        if self._identity is not None and _identity(self._file) != self._identity:
            raise StoreError(
                f"The store {self._file} was removed or replaced while portops was using it. "
                "Nothing more is written to it.",
                "Put the file back, or restore a backup with `portops store restore`. Then run "
                "`portops adopt`: it takes in what the provider has and the store does not.",
            )

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


def _failed(what: str, error: sa.exc.DatabaseError) -> Exception:
    """Return a StoreError for what the database cannot do; what we did wrong is raised as it is."""
    if isinstance(error, sa.exc.IntegrityError | sa.exc.ProgrammingError | sa.exc.DataError):
        return error
    return StoreError(f"The store cannot be {what}: {error.orig}.")


def _identity(file: Path | None) -> tuple[int, int] | None:
    """Tell one file from another that has taken its name."""
    if file is None:
        return None
    try:
        status = file.stat()
    except OSError:
        return (0, 0)
    return status.st_dev, status.st_ino


def open_database(
    url: str, *, create: bool = True, opener: Callable[[], Cipher | None] = lambda: None
) -> Database:
    """Open the store at a SQLAlchemy URL, migrating its tables when needed.

    With `create` a store that is not there is made; a step that only reads passes False, so that
    a mistyped address makes none. `opener` gives the desk's key for the audit chain, where it has
    one. Raises StoreError when the store cannot be opened or is not there.
    """
    parsed = read_address(url)
    shown = written(parsed)
    if not create and not exists(url):
        raise _absent(shown)
    try:
        engine = sa.create_engine(parsed, execution_options={"audit_keys": audit.Keys(opener)})
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(
            f"The store {shown} cannot be used: {error}.",
            "For PostgreSQL: pip install 'portops[postgres]'.",
        ) from error
    if engine.dialect.name == "sqlite":
        _make_file(parsed)
        sa.event.listen(engine, "connect", _on_connect)
        sa.event.listen(engine, "begin", _on_begin)
    try:
        _migrate(engine, create=create)
    except StoreError:
        engine.dispose()
        raise
    except (sa.exc.DatabaseError, OSError) as error:
        engine.dispose()
        reason = getattr(error, "orig", None) or error
        raise StoreError(f"The store {shown} cannot be opened: {reason}.") from error
    return Database(engine)


def _make_file(url: sa.URL) -> None:
    """Make the file of a new store for its owner only; SQLite gives its -wal and -shm that mode."""
    if not url.database or url.database.startswith((":memory:", "file:")):
        return
    # What cannot be made is told by SQLite, in the words of every other fault of the store.
    if Path(url.database).parent.is_dir():
        with suppress(OSError):
            private_file(Path(url.database))


def _absent(shown: str) -> NoStoreError:
    return NoStoreError(
        f"There is no store at {shown}.",
        "Check the address (--store, PORTOPS_STORE or portops.toml), or submit a workbook first.",
    )


def _empty(file: Path) -> NoStoreError:
    return NoStoreError(
        f"There is no store in {file}: the file is empty.",
        "If it held one, restore a backup with `portops store restore`, then run `portops adopt`. "
        "If not, check the address, or submit a workbook first.",
    )


def _version(connection: sa.Connection) -> str | None:
    """Read the version of a store's tables; None where there are none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return version


def _migrate(engine: sa.Engine, *, create: bool) -> None:
    file = file_of(engine.url)
    # Only read at first: a store that is up to date opens while another process writes to it.
    with engine.connect() as connection:
        if _version(connection.execution_options(reading=True)) == VERSION:
            return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
        version = _version(connection)
        if version == VERSION:
            return
        if version is None and not create:
            raise _absent(written(engine.url)) if file is None else _empty(file)
        # A store that is up to date does not pay for loading what moves it.
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        # A percent sign in a path would be read as the beginning of another option's name.
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(
                f"The store {written(engine.url)} was made by a newer portops.",
                "Update portops, then try again.",
            ) from error


def insert_for(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """Return the insert of the connection's database, which knows what to do on a conflict."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def upsert(
    connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]], keys: list[str]
) -> None:
    """Insert rows, or renew those whose keys are there."""
    if not rows:
        return
    statement = insert_for(connection, table)
    newer = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=newer), rows)
