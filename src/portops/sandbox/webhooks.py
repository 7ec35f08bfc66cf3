"""The sandbox's webhooks: what has happened since the last call, signed and sent as Twilio does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx

from portops.sandbox.access import ACCOUNTS
from portops.sandbox.answers import happened

if TYPE_CHECKING:
    from portops.sandbox.ordering import Sandbox

_log = logging.getLogger(__name__)

#: Seconds that a receiver may take.
PATIENCE = 15.0


def setting(account: str) -> str:
    """Name the book's setting of an account's webhook."""
    return f"webhook|{account}"


def due(sandbox: Sandbox, account: str) -> tuple[str, list[dict[str, Any]], datetime] | None:
    """Return where to call, with what, and until when that is all; None without a webhook."""
    kept = json.loads(sandbox.book.setting(setting(account)) or "{}")
    url, now = kept.get("port_in_target_url"), sandbox.clock.now()
    if not url:
        return None
    since = datetime.fromisoformat(
        sandbox.book.setting(f"{setting(account)}|until") or now.isoformat()
    )
    wanted = set(kept.get("notifications_of") or [])
    found = [
        each for _, _, order in sandbox.book.orders(account) for each in happened(order, since, now)
    ]
    bodies = [
        body
        for _, body in sorted(found, key=lambda each: each[0])
        if not wanted or body["status"] in wanted
    ]
    return url, bodies, now


def send(url: str, bodies: list[dict[str, Any]], account: str) -> bool:
    """Call the receiver with each body; False when it did not take one of them."""
    token = next(
        name for name, (owner, role, _) in ACCOUNTS.items() if owner == account and role == "admin"
    )
    try:
        with httpx.Client(timeout=PATIENCE) as client:
            for body in bodies:
                content = json.dumps(body).encode()
                mark = "&" if "?" in url else "?"
                whole = f"{url}{mark}bodySHA256={hashlib.sha256(content).hexdigest()}"
                digest = hmac.new(token.encode(), whole.encode(), hashlib.sha1).digest()
                headers = {
                    "Content-Type": "application/json",
                    "X-Twilio-Signature": base64.b64encode(digest).decode(),
                }
                client.post(whole, content=content, headers=headers).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _log.warning("the webhook at %s did not take a call (%s)", url, type(error).__name__)
        return False
    return True


def sent_until(sandbox: Sandbox, account: str, until: datetime) -> None:
    """Keep that everything up to then was sent."""
    sandbox.book.set(f"{setting(account)}|until", until.isoformat())
