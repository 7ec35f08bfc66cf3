"""What an attack tried: slow answers, two workbooks at once, a client that slept, a wrong clock.

`make attack` runs it with the real waits and many rounds.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.conftest import Served, desk_of, rows, serving
from tests.faulty import faulty

import portops
from portops.providers import open_provider, sandbox, transport
from portops.providers.twilio.adapter import Twilio
from portops.results.planned import Planned
from portops.results.submitted import Submitted
from portops.settings import Settings
from portops.store.database import open_database
from portops.submission import dispatch, sending
from portops.tracking import prior

LONG = os.environ.get("ATTACK") == "long"

#: What stands for the 30 seconds that a client waits for an answer.
ANSWER = transport.ANSWER if LONG else 1.0
SCALE = ANSWER / transport.ANSWER
ROUNDS = 20 if LONG else 2


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A sandbox whose clock is the real one."""
    with serving(tmp_path / "sandbox", start=None, latency=0.02) as running:
        yield running


@pytest.fixture(autouse=True)
def _scaled(monkeypatch: pytest.MonkeyPatch) -> None:
    """All waits are as long as they are, or shorter by the same factor."""
    limits = sandbox.SERVICE.limits
    scaled = replace(
        limits, settle_after=limits.settle_after * SCALE, late_after=limits.late_after * SCALE
    )
    monkeypatch.setattr(sandbox, "SERVICE", replace(sandbox.SERVICE, limits=scaled))
    monkeypatch.setattr(transport, "ANSWER", ANSWER)


def _planned(frame: object, folder: Path) -> Planned:
    return portops.plan(portops.check(frame, documents=folder))


def _creates(served: Served) -> Counter[str]:
    """Count for each number the create calls that arrived, whatever became of them."""
    return Counter(number for call in served.received() for number in call["numbers"])


@pytest.mark.parametrize("fault", ["too slow", "arrives late"])
@pytest.mark.parametrize("seconds", [33, 50, 75])
def test_a_slow_answer_is_not_sent_twice(
    statement: Path, settings: Settings, served: Served, fault: str, seconds: int
) -> None:
    """Whether the provider took it at once or only in the end: one create, in two runs."""
    planned = _planned(rows({}), statement)
    with faulty(served.url, fault) as proxy:
        proxy.slow = seconds * SCALE
        through = settings.but(sandbox_url=proxy.url)
        first = portops.submit(planned, agree=True, settings=through)
        sent = [call for call, _ in proxy.seen if call == "POST /v1/Porting/PortIn"]
        assert len(sent) == 1
        (outcome,) = first.outcomes
        if outcome.status != "submitted":
            assert (outcome.status, outcome.open) == ("failed", True)
            assert "isn't known whether sandbox has this request" in str(outcome.error)
            assert "not sent again" in str(outcome.error)
        last = portops.submit(planned, agree=True, settings=through)
    assert last.count("submitted") + last.count("already_submitted") == 1, last.as_table()
    assert set(_creates(served).values()) == {1}


