"""Reading: orders, their numbers, days and comments, as they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from portops.sandbox.bodies import json_object
from portops.sandbox.telnyx import telling
from portops.sandbox.telnyx.access import invalid, not_found
from portops.sandbox.telnyx.orders import DRAFTS_LAST, history, moment, windows
from portops.sandbox.telnyx.shapes import number_shape, order_shape, paged, wire

if TYPE_CHECKING:
    from starlette.requests import Request

    from portops.sandbox.sandbox import Sandbox


def seed_of(sandbox: Sandbox) -> int:
    """Return what decides the carriers' delays."""
    return int(sandbox.database.setting("seed") or 0)


def shown(sandbox: Sandbox, order: dict[str, Any], *, numbers: bool = True) -> dict[str, Any]:
    """Describe an order as it is now."""
    return order_shape(order, seed_of(sandbox), sandbox.clock.now(), numbers=numbers)


def order_of(sandbox: Sandbox, request: Request) -> dict[str, Any]:
    """Return the order that a path names; raises Refusal 404."""
    order_id = request.path_params["id"]
    order = sandbox.database.telnyx.order(order_id)
    if order is None or is_gone(sandbox, order):
        raise not_found(f"The porting order {order_id}")
    return order


def is_gone(sandbox: Sandbox, order: dict[str, Any]) -> bool:
    """Tell whether a draft has been deleted because nobody confirmed it."""
    age = sandbox.clock.now() - moment(order["created_at"])
    return not order["attempts"] and age > DRAFTS_LAST


async def body_of(request: Request) -> dict[str, Any]:
    """Return the body as an object; raises Refusal when it is none."""
    body = await json_object(request)
    if body is None:
        raise invalid("The body is not a JSON object")
    return body


def answer_with(sandbox: Sandbox, order: dict[str, Any]) -> Response:
    """Answer with an order as it is now."""
    url = f"/v2/porting_phone_numbers?filter[porting_order_id]={order['id']}"
    return JSONResponse({"data": shown(sandbox, order), "meta": {"phone_numbers_url": url}})


async def fetch(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer with one order."""
    return answer_with(sandbox, order_of(sandbox, request))


async def list_orders(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer with a page of orders, newest first, by reference or by part of a number."""
    query = request.query_params
    orders = sandbox.database.telnyx.orders(query.get("filter[customer_reference]"))
    # Both spellings of the nested filter are published.
    part = query.get("filter[phone_numbers][phone_number][contains]") or query.get(
        "filter[phone_numbers.phone_number][contains]"
    )
    orders = [
        order
        for order in orders
        if not is_gone(sandbox, order)
        and (not part or any(part in number for number in order["numbers"]))
    ]
    page = paged(orders, query)
    numbers = query.get("include_phone_numbers") != "false"
    page["data"] = [shown(sandbox, order, numbers=numbers) for order in page["data"]]
    return JSONResponse(page)


async def numbers(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer with a page of an order's numbers."""
    order_id = request.query_params.get("filter[porting_order_id]", "")
    order = sandbox.database.telnyx.order(order_id)
    rows = []
    if order is not None and not is_gone(sandbox, order):
        value = history(order, seed_of(sandbox), sandbox.clock.now())[-1].value
        rows = [number_shape(order, number, value) for number in order["numbers"]]
    return JSONResponse(paged(rows, request.query_params))


async def foc_windows(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer when an order may ask to be ported."""
    order_of(sandbox, request)
    data = [
        {"record_type": "porting_order", "started_at": wire(start), "ended_at": wire(end)}
        for start, end in windows(sandbox.clock.now())
    ]
    return JSONResponse({"data": data})


async def comments(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer with what was said about an order: the carrier's words for each exception."""
    rows = telling.comments(order_of(sandbox, request), seed_of(sandbox), sandbox.clock.now())
    return JSONResponse(paged(rows, request.query_params))
