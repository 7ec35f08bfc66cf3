"""A client that is suspended while it submits, and wakes after another has taken its work over.

`make attack` stops many, at any moment, on both databases.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tests.conftest import Served, rows, serving, write_book

from portops.store import journal
from portops.store.database import open_database

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")

LONG = os.environ.get("ATTACK") == "long"
LEASE = 6.0 if LONG else 2.0
ROUNDS = 20 if LONG else 1
REQUESTS = 12 if LONG else 3
POINTS = ["claimed", "announced", "leaving", "answered"] if LONG else ["claimed", "leaving"]


class Client:
    """`portops submit` in a process of its own."""

    begun: ClassVar[list[subprocess.Popen[str]]] = []

    def __init__(self, store: str, served: Served, book: Path, point: str = "-") -> None:
        script = str(Path(__file__).with_name("suspended.py"))
        submit = ["submit", str(book), "--documents", str(book.parent / "statements"), "--agree"]
        more = ["--json", "--store", store, "--concurrency", "2", "--out", str(book.parent / "out")]
        self.process = subprocess.Popen(
            [sys.executable, script, str(LEASE), point, *submit, *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PORTOPS_SANDBOX_URL": served.url},
        )
        self.begun.append(self.process)

    def wait_until_stopped(self) -> None:
        """Wait until the process is suspended; it must not end before."""
        _, status = os.waitpid(self.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "it came to its end and was never suspended"

    def suspend(self) -> None:
        """Stop the process wherever it is."""
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> dict[str, Any]:
        """Wait for the end; returns what was printed."""
        out, err = self.process.communicate(timeout=180)
        assert self.process.returncode == 0, out + err
        printed: dict[str, Any] = json.loads(out)
        return printed


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    """End what a failed test leaves suspended."""
    yield
    for process in Client.begun:
        process.kill()
        process.communicate()
    Client.begun.clear()


@pytest.fixture
def book(tmp_path: Path, statement: Path) -> Path:
    """Some requests with two numbers each."""
    accounts = [{"Account Number": f"77{n}", "Customer Name": f"Shop {n}"} for n in range(REQUESTS)]
    return write_book(tmp_path / "book.xlsx", rows(*(a for a in accounts for _ in range(2))))


def _prove(served: Served, store: str, *printed: dict[str, Any]) -> None:
    """One order for each number, one create call at all, and every SID is in the store."""
    calls = [call for call in served.received() if call["numbers"]]
    assert set(Counter(n for call in calls for n in call["numbers"]).values()) == {1}
    assert all(call["accepted"] for call in calls)
    theirs = {call["request_sid"] for call in calls}
    assert len(theirs) == REQUESTS
    for result in printed:
        assert {request["request_sid"] for request in result["requests"]} == theirs
    with open_database(store) as database:
        assert journal.known_sids(database) == theirs
        assert journal.ambiguous(database, "sandbox") == []


@pytest.mark.parametrize("point", POINTS)
def test_a_suspended_client_does_not_send_what_was_taken_over(
    tmp_path: Path, book: Path, store_url: str, point: str
) -> None:
    """Stopped between its claim and its call, or behind it; woken when the other is through."""
    with serving(tmp_path / "sandbox", start=None) as served:
        first = Client(store_url, served, book, point)
        first.wait_until_stopped()
        second = Client(store_url, served, book).end()
        assert second["submitted"] + second["already_submitted"] == REQUESTS
        first.wake()
        _prove(served, store_url, first.end(), second)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"] if LONG else ["sqlite"])
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_client_that_is_suspended_at_any_moment_sends_nothing_twice(
    tmp_path: Path, book: Path, dialect: str, turn: int, request: pytest.FixtureRequest
) -> None:
    """In the middle of its batch, wherever its threads are just then."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    if dialect == "postgresql":
        url = str(request.getfixturevalue("postgres"))
    open_database(url).close()
    with serving(tmp_path / "sandbox", start=None, latency=0.05) as served:
        first = Client(url, served, book)
        while not served.received() and first.process.poll() is None:
            time.sleep(0.01)
        time.sleep(random.Random(turn).uniform(0, 0.1 * REQUESTS))
        first.suspend()
        second = Client(url, served, book)
        # One that is stopped inside a transaction keeps its locks, and the other has to wait.
        with suppress(subprocess.TimeoutExpired):
            second.process.wait(timeout=LEASE + 20)
        first.wake()
        ended = [first.end(), second.end()]
        _prove(served, url, *ended)
