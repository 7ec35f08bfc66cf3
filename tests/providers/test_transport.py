"""What an answer proves: only the provider's own refusal says that nothing was created."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import stamina

from portops.errors import AccessError, PortopsError, Refused, Unavailable, Unclear
from portops.providers.announcing import announced
from portops.providers.transport import Transport

OWN = {"json": {"code": 22102, "message": "The body is missing"}}
PAGE = {"text": "<h1>Not now</h1>", "headers": {"Content-Type": "text/html"}}
BARE = {"json": {"status": "error"}}


@pytest.fixture
def api() -> Iterator[Transport]:
    """A transport that tries once."""
    made = Transport("http://provider.example", ("user", "token"), name="acme", attempts=1)
    yield made
    made.close()


def _answer(api: Transport, status: int, **answer: object) -> list[httpx.Request]:
    calls: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(status, **answer)  # type: ignore[arg-type]

    api._client = httpx.Client(
        base_url="http://provider.example", transport=httpx.MockTransport(reply)
    )
    return calls


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        *((status, OWN, Refused) for status in (400, 404, 422)),
        *((status, OWN, AccessError) for status in (401, 403)),
        *((status, OWN, Unclear) for status in (402, 405, 408, 409, 410, 418, 425, 500)),
        *((status, PAGE, Unclear) for status in (301, 307, 400, 401, 403, 404, 409, 422, 429, 502)),
        *((status, BARE, Unclear) for status in (400, 422)),
        (400, {"content": b""}, Unclear),
        (400, {"json": ["no"]}, Unclear),
    ],
)
def test_only_its_own_refusal_proves_that_nothing_was_created(
    api: Transport, status: int, body: dict[str, object], error: type[PortopsError]
) -> None:
    """Everything else may have come after the provider accepted, and is settled."""
    _answer(api, status, **body)
    with pytest.raises(error) as raised:
        api.post("/v1/create", json={})
    assert type(raised.value) is error


def test_a_question_is_refused_by_whoever_answers(api: Transport) -> None:
    """Nothing is lost by it, so a page that says 401 means the credentials."""
    _answer(api, 401, **PAGE)
    with pytest.raises(AccessError):
        api.ask("GET", "/v1/list")


def test_who_announced_is_asked_before_each_post(api: Transport) -> None:
    """What it raises stops the call; questions are not announced."""
    calls = _answer(api, 200, json={})

    def stop() -> None:
        raise LookupError

    with announced(stop):
        api.ask("GET", "/v1/list")
        with pytest.raises(LookupError):
            api.post("/v1/create", json={})
    assert [call.method for call in calls] == ["GET"]
    api.post("/v1/create", json={})
    assert len(calls) == 2


def test_the_providers_time_is_that_of_its_answers(api: Transport) -> None:
    """Before one it is not known; a header that is no date changes nothing."""
    assert api.now() is None
    theirs = datetime(2031, 1, 1, tzinfo=UTC)
    _answer(api, 200, json={}, headers={"Date": format_datetime(theirs, usegmt=True)})
    api.ask("GET", "/v1/list")
    _answer(api, 200, json={}, headers={"Date": "yesterday"})
    api.ask("GET", "/v1/list")
    now = api.now()
    assert now is not None
    assert theirs <= now < theirs + timedelta(days=1)


def test_what_is_tried_again_is_said_in_our_words(caplog: pytest.LogCaptureFixture) -> None:
    """And the library goes on speaking of what others repeat with it."""
    api = Transport("http://127.0.0.1:9", ("user", "token"), name="acme", attempts=2)
    with caplog.at_level("INFO"), pytest.raises(Unavailable):
        api.ask("GET", "/v1/anything")
    api.close()
    (line,) = caplog.records
    assert line.getMessage().startswith("acme does not answer at http://127.0.0.1:9. Trying again")
    assert "_Busy" not in repr(vars(line))
    caplog.clear()
    tries = []
    for attempt in stamina.retry_context(on=ValueError, attempts=2, wait_initial=0.01):
        with attempt:
            tries.append(1)
            if len(tries) == 1:
                raise ValueError
    assert len(caplog.records) == 1
