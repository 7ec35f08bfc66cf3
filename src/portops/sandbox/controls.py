"""Controls: the sandbox's own calls, which no provider has: move its clock, sign, look inside."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from portops.sandbox import courier, mailroom, orders, webhooks
from portops.sandbox.access import Problem
from portops.sandbox.answers import wire
from portops.sandbox.bodies import json_object
from portops.sandbox.port_in import describe

if TYPE_CHECKING:
    from starlette.requests import Request

    from portops.sandbox.sandbox import Sandbox


async def show(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer with the sandbox's time, and how many orders and carrier records it has."""
    return JSONResponse(
        {
            "now": wire(sandbox.clock.now()),
            "orders": sandbox.database.count("orders"),
            "records": len(sandbox.records),
            "mails": {
                **sandbox.database.outbox.counts(),
                "last_error": sandbox.database.outbox.last_error(),
                "undelivered": sandbox.database.outbox.undelivered(),
            },
            "webhook_error": webhooks.undelivered(sandbox, account),
        }
    )


async def received(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer with every create call received, accepted or not."""
    return JSONResponse({"received": sandbox.database.received()})


async def advance(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Move the clock forward, and mail the reminders that are due by then."""
    body = await json_object(request)
    try:
        days = float((body or {})["days"])
    except (ValueError, KeyError, TypeError, OverflowError):
        raise Problem(400, 20001, 'Send {"days": number}') from None
    if not 0 <= days <= 3_650:
        raise Problem(400, 20001, "days must be 0 to 3650")
    try:
        now = sandbox.clock.now() + timedelta(days=days)
    except OverflowError:
        raise Problem(400, 20001, "The clock can't be moved beyond the year 9999") from None
    with sandbox.database.writing():
        for placed in sandbox.database.orders(account):
            if orders.request_status(placed.order, now)[0] in orders.SIGNABLE:
                mailroom.remind(sandbox, placed, now)
        now = sandbox.clock.advance(days)
    await courier.hurry(sandbox, all_waiting=True)
    return JSONResponse({"now": wire(now)})


async def sign(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Sign a request's letter of authorization as its representative would."""
    sid = request.path_params["sid"]
    order = sandbox.order_of(account, sid).order
    now = sandbox.clock.now()
    status, _ = orders.request_status(order, now)
    if status == "In Review":
        raise Problem(
            409, 20409, "The letter hasn't been sent yet; move the clock forward a few hours"
        )
    if status != "Waiting for Signature":
        raise Problem(409, 20409, f"The letter can't be signed: the request is {status}")
    sandbox.database.sign(sid, now.replace(microsecond=0))
    return JSONResponse(describe(sandbox, request, account, sid))


async def resend(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Mail a request's letter again, to another address if the body names one."""
    sid = request.path_params["sid"]
    placed = sandbox.order_of(account, sid)
    status, _ = orders.request_status(placed.order, sandbox.clock.now())
    if sandbox.post is None or placed.order.signed_at is not None or status not in orders.SIGNABLE:
        raise Problem(409, 20409, f"The letter can't be sent: the request is {status}")
    body = await json_object(request) if await request.body() else {}
    if body is None:
        raise Problem(400, 20001, 'Send {"email": address}, or nothing')
    email = body.get("email")
    if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(email)):
        raise Problem(400, 20001, "email is not an email address")
    mailroom.book(sandbox, placed, email)
    await courier.hurry(sandbox)
    return JSONResponse({"sid": sid, **sandbox.database.outbox.counts(sid)})
