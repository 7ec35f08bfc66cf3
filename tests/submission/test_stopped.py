"""A submission that ends in the middle, whatever ends it, tells every SID that was created."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import Served, desk_of, rows, serving, write_book

import portops
from portops.errors import Interrupted
from portops.providers.twilio.adapter import Twilio
from portops.settings import Settings
from portops.store import claims, journal
from portops.store.database import open_database
from portops.submission import batch

REQUESTS = 8

#: The store refuses every event once three requests are accepted.
TRIGGER = """
CREATE TRIGGER breaks BEFORE INSERT ON events
WHEN (SELECT count(*) FROM requests WHERE request_sid IS NOT NULL) > 3
BEGIN SELECT RAISE(ABORT, 'the disk says no'); END
"""


def _book(folder: Path) -> Path:
    accounts = ({"Account Number": f"7{n}", "Customer Name": f"Shop {n}"} for n in range(REQUESTS))
    return write_book(folder / "book.xlsx", rows(*accounts))


def _accepted(served: Served) -> set[str]:
    return {call["request_sid"] for call in served.received() if call["accepted"]}


def _start(served: Served, store: str, book: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "portops", "submit", str(book), "--agree", "--store", store]
    more = ["--documents", str(book.parent / "statements"), "--out", str(book.parent / "out")]
    return subprocess.Popen(
        [*command, *more, "--concurrency", "1", *options],
        env={**os.environ, "PORTOPS_SANDBOX_URL": served.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_store_that_refuses_in_mid_run_loses_no_sid(
    tmp_path: Path, statement: Path, served: Served, store_url: str
) -> None:
    """A constraint of the database is no StoreError, and ends the run as one."""
    open_database(store_url).close()
    with sqlite3.connect(store_url.removeprefix("sqlite:///")) as connection:
        connection.execute(TRIGGER)
    process = _start(served, store_url, _book(tmp_path))
    out, err = process.communicate(timeout=60)
    accepted = _accepted(served)
    assert len(accepted) >= 4
    assert [sid for sid in accepted if sid not in out] == [], out
    assert process.returncode == 2
    assert "the disk says no" in err
    assert "Traceback" not in err
    assert "submitted, not in the store" in out
    assert "reached the provider and could not be written" in " ".join(out.split())


@pytest.mark.parametrize("drop", ["journal", "requests"])
def test_a_table_that_is_dropped_in_mid_run_loses_no_sid(
    statement: Path, settings: Settings, served: Served, monkeypatch: pytest.MonkeyPatch, drop: str
) -> None:
    """The store is worse than away: what the provider has is told all the same."""
    accounts = ({"Account Number": f"7{n}", "Customer Name": f"Shop {n}"} for n in range(REQUESTS))
    desk, create, sent = desk_of(settings), Twilio.create, []

    def creating(self: Twilio, *given: Any) -> Any:
        receipt = create(self, *given)
        sent.append(receipt)
        if len(sent) == 3:
            with desk.database.writing() as connection:
                connection.execute(sa.text(f"ALTER TABLE {drop} RENAME TO gone"))
        return receipt

    monkeypatch.setattr(Twilio, "create", creating)
    planned = desk.plan(desk.check(rows(*accounts), documents=statement))
    done = desk.submit(planned, agree=True, concurrency=1)
    assert _accepted(served) == set(done.request_sids)
    assert done.stopped is not None
    assert f"no such table: {drop}" in str(done.stopped)
    assert len(done.outcomes) == REQUESTS


@pytest.mark.parametrize("place", ["claim", "others", "progress", "release"])
def test_what_nobody_foresaw_loses_no_sid(
    statement: Path,
    settings: Settings,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    """In a thread, between two rounds, in what a door shows, and when the claims are given back."""

    def fail(*_: Any, **__: Any) -> Any:
        if place not in {"others", "release"} and len(served.received()) < 2:
            return claims.claim(*_, **__) if place == "claim" else None
        raise ZeroDivisionError("nobody thought of it")

    if place == "claim":
        monkeypatch.setattr(batch, "claim", fail)
    elif place == "others":
        monkeypatch.setattr(batch.Batch, "_others", fail)
    elif place == "release":
        monkeypatch.setattr("portops.submission.dispatch.release", fail)
    accounts = ({"Account Number": f"7{n}", "Customer Name": f"Shop {n}"} for n in range(3))
    desk = desk_of(settings)
    planned = desk.plan(desk.check(rows(*accounts), documents=statement))
    if place == "progress":
        desk.progress = fail
    done = desk.submit(planned, agree=True, concurrency=1, ask_portability=False)
    assert _accepted(served) == set(done.request_sids)
    assert len(done.request_sids) >= 2
    assert "unexpected ZeroDivisionError: nobody thought of it" in str(done.stopped)
    assert isinstance(done.stopped.__cause__, ZeroDivisionError)  # type: ignore[union-attr]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to another process")
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_ctrl_c_tells_what_was_submitted(
    tmp_path: Path, statement: Path, store_url: str, options: tuple[str, ...]
) -> None:
    """What is on its way comes to its end, is written down and told; nothing more is begun."""
    with serving(tmp_path / "sandbox", start=None, latency=0.3) as served:
        process = _start(served, store_url, _book(tmp_path), "--no-portability", *options)
        until = time.monotonic() + 30
        while not _accepted(served) and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        accepted = _accepted(served)
    assert process.returncode == 130, err
    assert 1 <= len(accepted) < REQUESTS
    assert [sid for sid in accepted if sid not in out] == [], out
    assert "portops: stopped." in err
    with open_database(store_url) as database:
        assert journal.known_sids(database) == accepted


def test_ctrl_c_in_python_carries_the_result(
    statement: Path, settings: Settings, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays a KeyboardInterrupt, so that a loop of submissions ends."""

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(batch.Batch, "_others", interrupted)
    planned = portops.plan(portops.check(rows({}), documents=statement))
    with pytest.raises(KeyboardInterrupt) as raised:
        portops.submit(planned, agree=True, settings=settings)
    assert isinstance(raised.value, Interrupted)
    assert set(raised.value.submitted.request_sids) == _accepted(served) != set()
    assert _accepted(served).pop() in str(raised.value)
