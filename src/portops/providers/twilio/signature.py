"""Twilio's webhook signature: HMAC with the account's token over the URL and what was sent.

The hash is SHA-1; `X-Twilio-Webhooks-Signature-Settings` may name SHA-256 (the official package
knows both since 9.13).
A JSON body is covered by its SHA-256 in the URL's `bodySHA256`. Port numbers in the URL may be
left out or put in on the way, so both forms count, as in Twilio's own package.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portops.providers.service import IsGenuine
    from portops.redaction import Secret

HEADER, SETTINGS = "X-Twilio-Signature", "X-Twilio-Webhooks-Signature-Settings"

_HASHES: dict[str, Callable[..., Any]] = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}


def sign(
    token: Secret, url: str, form: Mapping[str, str] | None = None, algorithm: str = "HMAC_SHA1"
) -> str:
    """Return the signature of a URL and, for a form, of its fields."""
    text = url + "".join(name + form[name] for name in sorted(form or {})) if form else url
    digest = hmac.new(token.reveal().encode(), text.encode(), _HASHES[algorithm]).digest()
    return base64.b64encode(digest).decode()


def _forms(url: str) -> tuple[str, str]:
    """Return the URL without and with its port."""
    parts: SplitResult = urlsplit(url)
    host = parts.netloc.split(":")[0]
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts._replace(netloc=host).geturl(), parts._replace(netloc=f"{host}:{port}").geturl()


def is_genuine(
    token: Secret,
    url: str,
    signature: str,
    body: bytes,
    form: Mapping[str, str] | None = None,
    *,
    algorithm: str = "HMAC_SHA1",
) -> bool:
    """Tell whether Twilio sent this: `form` for a form, else the JSON `body`.

    A body that the signature does not cover is never genuine, nor is one of another algorithm.
    """
    if algorithm not in _HASHES:
        return False
    if form is None:
        named = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0]
        if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), named.encode()):
            return False
    given = signature.encode()
    answers = [
        hmac.compare_digest(sign(token, shape, form, algorithm).encode(), given)
        for shape in _forms(url)
    ]
    return any(answers)


def _algorithm(settings: str) -> str:
    """Return the algorithm that the settings' header names, such as `key=…,algorithm=HMAC_SHA256`."""
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip().upper()
    return "HMAC_SHA1"


def signed_with(token: Secret) -> IsGenuine:
    """Return what proves that a call with a JSON body was signed with this token."""

    def check(url: str, headers: Mapping[str, str], body: bytes) -> bool:
        signature = headers.get(HEADER.lower(), "")
        algorithm = _algorithm(headers.get(SETTINGS.lower(), ""))
        return is_genuine(token, url, signature, body, algorithm=algorithm)

    return check
