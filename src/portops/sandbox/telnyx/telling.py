"""Telling: events and comments of an order, and webhooks, signed as Telnyx signs them."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from portops.sandbox.targets import BadTarget, resolved
from portops.sandbox.telnyx.orders import Change, history, moment
from portops.sandbox.telnyx.shapes import make_id, paged, status_shape, wire

if TYPE_CHECKING:
    from starlette.requests import Request

    from portops.sandbox.sandbox import Sandbox

_log = logging.getLogger(__name__)

#: Seconds a receiver may take.
PATIENCE = 15.0


def signing_key(sandbox: Sandbox) -> Ed25519PrivateKey:
    """Return the key that webhooks are signed with; made of the secret in the sandbox's folder."""
    seed = hashlib.sha256(b"telnyx webhooks|" + sandbox.link_secret).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(sandbox: Sandbox) -> str:
    """Return the public key as it is given out: 32 bytes in base64."""
    raw = signing_key(sandbox).public_key()
    return base64.b64encode(
        raw.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    ).decode()


def comments(order: dict[str, Any], seed: int, now: datetime) -> list[dict[str, Any]]:
    """Return the carrier's words for each exception of an order, newest first."""
    words = [dict(attempt["wrong"]) for attempt in order["attempts"]]
    rejected = [change for change in history(order, seed, now) if change.value == "exception"]
    rows = [
        {
            "record_type": "porting_comment",
            "id": make_id("comment", order["id"], place, code),
            "porting_order_id": order["id"],
            "body": words[place][code],
            "user_type": "admin",
            "created_at": wire(change.at),
        }
        for place, change in enumerate(rejected)
        for code in change.codes
    ]
    return rows[::-1]


def _event(order: dict[str, Any], change: Change) -> dict[str, Any]:
    """Describe a change of status as an event."""
    at = wire(change.at)
    return {
        "record_type": "porting_event",
        "id": make_id("event", order["id"], at, change.value),
        "event_type": "porting_order.status_changed",
        "porting_order_id": order["id"],
        "available_notification_methods": ["email", "webhook"],
        "payload_status": "completed",
        "created_at": at,
        "updated_at": at,
        "payload": {
            "id": order["id"],
            "support_key": order["support_key"],
            "status": status_shape(change),
            "updated_at": at,
            # The document has texts here, which are absent where there are none.
            **{name: order[name] for name in ("customer_reference", "webhook_url") if order[name]},
        },
    }


async def events(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer with a page of an order's events, or of all orders', newest first."""
    query, now = request.query_params, sandbox.clock.now()
    wanted = query.get("filter[porting_order_id]")
    orders = sandbox.database.telnyx.orders()
    seed = int(sandbox.database.setting("seed") or 0)
    rows = [
        _event(order, change)
        for order in orders
        if wanted in {None, order["id"]}
        # A draft's making is no change of its status.
        for change in history(order, seed, now)[1:]
    ]
    kind = query.get("filter[type]")
    rows = [row for row in rows if kind in {None, row["event_type"]}]
    rows.sort(key=lambda row: str(row["created_at"]), reverse=True)
    return JSONResponse(paged(rows, query))


async def deliver(sandbox: Sandbox) -> None:
    """Send each order's receiver what happened since the last delivery; keep what was not taken."""
    now, seed = sandbox.clock.now(), int(sandbox.database.setting("seed") or 0)
    for order in sandbox.database.telnyx.orders()[::-1]:
        since = moment(order["told_until"])
        due = [change for change in history(order, seed, now)[1:] if since < change.at]
        if not due or not order["webhook_url"]:
            continue
        bodies = [_envelope(order, change) for change in due]
        fault = await run_in_threadpool(_send, sandbox, order["webhook_url"], bodies)
        if fault:
            _log.warning("%s did not take a call: %s", order["webhook_url"], fault)
            continue
        there = sandbox.database.telnyx.order(order["id"])
        if there is not None:
            sandbox.database.telnyx.save({**there, "told_until": now.isoformat()})


def _envelope(order: dict[str, Any], change: Change) -> dict[str, Any]:
    event = _event(order, change)
    return {
        "data": {
            "record_type": "event",
            "id": event["id"],
            "event_type": event["event_type"],
            "occurred_at": event["created_at"],
            "payload": event["payload"],
        },
        "meta": {"attempt": 1, "delivered_to": order["webhook_url"]},
    }


def _send(sandbox: Sandbox, url: str, bodies: list[dict[str, Any]]) -> str:
    """Call the receiver with each body in turn; return why it didn't take one, else nothing."""
    key = signing_key(sandbox)
    try:
        target = resolved(url, private=sandbox.private_webhooks)
        if target is None:
            return "The webhook's host has no address"
        aimed = httpx.URL(url).copy_with(host=target.address)
        with httpx.Client(timeout=PATIENCE, trust_env=False, follow_redirects=False) as client:
            for body in bodies:
                content, at = json.dumps(body), str(int(time.time()))
                signature = base64.b64encode(key.sign(f"{at}|{content}".encode())).decode()
                headers = {
                    "Content-Type": "application/json",
                    "Telnyx-Signature-Ed25519": signature,
                    "Telnyx-Timestamp": at,
                    "Host": httpx.URL(url).netloc.decode(),
                }
                client.post(
                    aimed,
                    content=content.encode(),
                    headers=headers,
                    extensions={"sni_hostname": target.host},
                ).raise_for_status()
    except BadTarget as error:
        return str(error)
    except httpx.HTTPStatusError as error:
        return f"It answered {error.response.status_code}"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"It could not be called ({type(error).__name__})"
    return ""
