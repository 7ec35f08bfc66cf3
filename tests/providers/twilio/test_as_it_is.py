"""Twilio as a real account has it: each documented behavior, played by the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import START, Served, serving, write_statement
from tests.sandbox.test_official_client import ADMIN, client_of, upload
from tests.sandbox.test_openapi import RECORD

from portops.errors import Refused, SettingsError
from portops.providers import service, twilio
from portops.providers.base import PortNumber, PortRequest
from portops.providers.twilio.adapter import Twilio, connect
from portops.providers.twilio.translation import (
    to_events,
    to_portability,
    to_remarks,
    webhook_event,
)
from portops.providers.twilio.writing import to_payload
from portops.sandbox.variants import TOKENS, Variants
from portops.settings import Settings
from portops.store.database import Database
from portops.submission import portability

NUMBER, TOLL_FREE = "+12125550100", "+18002345678"
KEY = ("SK00000000000000000000000000000001", "sandbox-key")


@contextmanager
def twilio_at(served: Served, credentials: tuple[str, str] = ADMIN) -> Iterator[Twilio]:
    """Open the adapter as it is opened for a real account."""
    hosts = (served.url, served.url)
    quick = replace(twilio.SERVICE, limits=replace(twilio.SERVICE.limits, calls_a_second=1_000.0))
    with connect(quick, hosts, credentials, 4, ADMIN[0]) as provider:
        assert isinstance(provider, Twilio)
        yield provider


def order(*phone_numbers: str, **changes: Any) -> PortRequest:
    """Return a request that fits RECORD."""
    details = {name: RECORD[name] for name in ("account_number", "customer_name", "street", "city")}
    return PortRequest(
        **{
            **details,
            "request": "Copper Hill",
            "losing_carrier": "Granite Tel",
            "customer_type": "Business",
            "authorized_name": "Avery Larkspur",
            "email": "avery@example.com",
            "billing_number": None,
            "street_2": None,
            "state": "NY",
            "postal_code": "10001",
            "target_date": None,
            "statement": None,
            "numbers": tuple(
                PortNumber(phone_number=number, line_type="landline") for number in phone_numbers
            ),
            **changes,
        }
    )


def _advance(served: Served, days: float) -> None:
    httpx.post(f"{served.url}/sandbox/advance", json={"days": days}, auth=ADMIN).raise_for_status()


def _records(tmp_path: Path, **changes: str) -> Path:
    record = {**RECORD, "phone_number": NUMBER, **changes}
    file = tmp_path / "records.csv"
    file.write_text(",".join(record) + "\n" + ",".join(record.values()) + "\n")
    return file


@pytest.mark.parametrize("status", [200, 400])
def test_a_number_that_cannot_be_ported_is_an_answer(tmp_path: Path, status: Any) -> None:
    """Twilio's document has 200, its page 400: both are a word on that number, with code."""
    with (
        serving(tmp_path / "sandbox", variants=Variants(portability=status)) as served,
        twilio_at(served) as provider,
    ):
        path = f"{served.url}/v1/Porting/Portability/PhoneNumber/{TOLL_FREE}"
        assert httpx.get(path, auth=ADMIN).status_code == status
        word = provider.portability(TOLL_FREE)
        assert (word.portable, word.code) == (False, "22133")
        assert word.reason == "Toll-free numbers are ported by hand"
        assert provider.portability(NUMBER).portable is True


def test_a_400_without_a_word_on_the_number_stays_an_error() -> None:
    """Only what says why a number cannot be ported is an answer."""
    from tests.providers.twilio.test_odd_answers import twilio as answering

    provider = answering(lambda _: {})
    refusal = httpx.Response(400, json={"code": 20001, "message": "Not a number"})
    provider._api._client = httpx.Client(
        base_url="http://test", transport=httpx.MockTransport(lambda _: refusal)
    )
    with pytest.raises(Refused, match="Not a number"):
        provider.portability(NUMBER)


def test_could_not_be_determined_is_neither_yes_nor_no(database: Database) -> None:
    """22135 is asked again the next time; no finding comes of it."""
    unsure = {"portable": False, "not_portable_reason_code": 22135, "not_portable_reason": "?"}
    assert to_portability(unsure, NUMBER).portable is None

    class Unsure:
        name = "twilio"

        def portability(self, phone_number: str) -> Any:
            return to_portability(unsure, phone_number)

    assert portability.ask(Unsure(), database, [NUMBER]).empty  # type: ignore[arg-type]


def test_an_upload_that_comes_back_empty_is_sent_again(tmp_path: Path) -> None:
    """A SID without a `mime_type` is a failed upload; two in a row are the statement's."""
    bill = write_statement(tmp_path / "bill.pdf", "Granite Tel")
    with (
        serving(tmp_path / "one", variants=Variants(empty_uploads=1)) as served,
        twilio_at(served) as provider,
    ):
        document = provider.upload(bill)
        assert provider.create(order(NUMBER), [document]).request_sid.startswith("KW")
    with (
        serving(tmp_path / "two", variants=Variants(empty_uploads=2)) as served,
        twilio_at(served) as provider,
        pytest.raises(Refused, match=r"bill\.pdf an id, but nothing of the file arrived"),
    ):
        provider.upload(bill)


