"""Who may call the Telnyx dialect, and how it refuses: a list of errors, as JSON:API has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from portops.sandbox.access import ACCOUNTS

if TYPE_CHECKING:
    from starlette.requests import Request

#: The one account; its keys are those of the sandbox's first account.
ACCOUNT = "telnyx"


class Refusal(Exception):
    """An error answer in Telnyx's form; `pointer` names the place in the body."""

    def __init__(
        self, status: int, code: str, title: str, detail: str, pointer: str | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.title = status, code, title
        self.detail, self.pointer = detail, pointer


def invalid(detail: str, pointer: str | None = None) -> Refusal:
    """Make the refusal of a body that can't be taken."""
    return Refusal(422, "10015", "Bad Request", detail, pointer)


def not_found(what: str) -> Refusal:
    """Make the refusal of a resource that isn't there."""
    return Refusal(404, "10005", "Resource not found", f"{what} was not found")


def account_of(request: Request) -> str:
    """Return the account that calls; raises Refusal 401 or 403."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    account, role, labs = ACCOUNTS.get(key.strip(), ("", "", False))
    if scheme.casefold() != "bearer" or not account or not labs:
        raise Refusal(401, "10009", "Authentication failed", "The API key could not be verified")
    if role != "admin":
        raise Refusal(
            403,
            "10010",
            "Authorization failed",
            f"Porting needs the role admin, and this key has the role {role}",
        )
    return ACCOUNT


async def on_refusal(request: Request, error: Exception) -> Response:
    """Answer an error in Telnyx's form."""
    assert isinstance(error, Refusal)  # noqa: S101 - registered for nothing else
    body: dict[str, object] = {"code": error.code, "title": error.title, "detail": error.detail}
    if error.pointer:
        body["source"] = {"pointer": error.pointer}
    return JSONResponse({"errors": [body]}, status_code=error.status)
