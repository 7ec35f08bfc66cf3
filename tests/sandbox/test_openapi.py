"""The sandbox's answers have the shapes of Twilio's published OpenAPI document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from tests.conftest import Served, serving
from tests.sandbox.test_official_client import ADMIN, body, upload

SPEC = json.loads(
    (Path(__file__).parent / "twilio_numbers_v1.porting.openapi.json").read_text(encoding="utf-8")
)


RECORD = {
    "phone_number": "",
    "losing_carrier": "Granite Tel",
    "line_type": "landline",
    "account_number": "1002",
    "pin": "",
    "customer_name": "Copper Hill Bakery",
    "authorized_name": "Avery Larkspur",
    "street": "12 Mill Road",
    "city": "New York",
    "state": "NY",
    "postal_code": "10001",
    "status": "active",
}


def _json_schema(node: Any) -> Any:
    """Translate OpenAPI 3.0's `nullable` to JSON Schema, and refuse keys that it does not name."""
    if isinstance(node, list):
        return [_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _json_schema(value) for key, value in node.items() if key != "nullable"}
    if "properties" in schema:
        schema["additionalProperties"] = False
        # The document names no required keys in answers; the sandbox gives all of them.
        schema.setdefault("required", [])
        schema["required"] = schema["required"] or [
            name for name in schema["properties"] if name != "support_ticket_id"
        ]
    if node.get("nullable") and "$ref" in schema:
        return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}]}
    if node.get("nullable") and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema


def _check(path: str, method: str, answer: httpx.Response) -> None:
    responses = SPEC["paths"][path][method]["responses"]
    body = answer.json() if answer.content else {}
    if "meta" in body:
        # The official package asks for it, and the document does not forbid it.
        assert body["meta"].pop("key") == "port_in_requests"
    assert str(answer.status_code) in responses, (path, answer.status_code, answer.text)
    content = responses[str(answer.status_code)].get("content")
    if content is None:
        assert answer.content == b""
        return
    schema = {**content["application/json"]["schema"], "components": SPEC["components"]}
    jsonschema.Draft202012Validator(
        _json_schema(schema), format_checker=jsonschema.FormatChecker()
    ).validate(body)


@pytest.fixture
def made(served: Served) -> tuple[httpx.Client, dict[str, Any]]:
    """A client, and a request it created."""
    client = httpx.Client(base_url=served.url, auth=ADMIN)
    answer = client.post(
        "/v1/Porting/PortIn", json=body(upload(served), "+12125550100", "+12125550101")
    )
    _check("/v1/Porting/PortIn", "post", answer)
    return client, answer.json()


def test_every_answer_fits_the_published_document(
    made: tuple[httpx.Client, dict[str, Any]],
) -> None:
    """Fetch, list, number, portability, webhooks, cancellations: every key and type."""
    client, request = made
    sid, number = request["port_in_request_sid"], request["phone_numbers"][0]
    base = "/v1/Porting/PortIn"
    _check(f"{base}/{{PortInRequestSid}}", "get", client.get(f"{base}/{sid}"))
    _check(f"{base}/PortInRequests", "get", client.get(f"{base}/PortInRequests"))
    inner = f"{base}/{sid}/PhoneNumber/{number['port_in_phone_number_sid']}"
    path = f"{base}/{{PortInRequestSid}}/PhoneNumber/{{PhoneNumberSid}}"
    _check(path, "get", client.get(inner))
    portability = "/v1/Porting/Portability/PhoneNumber"
    _check(portability + "/{PhoneNumber}", "get", client.get(f"{portability}/+12127365000"))
    _check(portability + "/{PhoneNumber}", "get", client.get(f"{portability}/+18002345678"))
    hook = "/v1/Porting/Configuration/Webhook"
    _check(hook, "post", client.post(hook, json={"port_in_target_url": "https://example.com"}))
    _check(hook, "get", client.get(hook))
    _check(hook + "/{WebhookType}", "delete", client.delete(f"{hook}/PORT_IN"))
    _check(path, "delete", client.delete(inner))
    _check(f"{base}/{{PortInRequestSid}}", "delete", client.delete(f"{base}/{sid}"))


def test_a_rejection_fits_the_published_document(tmp_path: Path) -> None:
    """The carrier's code and words are in the request and in the number fetched alone."""
    record = RECORD | {"phone_number": "+12125550100", "account_number": "77"}
    file = tmp_path / "records.csv"
    file.write_text(",".join(record) + "\n" + ",".join(record.values()) + "\n")
    with serving(tmp_path / "sandbox", carrier_records=file) as served:
        client = httpx.Client(base_url=served.url, auth=ADMIN)
        made = client.post("/v1/Porting/PortIn", json=body(upload(served), "+12125550100")).json()
        sid, number = made["port_in_request_sid"], made["phone_numbers"][0]
        for path, control in (
            ("advance", {"days": 1}),
            (f"sign/{sid}", {}),
            ("advance", {"days": 20}),
        ):
            client.post(f"/sandbox/{path}", json=control).raise_for_status()
        base = "/v1/Porting/PortIn"
        answer = client.get(f"{base}/{sid}")
        assert answer.json()["phone_numbers"][0]["rejection_reason_code"] == "22156"
        assert answer.json()["port_in_request_status"] == "Action Required"
        _check(f"{base}/{{PortInRequestSid}}", "get", answer)
        path = f"{base}/{{PortInRequestSid}}/PhoneNumber/{{PhoneNumberSid}}"
        inner = f"{base}/{sid}/PhoneNumber/{number['port_in_phone_number_sid']}"
        _check(path, "get", client.get(inner))
        client.close()


def test_errors_have_twilios_form(served: Served) -> None:
    """Code, message, link and status; also for what does not exist."""
    for answer in (
        httpx.get(f"{served.url}/v1/Porting/PortIn/KW00", auth=ADMIN),
        httpx.get(f"{served.url}/nowhere", auth=ADMIN),
        httpx.get(f"{served.url}/v1/Porting/PortIn/KW00"),
        httpx.post(f"{served.url}/v1/Porting/PortIn", content=b"{", auth=ADMIN),
    ):
        error = answer.json()
        assert set(error) == {"code", "message", "more_info", "status"}
        assert error["status"] == answer.status_code
