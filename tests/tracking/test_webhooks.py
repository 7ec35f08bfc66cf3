"""Webhooks: only what the provider signed, once each, in any order."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
import uvicorn
from tests.conftest import START, Served, desk_of, rows
from twilio.request_validator import RequestValidator

import portops
from portops.cli.serving import listen
from portops.providers import open_provider, service
from portops.providers.sandbox import sandbox_call
from portops.settings import Settings
from portops.store.database import open_database
from portops.tracking import webhooks
from portops.tracking.state import request_status
from portops.tracking.webhooks import MOST_BYTES, make_app, take_in


@contextmanager
def receiving(settings: Settings, served: Served) -> Iterator[str]:
    """Serve the receiver; gives its URL."""
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/port-in"
    with open_database(settings.store) as database, open_provider(settings) as provider:
        is_genuine = service(settings.provider).proof(settings)
        app = make_app(provider, database, is_genuine, url, clock=served.sandbox.clock.now)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(timeout=10)
            listener.close()


def _settled(settings: Settings, wanted: int) -> pd.DataFrame:
    """Wait until the history has so many events."""
    for _ in range(100):
        history = portops.history(settings=settings)
        if len(history) >= wanted:
            break
        time.sleep(0.05)
    return history


def _submit(statement: Path, settings: Settings, served: Served) -> str:
    planned = portops.plan(portops.check(rows({}, {}), documents=statement))
    done = desk_of(settings, clock=served.sandbox.clock.now).submit(planned, agree=True)
    return str(done.outcomes[0].request_sid)


def test_the_sandbox_calls_and_the_history_is_what_a_pull_would_give(
    statement: Path, settings: Settings, served: Served
) -> None:
    """Told by webhooks alone, every number ends where the provider has it."""
    with receiving(settings, served) as url:
        with open_provider(settings) as provider:
            provider.subscribe(url)
        sid = _submit(statement, settings, served)
        before = len(portops.history(settings=settings))
        sandbox_call(settings, "/sandbox/advance", {"days": 1})
        assert len(_settled(settings, before + 3)) == before + 3
        sandbox_call(settings, f"/sandbox/sign/{sid}", {})
        sandbox_call(settings, "/sandbox/advance", {"days": 40})
        told = _settled(settings, before + 11)
    assert request_status(told).tolist() == ["completed"]
    numbers = told[told["phone_number"] == "+12125550100"]["status"].tolist()
    assert numbers == [
        "submitted",
        "in_review",
        "waiting_for_signature",
        "in_progress",
        "foc_confirmed",
        "completed",
    ]
    assert set(told["losing_carrier"]) == {"Granite Tel"}
    again = desk_of(settings, clock=served.sandbox.clock.now).pull(full=True)
    assert again.new_events == 0


def test_a_told_event_that_does_not_fit_is_set_aside(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """It is not stored, and the log says which request and what is wrong."""
    bogus = {
        "request_sid": "KW1",
        "phone_number": "bogus",
        "status": "flying",
        "occurred_at": START,
    }
    with open_database(settings.store) as database, open_provider(settings) as provider:
        assert take_in(provider, database, bogus, START) == 0
        good = {**bogus, "phone_number": "+12125550100", "status": "submitted"}
        assert take_in(provider, database, good, START) == 1
    assert portops.history(settings=settings)["status"].tolist() == ["submitted"]
    assert "KW1 was set aside: status 'flying'" in caplog.text


def _body(sid: str, **more: Any) -> dict[str, Any]:
    return {
        "port_in_request_sid": sid,
        "phone_number": "+12125550100",
        "status": "PortInPhoneNumberRejected",
        "last_date_updated": "2026-10-07T12:00:00Z",
        "rejection_reason": "Address does not match",
        "rejection_reason_code": 22154,
        **more,
    }


def _call(url: str, body: object, token: str = "sandbox-admin", *, signed: bool = True) -> int:
    content = json.dumps(body).encode()
    signed_url = f"{url}?bodySHA256={RequestValidator(token).compute_hash(content.decode())}"
    headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(signed_url, {})}
    return httpx.post(signed_url, content=content, headers=headers if signed else {}).status_code


def test_forged_replayed_late_and_odd_calls_do_no_harm(
    statement: Path, settings: Settings, served: Served
) -> None:
    """Signed ones count once; everything else is refused in words."""
    sid = _submit(statement, settings, served)
    with receiving(settings, served) as url:
        before = len(portops.history(settings=settings))
        assert _call(url, _body(sid), token="guessed") == 403
        assert _call(url, _body(sid), signed=False) == 403
        unbound = {
            "X-Twilio-Signature": RequestValidator("sandbox-admin").compute_signature(url, {})
        }
        assert httpx.post(url, json=_body(sid), headers=unbound).status_code == 403
        assert httpx.post(url, content=b"x" * (MOST_BYTES + 1)).status_code == 413
        assert _call(url, {"status": "x"}) == 400
        assert _call(url, [1, 2]) == 400
        assert _call(url, _body(sid, status="PortInPhoneNumberTeleported")) == 204
        assert len(portops.history(settings=settings)) == before
        bodies = [
            _body(sid),
            _body(
                sid,
                status="PortInPhoneNumberSubmitted",
                rejection_reason=None,
                rejection_reason_code=None,
                last_date_updated="2026-10-06T12:00:00Z",
            ),
        ]
        for body in (*bodies, *reversed(bodies), _body("KWunknown")):
            assert _call(url, body) == 204
        history = portops.history(settings=settings)
    assert len(history) == before + 3
    mine = history[(history["request_sid"] == sid) & (history["phone_number"] == "+12125550100")]
    assert mine["status"].tolist()[-2:] == ["in_progress", "rejected"]
    assert mine["cause"].tolist()[-1] == "address"


@pytest.mark.parametrize(
    ("length", "status"), [(600 * 1024 * 1024, "413"), (50, "408")], ids=["long", "late"]
)
def test_a_body_that_is_long_or_late_is_not_waited_for(
    settings: Settings,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    length: int,
    status: str,
) -> None:
    """The call is answered without it, and the connection is closed."""
    monkeypatch.setattr(webhooks, "PATIENCE", 0.1)
    with receiving(settings, served) as url:
        port = int(url.split(":")[2].split("/")[0])
        head = f"POST /port-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(head.encode())
            answer = b""
            while part := connection.recv(65536):
                answer += part
    assert answer.startswith(f"HTTP/1.1 {status}".encode())
