"""Telnyx's signature: ours and the official package's agree on what is genuine."""

from __future__ import annotations

import base64
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portops.errors import SettingsError
from portops.providers.telnyx.signature import signed_by

telnyx = pytest.importorskip("telnyx")
pytest.importorskip("nacl")

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
BODY = json.dumps({"data": {"event_type": "porting_order.status_changed", "payload": {}}})


def _headers(body: str, at: int, key: Ed25519PrivateKey = KEY) -> dict[str, str]:
    signature = base64.b64encode(key.sign(f"{at}|{body}".encode())).decode()
    return {"telnyx-signature-ed25519": signature, "telnyx-timestamp": str(at)}


def _theirs(body: str, headers: dict[str, str]) -> bool:
    client = telnyx.Telnyx(api_key="x", public_key=PUBLIC)
    try:
        client.webhooks.unwrap(body, headers=headers)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    "change",
    ["none", "body", "late", "early", "other key", "no signature", "no time", "odd time", "short"],
)
def test_ours_and_the_official_packages_agree(change: str) -> None:
    """Only an unchanged body, signed by the account's key within five minutes."""
    now = int(time.time())
    at = {"late": now - 400, "early": now + 400}.get(change, now)
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    headers = _headers(BODY, at, other if change == "other key" else KEY)
    body = BODY + " " if change == "body" else BODY
    if change == "no signature":
        del headers["telnyx-signature-ed25519"]
    if change == "no time":
        del headers["telnyx-timestamp"]
    if change == "odd time":
        headers["telnyx-timestamp"] = "soon"
    if change == "short":
        headers["telnyx-signature-ed25519"] = base64.b64encode(b"short").decode()
    ours = signed_by(PUBLIC)("https://x.example", headers, body.encode())
    assert ours == _theirs(body, headers) == (change == "none")


@pytest.mark.parametrize("key", ["", "no base64!", base64.b64encode(b"short").decode()])
def test_a_public_key_that_is_none_is_said(key: str) -> None:
    """Before any call comes."""
    with pytest.raises(SettingsError, match="TELNYX_PUBLIC_KEY is no public key"):
        signed_by(key)
