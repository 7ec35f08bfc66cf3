"""Who may call the sandbox, and how it says no: error bodies and codes as Twilio's."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from starlette.requests import Request

#: Account, its token's role, and whether port-in is switched on in Labs.
ACCOUNTS = {
    "sandbox-admin": ("AC00000000000000000000000000000001", "admin", True),
    "sandbox-member": ("AC00000000000000000000000000000001", "member", True),
    "sandbox-nolabs": ("AC00000000000000000000000000000002", "admin", False),
}


class Problem(Exception):
    """An error answer in Twilio's form."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def account_of(request: Request) -> str:
    """Authenticate; raises Problem 401 or 403."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        user, _, token = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = token = ""
    for known, (account, role, labs) in ACCOUNTS.items():
        right = hmac.compare_digest(token.encode(), known.encode())
        if scheme.casefold() == "basic" and right and user == account:
            if not labs:
                raise Problem(
                    403,
                    20403,
                    "Port-in is not switched on in Labs for this account; "
                    "an account administrator can switch it on",
                )
            if role != "admin":
                raise Problem(
                    403,
                    20403,
                    "Port-in needs the role admin, this key has the role "
                    "member; an account administrator can change it",
                )
            return account
    raise Problem(401, 20003, "Authenticate")


async def on_problem(request: Request, problem: Exception) -> Response:
    """Answer an error in Twilio's form; what is not ours is an internal one."""
    if isinstance(problem, HTTPException):
        code = 20404 if problem.status_code == 404 else 20004
        problem = Problem(problem.status_code, code, str(problem.detail))
    if not isinstance(problem, Problem):
        problem = Problem(500, 20500, "Internal error")
    headers = {"WWW-Authenticate": 'Basic realm="sandbox"'} if problem.status == 401 else None
    return JSONResponse(
        {
            "code": problem.code,
            "message": problem.message,
            "more_info": f"https://www.twilio.com/docs/errors/{problem.code}",
            "status": problem.status,
        },
        status_code=problem.status,
        headers=headers,
    )
