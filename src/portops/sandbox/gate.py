"""The gate: what every call has to pass before a handler sees it.

It refuses unknown hosts (a name that another site has pointed here), calls that a page of another
site makes a browser send, bodies of another type, and bodies that are too long or never end.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from portops.sandbox.access import Problem, problem_answer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Names by which this machine is called from itself.
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_READING = frozenset({"GET", "HEAD", "OPTIONS"})

#: Most bytes of a body; of a document, whose limit is 10 MB, with what is around it.
MOST_BYTES, MOST_UPLOADED = 2 * 1024 * 1024, 11 * 1024 * 1024

#: In the Telnyx dialect documents may have 20 MB, in base64 a third more.
MOST_AT_TELNYX = 29 * 1024 * 1024

#: Seconds that a caller may take for the next part of a body.
PATIENCE = 20.0

#: By the beginning of a path, the types that a body may have there; elsewhere it must be JSON.
_TYPES = {
    "/v1/Documents": {"multipart/form-data"},
    "/v2/documents": {"multipart/form-data", "application/json"},
    # A call with a Bearer token needs no type to keep other sites out: they can't send the token.
    "/v2/": {"application/json", ""},
    "/sign/": {"application/x-www-form-urlencoded", "multipart/form-data"},
}


def _host_of(authority: str) -> str:
    """Return the host of `host:port` in lower case; empty when it is malformed."""
    try:
        return (urlsplit(f"//{authority}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _origin_of(headers: Headers) -> str | None:
    """Return the origin of the page that makes a call; None when no page is named."""
    referrer = headers.get("Referer")
    if "Origin" in headers or referrer is None:
        return headers.get("Origin")
    try:
        parts = urlsplit(referrer)
    except ValueError:
        return referrer
    return f"{parts.scheme}://{parts.netloc}"


class Gate:
    """Wraps the application; `public_url` is the sandbox's own address."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._public = urlsplit(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the call, or hand it on with a body that is counted while it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._check(scope, headers)
        except Problem as problem:
            await problem_answer(problem)(scope, receive, send)
            return
        await self._app(scope, _counted(receive, _limit(scope["path"])), send)

    def _check(self, scope: Scope, headers: Headers) -> None:
        """Raise Problem when the call may not pass."""
        local = {scope["server"][0]} if scope.get("server") else set()
        host = headers.get("Host", "")
        if _host_of(host) not in _LOOPBACK | local | {self._public.hostname}:
            raise Problem(421, 20001, "The sandbox is not known by this host; set its --public-url")
        if scope["method"] in _READING:
            return
        own = {f"{scope['scheme']}://{host}", f"{self._public.scheme}://{self._public.netloc}"}
        # Browsers before 2020 send forms, and calls without a body, with a Referer and no Origin.
        site, origin = headers.get("Sec-Fetch-Site", "none"), _origin_of(headers)
        if site not in {"same-origin", "none"} or (origin is not None and origin not in own):
            raise Problem(403, 20403, "A page of another site may not call this")
        kind = headers.get("Content-Type", "").partition(";")[0].strip().casefold()
        types = next(
            (types for start, types in _TYPES.items() if scope["path"].startswith(start)),
            {"application/json"},
        )
        # A page of another site can send no JSON unasked; without a type it can send an empty call.
        if kind not in types and (kind or scope["method"] == "POST"):
            named = " or ".join(sorted(filter(None, types)))
            raise Problem(415, 20001, f"Content-Type must be {named}")
        length = headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:19]) > _limit(scope["path"]):
            raise _too_long(_limit(scope["path"]))


def _limit(path: str) -> int:
    if path.startswith("/v2/documents"):
        return MOST_AT_TELNYX
    return MOST_UPLOADED if path.startswith("/v1/Documents") else MOST_BYTES


def _too_long(limit: int) -> Problem:
    return Problem(413, 20001, f"The body is longer than {limit // 1024 // 1024} MB")


def _counted(receive: Receive, limit: int) -> Receive:
    """Return `receive` that raises Problem when the body is too long or its next part too late."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        if size < 0:
            # The body has ended; what comes next is the end of the connection, whenever it comes.
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), PATIENCE)
        except TimeoutError:
            raise Problem(408, 20001, "The rest of the body did not arrive") from None
        size += len(message.get("body", b""))
        if size > limit:
            raise _too_long(limit)
        if not message.get("more_body", False):
            size = -1
        return message

    return counted
