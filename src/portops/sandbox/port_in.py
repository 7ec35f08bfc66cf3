"""Port-in requests: create, fetch, list and cancel them, and the page that shows them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from portops.sandbox import courier, mailroom, orders, pages
from portops.sandbox.acceptance import accept
from portops.sandbox.access import Problem
from portops.sandbox.answers import list_row, number_resource, page_row, request_answer
from portops.sandbox.bodies import json_object

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from portops.sandbox.sandbox import Sandbox


async def create(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Accept an order, log the call whether it is accepted or not, and mail the letter."""
    body = await json_object(request)
    listed = (body or {}).get("phone_numbers")
    phone_numbers = json.dumps(
        [str(entry.get("phone_number")) for entry in listed if isinstance(entry, dict)]
        if isinstance(listed, list)
        else []
    )
    at = sandbox.clock.now().isoformat()
    try:
        # The order, the log of the call and the letter's mail are there together or not at all.
        with sandbox.database.writing():
            order = accept(sandbox, account, body)
            sandbox.database.add_received((at, account, phone_numbers, True, order.sid, 202))
            mailroom.book(sandbox, sandbox.order_of(account, order.sid))
    except Problem as problem:
        sandbox.database.add_received((at, account, phone_numbers, False, None, problem.status))
        raise
    await courier.hurry(sandbox)
    return JSONResponse(describe(sandbox, request, account, order.sid), status_code=202)


def describe(sandbox: Sandbox, request: Request, account: str, sid: str) -> dict[str, Any]:
    """Describe one request of the account; raises Problem 404."""
    _, body, order = sandbox.order_of(account, sid)
    answer = request_answer(account, body, order, sandbox.clock.now(), str(request.base_url))
    answer["signature_request_url"] = mailroom.link(sandbox, order)
    return _as_created(sandbox, answer)


def _as_created(sandbox: Sandbox, answer: dict[str, Any]) -> dict[str, Any]:
    """Name the status of a new request as the sandbox is set to."""
    if answer["port_in_request_status"] != "In Review":
        return answer
    return answer | {"port_in_request_status": sandbox.variants.created}


async def fetch(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer with one request."""
    return JSONResponse(describe(sandbox, request, account, request.path_params["sid"]))


async def fetch_number(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer with one number of a request."""
    sid, number_sid = request.path_params["sid"], request.path_params["number_sid"]
    order = sandbox.order_of(account, sid).order
    for number in order.numbers:
        if number.sid == number_sid:
            answer = number_resource(order, number, sandbox.clock.now(), str(request.url))
            return JSONResponse({**answer, "account_sid": account})
    raise Problem(404, 20404, f"The requested resource {number_sid} was not found")


async def cancel(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Cancel a request, or one of its numbers."""
    sid, number_sid = request.path_params["sid"], request.path_params.get("number_sid")
    order = sandbox.order_of(account, sid).order
    now = sandbox.clock.now().replace(microsecond=0)
    numbers = [number for number in order.numbers if number_sid in {None, number.sid}]
    if not numbers:
        raise Problem(404, 20404, f"The requested resource {number_sid} was not found")
    statuses = {orders.state_of(order, number, now).status for number in numbers}
    if statuses <= {"Completed", "Canceled"}:
        raise Problem(400, 22150, "The port is already completed or canceled")
    if number_sid is None:
        sandbox.database.cancel_order(sid, now)
    else:
        sandbox.database.cancel_number(number_sid, now)
    return Response(status_code=204)


def _letters_only(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.casefold())


def _instant(text: str, *, day_end: bool) -> datetime:
    """Read a date, as the beginning or the end of that day in UTC, or an instant."""
    try:
        if len(text) == 10:
            day = datetime.fromisoformat(text + "T00:00:00+00:00")
            return day + timedelta(days=1) - timedelta(microseconds=1) if day_end else day
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Problem(400, 20001, f"'{text}' is not a date") from None


def _matching(sandbox: Sandbox, account: str, query: QueryParams) -> list[str]:
    """Return the SIDs of the account's requests that a list call asks for, newest first."""
    listed = query["PortInRequestSid"].split(",") if query.get("PortInRequestSid") else None
    created = sandbox.database.created(account, listed)
    if query.get("CreatedAfter"):
        since = _instant(query["CreatedAfter"], day_end=False)
        created = [(sid, at) for sid, at in created if at >= since]
    if query.get("CreatedBefore"):
        until = _instant(query["CreatedBefore"], day_end=True)
        created = [(sid, at) for sid, at in created if at <= until]
    sids = [sid for sid, _ in created]
    if query.get("PortInRequestStatus"):
        wanted, now = _letters_only(query["PortInRequestStatus"]), sandbox.clock.now()
        statuses = {
            sid: orders.request_status(sandbox.order_of(account, sid).order, now)[0] for sid in sids
        }
        sids = [sid for sid in sids if _letters_only(statuses[sid]) == wanted]
    return sids


async def list_requests(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer with a page of the account's requests, newest first; a token is the page's first SID."""
    query, now = request.query_params, sandbox.clock.now()
    sids = _matching(sandbox, account, query)
    try:
        size = int(query.get("Size") or 20)
    except ValueError:
        size = 0
    if not 1 <= size <= 100:
        raise Problem(400, 20001, "Size must be 1 to 100")
    start = 0
    if query.get("Token"):
        if query["Token"] not in sids:
            raise Problem(400, 20001, "Token is not valid")
        start = sids.index(query["Token"])
    page = sids[start : start + size]
    after, before = sids[start + size :], sids[max(0, start - size) : start]
    return JSONResponse(
        {
            "port_in_requests": [
                _as_created(sandbox, list_row(sandbox.order_of(account, sid).order, now))
                for sid in page
            ],
            "meta": {
                # The official package finds the records by it; the document does not forbid it.
                "key": "port_in_requests",
                "next_token": after[0] if after else None,
                "previous_token": before[0] if before else None,
            },
        }
    )


def _undelivered(mail: dict[str, str]) -> str:
    """Say that a mail did not arrive, why, and what to do."""
    what = "The letter" if mail["kind"] == "letter" else "The signed copy"
    again = f": portops sandbox resend {mail['order_sid']} --email ADDRESS"
    return (
        f"{what} was not delivered to {mail['recipient']} ({mail['state'].replace('_', ' ')}). {mail['error']}"
        f"{' Mail it again' + again if mail['kind'] == 'letter' else ''}"
    )


async def requests_page(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Show the account's requests as a page."""
    now = sandbox.clock.now()
    rows = [page_row(placed.order, now) for placed in sandbox.database.orders(account)]
    for mail in sandbox.database.outbox.undelivered():
        for row in rows:
            if row["sid"] == mail["order_sid"]:
                row["action"] = "; ".join(filter(None, [row["action"], _undelivered(mail)]))
    return pages.requests_page(rows, account)
