"""Answers that no published API promises: a plain error of ours, never Python's."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import FUZZ
from tests.providers.twilio.test_as_it_is import order
from tests.providers.twilio.test_odd_answers import _mutant

from portops.errors import PortopsError, ProviderError, Unclear
from portops.providers import telnyx
from portops.providers.telnyx.adapter import Telnyx
from portops.providers.telnyx.writing import reference_of
from portops.providers.transport import Transport

ID, NUMBER = "f1486bae-f067-460c-ad43-73a92848f902", "+12125550100"
REQUEST = order(NUMBER)
ORDER = {
    "id": ID,
    "customer_reference": reference_of(REQUEST),
    "created_at": "2026-10-05T14:00:00Z",
    "updated_at": "2026-10-06T14:00:00Z",
    "status": {"value": "submitted", "details": [{"code": "OTHER"}]},
    "phone_numbers": [{"phone_number": NUMBER}],
    "porting_phone_numbers_count": 1,
    "end_user": {"admin": {"entity_name": "Copper Hill Bakery"}, "location": {}},
    "activation_settings": {"foc_datetime_actual": None},
}
EVENT = {
    "event_type": "porting_order.status_changed",
    "created_at": "2026-10-06T14:00:00Z",
    "payload": {"id": ID, "status": ORDER["status"]},
}
COMMENT = {"created_at": "2026-10-06T14:00:00Z", "user_type": "admin", "body": "Wrong PIN"}
PORTABLE = {"phone_number": NUMBER, "portable": True, "not_portable_reason": None}


def adapter(answer: Callable[[httpx.Request], Any]) -> Telnyx:
    """Return an adapter whose provider answers what it is told to."""

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=json.dumps(answer(request)).encode())

    transport = Transport("http://test", "key", name="test", attempts=1)
    transport._client = httpx.Client(base_url="http://test", transport=httpx.MockTransport(handle))
    return Telnyx(transport, telnyx.SERVICE)


def _answer(request: httpx.Request) -> Any:
    path, meta = request.url.path, {"total_pages": 1}
    if path == "/portability_checks":
        return {"data": [PORTABLE]}
    if path == "/porting/events":
        return {"data": [EVENT], "meta": meta}
    if path.endswith("/comments"):
        return {"data": [COMMENT], "meta": meta}
    if path == "/porting_orders":
        return {"data": [ORDER], "meta": meta}
    return {"data": ORDER, "meta": {}}


def _calls(provider: Telnyx, statement: Path) -> list[Callable[[], Any]]:
    since = datetime(2026, 10, 5, tzinfo=UTC)
    return [
        lambda: provider.portability(NUMBER),
        lambda: provider.upload(statement),
        lambda: provider.create(REQUEST, []),
        lambda: provider.find(frozenset({NUMBER}), since, ()),
        lambda: provider.withdraw(frozenset({NUMBER}), since, ()),
        lambda: list(provider.listed()),
        lambda: provider.changes(ID),
        lambda: provider.describe(ID),
        lambda: provider.subscribe("https://x.example"),
        lambda: provider.cancel(ID),
    ]


@settings(max_examples=FUZZ * 2, deadline=None)
@given(st.data())
def test_an_odd_answer_is_an_error_of_ours(data: st.DataObject) -> None:
    """Whatever is changed in an answer, each call gives a value or an error with plain words."""
    for call in _calls(adapter(lambda request: _mutant(_answer(request), data)), Path(__file__)):
        with contextlib.suppress(PortopsError):
            call()


@pytest.mark.parametrize("odd", [None, [], "x", 3, {}, {"data": [{"id": None}]}])
def test_a_create_that_is_answered_oddly_is_unclear(odd: Any) -> None:
    """It may have worked, so it is settled and never repeated."""
    empty = {"data": [], "meta": {"total_pages": 0}}
    provider = adapter(lambda request: empty if request.method == "GET" else odd)
    with pytest.raises(Unclear, match="without orders"):
        provider.create(REQUEST, [])


def test_a_list_without_an_end_is_left() -> None:
    """Pages without rows end it, and so does the same page once more."""
    empty = {"data": [], "meta": {"total_pages": 10**9}}
    assert list(adapter(lambda _: empty).listed()) == []
    endless = {"data": [ORDER], "meta": {"total_pages": 10**9}}
    with pytest.raises(ProviderError, match="same page"):
        list(adapter(lambda _: endless).listed())
    with pytest.raises(ProviderError, match="makes no sense"):
        list(adapter(lambda _: {"data": 3}).listed())
