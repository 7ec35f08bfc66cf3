"""The keyed audit chain: what somebody who has the database and knows this code cannot hide."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import event

from portops.redaction import Secret
from portops.results.kept import StoreCheck
from portops.sealing import Cipher, new_key
from portops.store import audit, flatfile, schema, vault
from portops.store.database import Database, open_database
from portops.store.history import append, rows_of, taken_in
from portops.store.soundness import check

KEY = new_key()
Change = Callable[[sa.Connection], None]


def _keyed(url: str, *keys: str) -> Database:
    return open_database(url, opener=lambda: Cipher(keys or [KEY]))


def _add(database: Database, *places: int) -> None:
    for place in places:
        at = f"2026-10-05T14:{place:02d}:00Z"
        row = {**event(f"KW{place}", "+12125550100", "submitted", at)}
        with database.writing() as connection:
            append(connection, rows_of(taken_in([row])))


def _forge(connection: sa.Connection, first: int, *, macs: str = "kept") -> None:
    """Make the chain anew from a row to its end, as anybody can who knows the code."""
    table = schema.events
    names = audit.COVERED["events"]
    texts = [sa.type_coerce(table.c[name], sa.Text) for name in names]
    rows = connection.execute(
        sa.select(table.c.event_id, table.c.place, table.c.chain, *texts).order_by(table.c.place)
    ).all()
    head = ""
    for name, place, link, *values in rows:
        if place >= first:
            link = audit.digest(head, place, values)  # noqa: PLW2901 - its new one
            mine: dict[str, Any] = {"chain": link}
            if macs == "removed":
                mine["mac"] = None
            connection.execute(table.update().where(table.c.event_id == name).values(mine))
        head = link
    audit.keep_end(connection, table, len(rows), head)


def _edit(connection: sa.Connection) -> None:
    table = schema.events
    connection.execute(table.update().where(table.c.place == 4).values(status="completed"))


def _edited(connection: sa.Connection) -> None:
    _edit(connection)


def _recomputed(connection: sa.Connection) -> None:
    _edit(connection)
    _forge(connection, 4)


def _recomputed_without_proofs(connection: sa.Connection) -> None:
    _edit(connection)
    _forge(connection, 4, macs="removed")


def _all_proofs_removed(connection: sa.Connection) -> None:
    _edit(connection)
    _forge(connection, 1, macs="removed")


def _cut_off(connection: sa.Connection) -> None:
    table = schema.events
    connection.execute(table.delete().where(table.c.place > 4))
    _forge(connection, 5)


def _taken_out(connection: sa.Connection) -> None:
    table = schema.events
    connection.execute(table.delete().where(table.c.place == 4))
    connection.execute(table.update().where(table.c.place > 4).values(place=table.c.place - 1))
    _forge(connection, 4)


def _key_removed(connection: sa.Connection) -> None:
    connection.execute(schema.chains.update().values(sealed_key=None, seal=None))


CHANGES: dict[Change, tuple[str, str]] = {
    _edited: ("events", "edited after it was written"),
    _recomputed: ("events rows 4 to 6", "made anew without the key"),
    _recomputed_without_proofs: ("the end of events", "rows behind row 3 were deleted"),
    _all_proofs_removed: ("the end of events", "every row with a key was deleted or made anew"),
    _cut_off: ("the end of events", "rows behind row 4 were deleted"),
    _taken_out: ("events rows 4 to 5", "made anew without the key"),
    _key_removed: ("events: the chain's key", "was removed"),
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_with_the_key_at_hand_a_forged_chain_shows(store_url: str, change: Change) -> None:
    """Whoever has the database can make every digest anew, and none of the proofs."""
    with _keyed(store_url) as database:
        _add(database, *range(1, 7))
        assert check(database).problems == ()
        assert check(database).vouched
        with database.writing() as connection:
            change(connection)
        seen = check(database)
    where, what = CHANGES[change]
    assert [(one.where, one.what) for one in seen.problems if where in one.where] != []
    assert any(where in one.where and what in one.what for one in seen.problems), seen.problems


def _history(seen: StoreCheck) -> str:
    return next(chain.summary() for chain in seen.chains if chain.name == "events")


def test_without_a_key_the_chain_is_as_before_and_says_so(store_url: str) -> None:
    """An edit shows; a chain that was made anew does not, and the check says that."""
    with open_database(store_url) as database:
        _add(database, 1, 2, 3, 4, 5, 6)
        with database.writing() as connection:
            _recomputed(connection)
        seen = check(database)
        assert (seen.problems, seen.vouched) == ((), False)
        assert "not keyed" in _history(seen)
        with database.writing() as connection:
            connection.execute(schema.events.update().values(status="canceled"))
        assert "edited" in check(database).problems[0].what


def test_a_chain_that_began_without_a_key_goes_on_with_one(store_url: str) -> None:
    """What was there before the key is fixed from its first row on."""
    with open_database(store_url) as database:
        _add(database, 1, 2)
    with _keyed(store_url) as database:
        _add(database, 3, 4, 5, 6)
        seen = check(database)
        assert (seen.problems, seen.vouched) == ((), True)
        assert "keyed from row 3 on" in _history(seen)
        with database.writing() as connection:
            table = schema.events
            connection.execute(table.update().where(table.c.place == 1).values(reason="other"))
            _forge(connection, 1)
        assert "events rows 3 to 6" in {one.where for one in check(database).problems}


def test_a_desk_without_the_key_writes_and_checks(store_url: str) -> None:
    """Its rows are named by a check that has the key; a row that is forged is one of these."""
    with _keyed(store_url) as database:
        _add(database, 1, 2)
    with open_database(store_url) as database:
        _add(database, 3, 4)
        seen = check(database)
        assert seen.problems == ()
        assert "the key is not at hand" in _history(seen)
    with _keyed(store_url, new_key()) as database:
        _add(database, 5)
        seen = check(database)
        assert seen.problems == ()
        assert "another key" in _history(seen)
    with _keyed(store_url) as database:
        _add(database, 6)
        seen = check(database)
        assert (seen.problems, seen.vouched) == ((), False)
        assert "without the key: rows 3 to 5" in _history(seen)


def test_what_seals_pins_is_no_key_of_a_chain(store_url: str) -> None:
    """A PIN that somebody knows, taken from the vault, does not become the chain's key."""
    cipher = Cipher([KEY])
    with _keyed(store_url) as database:
        _add(database, 1)
        with database.writing() as connection:
            pin = cipher.seal(Secret("4711Zebra"))
            connection.execute(schema.chains.update().values(sealed_key=pin))
    with _keyed(store_url) as database:
        assert not check(database).vouched


