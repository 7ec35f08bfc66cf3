"""A request that becomes several orders: each in the journal, none twice, whatever is cut off."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from tests.conftest import Served, desk_of, rows, serving
from tests.sandbox.test_openapi import RECORD

import portops
from portops.cli import app
from portops.providers import PROVIDERS, service, telnyx
from portops.sandbox.telnyx.orders import history
from portops.settings import Settings
from portops.store import journal
from portops.store.database import open_database

ADMIN = ("AC00000000000000000000000000000001", "sandbox-admin")

#: Every so many points a submission is cut off; `make crash` takes each.
STEP = 1 if "CRASH_KILLS" in os.environ else 6

#: Two landlines and a mobile number of one carrier, and a landline of another.
NUMBERS = ("+12125550100", "+12125550101", "+12125550102", "+12125550103")


@pytest.fixture
def telnyx_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A sandbox with these records, reached as Telnyx; nothing waits for long."""
    fitting = {**RECORD, "account_number": "", "customer_name": "", "street": "", "city": ""}
    fitting |= {"authorized_name": "", "state": "", "postal_code": ""}
    wireless = {"line_type": "wireless", "pin": "4711"}
    changes: list[dict[str, str]] = [{}, {}, wireless, {"losing_carrier": "Basalt Telephone"}]
    records = [
        {**fitting, "phone_number": number, **change}
        for number, change in zip(NUMBERS, changes, strict=True)
    ]
    file = tmp_path / "records.csv"
    lines = [",".join(RECORD), *(",".join(row.values()) for row in records)]
    file.write_text("\n".join(lines) + "\n")
    quick = replace(
        telnyx.SERVICE.limits, settle_after=0.05, late_after=0.05, calls_a_second=1_000.0
    )
    monkeypatch.setattr(telnyx, "SERVICE", replace(telnyx.SERVICE, limits=quick))
    PROVIDERS.refresh()
    with serving(tmp_path / "sandbox", carrier_records=file) as served:
        monkeypatch.setenv("PORTOPS_TELNYX_URL", f"{served.url}/v2")
        monkeypatch.setenv("TELNYX_API_KEY", "sandbox-admin")
        yield served
    monkeypatch.undo()
    PROVIDERS.refresh()


@pytest.fixture
def desk(telnyx_served: Served, store_url: str) -> Any:
    """A desk that submits through Telnyx, by the sandbox's clock."""
    settings = Settings(store=store_url, provider="telnyx", operator="tester")
    return desk_of(settings, clock=telnyx_served.sandbox.clock.now)


def _planned(statement: Path, *changes: dict[str, Any]) -> Any:
    book = rows(*(changes or _lines()))
    return portops.plan(
        portops.check(book, documents=statement, provider="telnyx"), provider="telnyx"
    )


def _lines(pin: str = "4711") -> tuple[dict[str, Any], ...]:
    wireless = {"Number Type": "Wireless", "Wireless PIN": pin}
    kinds: list[dict[str, Any]] = [{}, {}, wireless, {}]
    return tuple(
        {"Phone Number": number, **kind} for number, kind in zip(NUMBERS, kinds, strict=True)
    )


def _orders(served: Served) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = served.sandbox.database.telnyx.orders()
    return found


def _advance(served: Served, days: float) -> None:
    httpx.post(f"{served.url}/sandbox/advance", json={"days": days}, auth=ADMIN).raise_for_status()


