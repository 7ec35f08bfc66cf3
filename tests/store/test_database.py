"""The store: migrations, one transaction, what survives, what is refused."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.conftest import START, event

from portops import Desk
from portops.errors import StoreError
from portops.settings import Settings
from portops.store import database as store_database
from portops.store import schema
from portops.store.address import absolute, exists
from portops.store.database import VERSION, Database, open_database
from portops.store.history import append, read_history, stamp


def _row(number: int, status: str = "submitted") -> dict:
    given = event("KW1", f"+1212555{number:04d}", status, START)
    return stamp({name: given[name] for name in given if name != "event_id"}, START)


def test_migrations_lead_to_the_schema(database: Database) -> None:
    """What Alembic makes is what the tables say."""
    with database.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []


def test_the_same_event_twice_is_one(database: Database) -> None:
    """Appending counts what is new."""
    with database.writing() as connection:
        assert append(connection, [_row(1), _row(2), _row(1)]) == 2
    with database.writing() as connection:
        assert append(connection, [_row(2), _row(3)]) == 1
    assert len(read_history(database)) == 3


def test_all_of_a_transaction_or_nothing(database: Database) -> None:
    """An error on the way undoes everything before it."""
    with pytest.raises(RuntimeError), database.writing() as connection:
        append(connection, [_row(1)])
        raise RuntimeError
    assert read_history(database).empty


def test_what_is_committed_survives_a_kill(store_url: str) -> None:
    """kill -9 right after the commit loses nothing."""
    code = f"""
import os, signal
from portops.store.database import open_database
from tests.store.test_database import _row, append
with open_database({store_url!r}) as database:
    with database.writing() as connection:
        append(connection, [_row(n) for n in range(500)])
    os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    with open_database(store_url) as database:
        assert len(read_history(database)) == 500


def test_two_writers_wait_for_one_another(store_url: str) -> None:
    """Threads that write at once all succeed."""
    with open_database(store_url) as database:

        def write(part: int) -> None:
            for number in range(20):
                with database.writing() as connection:
                    append(connection, [_row(part * 100 + number)])

        threads = [threading.Thread(target=write, args=(part,)) for part in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(read_history(database)) == 80


@pytest.mark.parametrize(
    "url", ["no url at all", "sqlite:////nowhere/at/all/x.db", "oracle://x/y", "mysql+odd://x"]
)
def test_a_store_that_cannot_be_opened_is_said(url: str) -> None:
    """One error of ours, with what to do."""
    with pytest.raises(StoreError) as raised:
        open_database(url)
    assert raised.value.remedy.endswith(".")


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    """A wrong file is refused and not written to."""
    path = tmp_path / "x.db"
    path.write_bytes(b"this is a letter to my aunt, not a database" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError):
        open_database(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_store_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    """It says to update."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    open_database(url).close()
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer portops"):
        open_database(url)


def test_the_newest_version_is_the_migrations_head() -> None:
    """It is read off the names of the scripts, and Alembic agrees."""
    config = Config()
    config.set_main_option("script_location", "portops.store:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == VERSION


def test_a_step_that_reads_makes_no_store(tmp_path: Path) -> None:
    """A mistyped address is an error with what to do, and no file."""
    url = f"sqlite:///{tmp_path / 'typo.db'}"
    with pytest.raises(StoreError, match=r"There is no store at .*typo\.db") as raised:
        open_database(url, create=False)
    assert "--store" in raised.value.remedy
    assert not list(tmp_path.iterdir())
    open_database(url).close()
    with open_database(url, create=False) as database:
        assert read_history(database).empty


def test_an_empty_server_is_no_store_for_a_step_that_reads(store_url: str) -> None:
    """Nothing is made in a database that is nobody's store yet."""
    with pytest.raises(StoreError, match="There is no store"):
        open_database(store_url, create=False)
    open_database(store_url).close()
    open_database(store_url, create=False).close()


@pytest.mark.parametrize("name", ["100%", "100%ab", "50%25 of it", "%(here)s"])
def test_a_percent_sign_in_a_path_is_a_percent_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The file is where its name says, by its relative name as well."""
    folder = tmp_path / name
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{name}/x%.db"
    open_database(url).close()
    assert (folder / "x%.db").is_file()
    assert exists(url)
    assert absolute(url) == f"sqlite:///{folder / 'x%.db'}"
    open_database(absolute(url), create=False).close()


def test_migrations_in_a_folder_with_a_percent_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Portops may be installed anywhere."""
    folder = tmp_path / "100%" / "migrations"
    shutil.copytree(store_database._MIGRATIONS, folder)
    monkeypatch.setattr(store_database, "_MIGRATIONS", folder)
    open_database(f"sqlite:///{tmp_path / 'x.db'}").close()


def test_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative file is the same file from another folder; a password is not shown."""
    monkeypatch.chdir(tmp_path)
    assert absolute("sqlite:///x.db") == f"sqlite:///{tmp_path / 'x.db'}"
    assert not exists("sqlite:///x.db")
    with pytest.raises(StoreError) as raised:
        open_database("postgresql://me:hush-hush@127.0.0.1:9/x")
    assert "hush-hush" not in str(raised.value)
    assert isinstance(sa.make_url("sqlite://"), sa.URL)


def test_an_empty_file_is_no_store_for_a_step_that_reads(tmp_path: Path) -> None:
    """It may be what is left of one, and is not filled with an empty history."""
    path = tmp_path / "store.db"
    path.touch()
    with pytest.raises(StoreError, match="the file is empty") as raised:
        open_database(f"sqlite:///{path}", create=False)
    assert "restore" in raised.value.remedy
    assert path.stat().st_size in {0, 4096}
    with Desk(Settings(store=f"sqlite:///{path}")) as desk, pytest.raises(StoreError):
        desk.weekly(pull=False)


@pytest.mark.parametrize("then", ["removed", "replaced"])
def test_a_store_that_is_removed_takes_no_more(tmp_path: Path, then: str) -> None:
    """Neither a new transaction nor one that has begun goes to a file without a name."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with open_database(url) as database:
        with pytest.raises(StoreError, match="was removed"), database.writing() as connection:
            append(connection, [_row(1)])
            (tmp_path / "store.db").rename(tmp_path / "gone.db")
            if then == "replaced":
                open_database(url).close()
        with pytest.raises(StoreError, match="was removed"), database.writing():
            raise AssertionError
        with pytest.raises(StoreError, match="was removed"), database.reading():
            raise AssertionError
