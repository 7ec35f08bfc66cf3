"""A store that was lost: what the provider has is seen, asked about and taken in, never sent twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Served, desk_of, rows, write_book
from tests.faulty import faulty

from portops import Desk
from portops.providers import open_provider
from portops.providers.sandbox import sandbox_call
from portops.results.adopted import Stray
from portops.results.planned import Planned
from portops.settings import Settings
from portops.store import journal


@pytest.fixture
def lost(settings: Settings, served: Served, statement: Path) -> tuple[Desk, Desk, Planned]:
    """Three requests submitted with a store that is lost, and a desk with an empty one."""
    changes = [{"Account Number": f"9{n}", "Customer Name": f"Shop {n}"} for n in range(3)]
    before = desk_of(settings, clock=served.sandbox.clock.now)
    planned = before.plan(before.check(rows(*changes), documents=statement))
    assert before.submit(planned, agree=True).count("submitted") == 3
    empty = settings.but(store=settings.store.replace("store.db", "new.db"))
    return before, desk_of(empty, clock=served.sandbox.clock.now), planned


def _ended(desk: Desk, planned: Planned) -> None:
    """Have the provider end every request."""
    with open_provider(desk.settings) as provider:
        for request in list(provider.listed()):
            provider.cancel(request.request_sid)


def _created(served: Served) -> int:
    return sum(call["accepted"] for call in served.received())


def test_an_open_request_of_a_lost_store_is_held_back_and_adopted(
    lost: tuple[Desk, Desk, Planned], served: Served
) -> None:
    """It is named with its SID; adopted, it is the planned request, with its whole history."""
    before, desk, planned = lost
    done = desk.submit(planned, agree=True, ask_portability=False)
    assert done.count("held_back") == 3
    assert all("portops adopt" in str(outcome.error) for outcome in done.outcomes)
    sids = set(before.status()["request_sid"])
    assert all(any(sid in str(one.error) for sid in sids) for one in done.outcomes)
    result = desk.adopt(planned)
    assert {stray.request_sid for stray in result.adopted} == sids
    assert all(stray.planned for stray in result.adopted)
    names = ["request_sid", "request", "status", "created"]
    assert desk.status()[names].sort_values("request_sid").to_dict("list") == (
        before.status()[names].sort_values("request_sid").to_dict("list")
    )
    assert set(desk.history()["event_id"]) >= set(before.history()["event_id"])
    again = desk.submit(planned, agree=True, ask_portability=False)
    assert again.count("already_submitted") == 3
    assert desk.adopt(planned).as_json() == {"adopted": 0, "left": 0, "requests": []}
    assert _created(served) == 3


def test_an_ended_request_of_a_lost_store_is_asked_about_and_not_sent(
    lost: tuple[Desk, Desk, Planned], served: Served
) -> None:
    """Canceled at the provider, unknown here: held back, left without a yes, sent with `again`."""
    before, desk, planned = lost
    _ended(before, planned)
    done = desk.submit(planned, agree=True, ask_portability=False)
    assert done.count("held_back") == 3
    assert all("--again" in str(outcome.error) for outcome in done.outcomes)
    asked: list[Stray] = []

    def first_only(stray: Stray) -> bool:
        asked.append(stray)
        return len(asked) == 1

    assert len(desk.adopt(planned).left) == 3
    result = desk.adopt(planned, agrees=first_only)
    assert (len(result.adopted), len(result.left), len(asked)) == (1, 2, 3)
    assert desk.submit(planned, agree=True).count("already_submitted") == 1
    assert _created(served) == 3
    again = desk.submit(planned, agree=True, again=True)
    assert again.count("submitted") == 3
    assert _created(served) == 6


def test_a_reconciliation_names_what_the_store_lacks(lost: tuple[Desk, Desk, Planned]) -> None:
    """What the provider has was submitted, whatever the store knows."""
    _, desk, planned = lost
    desk.made_database()
    result = desk.reconcile(planned)
    assert result.counts["not_submitted"] == 0
    assert result.counts["unknown_at_provider"] == 3
    assert "portops adopt" in result.of("unknown_at_provider")["next_step"].iloc[0]
    desk.adopt(planned)
    assert desk.reconcile(planned).counts["agreed"] == 3


def test_without_a_workbook_the_providers_words_are_kept(
    lost: tuple[Desk, Desk, Planned], served: Served
) -> None:
    """A request that nobody planned comes with the provider's details, and can be followed."""
    _, desk, planned = lost
    assert len(desk.adopt().adopted) == 3
    tracked = journal.tracked(desk.database)
    assert {row["customer_name"] for row in tracked["details"]} == {"Shop 0", "Shop 1", "Shop 2"}
    sandbox_call(desk.settings, "/sandbox/advance", {"days": 1})
    assert desk.pull().asked == 3
    assert desk.submit(planned, agree=True).count("held_back") == 3
    assert _created(served) == 3


def test_a_correction_that_was_lost_supersedes_what_was_rejected(
    settings: Settings, served: Served, statement: Path
) -> None:
    """Adopted in the order in which they were made."""
    book = rows({"Account Number": "9"})
    desk = desk_of(settings, clock=served.sandbox.clock.now)
    planned = desk.plan(desk.check(book, documents=statement))
    desk.submit(planned, agree=True)
    first = desk.status()["request_sid"].iloc[0]
    _ended(desk, planned)
    desk.pull()
    desk.submit(planned, agree=True, again=True)
    sids = set(desk.status()["request_sid"])
    empty = settings.but(store=settings.store.replace("store.db", "new.db"))
    other = desk_of(empty, clock=served.sandbox.clock.now)
    result = other.adopt(planned, agrees=lambda _: True)
    assert {stray.request_sid for stray in result.adopted} == sids
    # The one that goes on is the planned request; the ended one has an identity of its own.
    done = other.submit(planned, agree=True)
    assert [outcome.request_sid for outcome in done.outcomes] == sorted(sids - {first})


