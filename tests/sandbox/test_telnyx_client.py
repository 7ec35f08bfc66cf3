"""The official `telnyx` package works with the sandbox's dialect; only its address changes.

Answers are held to the published document as well, where it is at hand.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from tests.conftest import SHARED, Served, serving
from tests.sandbox.test_openapi import RECORD

telnyx = pytest.importorskip("telnyx")

DOCUMENT = SHARED.parent / "facts" / "telnyx-porting.openapi.json"
ADMIN = ("AC00000000000000000000000000000001", "sandbox-admin")
LANDLINES = ("+12125550100", "+12125550101")
MOBILE, OTHER = "+12125550102", "+12125550103"


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Two landlines and a mobile number of one carrier, and a landline of another."""
    wireless = {"line_type": "wireless", "pin": "4711"}
    rows = [{**RECORD, "phone_number": number} for number in LANDLINES]
    rows += [{**RECORD, "phone_number": MOBILE, **wireless}]
    rows += [{**RECORD, "phone_number": OTHER, "losing_carrier": "Basalt Telephone"}]
    file = tmp_path / "records.csv"
    file.write_text("\n".join([",".join(RECORD), *(",".join(row.values()) for row in rows)]) + "\n")
    return file


@pytest.fixture
def served(tmp_path: Path, records: Path) -> Iterator[Served]:
    """A sandbox with these records."""
    with serving(tmp_path / "sandbox", carrier_records=records) as running:
        yield running


@pytest.fixture
def client(served: Served) -> Any:
    """The official client, pointed at the sandbox."""
    return client_of(served)


def client_of(served: Served, key: str = "sandbox-admin") -> Any:
    """Return the official client with a key."""
    return telnyx.Telnyx(api_key=key, base_url=f"{served.url}/v2", max_retries=0)


def advance(served: Served, days: float) -> None:
    """Move the clock."""
    httpx.post(f"{served.url}/sandbox/advance", json={"days": days}, auth=ADMIN).raise_for_status()


def upload(client: Any) -> str:
    """Upload a document."""
    content = base64.b64encode(b"%PDF-1.4").decode()
    made = client.documents.upload(document={"file": content, "filename": "bill.pdf"})
    return str(made.data.id)


def filled(client: Any, **admin: str) -> dict[str, Any]:
    """Return what a draft needs, fitting RECORD."""
    return {
        "end_user": {
            "admin": {
                "entity_name": "Copper Hill Bakery",
                "auth_person_name": "Avery Larkspur",
                "billing_phone_number": LANDLINES[0],
                "account_number": "1002",
                **admin,
            },
            "location": {
                "street_address": "12 Mill Road",
                "locality": "New York",
                "administrative_area": "NY",
                "postal_code": "10001",
                "country_code": "US",
            },
        },
        "documents": {"loa": upload(client), "invoice": upload(client)},
    }


def drafts(client: Any, *numbers: str, reference: str = "ref-1") -> list[Any]:
    """Create drafts."""
    made = client.porting_orders.create(phone_numbers=list(numbers), customer_reference=reference)
    return list(made.data)


def test_an_order_lives_from_draft_to_ported(served: Served, client: Any) -> None:
    """Split by type and carrier; filled, confirmed, listed by reference, ported."""
    made = drafts(client, *LANDLINES, MOBILE, OTHER)
    numbers = [[one.phone_number for one in order.phone_numbers] for order in made]
    assert numbers == [list(LANDLINES), [MOBILE], [OTHER]]
    assert {order.status.value for order in made} == {"draft"}
    first = made[0].id
    with pytest.raises(telnyx.UnprocessableEntityError, match="Required before confirmation"):
        client.porting_orders.actions.confirm(first)
    client.porting_orders.update(first, **filled(client))
    assert client.porting_orders.actions.confirm(first).data.status.value == "in-process"
    advance(served, 0.6)
    assert client.porting_orders.retrieve(first).data.status.value == "submitted"
    advance(served, 40)
    order = client.porting_orders.retrieve(first).data
    assert order.status.value == "ported"
    assert order.activation_settings.foc_datetime_actual is not None
    listed = client.porting_orders.list(filter={"customer_reference": "ref-1"})
    assert {row.id for row in listed} == {first}, "the drafts nobody confirmed are deleted"


