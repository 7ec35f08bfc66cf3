"""Pull: the provider's word becomes history, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import httpx
import pandas as pd
import pytest
import sqlalchemy as sa
from tests.conftest import START, Served, desk_of, rows

import portops
from portops import tables
from portops.errors import Unavailable
from portops.providers import open_provider
from portops.providers.sandbox import sandbox_call
from portops.providers.twilio.adapter import Twilio
from portops.sandbox.clock import Clock
from portops.sandbox.orders import Number, Order
from portops.settings import Settings
from portops.store import batches, schema
from portops.store.database import open_database


@pytest.fixture
def submitted(statement: Path, settings: Settings, served: Served) -> str:
    """One submitted request of two numbers; gives its SID."""
    planned = portops.plan(portops.check(rows({}, {}), documents=statement))
    done = desk_of(settings, clock=served.sandbox.clock.now).submit(planned, agree=True)
    return str(done.outcomes[0].request_sid)


def _pull(settings: Settings, served: Served) -> int:
    return desk_of(settings, clock=served.sandbox.clock.now).pull().new_events


def test_the_history_of_a_port(submitted: str, settings: Settings, served: Served) -> None:
    """Every step that was pulled is there with its own time, and pulling twice adds nothing."""
    for day in range(40):
        sandbox_call(settings, "/sandbox/advance", {"days": 1})
        if day == 2:
            _pull(settings, served)
            sandbox_call(settings, f"/sandbox/sign/{submitted}", {})
        _pull(settings, served)
        assert _pull(settings, served) == 0
    history = portops.history(settings=settings)
    mine = history[history["phone_number"] == "+12125550100"]
    assert mine["status"].tolist() == [
        "submitted",
        "in_review",
        "waiting_for_signature",
        "in_progress",
        "foc_confirmed",
        "completed",
    ]
    assert mine["occurred_at"].is_monotonic_increasing
    row = portops.status(settings=settings).iloc[0]
    assert (row["status"], row["completed"]) == ("completed", 2)


def test_ended_requests_are_asked_for_only_when_full(
    submitted: str, settings: Settings, served: Served
) -> None:
    """An incremental pull leaves what has ended alone."""
    sandbox_call(settings, "/sandbox/advance", {"days": 31})
    _pull(settings, served)
    assert portops.status(settings=settings)["status"].tolist() == ["expired"]
    assert portops.pull(settings=settings).asked == 0
    assert portops.pull(full=True, settings=settings).asked == 1


def test_a_canceled_request_is_history_too(
    submitted: str, settings: Settings, served: Served
) -> None:
    """Cancelling at the provider shows at the next pull."""
    with open_provider(settings) as provider:
        provider.cancel(submitted)
    _pull(settings, served)
    assert portops.status(settings=settings)["status"].tolist() == ["canceled"]


def test_a_provider_that_is_down_is_said(submitted: str, settings: Settings) -> None:
    """Which address, and what to do."""
    with pytest.raises(Unavailable) as raised:
        portops.pull(settings=settings.but(sandbox_url="http://127.0.0.1:9"))
    assert "portops sandbox serve" in raised.value.remedy


def test_an_event_that_does_not_fit_is_set_aside_aloud(
    submitted: str,
    settings: Settings,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The warning names request and column; the others are stored, and it never is."""
    bogus = {
        "request_sid": submitted,
        "phone_number": "bogus",
        "status": "flying",
        "occurred_at": "2026-10-06T12:00:00Z",
    }
    odd = [{**bogus, "phone_number": "", "occurred_at": "yesterday"}, {"request_sid": submitted}]
    changes = Twilio.changes
    monkeypatch.setattr(Twilio, "changes", lambda self, sid: [bogus, *odd, *changes(self, sid)])
    before = len(portops.history(settings=settings))
    sandbox_call(settings, "/sandbox/advance", {"days": 1})
    assert _pull(settings, served) == 3
    history = portops.history(settings=settings)
    assert len(history) == before + 3
    assert "flying" not in set(history["status"])
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert any(submitted in words and "phone_number 'bogus'" in words for words in warned)
    assert any(submitted in words and "status 'flying'" in words for words in warned)
    assert any(submitted in words and "occurred_at 'yesterday'" in words for words in warned)


def test_the_store_gives_back_what_events_are(
    submitted: str, settings: Settings, served: Served
) -> None:
    """EVENTS out of the store fits its model."""
    history = portops.history(settings=settings)
    tables.EVENTS.validate(history)
    assert isinstance(history["occurred_at"].iloc[0].to_pydatetime(), datetime)
    assert pd.api.types.is_string_dtype(history["cause"])


