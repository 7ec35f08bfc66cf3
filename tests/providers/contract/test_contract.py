"""What every adapter keeps, over HTTP against the sandbox's dialect of its provider."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import START, Served, serving, write_statement
from tests.providers.contract.dialects import ACCOUNT, DIALECTS, Dialect
from tests.providers.twilio.test_as_it_is import order
from tests.sandbox.test_openapi import RECORD

from portops.errors import AccessError, InputError, PortopsError, Refused, Unclear
from portops.facts.causes import CAUSES
from portops.facts.statuses import STATUSES
from portops.providers import service
from portops.providers.base import PortNumber, PortRequest, Provider
from portops.redaction import Secret

NUMBER, OTHER = "+12125550100", "+12125550101"
ADMIN = (ACCOUNT, "sandbox-admin")

#: What is changed in a carrier's record, and the cause that the rejection must have.
FAULTS = {
    "account_number": ("77", "account_number"),
    "customer_name": ("Silver Creek Dental", "customer_name"),
    "authorized_name": ("Robin Alder", "authorized_name"),
    "street": ("99 Elm Street", "address"),
    "postal_code": ("10002", "postal_code"),
    "status": ("inactive", "number_inactive"),
}


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """One provider after the other."""
    found: Dialect = request.param
    return found


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Carriers' records: two that fit, and one with each fault."""
    rows = [{**RECORD, "phone_number": number} for number in (NUMBER, OTHER)]
    for place, (name, (value, _)) in enumerate(FAULTS.items()):
        rows.append({**RECORD, "phone_number": f"+1212555011{place}", name: value})
    wireless = {"line_type": "wireless", "pin": "4711"}
    rows.append({**RECORD, "phone_number": "+12125550120", **wireless})
    file = tmp_path / "records.csv"
    lines = [",".join(RECORD), *(",".join(row.values()) for row in rows)]
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def sandbox(
    tmp_path: Path, records: Path, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    """A sandbox, and the environment that leads to it."""
    with serving(tmp_path / "sandbox", carrier_records=records) as served:
        dialect.environment(served, monkeypatch)
        yield served


@pytest.fixture
def provider(sandbox: Served, dialect: Dialect) -> Iterator[Provider]:
    """The adapter, opened as the desk opens it."""
    with dialect.open() as opened:
        yield opened


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    """A billing statement."""
    return write_statement(tmp_path / "bill.pdf", "Granite Tel")


def advance(served: Served, days: float) -> None:
    """Move the sandbox's clock."""
    httpx.post(f"{served.url}/sandbox/advance", json={"days": days}, auth=ADMIN).raise_for_status()


def papers(provider: Provider, bill: Path) -> list[str]:
    """Upload what the provider wants with a request: the statement, and the letter if it is ours."""
    letter = [provider.upload(bill)] if provider.limits.letter == "us" else []
    return [provider.upload(bill), *letter]


def create(provider: Provider, bill: Path, request: PortRequest) -> str:
    """Upload, create; returns the SID."""
    return provider.create(request, papers(provider, bill)).request_sid


def sign(served: Served, dialect: Dialect, sid: str) -> None:
    """Have the customer sign, where the provider asks for it, and let the carrier answer."""
    advance(served, 1)
    if dialect.signs:
        httpx.post(f"{served.url}/sandbox/sign/{sid}", json={}, auth=ADMIN).raise_for_status()


def last(provider: Provider, sid: str, number: str = NUMBER) -> dict[str, Any]:
    """Return the latest event of a number, or of its request where the provider has none of it."""
    events = {event["phone_number"]: event for event in provider.changes(sid)}
    return events.get(number) or events[""]


def test_its_limits_are_its_services(provider: Provider, dialect: Dialect) -> None:
    """The desk plans by the service's limits, and the adapter keeps the same."""
    assert provider.name == dialect.name
    assert provider.limits == service(dialect.name).limits
    assert provider.limits.numbers > 0
    assert provider.limits.letter in {"us", "provider"}


def test_portability(provider: Provider) -> None:
    """Yes for a number that can be ported; no, with a reason, for one that cannot."""
    assert provider.portability(NUMBER).portable is True
    no = provider.portability("+18002345678")
    assert no.portable is False
    assert no.reason


def test_a_statement_too_large_or_of_another_kind_is_refused(
    provider: Provider, tmp_path: Path
) -> None:
    """The provider's own refusal, in words."""
    large, odd = tmp_path / "large.pdf", tmp_path / "odd.exe"
    large.write_bytes(b"%PDF-1.4\n" + b"0" * provider.limits.document_bytes)
    odd.write_bytes(b"MZ no statement")
    for file in (large, odd):
        with pytest.raises(Refused) as caught:
            provider.upload(file)
        assert str(caught.value)


def test_a_request_is_created_and_described(
    provider: Provider, bill: Path, sandbox: Served
) -> None:
    """Its SID, its time, an event for it and each number; its details come back as sent."""
    request = order(NUMBER, OTHER)
    receipt = provider.create(request, papers(provider, bill))
    assert receipt.created_at.tzinfo is UTC
    assert abs(receipt.created_at - START) < timedelta(minutes=1)
    begun = {row["phone_number"] for row in receipt.events if row["status"] == "submitted"}
    assert begun == {"", NUMBER, OTHER}
    described = provider.describe(receipt.request_sid)
    assert set(described.numbers) == request.phone_numbers
    assert described.created_at == receipt.created_at
    assert described.details["customer_name"] == request.customer_name
    assert {name: getattr(request, name) for name in described.details} == described.details
    with pytest.raises(PortopsError, match=r"(?i)not found"):
        provider.describe("00000000-0000-0000-0000-000000000000")


def test_a_lost_answer_is_settled(
    provider: Provider,
    dialect: Dialect,
    bill: Path,
    sandbox: Served,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The request is found by what it is, and none is found where there is none."""
    request = order(NUMBER, OTHER)
    since = START - timedelta(minutes=1)
    document = papers(provider, bill)
    assert provider.find(request.phone_numbers, since, ()) is None
    real = httpx.Client.request

    def losing(self: httpx.Client, method: str, url: Any, **options: Any) -> httpx.Response:
        answer = real(self, method, url, **options)
        if method == "POST" and str(url).endswith(dialect.creates):
            raise httpx.ReadTimeout("lost")
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(httpx.Client, "request", losing)
        with pytest.raises(Unclear):
            provider.create(request, document)
    receipt = provider.find(request.phone_numbers, since, ())
    if receipt is None:
        # What was begun is gone on with: nothing is created a second time.
        receipt = provider.create(request, document)
    assert [row.request_sid for row in provider.listed()] == [receipt.request_sid]
    assert sum(call["accepted"] for call in sandbox.received()) == 1
    assert provider.find(frozenset({NUMBER}), since, ()) is None
    assert provider.find(request.phone_numbers, since, {receipt.request_sid}) is None


def test_the_list_has_every_request_and_shows_changes(
    provider: Provider, bill: Path, sandbox: Served, dialect: Dialect
) -> None:
    """All of them, or those asked for; a request that changes changes in the list."""
    sids = [create(provider, bill, order(f"+1212555013{place}")) for place in range(3)]
    before = {row.request_sid: row.state for row in provider.listed()}
    assert set(before) == set(sids)
    assert [row.request_sid for row in provider.listed([sids[1]])] == [sids[1]]
    sign(sandbox, dialect, sids[0])
    advance(sandbox, 30)
    after = {row.request_sid: row.state for row in provider.listed()}
    assert after[sids[0]] != before[sids[0]]


def test_a_port_goes_its_way_in_our_statuses(
    provider: Provider, bill: Path, sandbox: Served, dialect: Dialect
) -> None:
    """Asked day by day: statuses of ours in their order, a port date, and the end."""
    sid = create(provider, bill, order(NUMBER))
    seen: list[str] = []
    dates = set()
    sign(sandbox, dialect, sid)
    for _ in range(60):
        event = last(provider, sid)
        if not seen or seen[-1] != event["status"]:
            seen.append(event["status"])
        if event.get("port_date"):
            dates.add(event["port_date"])
        if event["status"] == "completed":
            break
        advance(sandbox, 0.5)
    assert set(seen) <= set(STATUSES)
    assert seen[-2:] == ["foc_confirmed", "completed"]
    assert "in_progress" in seen
    assert len(dates) == 1
    assert provider.describe(sid).status_of(NUMBER) == "completed"


def test_every_cause_arrives_as_ours(
    provider: Provider, bill: Path, sandbox: Served, dialect: Dialect
) -> None:
    """The provider's codes and words lead to the cause of what was wrong."""
    document = papers(provider, bill)
    sids = {}
    for place, name in enumerate(FAULTS):
        number = f"+1212555011{place}"
        sids[name] = (number, provider.create(order(number), document).request_sid)
    wrong = order("+12125550120")
    line = PortNumber(phone_number="+12125550120", line_type="wireless", pin=Secret("1234"))
    pin = provider.create(replace(wrong, numbers=(line,)), papers(provider, bill)).request_sid
    advance(sandbox, 1)
    for _, sid in [*sids.values(), (None, pin)]:
        if dialect.signs:
            httpx.post(f"{sandbox.url}/sandbox/sign/{sid}", json={}, auth=ADMIN).raise_for_status()
    advance(sandbox, 20)
    causes = {}
    for name, (number, sid) in sids.items():
        event = last(provider, sid, number)
        assert event["status"] == "rejected"
        assert event["reason"]
        causes[name] = event["cause"]
    assert causes == {name: cause for name, (_, cause) in FAULTS.items()}
    assert last(provider, pin, "+12125550120")["cause"] == "pin"
    assert set(causes.values()) <= set(CAUSES)


def test_a_request_is_canceled(
    provider: Provider, bill: Path, sandbox: Served, dialect: Dialect
) -> None:
    """As a whole; one number of it where the provider can, else it says why not."""
    sid = create(provider, bill, order(NUMBER, OTHER))
    if dialect.numbers:
        provider.cancel(sid, OTHER)
        assert provider.describe(sid).status_of(OTHER) == "canceled"
        with pytest.raises(InputError, match="is not in the request"):
            provider.cancel(sid, "+12125550999")
    else:
        with pytest.raises(PortopsError) as caught:
            provider.cancel(sid, OTHER)
        assert OTHER in str(caught.value)
    provider.cancel(sid)
    advance(sandbox, 1)
    assert provider.describe(sid).status == "canceled"
    assert provider.describe(sid).status_of(NUMBER) == "canceled"
    with pytest.raises(Refused) as refused:
        provider.cancel(sid)
    assert str(refused.value)


@contextmanager
def _hearing() -> Iterator[tuple[str, list[tuple[dict[str, str], str, bytes]]]]:
    """Run a receiver of webhooks; gives its URL and what arrives: headers, path, body."""
    heard: list[tuple[dict[str, str], str, bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard.append((headers, self.path, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()


def test_webhooks_are_read_and_forged_ones_are_not_genuine(
    provider: Provider, bill: Path, sandbox: Served, dialect: Dialect
) -> None:
    """What the provider tells is what a pull gives; a changed word is nobody's."""
    with _hearing() as (url, heard):
        provider.subscribe(f"{url}/port-in")
        sid = create(provider, bill, order(NUMBER))
        sign(sandbox, dialect, sid)
        advance(sandbox, 40)
        for _ in range(100):
            if any(b"ompleted" in body or b"ported" in body for _, _, body in heard):
                break
            time.sleep(0.05)
        check = dialect.proof()
        told = []
        for headers, path, body in heard:
            assert check(url + path, headers, body)
            assert not check(url + path, headers, body.replace(b"5550100", b"5550199") + b" ")
            assert not check(url + path, {}, body)
            told.append(provider.read_webhook(json.loads(body)))
    statuses = [event["status"] for event in told if event is not None]
    assert "completed" in statuses
    assert {event["request_sid"] for event in told if event is not None} == {sid}
    ours = [event for event in told if event is not None and event["status"] == "foc_confirmed"]
    assert ours
    for odd in ({}, {"data": None}, {"data": {"payload": 3}}):
        with pytest.raises(ValueError, match=r"\w"):
            provider.read_webhook(odd)


def test_too_many_requests_are_waited_for(
    provider: Provider,
    bill: Path,
    sandbox: Served,
    dialect: Dialect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """429 was never processed: the call is made again, a create too, and one request is made."""
    real = httpx.Client.request
    busy: list[str] = []

    def now_and_then(self: httpx.Client, method: str, url: Any, **options: Any) -> httpx.Response:
        if str(url) not in busy:
            busy.append(str(url))
            words = {"code": 20429, "message": "Too many requests"}
            headers = {"Retry-After": "0.01"}
            request = httpx.Request(method, "http://test")
            return httpx.Response(429, json=words, headers=headers, request=request)
        return real(self, method, url, **options)

    with monkeypatch.context() as patched:
        patched.setattr(httpx.Client, "request", now_and_then)
        sid = create(provider, bill, order(NUMBER))
    assert dialect.creates in " ".join(busy)
    assert [row.request_sid for row in provider.listed()] == [sid]


def test_wrong_credentials_are_said(
    sandbox: Served, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who cannot come in is told so, and what to check; the key itself never shows."""
    dialect.environment(sandbox, monkeypatch, **dialect.wrong)
    with dialect.open() as opened, pytest.raises(AccessError) as caught:
        opened.portability(NUMBER)
    assert "does not accept the credentials" in str(caught.value)
    assert "environment" in caught.value.remedy
    assert "wrong" not in str(caught.value)


def test_a_refusal_is_said_in_the_providers_words(
    provider: Provider, bill: Path, sandbox: Served
) -> None:
    """A number that is ordered already is refused, with why, and never taken for lost."""
    create(provider, bill, order(NUMBER))
    with pytest.raises(Refused) as caught:
        create(provider, bill, replace(order(NUMBER), request="Another", reference="another"))
    assert NUMBER in str(caught.value)
    assert caught.value.code
