"""Backup, restore and check: consistent while others write, refused where wrong, honest."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import START, event

from portops.errors import InputError, PortopsError, StoreError
from portops.store import audit, batches, flatfile, journal, schema
from portops.store.backup import back_up, restore
from portops.store.database import Database, open_database
from portops.store.history import append, read_history, stamp
from portops.store.soundness import check


def _events(sid: str, *numbers: str) -> list[dict]:
    made = []
    for number in ("", *numbers):
        given = event(sid, number, "submitted", START)
        made.append(stamp({k: v for k, v in given.items() if k != "event_id"}, START))
    return made


def _submit(database: Database, place: int) -> str:
    """Write a request that was submitted, as a submission does."""
    number, sid = f"+1212555{place:04d}", f"KW{place}"
    batch = {
        "batch_id": f"b{place}",
        "provider": "sandbox",
        "operator": "tester",
        "workbooks": ["m.xlsx"],
        "agreement": "yes",
    }
    request = {
        "request_key": f"key{place}",
        "request": f"Shop {place}",
        "details": {"customer_name": "Łukasz & Söhne"},
        "finding_codes": ["email.missing"],
        "supersedes": "",
        "numbers": [(number, "landline")],
        "secrets": {number: b"sealed"},
    }
    batches.open_batch(database, batch, [request], START)
    journal.accept(database, f"key{place}", sid, _events(sid, number), START)
    return sid


def _all(database: Database) -> dict[str, list[dict]]:
    with database.reading() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in schema.metadata.sorted_tables
        }


def test_a_backup_holds_everything_and_comes_back(store_url: str, tmp_path: Path) -> None:
    """Every table, from SQLite and from a server, into SQLite and into an empty server."""
    file = tmp_path / "backup.db"
    with open_database(store_url) as database:
        for place in range(3):
            _submit(database, place)
        before = _all(database)
        result = back_up(database, file)
    assert (result.requests, result.events) == (3, 6)
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.glob("*backup*")) == ["backup.db"]
    with open_database(f"sqlite:///{file}") as copy:
        assert _all(copy) == before
        assert check(copy).problems == ()
    there = restore(f"sqlite:///{tmp_path / 'new.db'}", file, START)
    assert (there.kept, there.requests) == (None, 3)
    with open_database(f"sqlite:///{tmp_path / 'new.db'}") as database:
        _submit(database, 7)
        assert check(database).problems == ()


def test_a_backup_comes_back_into_an_empty_server(postgres: str, tmp_path: Path) -> None:
    """What was numbered there goes on being numbered; a database that is in use is refused."""
    with open_database(f"sqlite:///{tmp_path / 'store.db'}") as database:
        for place in range(3):
            _submit(database, place)
        before = _all(database)
        back_up(database, tmp_path / "backup.db")
    restore(postgres, tmp_path / "backup.db", START)
    with open_database(postgres) as database:
        assert _all(database) == before
        _submit(database, 8)
        assert check(database).problems == ()
    with pytest.raises(StoreError, match="holds a store already"):
        restore(postgres, tmp_path / "backup.db", START)


def test_a_backup_while_others_write_is_of_one_moment(store_url: str, tmp_path: Path) -> None:
    """Each request in it is whole, however many are being written."""
    with open_database(store_url) as database, open_database(store_url) as other:
        written, stop = [_submit(other, 0)], threading.Event()

        def write() -> None:
            while not stop.is_set() and len(written) < 2_000:
                written.append(_submit(other, len(written)))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            results = [back_up(database, tmp_path / f"{n}.db") for n in range(4)]
        finally:
            stop.set()
            writer.join()
    for place, result in enumerate(results):
        with open_database(f"sqlite:///{tmp_path / f'{place}.db'}") as copy:
            seen = check(copy)
        assert seen.problems == ()
        assert (seen.requests, seen.events) == (result.requests, result.events)
        assert seen.requests * 2 <= seen.events + 2


def test_a_restore_keeps_the_present_store(tmp_path: Path) -> None:
    """Also what was not moved into its file yet; an open store notices that it was replaced."""
    url, later = f"sqlite:///{tmp_path / 'store.db'}", START + timedelta(days=1)
    with open_database(url) as database:
        _submit(database, 1)
        back_up(database, tmp_path / "backup.db")
        _submit(database, 2)
        result = restore(url, tmp_path / "backup.db", later)
        with pytest.raises(StoreError, match="replaced"):
            _submit(database, 3)
    assert result.kept == str(tmp_path / "store.before-restore-20261006T140000Z.db")
    with open_database(f"sqlite:///{result.kept}") as kept, open_database(url) as database:
        assert journal.known_sids(kept) == {"KW1", "KW2"}
        assert journal.known_sids(database) == {"KW1"}


def test_a_damaged_store_is_kept_too(tmp_path: Path) -> None:
    """A backup is for that."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with open_database(url) as database:
        _submit(database, 1)
        back_up(database, tmp_path / "backup.db")
    (tmp_path / "store.db").write_bytes(b"rubbish" * 1000)
    result = restore(url, tmp_path / "backup.db", START)
    assert Path(str(result.kept)).read_bytes().startswith(b"rubbish")
    with open_database(url) as database:
        assert check(database).problems == ()