def test_one_request_becomes_three_orders(
    desk: Any, telnyx_served: Served, statement: Path, store_url: str
) -> None:
    """Each has its SID, its numbers, its history; running it again submits nothing."""
    planned = _planned(statement)
    done = desk.submit(planned, agree=True)
    (outcome,) = done.outcomes
    assert outcome.status == "submitted"
    assert len(outcome.sids) == 3
    assert done.as_json()["requests"][0]["other_sids"] == list(outcome.other_sids)
    orders = {order["id"]: order["numbers"] for order in _orders(telnyx_served)}
    assert set(outcome.sids) == set(orders)
    with open_database(store_url) as database:
        assert journal.known_sids(database) == set(orders)
        for sid, numbers in orders.items():
            row = journal.about(database, sid)
            assert row is not None
            steps = [step["state"] for step in journal.steps_of(database, sid)]
            assert steps[-1] == "accepted"
            lines = {
                line.phone_number for line in desk.history().itertuples() if line.request_sid == sid
            }
            assert lines == {"", *numbers}
    again = desk.submit(planned, agree=True)
    assert [(one.status, set(one.sids)) for one in again.outcomes] == [
        ("already_submitted", set(orders))
    ]
    _advance(telnyx_served, 40)
    desk.pull()
    tracked = desk.status()
    assert set(tracked["status"]) == {"completed"}
    assert set(tracked["request_sid"]) == set(orders)
    assert int(tracked["numbers"].sum()) == len(NUMBERS)
    assert desk.pull().new_events == 0


def test_a_request_is_split_by_pin(statement: Path) -> None:
    """An order has one PIN, so the plan parts numbers with other PINs; Twilio takes them together."""
    wireless = [
        {"Phone Number": number, "Number Type": "Wireless", "Wireless PIN": pin}
        for number, pin in zip(NUMBERS, ("4711", "4712", "4711", "4713"), strict=True)
    ]
    planned = _planned(statement, *wireless)
    parts = planned.ready.sort_values("request")
    assert [len(numbers) for numbers in parts["numbers"]] == [2, 1, 1]
    assert parts["request"].str.endswith((" [1 of 3]", " [2 of 3]", " [3 of 3]")).all()
    assert "each with one PIN" in parts["split"].iloc[0]
    assert "request.split" in set(planned.findings["code"])
    checked = portops.check(rows(*wireless), documents=statement)
    assert len(portops.plan(checked, provider="twilio").ready) == 1


def _calls(desk: Any, statement: Path, monkeypatch: pytest.MonkeyPatch, cut_at: int) -> int:
    """Submit; die at one call, before it leaves (odd) or before its answer comes (even)."""
    real, count = httpx.Client.request, 0

    def request(self: httpx.Client, *given: Any, **options: Any) -> httpx.Response:
        nonlocal count
        count += 1
        if count == cut_at:
            raise httpx.ConnectError("down")
        answer = real(self, *given, **options)
        count += 1
        if count == cut_at:
            raise httpx.ReadTimeout("lost")
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(httpx.Client, "request", request)
        desk.submit(_planned(statement), agree=True)
    return count


@pytest.mark.parametrize("cut_at", range(1, 40, STEP))
def test_cut_off_at_any_call_nothing_is_made_twice(
    desk: Any,
    telnyx_served: Served,
    statement: Path,
    store_url: str,
    monkeypatch: pytest.MonkeyPatch,
    cut_at: int,
) -> None:
    """Between create, fill, upload and confirm: the next run goes on with what is there."""
    _calls(desk, statement, monkeypatch, cut_at)
    for _ in range(2):
        last = desk.submit(_planned(statement), agree=True)
    (outcome,) = last.outcomes
    assert outcome.status == "already_submitted"
    orders = _orders(telnyx_served)
    assert len(orders) == 3
    assert sorted(number for order in orders for number in order["numbers"]) == sorted(NUMBERS)
    assert all(order["attempts"] for order in orders), "an order is still a draft"
    assert sum(call["accepted"] for call in telnyx_served.received()) == 1
    with open_database(store_url) as database:
        assert journal.known_sids(database) == {order["id"] for order in orders}
        assert journal.ambiguous(database, "telnyx") == []


