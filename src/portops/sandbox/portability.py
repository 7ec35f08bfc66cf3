"""Portability: say whether a number can be ported in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from portops.sandbox.acceptance import refusal
from portops.sandbox.eligibility import ineligible, kinds_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from portops.sandbox.sandbox import Sandbox


async def check(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer whether the number can be ported in, and why not."""
    phone_number = request.path_params["phone_number"]
    kind = kinds_of([phone_number])[phone_number]
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
    if kind == "toll_free":
        answer["number_type"] = "TOLL-FREE"
    reason = ineligible(kind) or refusal(sandbox, phone_number)
    if reason is not None:
        answer |= {
            "portable": False,
            "not_portable_reason_code": reason[0],
            "not_portable_reason": reason[1],
        }
        return JSONResponse(answer, status_code=sandbox.variants.portability)
    return JSONResponse(answer)
