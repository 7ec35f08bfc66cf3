"""Who may call the sandbox, and how it refuses: error bodies and codes like Twilio's."""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from portops.files import takes_nothing

if TYPE_CHECKING:
    from starlette.requests import Request

#: By token: the account, the token's role, and whether port-in is turned on in Labs.
ACCOUNTS = {
    "sandbox-admin": ("AC00000000000000000000000000000001", "admin", True),
    "sandbox-member": ("AC00000000000000000000000000000001", "member", True),
    "sandbox-nolabs": ("AC00000000000000000000000000000002", "admin", False),
}


#: API keys: by its SID, the secret and the account's token whose rights it has.
API_KEYS = {"SK00000000000000000000000000000001": ("sandbox-key", "sandbox-admin")}

_log = logging.getLogger(__name__)

#: How SQLite names a disk or file that it can't use for now.
_DATABASE_DOWN = ("SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_BUSY")


class Problem(Exception):
    """An error answer in Twilio's form."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def account_of(request: Request) -> str:
    """Return the account that calls; raises Problem 401 or 403."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = password = ""
    secret, stands_for = API_KEYS.get(user, ("", ""))
    if stands_for and hmac.compare_digest(password.encode(), secret.encode()):
        # A key is named in place of the account, which it stays a key of.
        user, password = ACCOUNTS[stands_for][0], stands_for
    for token, (account, role, labs) in ACCOUNTS.items():
        token_fits = hmac.compare_digest(password.encode(), token.encode())
        if scheme.casefold() == "basic" and token_fits and user == account:
            if not labs:
                raise Problem(
                    403,
                    20403,
                    "Port-in isn't turned on in Labs for this account. "
                    "Ask an account administrator to turn it on.",
                )
            if role != "admin":
                raise Problem(
                    403,
                    20403,
                    f"Port-in needs the role admin, and this key has the role {role}. "
                    "Ask an account administrator to change it.",
                )
            return account
    raise Problem(401, 20003, "Authenticate")


async def on_problem(request: Request, error: Exception) -> Response:
    """Answer an error in Twilio's form; an unexpected one becomes an internal error."""
    match error:
        case Problem():
            problem = error
        case HTTPException():
            code = 20404 if error.status_code == 404 else 20004
            problem = Problem(error.status_code, code, str(error.detail))
        case _:
            problem = Problem(500, 20500, "Internal error")
    return problem_answer(problem)


async def on_full_disk(request: Request, error: Exception) -> Response:
    """Answer that nothing could be saved; what else went wrong stays an internal error."""
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL" or (isinstance(error, OSError) and takes_nothing(error)):
        problem = Problem(507, 20507, "The sandbox's disk is full or read-only. Nothing was saved")
    elif name.startswith(_DATABASE_DOWN):
        problem = Problem(
            503, 20503, f"The sandbox can't use its database ({error}). Nothing was saved"
        )
    else:
        raise error
    _log.warning("%s %s: %s (%s)", request.method, request.url.path, problem.message, error)
    return problem_answer(problem)


def problem_answer(problem: Problem) -> Response:
    """Write an error in Twilio's form."""
    headers = {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="sandbox"'
    if problem.status in {408, 413}:
        # What else the caller would send is not read.
        headers["Connection"] = "close"
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
