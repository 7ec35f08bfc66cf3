"""Whatever the network, the provider or the disk does: submitted once, nothing lost, said."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import Served, rows, serving
from tests.faulty import ARRIVES, FAULTS, faulty

import portops
from portops.errors import StoreError, Unavailable
from portops.providers import sandbox, transport
from portops.providers.twilio.adapter import Twilio
from portops.results.planned import Planned
from portops.settings import Settings
from portops.store import claims, journal
from portops.store import database as store
from portops.store.database import open_database
from portops.submission.breaker import FAILURES


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A sandbox whose clock is the real one."""
    with serving(tmp_path / "sandbox", start=None) as running:
        yield running


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long here."""
    limits = replace(sandbox.SERVICE.limits, settle_after=0.3, late_after=0.6)
    monkeypatch.setattr(sandbox, "SERVICE", replace(sandbox.SERVICE, limits=limits))
    monkeypatch.setattr(transport, "ANSWER", 1.0)


def _planned(folder: Path, accounts: int = 3) -> Planned:
    changes = [
        {"Account Number": f"9{account}", "Customer Name": f"Shop {account}"}
        for account in range(accounts)
    ]
    return portops.plan(portops.check(rows(*changes), documents=folder))


def _accepted(served: Served) -> dict[tuple[str, ...], list[bool]]:
    calls: dict[tuple[str, ...], list[bool]] = defaultdict(list)
    for each in served.received():
        calls[tuple(each["numbers"])].append(each["accepted"])
    return calls


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_network_doubles_and_loses_nothing(
    fault: str, statement: Path, settings: Settings, served: Served
) -> None:
    """One create call of three meets the fault; at the latest the second run has all three."""
    with faulty(served.url, "", fault) as proxy:
        through = settings.but(sandbox_url=proxy.url)
        planned = _planned(statement)
        first = portops.submit(planned, agree=True, concurrency=1, settings=through)
        last = portops.submit(planned, agree=True, concurrency=1, settings=through)
        assert fault in [dealt for _, dealt in proxy.seen]
    assert first.count("failed") == last.count("submitted") <= 1, first.as_table()
    assert last.count("failed") == 0, last.as_table()
    calls = _accepted(served)
    assert sorted(calls.values()) == [[True]] * 3
    with open_database(settings.store) as database:
        sids = {each["request_sid"] for each in served.received()}
        assert journal.known_sids(database) == sids


@pytest.mark.parametrize("fault", sorted(ARRIVES))
def test_every_answer_is_lost(
    fault: str, statement: Path, settings: Settings, served: Served
) -> None:
    """A provider that takes every request and whose every answer is lost is sent each one once."""
    with faulty(served.url, *[fault] * 20) as proxy:
        through = settings.but(sandbox_url=proxy.url)
        planned = _planned(statement)
        portops.submit(planned, agree=True, concurrency=2, settings=through)
        last = portops.submit(planned, agree=True, concurrency=2, settings=through)
    assert {each.status for each in last.outcomes} == {"already_submitted"}
    assert sorted(_accepted(served).values()) == [[True]] * 3


def test_retry_after_is_honoured(statement: Path, settings: Settings, served: Served) -> None:
    """After a 429 nobody calls before its time, and the request is sent again: it was not taken."""
    with faulty(served.url, "429") as proxy:
        through = settings.but(sandbox_url=proxy.url)
        done = portops.submit(_planned(statement), agree=True, settings=through)
        at = next(place for place, (_, dealt) in enumerate(proxy.seen) if dealt == "429")
        creates = [
            when
            for (call, _), when in zip(proxy.seen, proxy.times, strict=True)
            if call == "POST /v1/Porting/PortIn" and when > proxy.times[at]
        ]
    assert done.count("submitted") == 3
    assert max(creates) - proxy.times[at] >= 1.0


def test_a_provider_that_is_down_opens_the_circuit(
    statement: Path, settings: Settings, served: Served
) -> None:
    """After some failures in a row nothing more is begun, and how to go on is said."""
    planned = _planned(statement, accounts=20)
    with faulty(served.url, *["503"] * 100) as proxy:
        through = settings.but(sandbox_url=proxy.url)
        stopped = portops.submit(planned, agree=True, concurrency=1, settings=through)
        tried = [call for call, _ in proxy.seen if call.startswith("POST /v1/Porting")]
    assert isinstance(stopped.stopped, Unavailable)
    assert "in a row" in str(stopped.stopped)
    assert "same command" in stopped.stopped.remedy
    assert FAILURES <= len(tried) <= FAILURES + 2
    assert portops.submit(planned, agree=True, settings=settings).count("submitted") == 20
    assert sorted(_accepted(served).values()) == [[True]] * 20


def test_a_deadline_ends_a_batch(statement: Path, settings: Settings, served: Served) -> None:
    """What is not begun in time is not begun."""
    planned = _planned(statement)
    late = portops.submit(planned, agree=True, deadline=timedelta(0), settings=settings)
    assert late.count("failed") == 3
    assert "deadline" in str(late.stopped)
    assert served.received() == []
    assert portops.submit(planned, agree=True, settings=settings).count("submitted") == 3


def test_a_host_without_a_name_is_said(statement: Path, settings: Settings) -> None:
    """DNS that fails is a provider that cannot be reached."""
    nowhere = settings.but(sandbox_url="http://no-such-host.invalid")
    with pytest.raises(Unavailable, match="does not answer"):
        portops.submit(_planned(statement), agree=True, settings=nowhere)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_stopping_by_hand_leaves_nothing_ambiguous(
    statement: Path, settings: Settings, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+C: what is on its way comes to its end, nothing more is begun."""
    # A shell lets what it starts in the background ignore the signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    create, begun = Twilio.create, threading.Event()

    def slow(self: Twilio, request: object, documents: object) -> object:
        begun.set()
        time.sleep(0.3)
        return create(self, request, documents)  # type: ignore[arg-type]

    monkeypatch.setattr(Twilio, "create", slow)
    planned = _planned(statement, accounts=12)

    def interrupt() -> None:
        begun.wait(10)
        signal.pthread_kill(int(threading.main_thread().ident or 0), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        portops.submit(planned, agree=True, concurrency=1, settings=settings)
    with open_database(settings.store) as database:
        assert journal.ambiguous(database, "sandbox") == []
        assert 0 < len(journal.tracked(database)) < 12
    monkeypatch.undo()
    assert portops.submit(planned, agree=True, settings=settings).count("failed") == 0
    assert sorted(_accepted(served).values()) == [[True]] * 12


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_a_full_disk_stops_before_anything_is_sent_that_is_not_written_down(
    statement: Path, settings: Settings, served: Served, pages: int, tmp_path: Path
) -> None:
    """The store says that it is full; with room again, each request is there once."""
    planned = _planned(statement, accounts=6)
    open_database(settings.store).close()
    size = sqlite3.connect(tmp_path / "store.db").execute("PRAGMA page_count").fetchone()[0]

    def fill(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={size + pages}")

    sa.event.listen(sa.Engine, "connect", fill)
    try:
        with pytest.raises(StoreError, match="full"):
            stopped = portops.submit(planned, agree=True, concurrency=1, settings=settings).stopped
            raise stopped or AssertionError("it went on")
    finally:
        sa.event.remove(sa.Engine, "connect", fill)
    done = portops.submit(planned, agree=True, settings=settings)
    assert done.count("failed") == 0
    assert sorted(_accepted(served).values()) == [[True]] * 6


@pytest.mark.parametrize("put_in_place", [False, True])
def test_a_store_that_is_removed_in_mid_run_stops_the_batch_and_tells_the_sids(
    put_in_place: bool,
    statement: Path,
    settings: Settings,
    served: Served,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No commit goes to a file that nobody finds again; what the provider has is named."""
    create, calls, lock = Twilio.create, [], threading.Lock()

    def removing(self: Twilio, *given: object) -> object:
        receipt = create(self, *given)
        with lock:
            calls.append(receipt.request_sid)
            third = len(calls) == 3
        if third:
            (tmp_path / "store.db").rename(tmp_path / "gone.db")
            if put_in_place:
                open_database(settings.store).close()
        return receipt

    monkeypatch.setattr(Twilio, "create", removing)
    done = portops.submit(
        _planned(statement, accounts=8), agree=True, concurrency=1, settings=settings
    )
    assert isinstance(done.stopped, StoreError)
    assert "was removed" in str(done.stopped)
    sids = {outcome.request_sid for outcome in done.outcomes if outcome.request_sid}
    assert sids == set(calls) == {call["request_sid"] for call in served.received()}
    assert len(calls) < 8
    assert done.count("submitted") <= 3
    assert done.count("submitted") + done.count("failed") == 8


def test_a_locked_store_is_said(
    statement: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program that holds the file for too long is named, and nothing is sent."""
    monkeypatch.setattr(store, "BUSY", 200)
    planned = _planned(statement)
    open_database(settings.store).close()
    holder = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreError, match="locked"):
            portops.submit(planned, agree=True, settings=settings)
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert portops.submit(planned, agree=True, settings=settings).count("submitted") == 3


def test_a_claim_ends_with_its_process() -> None:
    """What a dead process has claimed is free at once; what lives, here or elsewhere, is not."""
    dead = subprocess.run(
        [sys.executable, "-c", "from portops.store.claims import new_owner; print(new_owner())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert claims.gone(dead)
    assert not claims.gone(claims.new_owner())
    assert not claims.gone("another-machine|1|2.00|abc")
