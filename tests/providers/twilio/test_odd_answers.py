"""Answers that no published API promises: a plain error of ours, never Python's."""

from __future__ import annotations

import contextlib
import copy
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

from portops.errors import PortopsError, ProviderError, Unclear
from portops.providers import sandbox
from portops.providers.base import PortNumber, PortRequest
from portops.providers.transport import Transport
from portops.providers.twilio.adapter import Twilio

SID, NUMBER = "KW1", "+12125550100"
DETAILED = {
    "port_in_request_sid": SID,
    "port_in_request_status": "In Progress",
    "date_created": "2026-10-05T14:00:00Z",
    "target_port_in_date": "2026-11-02",
    "losing_carrier_information": {"customer_name": "Copper Hill Bakery", "address": {"zip": "1"}},
    "phone_numbers": [
        {
            "phone_number": NUMBER,
            "port_in_phone_number_sid": "PU1",
            "port_in_phone_number_status": "Rejected",
            "status_last_time_updated_timestamp": "2026-10-06T14:00:00Z",
            "rejection_reason_code": 3,
            "rejection_reason": "Wrong account number",
        }
    ],
}
LIST = {
    "port_in_requests": [
        {
            "port_in_request_sid": SID,
            "port_in_request_status": "In Progress",
            "status_last_updated_timestamp": "2026-10-06",
            "phone_numbers_requested": 1,
        }
    ],
    "meta": {"next_token": None},
}
PORTABLE = {"portable": True, "pin_and_account_number_required": False}
REQUEST = PortRequest(
    request="Copper Hill",
    losing_carrier="Granite Tel",
    account_number="1",
    customer_type="Business",
    customer_name="Copper Hill Bakery",
    authorized_name="Avery Larkspur",
    email="avery@example.com",
    billing_number=None,
    street="12 Mill Road",
    street_2=None,
    city="New York",
    state="NY",
    postal_code="10001",
    target_date=None,
    statement=None,
    numbers=(PortNumber(phone_number=NUMBER, line_type="landline"),),
)

#: What an answer may hold in the place of what it should.
VALUES = st.sampled_from(
    [None, True, 0, -1, 1e300, "", "x", "\x00", "\ud800", "9" * 400, [], {}, [None], {"a": None}]
)


def _places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every way into a document."""
    below: list[tuple[Any, ...]] = []
    items: dict[Any, Any] = {}
    if isinstance(value, dict | list):
        items = value if isinstance(value, dict) else dict(enumerate(value))
    for key, inner in items.items():
        below += _places(inner, (*way, key))
    return [way, *below]


def _mutant(document: Any, data: st.DataObject) -> Any:
    """Put something else in one to three places of a document, or take the place away."""
    changed = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        way = data.draw(st.sampled_from(_places(changed)))
        if not way:
            return data.draw(VALUES)
        inner = changed
        for key in way[:-1]:
            inner = inner[key]
        if data.draw(st.booleans()):
            inner[way[-1]] = copy.deepcopy(data.draw(VALUES))
        else:
            del inner[way[-1]]
    return changed


def twilio(answer: Callable[[httpx.Request], Any]) -> Twilio:
    """Return an adapter whose provider answers what it is told to."""

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=json.dumps(answer(request)).encode())

    transport = Transport("http://test", ("a", "b"), name="test", attempts=1)
    transport._client = httpx.Client(base_url="http://test", transport=httpx.MockTransport(handle))
    return Twilio(transport, transport, "AC1", sandbox.SERVICE)


def _calls(provider: Twilio, statement: Path) -> list[Callable[[], Any]]:
    since = datetime(2026, 10, 5, tzinfo=UTC)
    return [
        lambda: provider.portability(NUMBER),
        lambda: provider.upload(statement),
        lambda: provider.create(REQUEST, []),
        lambda: provider.find(frozenset({NUMBER}), since, ()),
        lambda: list(provider.listed()),
        lambda: provider.changes(SID),
        lambda: provider.describe(SID),
        lambda: provider.cancel(SID, NUMBER),
    ]


@settings(max_examples=FUZZ * 4, deadline=None)
@given(st.data())
def test_an_odd_answer_is_an_error_of_ours(data: st.DataObject) -> None:
    """Whatever is changed in an answer, each call gives a value or an error with plain words."""

    def answer(request: httpx.Request) -> Any:
        if "Portability" in request.url.path:
            return _mutant(PORTABLE, data)
        if request.url.path.endswith("PortInRequests"):
            return _mutant(LIST, data)
        return _mutant({**DETAILED, "sid": "RD1"}, data)

    for call in _calls(twilio(answer), Path(__file__)):
        with contextlib.suppress(PortopsError):
            call()


@pytest.mark.parametrize("odd", [None, [], "x", 3, {}, {"port_in_request_sid": None}])
def test_a_create_that_is_answered_oddly_is_unclear(odd: Any) -> None:
    """It may have worked, so it is settled and never repeated."""
    with pytest.raises(Unclear, match="without a Request SID"):
        twilio(lambda _: odd).create(REQUEST, [])


@pytest.mark.parametrize("odd", [None, [], "x", 3, {}, {"phone_numbers": None}])
def test_a_question_that_is_answered_oddly_is_said(odd: Any) -> None:
    """A provider's error in plain words."""
    provider = twilio(lambda _: odd)
    for call in (provider.changes, provider.describe, provider.portability):
        with pytest.raises(ProviderError, match="makes no sense"):
            call(SID)
    with pytest.raises(ProviderError, match="makes no sense"):
        list(provider.listed())


def test_a_list_without_an_end_is_left() -> None:
    """The same token for ever would be asked for ever."""
    endless = {**LIST, "meta": {"next_token": "again"}}
    with pytest.raises(ProviderError, match="same page"):
        list(twilio(lambda _: endless).listed())