def test_a_mobile_number_needs_its_pin(client: Any) -> None:
    """One PIN an order; it is never shown."""
    order = drafts(client, MOBILE)[0].id
    client.porting_orders.update(order, **filled(client))
    with pytest.raises(telnyx.UnprocessableEntityError, match="pin_passcode"):
        client.porting_orders.actions.confirm(order)
    client.porting_orders.update(order, end_user={"admin": {"pin_passcode": "4711"}})
    confirmed = client.porting_orders.actions.confirm(order).data
    assert confirmed.end_user.admin.pin_passcode is None


def test_an_exception_is_resolved(served: Served, client: Any) -> None:
    """What is corrected goes back to the carrier; the carrier's words are comments."""
    order = drafts(client, *LANDLINES)[0].id
    client.porting_orders.update(order, **filled(client, account_number="77"))
    client.porting_orders.actions.confirm(order)
    advance(served, 20)
    status = client.porting_orders.retrieve(order).data.status
    assert (status.value, status.details[0].code) == ("exception", "ACCOUNT_NUMBER_MISMATCH")
    said = client.porting_orders.comments.list(order).data
    assert "account number" in said[0].body
    client.porting_orders.update(order, end_user={"admin": {"account_number": "1002"}})
    assert client.porting_orders.retrieve(order).data.status.value == "submitted"
    advance(served, 30)
    assert client.porting_orders.retrieve(order).data.status.value == "ported"


def test_what_may_be_canceled(served: Served, client: Any) -> None:
    """Not a draft, not within 48 hours of the FOC; a draft is deleted."""
    order, other = drafts(client, *LANDLINES)[0].id, drafts(client, OTHER, reference="ref-2")[0].id
    with pytest.raises(telnyx.UnprocessableEntityError, match="delete it"):
        client.porting_orders.actions.cancel(other)
    client.porting_orders.delete(other)
    client.porting_orders.update(order, **filled(client))
    client.porting_orders.actions.confirm(order)
    assert client.porting_orders.actions.cancel(order).data.status.value == "cancel-pending"
    advance(served, 0.1)
    assert client.porting_orders.retrieve(order).data.status.value == "cancelled"
    again = drafts(client, *LANDLINES, reference="ref-3")[0].id
    client.porting_orders.update(again, **filled(client))
    client.porting_orders.actions.confirm(again)
    for _ in range(60):
        advance(served, 0.5)
        foc = client.porting_orders.retrieve(again).data.activation_settings.foc_datetime_actual
        if foc is not None and (foc - served.sandbox.clock.now()).total_seconds() < 48 * 3600:
            break
    with pytest.raises(telnyx.UnprocessableEntityError, match="within 48 hours"):
        client.porting_orders.actions.cancel(again)


def test_a_document_that_no_order_has_is_deleted(served: Served, client: Any) -> None:
    """After 30 minutes it can't be linked any more; one that is linked stays."""
    order = drafts(client, *LANDLINES)[0].id
    given = filled(client)
    advance(served, 31 / 1440)
    with pytest.raises(telnyx.UnprocessableEntityError, match="deleted after 30 minutes"):
        client.porting_orders.update(order, **given)
    client.porting_orders.update(order, **filled(client))


def test_a_day_is_asked_for_inside_a_window(client: Any) -> None:
    """Outside of it the draft doesn't take it."""
    order = drafts(client, *LANDLINES)[0].id
    windows = client.porting_orders.retrieve_allowed_foc_windows(order).data
    start = windows[3].started_at
    settings = {"foc_datetime_requested": start}
    taken = client.porting_orders.update(order, activation_settings=settings).data
    assert taken.activation_settings.foc_datetime_requested == start
    with pytest.raises(telnyx.UnprocessableEntityError, match="outside the allowed"):
        client.porting_orders.update(
            order, activation_settings={"foc_datetime_requested": "2026-12-25T03:00:00Z"}
        )