def test_an_order_that_is_refused_stays_a_draft_with_why(
    desk: Any, telnyx_served: Served, statement: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are submitted; what is missing is said, and the draft can be canceled."""
    real = httpx.Client.request
    confirmed = 0

    def request(self: httpx.Client, method: str, url: Any, **options: Any) -> httpx.Response:
        nonlocal confirmed
        if str(url).endswith("/actions/confirm"):
            confirmed += 1
            if confirmed == 2:
                words = {"errors": [{"code": "10015", "title": "Bad", "detail": "LOA unreadable"}]}
                return httpx.Response(422, json=words, request=httpx.Request(method, "http://x"))
        return real(self, method, url, **options)

    with monkeypatch.context() as patched:
        patched.setattr(httpx.Client, "request", request)
        (outcome,) = desk.submit(_planned(statement), agree=True).outcomes
    assert outcome.status == "submitted"
    assert len(outcome.sids) == 3
    assert "1 order left as a draft" in str(outcome.error)
    assert "LOA unreadable" in str(outcome.error)
    status = desk.status().set_index("request_sid")["status"]
    draft = status[status == "draft"].index[0]
    desk.cancel(draft)
    assert draft not in {order["id"] for order in _orders(telnyx_served)}


def test_when_all_are_refused_nothing_is_left(
    desk: Any, telnyx_served: Served, statement: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drafts are deleted, and the request can be corrected and sent again."""
    planned = _planned(statement)
    with monkeypatch.context() as patched:
        patched.setattr("portops.sandbox.telnyx.calls.missing", lambda _: ["end_user"])
        (outcome,) = desk.submit(planned, agree=True).outcomes
    assert outcome.status == "failed"
    assert "Required before confirmation" in str(outcome.error)
    assert _orders(telnyx_served) == []
    (outcome,) = desk.submit(planned, agree=True).outcomes
    assert outcome.status == "submitted"


def test_drafts_of_another_workbook_are_withdrawn(
    desk: Any, telnyx_served: Served, statement: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that died with drafts; a corrected workbook takes its numbers, and no draft is left."""
    real = httpx.Client.request

    def request(self: httpx.Client, method: str, url: Any, **options: Any) -> httpx.Response:
        if method == "PATCH":
            raise httpx.ReadTimeout("lost")
        return real(self, method, url, **options)

    with monkeypatch.context() as patched:
        patched.setattr(httpx.Client, "request", request)
        patched.setattr("stamina.retry_context", _once)
        (outcome,) = desk.submit(_planned(statement), agree=True).outcomes
    assert outcome.status == "failed"
    assert len(_orders(telnyx_served)) == 3
    corrected = tuple({**line, "Customer Name": "Copper Hill Bakery Inc"} for line in _lines())
    (outcome,) = desk.submit(_planned(statement, *corrected), agree=True).outcomes
    assert outcome.status == "submitted"
    orders = _orders(telnyx_served)
    assert {order["id"] for order in orders} == set(outcome.sids)
    seed = int(telnyx_served.sandbox.database.setting("seed"))
    now = telnyx_served.sandbox.clock.now()
    assert all(history(order, seed, now)[-1].value != "draft" for order in orders)


def _once(**_: Any) -> Iterator[Any]:
    yield nullcontext()


def test_the_limits_say_it() -> None:
    """What the plan and the uploads go by."""
    limits = service("telnyx").limits
    assert limits.one_pin
    assert limits.document_minutes is not None
    assert "tiff" not in limits.document_kinds


def test_comments_of_an_order_are_shown(
    desk: Any, telnyx_served: Served, statement: Path, tmp_path: Path
) -> None:
    """What Telnyx's people said stands in the request's own view, once, after any pulls."""
    records = telnyx_served.sandbox.records
    records[NUMBERS[0]] = replace(records[NUMBERS[0]], account_number="77")
    (outcome,) = desk.submit(_planned(statement), agree=True).outcomes
    _advance(telnyx_served, 20)
    for _ in range(2):
        desk.pull(full=True)
    said = {sid: desk.request(sid).remarks for sid in outcome.sids}
    words = [remark["words"] for remarks in said.values() for remark in remarks]
    assert words == ["The account number does not match the carrier's record"]
    (rejected,) = [sid for sid, remarks in said.items() if remarks]
    followed = desk.request(rejected)
    assert followed.as_json()["remarks"][0]["author"] == "admin"
    assert followed.row["status"] == "action_required"
    printed = CliRunner().invoke(app, ["status", rejected, "--store", desk.settings.store])
    assert words[0] in printed.output
