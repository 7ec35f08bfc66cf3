"""Claims, announced numbers, sealed PINs: the same on every database."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from tests.conftest import START, event

import portops.store
from portops.errors import SettingsError
from portops.redaction import Secret
from portops.sealing import Cipher, new_key
from portops.store import batches, claims, journal, schema, soundness, vault
from portops.store.database import Database, open_database
from portops.store.history import read_history, stamp

KEY = new_key()
CIPHER = Cipher([KEY])


def _plan(database: Database, *numbers: str, batch: str = "b1") -> list[str]:
    """Plan one request for each number; gives their keys."""
    rows = [
        {
            "request_key": f"{batch}-{number}",
            "request": number,
            "details": {},
            "finding_codes": [],
            "supersedes": "",
            "numbers": [(number, "wireless")],
            "secrets": {number: CIPHER.seal(Secret(f"Zebra-{number}"))},
        }
        for number in numbers
    ]
    about = {
        "batch_id": batch,
        "provider": "sandbox",
        "operator": "x",
        "workbooks": [],
        "agreement": "",
    }
    batches.open_batch(database, about, rows, START)
    return [str(row["request_key"]) for row in rows]


def _step(database: Database, key: str, state: str, owner: str) -> None:
    journal.advance(database, key, state, START, owner=owner, until=START + claims.LEASE)


def test_each_request_is_claimed_once(database: Database) -> None:
    """Threads that claim at once get different requests, and together all of them."""
    keys = _plan(database, *[f"+1212555{n:04d}" for n in range(60)])
    claimed: Counter[str] = Counter()
    lock = threading.Lock()

    def work() -> None:
        owner = claims.new_owner()
        empty = 0
        while empty < 3:
            got = claims.claim(database, keys, owner, START, most=7)
            empty += not got
            with lock:
                claimed.update(row["request_key"] for row in got)
            for row in got:
                _step(database, row["request_key"], "sending", owner)
                journal.accept(database, row["request_key"], f"KW{row['request']}", [], START)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert claimed == Counter(keys)


def test_a_claim_ends_with_its_time_or_when_given_back(database: Database) -> None:
    """Until then nobody else gets it, and its steps are refused to others."""
    keys = _plan(database, "+12125550100")
    first, second = claims.new_owner(), claims.new_owner()
    assert len(claims.claim(database, keys, first, START, most=1)) == 1
    assert claims.claim(database, keys, second, START, most=1) == []
    with pytest.raises(journal.Taken):
        _step(database, keys[0], "sending", second)
    late = START + claims.LEASE + timedelta(seconds=1)
    assert len(claims.claim(database, keys, second, late, most=1)) == 1
    with pytest.raises(journal.Taken):
        _step(database, keys[0], "sending", first)
    claims.release(database, second)
    assert len(claims.claim(database, keys, first, START, most=1)) == 1


def test_a_number_on_its_way_is_not_announced_again(database: Database) -> None:
    """Two requests with one number: the second waits until the first is settled."""
    one = _plan(database, "+12125550100", batch="b1")[0]
    two = _plan(database, "+12125550100", batch="b2")[0]
    owner = claims.new_owner()
    claims.claim(database, [one, two], owner, START, most=2)
    _step(database, one, "sending", owner)
    with pytest.raises(journal.Taken) as raised:
        _step(database, two, "sending", owner)
    assert raised.value.phone_number == "+12125550100"
    journal.give_up(database, one, START, "never arrived")
    _step(database, two, "sending", owner)


def test_pins_are_sealed_renewed_and_removed(database: Database) -> None:
    """They can be read with the key alone; a rotation changes the bytes; a purge removes them."""
    keys = _plan(database, "+12125550100", "+12125550101")
    journal.accept(database, keys[0], "KW1", [], START)
    with database.reading() as connection:
        sealed = connection.execute(sa.select(schema.secrets.c.sealed)).scalars().all()
    assert b"Zebra" not in b"".join(sealed)
    read = vault.read(database, CIPHER, ["+12125550100", "+12125550199"])
    assert read == {"+12125550100": Secret("Zebra-+12125550100")}
    with pytest.raises(SettingsError, match="another key"):
        vault.read(database, Cipher([new_key()]), ["+12125550100"])
    newer = new_key()
    both = Cipher([newer, KEY])
    assert vault.reseal(database, both) == 2
    assert vault.read(database, Cipher([newer]), ["+12125550101"])
    assert vault.purge(database, {"KW1"}) == 1
    assert vault.count(database) == 1
    assert vault.purge(database) == 1


def test_a_store_of_the_first_version_opens(store_url: str) -> None:
    """What is in it is still there, and the new tables as well."""
    engine = sa.create_engine(store_url.replace("postgresql://", "postgresql+psycopg://"))
    given = event("KW1", "+12125550100", "submitted", START)
    row = stamp({name: given[name] for name in given if name != "event_id"}, START)
    del row["port_date"]
    with engine.begin() as connection:
        config = Config()
        folder = portops.store.__path__[0]
        config.set_main_option("script_location", f"{folder}/migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(schema.events.insert(), row)
    engine.dispose()
    with open_database(store_url) as database:
        assert read_history(database)["request_sid"].tolist() == ["KW1"]
        assert _plan(database, "+12125550100")
        assert vault.count(database) == 1
        # What was there before there was an audit chain is chained with what came since.
        assert soundness.check(database).problems == ()


def test_a_number_at_the_provider_is_not_announced_again(database: Database) -> None:
    """An accepted request has its numbers, unless it was looked at and is not in the way."""
    one = _plan(database, "+12125550100", batch="b1")[0]
    two = _plan(database, "+12125550100", batch="b2")[0]
    owner = claims.new_owner()
    claims.claim(database, [one, two], owner, START, most=2)
    _step(database, one, "sending", owner)
    journal.accept(database, one, "KW1", [], START)
    with pytest.raises(journal.Taken) as raised:
        _step(database, two, "sending", owner)
    assert raised.value.phone_number == "+12125550100"
    until = START + claims.LEASE
    journal.advance(database, two, "sending", START, owner=owner, until=until, judged={"KW1"})


def test_grace_counts_from_when_the_attempt_failed(database: Database) -> None:
    """What is written last of an attempt says when; before there is one, nothing does."""
    (key,) = _plan(database, "+12125550100")
    owner = claims.new_owner()
    claims.claim(database, [key], owner, START, most=1)
    assert journal.announced_at(database, key) is None
    for state, minutes in (("sending", 0), ("unknown", 1)):
        at = START + timedelta(minutes=minutes)
        journal.advance(database, key, state, at, owner=owner, until=at + claims.LEASE)
        assert journal.announced_at(database, key) == at