def test_a_requests_pending_is_no_day_that_was_agreed(tmp_path: Path) -> None:
    """`pending` of a request is that it waits; a number's `Pending` has a port date."""
    with (
        serving(tmp_path / "sandbox", variants=Variants(created="pending")) as served,
        twilio_at(served) as provider,
    ):
        receipt = provider.create(order(NUMBER), [upload(served)])
        sid = receipt.request_sid
        raw = httpx.get(f"{served.url}/v1/Porting/PortIn/{sid}", auth=ADMIN).json()
        assert raw["port_in_request_status"] == "pending"
        assert provider.describe(sid).status == "in_review"
    told = {"port_in_request_sid": "KW1", "last_date_updated": "2026-10-05T14:00:00Z"}
    request = webhook_event({**told, "status": "PortInPending"})
    number = webhook_event({**told, "status": "PortInPhoneNumberPending", "phone_number": NUMBER})
    assert request is not None
    assert number is not None
    assert (request["status"], number["status"]) == ("in_review", "foc_confirmed")


def test_a_request_is_taken_with_numbers_that_cannot_be_ported(served: Served) -> None:
    """Each number is evaluated later: null, then no, with the reason; the others go on."""
    with twilio_at(served) as provider:
        sid = provider.create(order(NUMBER, TOLL_FREE), [upload(served)]).request_sid
        raw = httpx.get(f"{served.url}/v1/Porting/PortIn/{sid}", auth=ADMIN).json()
        assert {number["portable"] for number in raw["phone_numbers"]} == {None}
        _advance(served, 1)
        events = {event["phone_number"]: event for event in provider.changes(sid)}
        assert events[TOLL_FREE]["status"] == "rejected"
        assert events[TOLL_FREE]["cause"] == "not_portable"
        assert events[TOLL_FREE]["reason_code"] == "22133"
        assert events[NUMBER]["status"] == "waiting_for_signature"


def test_or_it_is_refused_at_once(tmp_path: Path) -> None:
    """The sandbox plays that too."""
    with (
        serving(tmp_path / "sandbox", variants=Variants(unportable="refused")) as served,
        twilio_at(served) as provider,
        pytest.raises(Refused, match="Toll-free"),
    ):
        provider.create(order(NUMBER, TOLL_FREE), [upload(served)])


def test_reasons_can_be_tokens_without_a_code(tmp_path: Path) -> None:
    """The published list of tokens leads to causes as the codes do."""
    records = _records(tmp_path, account_number="77")
    options = {"carrier_records": records, "variants": Variants(reasons="tokens")}
    with serving(tmp_path / "sandbox", **options) as served, twilio_at(served) as provider:
        sid = provider.create(order(NUMBER), [upload(served)]).request_sid
        _advance(served, 1)
        httpx.post(f"{served.url}/sandbox/sign/{sid}", json={}, auth=ADMIN).raise_for_status()
        _advance(served, 20)
        number = provider.changes(sid)[0]
    assert number["status"] == "rejected"
    assert number["cause"] == "account_number"
    assert number["reason_code"] == "INVALID_ACCOUNT_NUMBER"
    assert number["reason"] == "Invalid account number"


def test_every_published_token_has_the_cause_of_its_code() -> None:
    """The tokens stand in the published document in the order of the codes."""
    causes = twilio.SERVICE.words().causes
    assert {token: causes[token] for token in TOKENS.values()} == {
        token: causes[str(code)] for code, token in TOKENS.items()
    }


def test_a_webhook_leaves_the_rest_of_the_configuration(served: Served) -> None:
    """Twilio replaces the whole configuration: it is read first and written back."""
    hook = f"{served.url}/v1/Porting/Configuration/Webhook"
    there = {
        "port_in_target_url": "https://example.com/old",
        "port_out_target_url": "https://example.com/out",
        "notifications_of": ["PortInCompleted"],
    }
    with twilio_at(served) as provider:
        provider.subscribe("https://example.com/first")
        httpx.post(hook, json=there, auth=ADMIN).raise_for_status()
        provider.subscribe("https://example.com/new")
    answer = httpx.get(hook, auth=ADMIN).json()
    assert {name: answer[name] for name in there} == {
        **there,
        "port_in_target_url": "https://example.com/new",
    }


