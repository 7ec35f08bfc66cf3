"""Telnyx's webhook signature: Ed25519 over `{timestamp}|{body}`, no older than five minutes."""

from __future__ import annotations

import base64
import binascii
import time
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from portops.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portops.providers.service import IsGenuine

SIGNATURE, TIMESTAMP = "telnyx-signature-ed25519", "telnyx-timestamp"

#: Seconds that a signature holds.
HOLDS = 300.0


def is_genuine(key: Ed25519PublicKey, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Tell whether Telnyx sent this body; `headers` have their names in lower case."""
    timestamp = headers.get(TIMESTAMP, "")
    try:
        if abs(now - int(timestamp)) > HOLDS:
            return False
        signature = base64.b64decode(headers.get(SIGNATURE, ""), validate=True)
        key.verify(signature, f"{timestamp}|".encode() + body)
    except (ValueError, InvalidSignature):
        return False
    return True


def signed_by(public_key: str, clock: Callable[[], float] = time.time) -> IsGenuine:
    """Return what proves a call by the account's public key (base64); raises SettingsError."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
    except (binascii.Error, ValueError) as error:
        raise SettingsError(
            "TELNYX_PUBLIC_KEY is no public key of 32 bytes in base64.",
            "Copy it from the portal, under Keys & Credentials.",
        ) from error

    def check(url: str, headers: Mapping[str, str], body: bytes) -> bool:
        return is_genuine(key, headers, body, clock())

    return check