def test_the_cost_grows_with_the_changes(
    tmp_path: Path, settings: Settings, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2,000 tracked requests of which 20 changed: so many calls, and the pages of the list."""
    sids = _tracked(served, settings, 2_000)
    calls: list[str] = []
    request = httpx.Client.request

    def counted(self: httpx.Client, method: str, url: str, **options: object) -> httpx.Response:
        calls.append(f"{method} {url}")
        return request(self, method, url, **options)

    clock = served.sandbox.clock
    # The first days ask for everything: the list tells days only.
    served.sandbox.clock.advance(2)
    first = desk_of(settings, clock=clock.now).pull()
    assert (first.listed, first.asked) == (2_000, 2_000)
    served.sandbox.clock.advance(2)
    monkeypatch.setattr(httpx.Client, "request", counted)
    assert desk_of(settings, clock=clock.now).pull().asked == 0
    assert len(calls) == 20
    calls.clear()
    for sid in sids[:20]:
        served.sandbox.database.sign(sid, clock.now())
    served.sandbox.clock.advance(1)
    changed = desk_of(settings, clock=clock.now).pull()
    assert changed.asked == 20
    assert len(calls) == 40
    assert changed.new_events >= 20


def test_a_pull_that_dies_half_way_skips_nothing(
    settings: Settings, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not committed is asked for again."""
    _tracked(served, settings, 450)
    clock = served.sandbox.clock
    clock.advance(1)
    changes, seen = Twilio.changes, []

    def dying(self: Twilio, request_sid: str) -> list:
        seen.append(request_sid)
        if len(seen) > 300:
            raise Unavailable("gone")
        return changes(self, request_sid)

    with monkeypatch.context() as patched, pytest.raises(Unavailable):
        patched.setattr(Twilio, "changes", dying)
        desk_of(settings, clock=clock.now).pull()
    partly = len(portops.history(settings=settings))
    rest = desk_of(settings, clock=clock.now).pull()
    history = portops.history(settings=settings)
    assert 0 < partly < len(history) == partly + rest.new_events
    assert (history.groupby("request_sid").size() == 2).all()
    assert desk_of(settings, clock=clock.now).pull(full=True).new_events == 0


def test_two_pulls_at_once_lose_and_double_nothing(settings: Settings, served: Served) -> None:
    """The same events are one."""
    _tracked(served, settings, 300)
    clock = served.sandbox.clock
    clock.advance(1)
    now = clock.now()
    with ThreadPoolExecutor() as pool:
        both = [pool.submit(lambda: desk_of(settings, clock=lambda: now).pull()) for _ in range(2)]
        assert sum(pull.result().new_events for pull in both) == 600


def _tracked(served: Served, settings: Settings, count: int) -> list[str]:
    """Put so many orders into the sandbox's database and our journal; gives their SIDs."""
    served.sandbox.clock = clock = Clock(served.sandbox.database, START)
    now = clock.now()
    body = {"losing_carrier_information": {}, "documents": [], "carrier": "Granite Tel"}
    plans, sids = [], []
    with open_database(settings.store) as database:
        for place in range(count):
            number, sid = f"+1212{2_000_000 + place}", f"KW{place:032x}"
            order = Order(
                sid=sid,
                seed=1,
                carrier="Granite Tel",
                created_at=now,
                numbers=(Number(sid=f"PU{place:032x}", phone_number=number, mobile=False),),
            )
            served.sandbox.database.add_order(settings.sandbox_account, body, order)
            sids.append(sid)
            plans.append(
                {
                    "request_key": f"k{place}",
                    "request": f"r{place}",
                    "details": {},
                    "finding_codes": [],
                    "supersedes": "",
                    "numbers": [(number, "landline")],
                    "secrets": {},
                }
            )
        batch = {
            "batch_id": "b",
            "provider": "sandbox",
            "operator": "x",
            "workbooks": [],
            "agreement": "",
        }
        batches.open_batch(database, batch, plans, now)
        with database.writing() as connection:
            connection.execute(
                schema.requests.update()
                .where(schema.requests.c.request_key == sa.bindparam("key"))
                .values(state="accepted", request_sid=sa.bindparam("sid")),
                [
                    {"key": plan["request_key"], "sid": sid}
                    for plan, sid in zip(plans, sids, strict=True)
                ],
            )
    return sids
