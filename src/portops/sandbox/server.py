"""The sandbox's HTTP server: speaks Twilio's Porting API (numbers v1) on this machine.

Written from Twilio's published OpenAPI document and error catalogue; it shares no code with the
Twilio adapter, so that an error in one cannot hide in the other.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portops.facts.nanp import classify
from portops.sandbox import browser, orders, pages, records, signing, webhooks
from portops.sandbox.access import Problem, account_of, on_problem
from portops.sandbox.answers import list_row, number_resource, page_row, request_answer, wire
from portops.sandbox.book import Book
from portops.sandbox.clock import Clock
from portops.sandbox.ordering import Sandbox, accept, make_sid, taken

if TYPE_CHECKING:
    from portops.sandbox.orders import Order
    from portops.sandbox.signing import Post

MOST_BYTES = 10 * 1024 * 1024
_KINDS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG")

Handler = Callable[["Sandbox", Request, str], Awaitable[Response]]


def _guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        sandbox: Sandbox = request.app.state.sandbox
        if sandbox.latency:
            await asyncio.sleep(sandbox.latency)
        account = account_of(request)
        answer = await handler(sandbox, request, account)
        if request.method != "GET":
            # What has come of it is told to the account's webhook, after the answer.
            answer.background = BackgroundTask(_tell, sandbox, account)
        return answer

    return endpoint


async def _tell(sandbox: Sandbox, account: str) -> None:
    found = webhooks.due(sandbox, account)
    if found is None:
        return
    url, bodies, until = found
    if not bodies or await run_in_threadpool(webhooks.send, url, bodies, account):
        webhooks.sent_until(sandbox, account, until)


async def _upload(sandbox: Sandbox, request: Request, account: str) -> Response:
    form = await request.form()
    file = form.get("File")
    if not isinstance(file, UploadFile):
        raise Problem(400, 22171, "File is required")
    content = await file.read()
    if len(content) > MOST_BYTES:
        raise Problem(400, 22171, "File is larger than 10 MB")
    if not content.startswith(_KINDS):
        raise Problem(400, 22171, "File must be PDF, JPEG or PNG")
    digest = hashlib.sha256(content).hexdigest()
    sid = make_sid("RD", account, digest, sandbox.book.count("documents"))
    kind, name = str(form.get("document_type", "utility_bill")), str(form.get("friendly_name", ""))
    sandbox.book.add_document((sid, account, kind, name, len(content), digest))
    answer = {"sid": sid, "document_type": kind, "status": "DRAFT", "friendly_name": name}
    return JSONResponse(answer, status_code=201)


async def _portability(sandbox: Sandbox, request: Request, account: str) -> Response:
    phone_number = request.path_params["phone_number"]
    kind = classify(pd.Series([phone_number], dtype="str"))["kind"].iloc[0]
    record = sandbox.records.get(phone_number)
    mobile = record is not None and record.line_type == "wireless"
    answer: dict[str, Any] = {
        "phone_number": phone_number,
        "account_sid": None,
        "portable": True,
        "pin_and_account_number_required": mobile,
        "not_portable_reason": None,
        "not_portable_reason_code": None,
        "number_type": "UNKNOWN" if record is None else "MOBILE" if mobile else "LOCAL",
        "country": "US",
        "url": str(request.url),
    }
    reason: tuple[int, str] | None = None
    if kind in {"invalid", "missing", "extension"}:
        reason = (22102, "The phone number is not valid")
    elif kind == "toll_free":
        answer["number_type"] = "TOLL-FREE"
        reason = (22133, "Toll-free numbers are ported by hand")
    elif kind not in {"ok", "fictional"}:
        reason = (22130, "The country or rate center is not supported")
    else:
        reason = taken(sandbox, phone_number)
    if reason is not None:
        answer |= {
            "portable": False,
            "not_portable_reason_code": reason[0],
            "not_portable_reason": reason[1],
        }
    return JSONResponse(answer)


async def _create(sandbox: Sandbox, request: Request, account: str) -> Response:
    try:
        body = await request.json()
    except (ValueError, ClientDisconnect):
        body = None
    listed = body.get("phone_numbers") if isinstance(body, dict) else None
    listed = listed if isinstance(listed, list) else []
    named = [str(each.get("phone_number")) for each in listed if isinstance(each, dict)]
    at = sandbox.clock.now().isoformat()
    try:
        order = accept(sandbox, account, body)
    except Problem as problem:
        sandbox.book.note_received((at, account, json.dumps(named), False, None, problem.status))
        raise
    sandbox.book.note_received((at, account, json.dumps(named), True, order.sid, 202))
    if sandbox.post is not None:
        signing.invite(sandbox.book, sandbox.post, str(request.base_url), body, order)
    return JSONResponse(_describe(sandbox, request, account, order.sid), status_code=202)


def _own(sandbox: Sandbox, account: str, sid: str) -> tuple[dict[str, Any], Order]:
    found = sandbox.book.order(sid)
    if found is None or found[0] != account:
        raise Problem(404, 20404, f"The requested resource {sid} was not found")
    return found[1], found[2]


def _describe(sandbox: Sandbox, request: Request, account: str, sid: str) -> dict[str, Any]:
    body, order = _own(sandbox, account, sid)
    return request_answer(account, body, order, sandbox.clock.now(), str(request.base_url))


async def _fetch(sandbox: Sandbox, request: Request, account: str) -> Response:
    sid = request.path_params["sid"]
    return JSONResponse(_describe(sandbox, request, account, sid))


async def _cancel(sandbox: Sandbox, request: Request, account: str) -> Response:
    sid, number_sid = request.path_params["sid"], request.path_params.get("number_sid")
    _, order = _own(sandbox, account, sid)
    now = sandbox.clock.now().replace(microsecond=0)
    numbers = [each for each in order.numbers if number_sid in {None, each.sid}]
    if not numbers:
        raise Problem(404, 20404, f"The requested resource {number_sid} was not found")
    if all(
        orders.state_of(order, each, now).status in {"Completed", "Canceled"} for each in numbers
    ):
        raise Problem(400, 22150, "The port is completed or canceled already")
    sandbox.book.cancel(sid, now, number_sid)
    return Response(status_code=204)


async def _fetch_number(sandbox: Sandbox, request: Request, account: str) -> Response:
    sid, number_sid = request.path_params["sid"], request.path_params["number_sid"]
    _, order = _own(sandbox, account, sid)
    for number in order.numbers:
        if number.sid == number_sid:
            answer = number_resource(order, number, sandbox.clock.now(), str(request.url))
            return JSONResponse({**answer, "account_sid": account})
    raise Problem(404, 20404, f"The requested resource {number_sid} was not found")


def _fold(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.casefold())


def _instant(text: str, *, end: bool) -> datetime:
    """Read CreatedBefore or CreatedAfter: a date (its whole day counts) or an instant."""
    try:
        if len(text) == 10:
            day = datetime.fromisoformat(text + "T00:00:00+00:00")
            return day if end else day + timedelta(days=1) - timedelta(microseconds=1)
        return datetime.fromisoformat(text)
    except ValueError:
        raise Problem(400, 20001, f"'{text}' is not a date") from None


async def _list(sandbox: Sandbox, request: Request, account: str) -> Response:
    query, now = request.query_params, sandbox.clock.now()
    wanted = query["PortInRequestSid"].split(",") if query.get("PortInRequestSid") else None
    found = sandbox.book.created(account, wanted)
    if query.get("CreatedAfter"):
        since = _instant(query["CreatedAfter"], end=True)
        found = [(sid, at) for sid, at in found if at >= since]
    if query.get("CreatedBefore"):
        until = _instant(query["CreatedBefore"], end=False)
        found = [(sid, at) for sid, at in found if at <= until]
    sids = [sid for sid, _ in found]
    if query.get("PortInRequestStatus"):
        words = _fold(query["PortInRequestStatus"])
        sids = [
            sid
            for sid in sids
            if _fold(orders.request_status(_own(sandbox, account, sid)[1], now)[0]) == words
        ]
    try:
        size = int(query.get("Size") or 20)
    except ValueError:
        size = 0
    if not 1 <= size <= 100:
        raise Problem(400, 20001, "Size is 1 to 100")
    start = 0
    if query.get("Token"):
        if query["Token"] not in sids:
            raise Problem(400, 20001, "Token is not valid")
        start = sids.index(query["Token"])
    page = sids[start : start + size]
    rest, before = sids[start + size :], sids[max(0, start - size) : start]
    return JSONResponse(
        {
            "port_in_requests": [list_row(_own(sandbox, account, sid)[1], now) for sid in page],
            "meta": {
                "next_token": rest[0] if rest else None,
                "previous_token": before[0] if before else None,
            },
        }
    )


async def _webhook(sandbox: Sandbox, request: Request, account: str) -> Response:
    name = webhooks.setting(account)
    kept = json.loads(sandbox.book.setting(name) or "{}")
    if request.method == "DELETE":
        key = {"PORT_IN": "port_in_target_url", "PORT_OUT": "port_out_target_url"}.get(
            request.path_params["kind"]
        )
        if key is None or not kept.get(key):
            raise Problem(404, 20404, "There is no such webhook")
        sandbox.book.set(name, json.dumps({**kept, key: None}))
        return Response(status_code=204)
    if request.method == "POST":
        try:
            body = await request.json()
        except ValueError:
            raise Problem(400, 20001, "The body is not JSON") from None
        names = ("port_in_target_url", "port_out_target_url", "notifications_of")
        kept = {**{each: body.get(each) for each in names}, "created": wire(sandbox.clock.now())}
        sandbox.book.set(name, json.dumps(kept))
        webhooks.sent_until(sandbox, account, sandbox.clock.now())
    elif not kept:
        raise Problem(404, 20404, "No webhook is configured")
    answer = {
        "url": str(request.url),
        "port_in_target_url": kept.get("port_in_target_url"),
        "port_out_target_url": kept.get("port_out_target_url"),
        "notifications_of": kept.get("notifications_of") or [],
    }
    if request.method == "POST":
        return JSONResponse(answer, status_code=201)
    created = {
        "port_in_target_date_created": kept.get("created"),
        "port_out_target_date_created": kept.get("created"),
    }
    return JSONResponse({**answer, **created})


async def _resend(sandbox: Sandbox, request: Request, account: str) -> Response:
    sid = request.path_params["sid"]
    body, order = _own(sandbox, account, sid)
    status, _ = orders.request_status(order, sandbox.clock.now())
    if sandbox.post is None or order.signed_at is not None or status not in orders.SIGNABLE:
        raise Problem(409, 20409, f"No letter is sent: the request is {status}")
    try:
        given = json.loads(await request.body() or b"{}")
        email = given.get("email")
    except (ValueError, AttributeError):
        raise Problem(400, 20001, 'Send {"email": address}, or nothing') from None
    if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(email)):
        raise Problem(400, 20001, "email is no address")
    signing.invite(sandbox.book, sandbox.post, str(request.base_url), body, order, email)
    return JSONResponse({"sid": sid, "sent": (sandbox.book.letter_of(sid) or {}).get("sent")})


async def _requests_page(sandbox: Sandbox, request: Request, account: str) -> Response:
    now = sandbox.clock.now()
    rows = [page_row(order, now) for _, _, order in sandbox.book.orders(account)]
    return pages.status_page(rows, account)


async def _advance(sandbox: Sandbox, request: Request, account: str) -> Response:
    try:
        days = float((await request.json())["days"])
    except (ValueError, KeyError, TypeError):
        raise Problem(400, 20001, 'Send {"days": number}') from None
    if not 0 <= days <= 3_650:
        raise Problem(400, 20001, "days is 0 to 3650")
    now = sandbox.clock.advance(days)
    if sandbox.post is not None:
        for _, body, order in sandbox.book.orders(account):
            if orders.request_status(order, now)[0] in orders.SIGNABLE:
                signing.remind(sandbox.book, sandbox.post, str(request.base_url), body, order, now)
    return JSONResponse({"now": wire(now)})


async def _sign(sandbox: Sandbox, request: Request, account: str) -> Response:
    sid = request.path_params["sid"]
    _, order = _own(sandbox, account, sid)
    now = sandbox.clock.now()
    status, _ = orders.request_status(order, now)
    if status == "In Review":
        raise Problem(409, 20409, "The letter is not out yet; advance the clock by some hours")
    if status != "Waiting for Signature":
        raise Problem(409, 20409, f"The letter cannot be signed: the request is {status}")
    sandbox.book.sign(sid, now.replace(microsecond=0))
    return JSONResponse(_describe(sandbox, request, account, sid))


async def _received(sandbox: Sandbox, request: Request, account: str) -> Response:
    return JSONResponse({"received": sandbox.book.received()})


async def _state(sandbox: Sandbox, request: Request, account: str) -> Response:
    return JSONResponse(
        {
            "now": wire(sandbox.clock.now()),
            "orders": sandbox.book.count("orders"),
            "records": len(sandbox.records),
        }
    )


def make_app(
    folder: Path,
    *,
    carrier_records: Path | None = None,
    start: datetime | None = None,
    seed: int | None = None,
    latency: float = 0.0,
    post: Post | None = None,
) -> Starlette:
    """Make the server. State lives in `folder` and survives a restart.

    `carrier_records` is a CSV file; with `start` the clock stands still from there on; `seed`
    decides the carriers' delays; `latency` (seconds) is added to every answer. With `post` the
    letters of authorization are mailed, and can be signed in a browser.
    """
    book = Book(folder)
    if seed is not None:
        book.set("seed", str(seed))
    port_in = "/v1/Porting/PortIn"
    routes = [
        ("/v1/Documents", _upload, "POST"),
        ("/v1/Porting/Portability/PhoneNumber/{phone_number}", _portability, "GET"),
        (port_in, _create, "POST"),
        (f"{port_in}/PortInRequests", _list, "GET"),
        (f"{port_in}/{{sid}}", _fetch, "GET"),
        (f"{port_in}/{{sid}}", _cancel, "DELETE"),
        (f"{port_in}/{{sid}}/PhoneNumber/{{number_sid}}", _fetch_number, "GET"),
        (f"{port_in}/{{sid}}/PhoneNumber/{{number_sid}}", _cancel, "DELETE"),
        ("/v1/Porting/Configuration/Webhook", _webhook, "GET"),
        ("/v1/Porting/Configuration/Webhook", _webhook, "POST"),
        ("/v1/Porting/Configuration/Webhook/{kind}", _webhook, "DELETE"),
        ("/sandbox", _state, "GET"),
        ("/sandbox/advance", _advance, "POST"),
        ("/sandbox/sign/{sid}", _sign, "POST"),
        ("/sandbox/received", _received, "GET"),
        ("/sandbox/resend/{sid}", _resend, "POST"),
        ("/port-in-numbers", _requests_page, "GET"),
    ]
    guarded = [Route(path, _guarded(call), methods=[method]) for path, call, method in routes]
    app = Starlette(
        routes=[*guarded, *browser.ROUTES],
        exception_handlers={Problem: on_problem, HTTPException: on_problem, 500: on_problem},
    )
    app.state.sandbox = Sandbox(
        book=book,
        clock=Clock(book, start),
        records=records.load(carrier_records) if carrier_records is not None else {},
        latency=latency,
        folder=folder,
        post=post,
    )
    return app