def test_a_number_accepted_meanwhile_is_not_sent_again(
    statement: Path, settings: Settings, served: Served
) -> None:
    """Another workbook is submitted between the look at the open numbers and the sending."""
    one = _planned(rows({}, {}), statement)
    two = _planned(rows({}, {}, **{"Customer Name": "Red Barn"}), statement)
    with open_database(settings.store) as database, open_provider(settings) as provider:

        def overtaken() -> object:
            numbers = prior.open_numbers(database)
            if not served.received():
                assert portops.submit(two, agree=True, settings=settings).count("submitted") == 1
            return numbers

        done = dispatch.submit(
            one,
            provider,
            database,
            operator="tester",
            open_numbers=overtaken,  # type: ignore[arg-type]
        )
    assert done.count("held_back") == 1
    assert "number.in_progress" in str(done.outcomes[0].error)
    assert set(_creates(served).values()) == {1}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_two_workbooks_with_the_same_numbers_at_once(
    tmp_path: Path,
    statement: Path,
    settings: Settings,
    served: Served,
    dialect: str,
    request: pytest.FixtureRequest,
) -> None:
    """Each number is sent once, in whichever workbook's request."""
    for turn in range(ROUNDS):
        url = f"sqlite:///{tmp_path / f'{turn}.db'}"
        if dialect == "postgresql":
            url = request.getfixturevalue("postgres")
        store = settings.but(store=url)
        open_database(url).close()

        def account(place: int, shift: int, turn: int = turn) -> dict[str, str]:
            pair = (place + shift) // 2
            return {
                # Each turn has a store of its own, and numbers that no turn before has moved.
                "Phone Number": f"({212 + turn // 8}) 555-01{turn % 8 * 12 + place % 12:02d}",
                "Account Number": f"{turn}{shift}{pair}",
                "Customer Name": f"Shop {pair}",
            }

        books = [
            _planned(rows(*[account(place, 0) for place in range(12)]), statement),
            _planned(rows(*[account(place, 1) for place in reversed(range(12))]), statement),
        ]
        ended: list[Submitted] = []
        together = threading.Barrier(len(books))

        def submit(
            book: Planned,
            store: Settings = store,
            ended: list[Submitted] = ended,
            together: threading.Barrier = together,
        ) -> None:
            together.wait()
            ended.append(desk_of(store).submit(book, agree=True))

        before = _creates(served)
        threads = [threading.Thread(target=submit, args=(book,)) for book in books]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ended) == 2
        made = _creates(served) - before
        assert set(made.values()) == {1}, made
        if dialect == "postgresql":
            break


def test_a_client_that_slept_does_not_send(
    statement: Path, settings: Settings, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It announced, was suspended until its lease was taken over, and wakes before its call."""
    planned = _planned(rows({}), statement)
    create, real, slept = Twilio.create, sending.elapsed, [0.0]
    monkeypatch.setattr(sending, "elapsed", lambda: real() + slept[0])

    def later() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=4)

    def suspended(self: Twilio, request: object, documents: object) -> object:
        monkeypatch.setattr(Twilio, "create", create)
        other = desk_of(settings, clock=later).submit(planned, agree=True)
        assert other.count("submitted") == 1
        slept[0] = 240.0
        return create(self, request, documents)  # type: ignore[arg-type]

    monkeypatch.setattr(Twilio, "create", suspended)
    woken = portops.submit(planned, agree=True, settings=settings)
    assert woken.count("already_submitted") == 1, woken.as_table()
    assert set(_creates(served).values()) == {1}


def test_an_announcement_that_is_old_is_made_anew(
    statement: Path, settings: Settings, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that slept and whose lease nobody took sends, and the journal says when."""
    planned = _planned(rows({}), statement)
    create, real, slept = Twilio.create, sending.elapsed, [0.0]
    monkeypatch.setattr(sending, "elapsed", lambda: real() + slept[0])

    def suspended(self: Twilio, request: object, documents: object) -> object:
        slept[0] += 60.0
        return create(self, request, documents)  # type: ignore[arg-type]

    monkeypatch.setattr(Twilio, "create", suspended)
    done = portops.submit(planned, agree=True, settings=settings)
    assert done.count("submitted") == 1
    sid = str(done.outcomes[0].request_sid)
    states = [step["state"] for step in _steps(settings, sid)]
    assert states[-3:] == ["sending", "sending", "accepted"]


def _steps(settings: Settings, sid: str) -> list[dict[str, object]]:
    from portops.store import journal

    with open_database(settings.store) as database:
        return journal.steps_of(database, sid)


@pytest.mark.parametrize("days", [-3, -2, 2, 3])
@pytest.mark.parametrize("asked", [True, False])
def test_a_clock_that_is_days_off_finds_the_order(
    statement: Path, settings: Settings, served: Served, days: int, *, asked: bool
) -> None:
    """The provider's own time rules what is looked for."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC) + timedelta(days=days)  # noqa: E731
    planned = _planned(rows({}), statement)
    with faulty(served.url, "cut after") as proxy:
        desk = desk_of(settings.but(sandbox_url=proxy.url), clock=clock)
        desk.submit(planned, agree=True, ask_portability=asked)
        last = desk.submit(planned, agree=True, ask_portability=asked)
    assert last.count("already_submitted") == 1, last.as_table()
    assert set(_creates(served).values()) == {1}
