"""Webhooks: configure where status changes go, and send them, signed as Twilio does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from portops.sandbox.access import ACCOUNTS, Problem
from portops.sandbox.answers import status_changes, wire
from portops.sandbox.bodies import json_object
from portops.sandbox.targets import BadTarget, resolved

if TYPE_CHECKING:
    from starlette.requests import Request

    from portops.sandbox.sandbox import Sandbox

_log = logging.getLogger(__name__)

#: Seconds a receiver may take.
PATIENCE = 15.0

NO_ADDRESS = "The webhook's host has no address"

_CONFIGURED = ("port_in_target_url", "port_out_target_url", "notifications_of")
_URL_OF_KIND = {"PORT_IN": "port_in_target_url", "PORT_OUT": "port_out_target_url"}


def _setting(account: str) -> str:
    """Return the name of the setting that holds an account's webhook."""
    return f"webhook|{account}"


def _configuration(sandbox: Sandbox, account: str) -> dict[str, Any]:
    configuration: dict[str, Any] = json.loads(sandbox.database.setting(_setting(account)) or "{}")
    return configuration


def _answer(request: Request, configuration: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": str(request.url),
        "port_in_target_url": configuration.get("port_in_target_url"),
        "port_out_target_url": configuration.get("port_out_target_url"),
        "notifications_of": configuration.get("notifications_of") or [],
    }


def undelivered(sandbox: Sandbox, account: str) -> str | None:
    """Return why the account's webhook did not take its last call; None when it did."""
    return sandbox.database.setting(f"{_setting(account)}|error")


async def show(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer with the account's webhook."""
    configuration = _configuration(sandbox, account)
    if not configuration:
        raise Problem(404, 20404, "No webhook is configured")
    created = {
        "port_in_target_date_created": configuration.get("created"),
        "port_out_target_date_created": configuration.get("created"),
    }
    return JSONResponse({**_answer(request, configuration), **created})


async def configure(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Save the account's webhook; it is sent what happens from now on."""
    body = await json_object(request)
    if body is None:
        raise Problem(400, 20001, "The body is not a JSON object")
    reachable = await run_in_threadpool(_check, body, private=sandbox.private_webhooks)
    now = sandbox.clock.now()
    configuration = {**{name: body.get(name) for name in _CONFIGURED}, "created": wire(now)}
    sandbox.database.set(_setting(account), json.dumps(configuration))
    _save_sent_until(sandbox, account, now)
    sandbox.database.set(f"{_setting(account)}|error", None if reachable else NO_ADDRESS)
    answer = JSONResponse(_answer(request, configuration), status_code=201)
    if not reachable:
        # The published answer has no room for a warning.
        _log.warning("the webhook's host in %s has no address now", body.get("port_in_target_url"))
        answer.headers["Warning"] = f'299 - "{NO_ADDRESS}; status changes wait until it has one"'
    return answer


def _check(body: dict[str, Any], *, private: bool) -> bool:
    """Raise Problem when a webhook's configuration can't be used; tell whether it can be called now.

    A host without an address is no error: the receiver may get its name when it starts.
    """
    notifications = body.get("notifications_of")
    if notifications is not None and not (
        isinstance(notifications, list) and all(isinstance(name, str) for name in notifications)
    ):
        raise Problem(400, 20001, "notifications_of must be a list of texts")
    try:
        targets = [
            resolved(body[name], private=private)
            for name in _URL_OF_KIND.values()
            if body.get(name) is not None
        ]
    except BadTarget as error:
        raise Problem(400, 20001, str(error)) from None
    return None not in targets


async def remove(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Remove the account's webhook of one kind."""
    configuration = _configuration(sandbox, account)
    name = _URL_OF_KIND.get(request.path_params["kind"])
    if name is None or not configuration.get(name):
        raise Problem(404, 20404, "There is no such webhook")
    sandbox.database.set(_setting(account), json.dumps({**configuration, name: None}))
    return Response(status_code=204)


async def deliver(sandbox: Sandbox, account: str) -> None:
    """Send the account's webhook what happened since the last delivery; keep what was not taken."""
    try:
        await _deliver(sandbox, account)
    except sqlite3.Error as error:
        _log.warning("webhooks wait, because the sandbox can't use its database: %s", error)


async def _deliver(sandbox: Sandbox, account: str) -> None:
    configuration, now = _configuration(sandbox, account), sandbox.clock.now()
    url = configuration.get("port_in_target_url")
    if not url:
        return
    bodies = _due(sandbox, account, configuration.get("notifications_of") or [], now)
    fault = ""
    if bodies:
        fault = await run_in_threadpool(
            _send, url, bodies, account, private=sandbox.private_webhooks
        )
    if fault:
        _log.warning("the webhook at %s did not take a call: %s", url, fault)
        sandbox.database.set(f"{_setting(account)}|error", fault)
        return
    with sandbox.database.writing():
        _save_sent_until(sandbox, account, now)
        if bodies:
            sandbox.database.set(f"{_setting(account)}|error", None)


def _due(
    sandbox: Sandbox, account: str, notifications: list[str], now: datetime
) -> list[dict[str, Any]]:
    """Return what to send up to `now`, oldest first: these notifications, or all when empty."""
    sent_until = sandbox.database.setting(f"{_setting(account)}|until")
    since = datetime.fromisoformat(sent_until) if sent_until else now
    changes = [
        change
        for placed in sandbox.database.orders(account)
        for change in status_changes(placed.order, since, now)
    ]
    changes.sort(key=lambda change: change.at)
    bodies = [change.body for change in changes]
    return [body for body in bodies if not notifications or body["status"] in notifications]


def _send(url: str, bodies: list[dict[str, Any]], account: str, *, private: bool) -> str:
    """Call the receiver with each body in turn; return why it didn't take one, else nothing.

    The host is resolved once and called at the address that was checked; redirects are not taken.
    """
    token = next(
        name for name, (owner, role, _) in ACCOUNTS.items() if owner == account and role == "admin"
    )
    try:
        target = resolved(url, private=private)
        if target is None:
            return NO_ADDRESS
        with httpx.Client(timeout=PATIENCE, trust_env=False, follow_redirects=False) as client:
            for body in bodies:
                content = json.dumps(body).encode()
                mark = "&" if "?" in url else "?"
                signed_url = f"{url}{mark}bodySHA256={hashlib.sha256(content).hexdigest()}"
                digest = hmac.new(token.encode(), signed_url.encode(), hashlib.sha1).digest()
                headers = {
                    "Content-Type": "application/json",
                    "X-Twilio-Signature": base64.b64encode(digest).decode(),
                }
                aimed = httpx.URL(signed_url).copy_with(host=target.address)
                headers["Host"] = httpx.URL(signed_url).netloc.decode()
                client.post(
                    aimed,
                    content=content,
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


def _save_sent_until(sandbox: Sandbox, account: str, until: datetime) -> None:
    sandbox.database.set(f"{_setting(account)}|until", until.isoformat())
