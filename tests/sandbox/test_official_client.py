"""The official `twilio` package works with the sandbox; only its address changes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from tests.conftest import Served
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.rest.numbers.v1.porting_port_in import PortingPortInList

ADMIN = ("AC00000000000000000000000000000001", "sandbox-admin")
MEMBER = ("AC00000000000000000000000000000001", "sandbox-member")
NO_LABS = ("AC00000000000000000000000000000002", "sandbox-nolabs")


def client_of(served: Served, account: tuple[str, str] = ADMIN) -> Client:
    """Return the official client, pointed at the sandbox."""
    client = Client(*account)
    client.numbers.base_url = served.url
    return client


def upload(served: Served, account: tuple[str, str] = ADMIN) -> str:
    """Upload a statement as Twilio documents it; its package has no call for it."""
    answer = httpx.post(
        f"{served.url}/v1/Documents",
        auth=account,
        data={"document_type": "utility_bill", "friendly_name": "bill"},
        files={"File": ("bill.pdf", b"%PDF-1.4 bill", "application/pdf")},
    )
    assert answer.status_code == 201
    assert answer.json()["status"] == "DRAFT"
    return str(answer.json()["sid"])


def body(document: str, *phone_numbers: str, **changes: Any) -> dict[str, Any]:
    """Return a create body."""
    return {
        "account_sid": ADMIN[0],
        "documents": [document],
        "phone_numbers": [{"phone_number": phone_number} for phone_number in phone_numbers],
        "losing_carrier_information": {
            "customer_type": "Business",
            "customer_name": "Copper Hill Bakery",
            "account_number": "1002",
            "authorized_representative": "Avery Larkspur",
            "authorized_representative_email": "avery@example.com",
            "address": {
                "street": "12 Mill Road",
                "city": "New York",
                "state": "NY",
                "zip": "10001",
                "country": "USA",
            },
        },
        **changes,
    }


def create(client: Client, request: dict[str, Any]) -> Any:
    """Create a request with the package's own class."""
    return client.numbers.v1.porting_port_ins.create(
        PortingPortInList.NumbersV1PortingPortInCreate(request)
    )


@pytest.fixture
def client(served: Served) -> Client:
    """The admin's client."""
    return client_of(served)


def test_a_request_lives_from_creation_to_completion(served: Served, client: Client) -> None:
    """Create, fetch, list, wait for signature, sign, complete."""
    made = create(client, body(upload(served), "+12125550100", "+12125550101"))
    sid = made.port_in_request_sid
    assert sid.startswith("KW")
    assert len(sid) == 34
    assert made.port_in_request_status == "In Review"
    auth = httpx.BasicAuth(*ADMIN)
    httpx.post(f"{served.url}/sandbox/advance", json={"days": 1}, auth=auth)
    assert client.numbers.v1.porting_port_ins(sid).fetch().port_in_request_status == (
        "Waiting for Signature"
    )
    httpx.post(f"{served.url}/sandbox/sign/{sid}", json={}, auth=auth).raise_for_status()
    httpx.post(f"{served.url}/sandbox/advance", json={"days": 40}, auth=auth)
    done = client.numbers.v1.porting_port_ins(sid).fetch()
    assert done.port_in_request_status == "Completed"
    statuses = {number["port_in_phone_number_status"] for number in done.phone_numbers}
    assert statuses == {"Completed"}


def test_one_number_is_fetched_and_canceled(served: Served, client: Client) -> None:
    """A number is a resource of its own."""
    made = create(client, body(upload(served), "+12125550100", "+12125550101"))
    first = made.phone_numbers[0]["port_in_phone_number_sid"]
    api = client.numbers.v1.porting_port_in_phone_number(made.port_in_request_sid, first)
    assert api.fetch().phone_number == "+12125550100"
    assert api.delete()
    assert api.fetch().port_in_phone_number_status == "Canceled"
    request = client.numbers.v1.porting_port_ins(made.port_in_request_sid)
    assert request.fetch().port_in_request_status == "In Review"
    assert request.delete()
    assert request.fetch().port_in_request_status == "Canceled"


def test_portability(served: Served, client: Client) -> None:
    """Toll-free numbers, Canadian numbers and numbers in progress are not portable."""
    portability = client.numbers.v1.porting_portabilities
    assert portability("+12127365000").fetch().portable
    assert portability("+18002345678").fetch().not_portable_reason_code == 22133
    assert portability("+14162345678").fetch().not_portable_reason_code == 22130
    create(client, body(upload(served), "+12125550100"))
    assert portability("+12125550100").fetch().not_portable_reason_code == 22137


