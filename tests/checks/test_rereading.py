"""A statement is read once, in as many processes as it is worth, and what it came to is kept."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from portops.checks import rereading
from portops.checks.evidence import Evidence
from portops.checks.gist import as_json, bare_of, from_json, gist_of
from portops.checks.statements import look_up
from portops.checks.worker import Answer, Pool
from portops.desk import Desk
from portops.providers import limits_of
from portops.store.database import Database, open_database
from portops.store.readings import KEPT, Readings

LIMITS = limits_of("twilio")
NOW = datetime(2026, 11, 25, tzinfo=UTC)

BILL = """Statement date: October 28, 2026   Larkspur Dental LLC
12 Mill Road, Boston, MA   Account ****-4821   also 1002 0030 04
(617) 555-0100  617.555.0101  617-555-0110 thru 0115 lines, 555-0120  from 1 Sep 2026
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder of statements that say so by their names."""
    documents = tmp_path / "documents"
    documents.mkdir()
    for name in ("a", "b", "c"):
        (documents / f"{name}.pdf").write_bytes(b"%PDF-1.4 " + name.encode() + b" %%EOF")
    return documents


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Read statements here, and note which."""
    names: list[str] = []

    class Here:
        def read(self, files: list[tuple[Path, str]]) -> list[Answer]:
            names.extend(path.stem for path, _ in files)
            if files[0][0].stem == "c":
                return [Answer("reading it takes too long", lasting=False) for _ in files]
            return [Answer(None, as_json(gist_of(f"{BILL} {path.stem}"))) for path, _ in files]

    monkeypatch.setattr(rereading, "POOL", Here())
    return names


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Open a store."""
    return open_database(f"sqlite:///{tmp_path / 'store.db'}")


def test_a_statement_is_read_once_whatever_it_is_called(
    folder: Path, read: list[str], database: Database
) -> None:
    """By content: a copy under another name is not read again, a changed file is."""
    kept = Readings(database, lambda: NOW)
    first = look_up(["a.pdf", "b.pdf"], folder, LIMITS, kept=kept)
    assert read == ["a", "b"]
    (folder / "copy.pdf").write_bytes((folder / "a.pdf").read_bytes())
    again = look_up(["copy.pdf", "B.PDF", "a.pdf"], folder, LIMITS, kept=kept)
    assert read == ["a", "b"]
    assert again["copy.pdf"].evidence == first["a.pdf"].evidence
    assert again["B.PDF"].evidence == first["b.pdf"].evidence
    (folder / "a.pdf").write_bytes(b"%PDF-1.4 renewed %%EOF")
    look_up(["a.pdf", "b.pdf"], folder, LIMITS, kept=kept)
    assert read == ["a", "b", "a"]


def test_another_reader_reads_again(
    folder: Path, read: list[str], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry carries the edition of what read it."""
    kept = Readings(database, lambda: NOW)
    look_up(["a.pdf"], folder, LIMITS, kept=kept)
    monkeypatch.setattr(rereading, "_edition", lambda: "another")
    look_up(["a.pdf"], folder, LIMITS, kept=kept)
    look_up(["a.pdf"], folder, LIMITS, kept=kept)
    assert read == ["a", "a"]


def test_what_may_be_otherwise_the_next_time_is_not_kept(
    folder: Path, read: list[str], database: Database
) -> None:
    """A slow machine's fault is not the file's."""
    kept = Readings(database, lambda: NOW)
    for _ in range(2):
        statement = look_up(["c.pdf"], folder, LIMITS, kept=kept)["c.pdf"]
        assert statement.detail == "reading it takes too long"
    assert read == ["c", "c"]


def test_the_store_tells_nothing_of_a_statement(
    folder: Path, read: list[str], database: Database, tmp_path: Path
) -> None:
    """Neither its text nor a digest of its content that would open it."""
    look_up(["a.pdf"], folder, LIMITS, kept=Readings(database, lambda: NOW))
    database.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    for text in (b"6175550100", b"larkspur", b"LARKSPUR", rereading._key(folder / "a.pdf")):
        assert text not in content
    with sqlite3.connect(tmp_path / "store.db") as rows:
        ((entry, sealed),) = rows.execute("SELECT entry, sealed FROM readings").fetchall()
    assert rereading._key(folder / "a.pdf").hex() != entry
    assert len(sealed) > 100


def test_an_entry_that_was_changed_is_read_again(
    folder: Path, read: list[str], database: Database, tmp_path: Path
) -> None:
    """And one that is old goes when others come."""
    kept = Readings(database, lambda: NOW)
    look_up(["a.pdf"], folder, LIMITS, kept=kept)
    with sqlite3.connect(tmp_path / "store.db") as rows:
        rows.execute("UPDATE readings SET sealed = x'00' || substr(sealed, 2)")
    look_up(["a.pdf"], folder, LIMITS, kept=kept)
    assert read == ["a", "a"]
    later = Readings(database, lambda: NOW + KEPT + timedelta(days=1))
    look_up(["b.pdf"], folder, LIMITS, kept=later)
    look_up(["a.pdf"], folder, LIMITS, kept=later)
    assert read == ["a", "a", "b", "a"]


def test_a_check_keeps_what_it_reads_where_there_is_a_store(
    folder: Path, read: list[str], tmp_path: Path
) -> None:
    """And makes no store for it."""
    url = f"sqlite:///{tmp_path / 'work.db'}"
    rows = pd.DataFrame({"Phone Number": ["617-555-0100"], "Billing Statement": ["a.pdf"]})
    with Desk(store=url) as desk:
        desk.check(rows, documents=folder)
        assert not desk.has_store
        desk.made_database()
        desk.check(rows, documents=folder)
        desk.check(rows, documents=folder)
    assert read == ["a", "a"]


def test_a_gist_comes_back_as_it_was() -> None:
    """Through the reader's pipe and the store."""
    gist = gist_of(BILL)
    assert from_json(as_json(gist)) == gist
    for other in ("[]", "{}", '{"readable": true}', "7"):
        with pytest.raises(ValueError, match="not the gist"):
            from_json(other)


def test_many_are_compared_as_one_by_one() -> None:
    """A statement of a thousand numbers answers each as a search in its text would."""
    evidence, bare = Evidence.of(BILL), bare_of(BILL)
    numbers = [f"+1617555{line:04d}" for line in range(100, 1_100)]
    shown = [
        number
        for number, is_there in zip(numbers, evidence.numbers(numbers), strict=True)
        if is_there
    ]
    lines = ["0100", "0101", *(f"01{line}" for line in range(10, 16)), "0120"]
    assert shown == [f"+1617555{line}" for line in lines]
    accounts = [bare[at : at + 10] for at in range(0, len(bare) - 10, 3)] * 20
    assert all(evidence.account(account) for account in accounts)
    assert not any(evidence.account(f"9{place:09d}") for place in range(1_000, 1_400))
    assert evidence.account("777774821")


def test_a_pool_answers_in_the_order_of_its_files(tmp_path: Path) -> None:
    """Whichever of its processes is first."""
    files = []
    for place in range(40):
        path = tmp_path / f"{place}.png"
        path.write_bytes(b"\x89PNG" if place % 2 else b"")
        files.append((path, "pdf" if place % 2 else "png"))
    pool = Pool(2)
    try:
        answers = pool.read(files)
        assert len(pool._workers) == 2
    finally:
        pool.close()
    assert [answer.fault for answer in answers] == [
        "the PDF is cut off" if place % 2 else "the image is damaged or cut off"
        for place in range(40)
    ]