def test_who_may_call(served: Served) -> None:
    """A wrong key, and a member's, with errors in Telnyx's form."""
    with pytest.raises(telnyx.AuthenticationError, match="10009"):
        client_of(served, "wrong").porting_orders.list()
    with pytest.raises(telnyx.PermissionDeniedError, match="role admin"):
        client_of(served, "sandbox-member").porting_orders.list()


def test_a_number_in_a_confirmed_order_is_taken_in_both_dialects(client: Any) -> None:
    """One core: what is in progress here can't be ordered there either."""
    order = drafts(client, *LANDLINES)[0].id
    client.porting_orders.update(order, **filled(client))
    client.porting_orders.actions.confirm(order)
    check = client.portability_checks.run(phone_numbers=[LANDLINES[0], OTHER]).data
    assert [(one.phone_number, one.portable) for one in check] == [
        (LANDLINES[0], False),
        (OTHER, True),
    ]
    url = str(client.base_url).replace("/v2/", "")
    twilio = httpx.get(f"{url}/v1/Porting/Portability/PhoneNumber/{LANDLINES[0]}", auth=ADMIN)
    assert twilio.json()["not_portable_reason_code"] == 22137


def _strict(node: Any) -> Any:
    """Refuse keys that the document does not name."""
    if isinstance(node, list):
        return [_strict(part) for part in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _strict(part) for key, part in node.items()}
    if schema.get("type") == "object" and "properties" in schema and "allOf" not in schema:
        schema.setdefault("additionalProperties", False)
    return schema


@pytest.mark.skipif(not DOCUMENT.exists(), reason="the published document is not here")
def test_every_answer_fits_the_published_document(served: Served, client: Any) -> None:
    """Create, fill, confirm, list, events, windows, comments, documents: every key and type."""
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    http = httpx.Client(
        base_url=f"{served.url}/v2", headers={"Authorization": "Bearer sandbox-admin"}
    )

    def check(method: str, path: str, *parts: str, **options: Any) -> Any:
        answer = http.request(method, path.format(*parts), **options)
        named = path.replace("{}", "{id}").partition("?")[0]
        responses = document["paths"][named][method.lower()]["responses"]
        assert str(answer.status_code) in responses, (method, path, answer.text)
        content = responses[str(answer.status_code)].get("content")
        if content:
            schema = content["application/json"]["schema"]
            components = {"components": _strict(document["components"])}
            jsonschema.Draft202012Validator({**_strict(schema), **components}).validate(
                answer.json()
            )
        return answer.json() if answer.content else None

    check("POST", "/portability_checks", json={"phone_numbers": [MOBILE, "+18002345678"]})
    made = check("POST", "/porting_orders", json={"phone_numbers": [*LANDLINES, OTHER]})["data"]
    order, other = made[0]["id"], made[1]["id"]
    file = {"file": ("bill.pdf", b"%PDF-1.4", "application/pdf")}
    # The document's base schema of answers leaves its parts open.
    document["paths"]["/documents"]["post"]["responses"]["200"]["content"] = None
    assert check("POST", "/documents", files=file)["data"]["id"]
    check("PATCH", "/porting_orders/{}", order, json=filled(client, account_number="77"))
    check("POST", "/porting_orders/{}/actions/confirm", order)
    check("GET", "/porting_orders/{}/allowed_foc_windows", order)
    check("DELETE", "/porting_orders/{}", other)
    advance(served, 20)
    check("GET", "/porting_orders/{}", order)
    check("GET", "/porting_orders?include_phone_numbers=true")
    check("GET", f"/porting_phone_numbers?filter[porting_order_id]={order}")
    check("GET", "/porting_orders/{}/comments", order)
    check("POST", "/porting_orders/{}/actions/cancel", order)
    events = check("GET", f"/porting/events?filter[porting_order_id]={order}")
    assert len(events["data"]) == 4
