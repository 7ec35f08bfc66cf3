"""Twilio's webhook signature: HMAC-SHA1 with the account's token over the URL and what was sent.

A JSON body is covered by its SHA-256 in the URL's `bodySHA256`. Port numbers in the URL may be
left out or put in on the way, so both forms count, as in Twilio's own package.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portops.providers.service import IsGenuine
    from portops.redaction import Secret

HEADER = "X-Twilio-Signature"


def sign(token: Secret, url: str, form: Mapping[str, str] | None = None) -> str:
    """Return the signature of a URL and, for a form, of its fields."""
    text = url + "".join(name + form[name] for name in sorted(form or {})) if form else url
    digest = hmac.new(token.reveal().encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _forms(url: str) -> tuple[str, str]:
    """Return the URL without and with its port."""
    parts: SplitResult = urlsplit(url)
    host = parts.netloc.split(":")[0]
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts._replace(netloc=host).geturl(), parts._replace(netloc=f"{host}:{port}").geturl()


def is_genuine(
    token: Secret, url: str, signature: str, body: bytes, form: Mapping[str, str] | None = None
) -> bool:
    """Tell whether Twilio sent this: `form` for a form, else the JSON `body`.

    A body that the signature does not cover is never genuine.
    """
    if form is None:
        named = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0]
        if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), named.encode()):
            return False
    given = signature.encode()
    answers = [
        hmac.compare_digest(sign(token, shape, form).encode(), given) for shape in _forms(url)
    ]
    return any(answers)


def signed_with(token: Secret) -> IsGenuine:
    """Return what proves that a call with a JSON body was signed with this token."""

    def check(url: str, headers: Mapping[str, str], body: bytes) -> bool:
        return is_genuine(token, url, headers.get(HEADER.lower(), ""), body)

    return check