@pytest.mark.parametrize("yes", [False, True])
def test_the_command_without_a_terminal_leaves_what_has_ended(
    lost: tuple[Desk, Desk, Planned], tmp_path: Path, statement: Path, *, yes: bool
) -> None:
    """It names them and exits 1; `--yes` answers."""
    before, desk, planned = lost
    _ended(before, planned)
    changes = [{"Account Number": f"9{n}", "Customer Name": f"Shop {n}"} for n in range(3)]
    book = write_book(tmp_path / "book.xlsx", rows(*changes))
    run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
    done = run(
        [
            *(sys.executable, "-m", "portops", "adopt", str(book), "--json"),
            *("--documents", str(statement), "--store", desk.settings.store),
            *(["--yes"] if yes else []),
        ],
        env={"PORTOPS_SANDBOX_URL": desk.settings.sandbox_url, "PYTHONPATH": ":".join(sys.path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    document = json.loads(done.stdout)
    assert (document["adopted"], document["left"]) == ((3, 0) if yes else (0, 3))
    assert done.returncode == (0 if yes else 1)


def test_foreign_requests_are_asked_about_once(
    lost: tuple[Desk, Desk, Planned], served: Served, statement: Path
) -> None:
    """What has none of our numbers is remembered, until the provider's list says something new."""
    before, desk, planned = lost
    book = rows({"Account Number": "88", "Phone Number": "(212) 555-0177"})

    def asked(frame: object) -> int:
        with faulty(served.url) as proxy:
            other = desk_of(desk.settings.but(sandbox_url=proxy.url), clock=desk.clock)
            plan = other.plan(other.check(frame, documents=statement))
            assert other.submit(plan, agree=True, ask_portability=False).stopped is None
            theirs = {f"GET /v1/Porting/PortIn/{sid}" for sid in before.status()["request_sid"]}
            return sum(call in theirs for call, _ in proxy.seen)

    assert asked(book) == 3
    more = book.assign(**{"Phone Number": "(212) 555-0178", "Account Number": "89"})
    assert asked(more) == 0
    _ended(before, planned)
    more = book.assign(**{"Phone Number": "(212) 555-0179", "Account Number": "90"})
    assert asked(more) == 3


@pytest.fixture
def run(
    lost: tuple[Desk, Desk, Planned], tmp_path: Path, statement: Path
) -> Callable[..., tuple[int, str]]:
    """Run a command on the lost workbook; `answers` are typed on a terminal."""
    changes = [{"Account Number": f"9{n}", "Customer Name": f"Shop {n}"} for n in range(3)]
    book = write_book(tmp_path / "book.xlsx", rows(*changes))
    settings = lost[1].settings

    def run(name: str, *options: str, answers: str | None = None) -> tuple[int, str]:
        command = [sys.executable, "-m", "portops", name, str(book), "--documents", str(statement)]
        stdin, terminal = subprocess.DEVNULL, None
        if answers is not None:
            terminal, stdin = os.openpty()
            os.write(terminal, answers.encode())
        done = subprocess.run(
            [*command, "--store", settings.store, "--out", str(tmp_path / "out"), *options],
            env={**os.environ, "PORTOPS_SANDBOX_URL": settings.sandbox_url},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            stdin=stdin,
            check=False,
            timeout=60,
        )
        if terminal is not None:
            os.close(terminal)
            os.close(stdin)
        return done.returncode, done.stdout

    return run


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
def test_submit_offers_on_a_terminal_and_adopts_with_a_yes(
    lost: tuple[Desk, Desk, Planned], served: Served, run: Callable[..., tuple[int, str]]
) -> None:
    """The answer is no unless somebody says yes."""
    before, desk, _ = lost
    code, text = run("submit", "--agree", answers="\n")
    assert code == 1, text
    assert "Adopt them? [y/N]" in text
    assert journal.known_sids(desk.database) == set()
    code, text = run("submit", "--agree", answers="y\n")
    assert code == 0, text
    assert "3 requests adopted." in text
    assert journal.known_sids(desk.database) == set(before.status()["request_sid"])
    assert "3 submitted before" in text
    assert _created(served) == 3


def test_without_a_terminal_only_the_flag_adopts(
    lost: tuple[Desk, Desk, Planned], served: Served, run: Callable[..., tuple[int, str]]
) -> None:
    """Neither step adopts by itself; what has ended is left either way."""
    before, desk, _ = lost
    desk.made_database()
    assert run("reconcile")[0] == 1
    assert run("submit", "--agree")[0] == 1
    assert journal.known_sids(desk.database) == set()
    sids = sorted(before.status()["request_sid"])
    with open_provider(desk.settings) as provider:
        provider.cancel(sids[0])
    code, text = run("reconcile", "--adopt")
    assert "2 requests adopted." in text, text
    assert code == 1
    assert journal.known_sids(desk.database) == set(sids[1:])
    code, text = run("submit", "--agree", "--adopt", "--json")
    assert code == 1, text
    assert journal.known_sids(desk.database) == set(sids[1:])
    assert _created(served) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
def test_reconcile_asks_about_what_has_ended(
    lost: tuple[Desk, Desk, Planned], run: Callable[..., tuple[int, str]]
) -> None:
    """Each by itself, on the terminal."""
    before, desk, planned = lost
    desk.made_database()
    _ended(before, planned)
    _, text = run("reconcile", answers="y\n\ny\n")
    assert text.count("was canceled at the provider. Adopt it?") == 3, text
    assert "2 requests adopted." in text
    assert len(journal.known_sids(desk.database)) == 2
