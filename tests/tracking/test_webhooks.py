"""Webhooks: only what the provider signed, once each, in any order."""

from __future__ import annotations

import json
import random
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
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import START, Served, rows
from twilio.request_validator import RequestValidator

import portops
from portops import api
from portops.cli.sandbox import listen
from portops.providers import open_provider, sandbox_call, webhook_token
from portops.providers.signature import is_genuine, sign
from portops.redaction import Secret
from portops.settings import Settings
from portops.store.database import open_database
from portops.tracking.state import request_status
from portops.tracking.webhooks import MOST_BYTES, make_app, take_in

TOKEN = Secret("a token")


@contextmanager
def receiving(settings: Settings, served: Served) -> Iterator[str]:
    """Serve the receiver; gives its URL."""
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/port-in"
    with open_database(settings.store) as database, open_provider(settings) as provider:
        app = make_app(
            provider, database, webhook_token(settings), url, clock=served.sandbox.clock.now
        )
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
        found = portops.history(settings=settings)
        if len(found) >= wanted:
            break
        time.sleep(0.05)
    return found


def _submit(statement: Path, settings: Settings, served: Served) -> str:
    planned = portops.plan(portops.check(rows({}, {}), documents=statement))
    done = api.submit(planned, agree=True, settings=settings, clock=served.sandbox.clock.now)
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
    again = api.pull(settings=settings, full=True, clock=served.sandbox.clock.now)
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
    whole = f"{url}?bodySHA256={RequestValidator(token).compute_hash(content.decode())}"
    headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(whole, {})}
    return httpx.post(whole, content=content, headers=headers if signed else {}).status_code


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
        found = portops.history(settings=settings)
    assert len(found) == before + 3
    mine = found[(found["request_sid"] == sid) & (found["phone_number"] == "+12125550100")]
    assert mine["status"].tolist()[-2:] == ["in_progress", "rejected"]
    assert mine["cause"].tolist()[-1] == "address"


@given(
    url=st.sampled_from(
        [
            "https://x.example/a",
            "http://x.example:8080/a?b=c",
            "https://x.example:443/",
            "http://x.example",
        ]
    ),
    form=st.dictionaries(
        st.text("abcXYZ_", min_size=1, max_size=6), st.text(max_size=8), max_size=4
    ),
    seed=st.integers(),
)
def test_the_signature_is_the_official_packages(url: str, form: dict[str, str], seed: int) -> None:
    """Ours and Twilio's agree on what is genuine, for forms and for JSON."""
    theirs, draw = RequestValidator(TOKEN.reveal()), random.Random(seed)
    given_ = theirs.compute_signature(url, form)
    assert sign(TOKEN, url, form) == given_
    for signature in (given_, given_[:-2] + "A=", theirs.compute_signature(url + "x", form)):
        assert is_genuine(TOKEN, url, signature, b"", form) == theirs.validate(url, form, signature)
    body = json.dumps(form)
    for text in (body, body + " "):
        mark = "&" if "?" in url else "?"
        whole = f"{url}{mark}bodySHA256={theirs.compute_hash(text)}"
        right = theirs.compute_signature(whole, {})
        for signature in (right, right[::-1] if draw.random() < 0.5 else ""):
            ours = is_genuine(TOKEN, whole, signature, body.encode())
            assert ours == theirs.validate(whole, body, signature)


@pytest.mark.parametrize("odd", ["", "no url", "https://[bad"])
def test_odd_signatures_are_no_errors(odd: str) -> None:
    """Whatever arrives is compared, and is not genuine."""
    assert not is_genuine(TOKEN, "https://x.example/a?bodySHA256=" + odd, odd, b"{}")