def test_webhooks_are_configured(client: Client) -> None:
    """Create, fetch, delete."""
    api = client.numbers.v1.porting_webhook_configurations
    hook = {"port_in_target_url": "https://example.com/hook"}
    # The package asks its argument for `to_dict`, and has no class for it.
    made = api.create(SimpleNamespace(to_dict=lambda: hook))
    assert made.port_in_target_url == "https://example.com/hook"
    assert client.numbers.v1.porting_webhook_configurations_delete("PORT_IN").delete()


@pytest.mark.parametrize(
    ("account", "status", "code"),
    [(MEMBER, 403, 20403), (NO_LABS, 403, 20403), ((ADMIN[0], "wrong"), 401, 20003)],
)
def test_only_admins_with_labs_on(
    served: Served, account: tuple[str, str], status: int, code: int
) -> None:
    """Roles and Labs are checked, with Twilio's codes."""
    with pytest.raises(TwilioRestException) as raised:
        client_of(served, account).numbers.v1.porting_portabilities("+12127365000").fetch()
    assert (raised.value.status, raised.value.code) == (status, code)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"phone_numbers": []}, 22171),
        ({"documents": []}, 22171),
        ({"documents": ["RDffffffffffffffffffffffffffffffff"]}, 22171),
        ({"losing_carrier_information": {}}, 22171),
        ({"phone_numbers": [{"phone_number": "12", "pin": None}]}, 22102),
        ({"target_port_in_date": "2026-10-07"}, 22158),
    ],
)
def test_what_is_refused(served: Served, client: Client, change: dict[str, Any], code: int) -> None:
    """A bad create body is answered with the code of what is wrong, and no order is saved."""
    with pytest.raises(TwilioRestException) as raised:
        create(client, {**body(upload(served), "+12125550100"), **change})
    assert raised.value.code == code
    assert [call["accepted"] for call in served.received()] == [False]


def test_a_number_cannot_be_ordered_twice(served: Served, client: Client) -> None:
    """The second order of an open number is refused."""
    document = upload(served)
    create(client, body(document, "+12125550100"))
    with pytest.raises(TwilioRestException) as raised:
        create(client, body(document, "+12125550100", "+12125550109"))
    assert raised.value.code == 22137
    assert [call["accepted"] for call in served.received()] == [True, False]


def test_pages_by_token_and_filters(served: Served, client: Client) -> None:
    """Every request is on exactly one page, whatever the filter."""
    document = upload(served)
    sids = [
        create(client, body(document, f"+12125550{100 + place}")).port_in_request_sid
        for place in range(5)
    ]
    seen, token = [], None
    while True:
        query: dict[str, Any] = {"Size": 2, **({"Token": token} if token else {})}
        page = httpx.get(
            f"{served.url}/v1/Porting/PortIn/PortInRequests", params=query, auth=ADMIN
        ).json()
        seen += [request["port_in_request_sid"] for request in page["port_in_requests"]]
        token = page["meta"]["next_token"]
        if token is None:
            break
    assert sorted(seen) == sorted(sids)
    client.numbers.v1.porting_port_ins(sids[0]).delete()
    page = httpx.get(
        f"{served.url}/v1/Porting/PortIn/PortInRequests",
        auth=ADMIN,
        params={"PortInRequestStatus": "canceled"},
    ).json()
    assert [request["port_in_request_sid"] for request in page["port_in_requests"]] == [sids[0]]


def test_an_unsigned_letter_expires_after_thirty_days(served: Served, client: Client) -> None:
    """Nobody signs: the request ends as expired, with the reason."""
    made = create(client, body(upload(served), "+12125550100"))
    httpx.post(f"{served.url}/sandbox/advance", json={"days": 31}, auth=ADMIN)
    ended = client.numbers.v1.porting_port_ins(made.port_in_request_sid).fetch()
    assert ended.port_in_request_status == "Expired"
    assert "not signed" in ended.order_cancellation_reason


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/Porting/PortIn"),
        ("POST", "/v1/Porting/Configuration/Webhook"),
        ("POST", "/sandbox/advance"),
    ],
)
@pytest.mark.parametrize("content", [b"{", b"[]", b"3"])
def test_a_body_that_is_not_a_json_object_is_refused(
    served: Served, method: str, path: str, content: bytes
) -> None:
    """Every call that reads a body answers 400 with a code, and not an internal error."""
    headers = {"Content-Type": "application/json"}
    answer = httpx.request(method, served.url + path, content=content, auth=ADMIN, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_numbers_that_are_not_objects_are_refused(served: Served) -> None:
    """The body is refused and the call is logged; no order is saved."""
    order = {**body(upload(served)), "phone_numbers": ["+12125550100"]}
    answer = httpx.post(f"{served.url}/v1/Porting/PortIn", json=order, auth=ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert [call["accepted"] for call in served.received()] == [False]
