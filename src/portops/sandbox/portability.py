"""Portability: say whether a number can be ported in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from starlette.responses import JSONResponse, Response

from portops.facts.nanp import classify
from portops.sandbox.acceptance import refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from portops.sandbox.sandbox import Sandbox


async def check(sandbox: Sandbox, request: Request, account: str) -> Response:
    """Answer whether the number can be ported in, and why not."""
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
        reason = refusal(sandbox, phone_number)
    if reason is not None:
        answer |= {
            "portable": False,
            "not_portable_reason_code": reason[0],
            "not_portable_reason": reason[1],
        }
    return JSONResponse(answer)
