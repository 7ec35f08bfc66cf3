"""Calls: check, create, fill, confirm, list, cancel, as Telnyx documents them."""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from portops.sandbox.acceptance import refusal
from portops.sandbox.bodies import json_object
from portops.sandbox.eligibility import ineligible, kinds_of
from portops.sandbox.orders import Number, Order
from portops.sandbox.telnyx import filling
from portops.sandbox.telnyx.access import ACCOUNT, Refusal, invalid
from portops.sandbox.telnyx.orders import NO_CANCEL, history, judged
from portops.sandbox.telnyx.reading import answer_with, body_of, order_of, seed_of, shown
from portops.sandbox.telnyx.shapes import make_id, missing, wire

if TYPE_CHECKING:
    from starlette.requests import Request

    from portops.sandbox.sandbox import Sandbox


def _why_not(sandbox: Sandbox, numbers: list[str]) -> dict[str, str]:
    """Return why numbers can't be ported in now; those that can are absent."""
    kinds = kinds_of(numbers)
    reasons = {number: ineligible(kinds[number]) or refusal(sandbox, number) for number in numbers}
    return {number: reason[1] for number, reason in reasons.items() if reason is not None}


async def check(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer which numbers can be ported in, and why others can't."""
    numbers = _numbers(await body_of(request))
    why = _why_not(sandbox, numbers)
    data = []
    for number in numbers:
        record = sandbox.records.get(number)
        data.append(
            {
                "record_type": "portability_check_result",
                "phone_number": number,
                "portable": number not in why,
                "fast_portable": number not in why and record is not None,
                "not_portable_reason": why.get(number, ""),
            }
        )
    return JSONResponse({"data": data}, status_code=201)


def _numbers(body: dict[str, Any]) -> list[str]:
    numbers = body.get("phone_numbers")
    if not isinstance(numbers, list) or not all(isinstance(one, str) for one in numbers):
        raise invalid("phone_numbers must be a list of texts", "/phone_numbers")
    if not numbers or len(set(numbers)) < len(numbers):
        raise invalid("phone_numbers must name each number once", "/phone_numbers")
    return numbers


async def create(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Create drafts: one for each country, type, carrier and FastPort eligibility."""
    at = wire(sandbox.clock.now()) or ""
    body = await json_object(request)
    listed = body.get("phone_numbers") if body else []
    log = json.dumps(listed if isinstance(listed, list) else [])
    try:
        if body is None:
            raise invalid("The body is not a JSON object")
        numbers = _numbers(body)
        for number, why in _why_not(sandbox, numbers).items():
            raise invalid(f"{number} can't be ported: {why}", "/phone_numbers")
        with sandbox.database.writing():
            orders = _drafts(sandbox, body, numbers)
            sids = orders[0]["id"]
            sandbox.database.add_received((at, account, log, True, sids, 201))
    except Refusal as problem:
        sandbox.database.add_received((at, account, log, False, None, problem.status))
        raise
    return JSONResponse({"data": [shown(sandbox, order) for order in orders]}, status_code=201)


def _drafts(sandbox: Sandbox, body: dict[str, Any], numbers: list[str]) -> list[dict[str, Any]]:
    groups: dict[tuple[bool, str, bool], list[str]] = defaultdict(list)
    for number in numbers:
        record = sandbox.records.get(number)
        mobile = record is not None and record.line_type == "wireless"
        carrier = record.losing_carrier if record is not None else ""
        groups[mobile, carrier, record is not None].append(number)
    now = sandbox.clock.now().replace(microsecond=0).isoformat()
    drafts = []
    for (mobile, carrier, fast), some in groups.items():
        order_id = make_id("order", sandbox.database.telnyx.count(), *some)
        draft: dict[str, Any] = {
            "id": order_id,
            "numbers": some,
            "mobile": mobile,
            "carrier": carrier,
            "fast": fast,
            "customer_reference": body.get("customer_reference"),
            "customer_group_reference": body.get("customer_group_reference"),
            "support_key": f"sr_{order_id[:6]}",
            "created_at": now,
            "updated_at": now,
            "end_user": {"admin": {}, "location": {}},
            "documents": {"loa": None, "invoice": None},
            "foc_datetime_requested": None,
            "misc": None,
            "enable_messaging": False,
            "webhook_url": None,
            "has_pin": False,
            "wrong_pins": [],
            "attempts": [],
            "canceled_at": None,
            "told_until": now,
        }
        sandbox.database.telnyx.save(draft)
        drafts.append(draft)
    return drafts


async def patch(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Fill a draft, or correct an order with an exception."""
    order, body = order_of(sandbox, request), await body_of(request)
    status = history(order, seed_of(sandbox), sandbox.clock.now())[-1].value
    filled = copy.deepcopy(order)
    with sandbox.database.writing():
        filling.fill(sandbox, filled, body, status)
        sandbox.database.telnyx.save(filled)
    return answer_with(sandbox, filled)


async def confirm(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Submit a draft: the carrier looks at it from now on."""
    order = order_of(sandbox, request)
    if order["attempts"]:
        raise filling.refuse_change("Only a draft can be confirmed")
    absent = missing(order)
    if absent:
        raise invalid(f"Required before confirmation: {', '.join(absent)}", f"/{absent[0]}")
    now = sandbox.clock.now().replace(microsecond=0)
    wrong = judged(order, sandbox.records)
    order["attempts"] = [{"at": now.isoformat(), "wrong": wrong}]
    order["updated_at"] = now.isoformat()
    numbers = tuple(
        Number(
            sid=f"{order['id']}|{number}",
            phone_number=number,
            mobile=order["mobile"],
            verdict=(None, wrong[0][1]) if wrong else None,
        )
        for number in order["numbers"]
    )
    core = Order(
        sid=order["id"],
        seed=seed_of(sandbox),
        carrier=order["carrier"],
        created_at=now,
        numbers=numbers,
    )
    with sandbox.database.writing():
        sandbox.database.telnyx.save(order)
        # The core has it too: in any dialect its numbers are in progress.
        sandbox.database.add_order(ACCOUNT, {"carrier": order["carrier"]}, core)
        sandbox.database.sign(order["id"], now)
    return answer_with(sandbox, order)


async def cancel(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Cancel a submitted order, unless its port is near or it has ended."""
    order, now = order_of(sandbox, request), sandbox.clock.now().replace(microsecond=0)
    changes = history(order, seed_of(sandbox), now)
    value, foc = changes[-1].value, changes[-1].foc
    if value in {"ported", "cancelled", "cancel-pending"}:
        raise filling.refuse_change(f"A porting order that is {value} can't be canceled")
    if not order["attempts"]:
        raise filling.refuse_change("A draft can't be canceled; delete it")
    if foc is not None and foc - now < NO_CANCEL:
        raise filling.refuse_change("A porting order can't be canceled within 48 hours of its FOC")
    order["canceled_at"] = order["updated_at"] = now.isoformat()
    with sandbox.database.writing():
        sandbox.database.telnyx.save(order)
        sandbox.database.cancel_order(order["id"], now)
    return answer_with(sandbox, order)


async def delete(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Delete a draft."""
    order = order_of(sandbox, request)
    if order["attempts"]:
        raise filling.refuse_change("Only a draft can be deleted")
    sandbox.database.telnyx.delete(order["id"])
    return Response(status_code=204)