def test_a_new_key_opens_the_old_chain(store_url: str) -> None:
    """A rotation seals the chains' keys anew."""
    newer = new_key()
    with _keyed(store_url) as database:
        _add(database, 1, 2)
        vault.reseal(database, Cipher([newer, KEY]))
    with _keyed(store_url, newer) as database:
        _add(database, 3)
        assert check(database).vouched
    with _keyed(store_url) as database:
        assert not check(database).vouched


def test_an_imported_history_is_keyed(store_url: str, tmp_path: Path) -> None:
    """The file's rows get the same proofs; an empty file makes no key."""
    with _keyed(store_url) as database:
        _add(database, 1, 2, 3)
        flatfile.export_csv(database, tmp_path / "events.csv")
        assert flatfile.import_csv(database, tmp_path / "events.csv") == (3, 0)
        assert check(database).vouched
        with database.writing() as connection:
            connection.execute(schema.events.delete())
            audit.keep_end(connection, schema.events, 0, "")
        assert flatfile.import_csv(database, tmp_path / "events.csv") == (3, 3)
        _add(database, 4)
        seen = check(database)
        assert (seen.problems, seen.vouched) == ((), True)
    with _keyed(f"sqlite:///{tmp_path / 'other.db'}") as other:
        with other.writing() as connection:
            assert append(connection, []) == 0
        assert (check(other).problems, check(other).vouched) == ((), True)


@pytest.mark.parametrize("key", [KEY, "short", None], ids=["key", "too short", "none"])
def test_the_command_says_whether_the_chain_is_keyed(tmp_path: Path, key: str | None) -> None:
    """`--keyed` makes it a matter of the exit status; a key that is none stops no import."""
    with open_database(f"sqlite:///{tmp_path / 'from.db'}") as database:
        _add(database, 1, 2)
        flatfile.export_csv(database, tmp_path / "events.csv")
    settings = {"PORTOPS_STORE": f"sqlite:///{tmp_path / 'store.db'}"}
    environment = {**os.environ, **settings, **({} if key is None else {"PORTOPS_SECRET_KEY": key})}

    def portops(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "portops", *arguments],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    assert portops("history", "import", str(tmp_path / "events.csv")).returncode == 0
    keyed = key == KEY
    plain, strict = portops("store", "check"), portops("store", "check", "--keyed", "--json")
    assert (plain.returncode, strict.returncode) == (0, 0 if keyed else 1), plain.stderr
    words = "is keyed." if keyed else "is not keyed"
    assert f"The audit chain of the history {words}" in plain.stdout
    assert "It ends with row 2: " in plain.stdout
    assert {chain["keyed"] for chain in json.loads(strict.stdout)["chains"]} == {
        "empty",
        "yes" if keyed else "no",
    }