def test_an_api_key_calls_for_the_account(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key's SID and secret are the credentials; the account SID stays the account's."""
    with twilio_at(served, KEY) as provider:
        sid = provider.create(order(NUMBER), [upload(served)]).request_sid
        raw = httpx.get(f"{served.url}/v1/Porting/PortIn/{sid}", auth=ADMIN).json()
        assert raw["account_sid"] == ADMIN[0]
    for name in (*twilio.SERVICE.credentials, *twilio.KEY):
        monkeypatch.delenv(name, raising=False)
    for name in ("PORTOPS_TWILIO_URL", "PORTOPS_TWILIO_UPLOAD_URL"):
        monkeypatch.setenv(name, served.url)
    monkeypatch.setenv("TWILIO_API_KEY", KEY[0])
    with pytest.raises(SettingsError) as caught, twilio.SERVICE.open(Settings(), 1):
        pass
    assert caught.value.remedy == (
        "Set TWILIO_API_SECRET and TWILIO_ACCOUNT_SID in the environment."
    )
    monkeypatch.setenv("TWILIO_API_SECRET", KEY[1])
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ADMIN[0])
    with twilio.SERVICE.open(Settings(), 1) as opened:
        assert [row.request_sid for row in opened.listed()] == [sid]
    # Webhooks are signed with the account's token all the same.
    with pytest.raises(SettingsError) as caught:
        service("twilio").proof(Settings())
    assert caught.value.remedy == "Set TWILIO_AUTH_TOKEN in the environment."


def test_the_state_goes_out_as_the_record_has_it(tmp_path: Path) -> None:
    """A record that spells the state out is met by a request that does, and by no other."""
    records = _records(tmp_path, state="New York")
    with (
        serving(tmp_path / "sandbox", carrier_records=records) as served,
        twilio_at(served) as provider,
    ):
        sid = provider.create(order(NUMBER, state="New York"), [upload(served)]).request_sid
        assert provider.describe(sid).details["state"] == "New York"
        assert served.sandbox.order_of(ADMIN[0], sid).order.numbers[0].verdict is None


def test_the_official_package_lists(served: Served) -> None:
    """`meta.key` names where the records are; without it the package finds none."""
    with twilio_at(served) as provider:
        sids = [
            provider.create(order(f"+1212555010{place}"), [upload(served)]).request_sid
            for place in range(3)
        ]
    listed = client_of(served).numbers.v1.porting_all_port_ins.list(page_size=2)
    assert [row.port_in_request_sid for row in listed] == sids[::-1]


def test_completed_says_nothing_of_a_number_that_was_canceled(served: Served) -> None:
    """A request is complete when all of its numbers are completed or canceled."""
    other = "+12125550101"
    with twilio_at(served) as provider:
        sid = provider.create(order(NUMBER, other), [upload(served)]).request_sid
        provider.cancel(sid, other)
        _advance(served, 1)
        httpx.post(f"{served.url}/sandbox/sign/{sid}", json={}, auth=ADMIN).raise_for_status()
        _advance(served, 40)
        described = provider.describe(sid)
    assert described.status == "completed"
    assert described.status_of(NUMBER) == "completed"
    assert described.status_of(other) == "canceled"


def test_no_null_is_sent_for_a_pin(served: Served) -> None:
    """The published document has a text that may be absent."""
    body = to_payload(order(NUMBER), ADMIN[0], [])
    assert "null" not in json.dumps(body)


def test_a_recorded_example_of_the_document_is_read() -> None:
    """The published create answer, with a status of its own and no times on its numbers."""
    example = {
        "port_in_request_sid": "KWaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "port_in_request_status": "pending",
        "order_cancellation_reason": None,
        "date_created": "2023-09-10T06:52:21Z",
        "phone_numbers": [
            {
                "phone_number": "+16175551212",
                "portable": True,
                "not_portability_reason": "string",
                "port_in_phone_number_status": "In Review",
                "not_portability_reason_code": 0,
            }
        ],
    }
    assert [(row["phone_number"], row["status"]) for row in to_events(example)] == [
        ("+16175551212", "in_review"),
        ("", "in_review"),
    ]


def test_the_sandbox_tells_the_time_of_its_clock(served: Served) -> None:
    """Answers carry the clock's date, by which the adapter reckons."""
    with twilio_at(served) as provider:
        list(provider.listed())
        now = provider.now()
    assert now is not None
    assert abs((now - START).total_seconds()) < 5


def test_where_to_sign_and_the_ticket_are_told(tmp_path: Path) -> None:
    """What an analyst asks for first: the link to the letter, until it is signed; the ticket."""
    from portops.sandbox.mailroom import Post

    with (
        serving(tmp_path / "sandbox", post=Post(tmp_path / "outbox")) as served,
        twilio_at(served) as provider,
    ):
        sid = provider.create(order(NUMBER), [upload(served)]).request_sid
        provider.changes(sid)
        ((at, author, words),) = provider.remarks(sid)
        link = words.removeprefix("Sign the letter at ")
        assert (at, author) == (START, "provider")
        assert httpx.get(link).status_code == 200
        _advance(served, 1)
        httpx.post(f"{served.url}/sandbox/sign/{sid}", json={}, auth=ADMIN).raise_for_status()
        _advance(served, 1)
        assert provider.remarks(sid) == []
    ticket = to_remarks({"date_created": "2026-10-05T14:00:00Z", "support_ticket_id": 123456})
    assert [words for _, _, words in ticket] == ["Support ticket 123456"]