@pytest.mark.parametrize("what", ["letter", "empty", "other", "cut", "absent", "itself", "newer"])
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, what: str) -> None:
    """The store is as it was."""
    url, file = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "file.db"
    with open_database(url) as database:
        for place in range(30):
            _submit(database, place)
        if what in {"cut", "newer"}:
            back_up(database, file)
    if what == "letter":
        file.write_bytes(b"Dear aunt, this is not a database." * 100)
    elif what == "empty":
        file.touch()
    elif what == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif what == "newer":
        with sqlite3.connect(file) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    elif what == "other":
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE songs (name TEXT)")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(PortopsError) as raised:
        restore(url, tmp_path / "store.db" if what == "itself" else file, START)
    assert raised.value.remedy
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    with open_database(url) as database:
        assert len(journal.known_sids(database)) == 30


def test_a_backup_replaces_nothing(tmp_path: Path) -> None:
    """A workbook of that name stays."""
    (tmp_path / "mine.xlsx").write_bytes(b"mine")
    with (
        open_database(f"sqlite:///{tmp_path / 'store.db'}") as database,
        pytest.raises(InputError, match="exists already"),
    ):
        back_up(database, tmp_path / "mine.xlsx")
    assert (tmp_path / "mine.xlsx").read_bytes() == b"mine"


CHANGES = {
    "UPDATE events SET status = 'completed' WHERE request_sid = 'KW3' AND phone_number = ''": (
        "chain",
        "KW3",
        "edited",
    ),
    "DELETE FROM events WHERE request_sid = 'KW3' AND phone_number = ''": (
        "chain",
        "events row 7",
        "deleted",
    ),
    "DELETE FROM journal WHERE entry = (SELECT max(entry) FROM journal)": (
        "chain",
        "journal row 12",
        "deleted",
    ),
    "UPDATE journal SET note = 'other' WHERE entry = 2": ("chain", "journal 2", "edited"),
    "UPDATE journal SET at = '2026-01-01T00:00:00.000000+00:00' WHERE entry = 2": (
        "chain",
        "journal 2",
        "edited",
    ),
    "INSERT INTO journal (request_key, state, at, note) VALUES "
    "('key1', 'accepted', '2026-01-01T00:00:00.000000+00:00', '')": (
        "chain",
        "journal 1",
        "added without portops",
    ),
    "DELETE FROM request_numbers WHERE request_key = 'key2'": ("journal", "Shop 2", "no numbers"),
    "UPDATE requests SET request_sid = NULL WHERE request_key = 'key2'": (
        "journal",
        "Shop 2",
        "SID",
    ),
    "UPDATE request_numbers SET phone_number = '+12125559999' WHERE request_key = 'key2'": (
        "journal",
        "Shop 2",
        "+12125559999",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_behind_portops_is_named(store_url: str, change: str) -> None:
    """Edited, deleted and added rows, on both databases."""
    with open_database(store_url) as database:
        for place in range(6):
            _submit(database, place)
        assert check(database).problems == ()
        with database.writing() as connection:
            connection.execute(sa.text(change))
        problems = check(database).problems
    kind, where, what = CHANGES[change]
    assert any(one.kind == kind and where in one.where and what in one.what for one in problems), (
        problems
    )
    if kind == "chain" and "edited" in what:
        assert len([one for one in problems if one.kind == "chain"]) == 1


def test_events_of_foreign_requests_are_named_and_no_problem(
    store_url: str, tmp_path: Path
) -> None:
    """An imported history is sound, and chained as any other."""
    with open_database(store_url) as database:
        _submit(database, 1)
        with database.writing() as connection:
            append(connection, _events("KWelse", "+12125550150"))
        flatfile.export_csv(database, tmp_path / "events.csv")
        seen = check(database)
        assert (seen.problems, seen.foreign) == ((), ("KWelse",))
        assert flatfile.import_csv(database, tmp_path / "events.csv") == (4, 0)
    with open_database(f"sqlite:///{tmp_path / 'other.db'}") as other:
        assert flatfile.import_csv(other, tmp_path / "events.csv") == (4, 4)
        assert check(other).problems == ()
        assert len(read_history(other)) == 4


def test_an_imported_chain_is_that_of_appended_rows(store_url: str, tmp_path: Path) -> None:
    """Whichever way an event came in, its digest is made of the same texts."""
    with open_database(store_url) as database:
        with database.writing() as connection:
            append(connection, _events("KW1", "+12125550150"))
        flatfile.export_csv(database, tmp_path / "events.csv")
        with database.writing() as connection:
            connection.execute(schema.events.delete())
            audit.keep_end(connection, schema.events, 0, "")
        assert flatfile.import_csv(database, tmp_path / "events.csv") == (2, 2)
        with database.writing() as connection:
            append(connection, _events("KW2", "+12125550151"))
        assert check(database).problems == ()


def test_damage_is_said_and_not_raised(tmp_path: Path) -> None:
    """A page of the file that was overwritten."""
    path = tmp_path / "store.db"
    with open_database(f"sqlite:///{path}") as database:
        for place in range(200):
            _submit(database, place)
    whole = bytearray(path.read_bytes())
    for page in range(20, len(whole) // 4096, 7):
        whole[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    path.write_bytes(whole)
    with open_database(f"sqlite:///{path}") as database:
        assert "integrity" in {one.kind for one in check(database).problems}
