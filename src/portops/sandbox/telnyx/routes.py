"""Routes of the Telnyx dialect."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portops.sandbox.telnyx import calls, documents, reading, telling
from portops.sandbox.telnyx.access import account_of

if TYPE_CHECKING:
    from portops.sandbox.sandbox import Sandbox

Handler = Callable[["Sandbox", Request, str], Awaitable[Response]]

_ORDERS = "/v2/porting_orders"

_CALLS: tuple[tuple[str, Handler, str], ...] = (
    ("/v2/portability_checks", calls.check, "POST"),
    ("/v2/documents", documents.upload, "POST"),
    ("/v2/porting/events", telling.events, "GET"),
    ("/v2/porting_phone_numbers", reading.numbers, "GET"),
    (_ORDERS, calls.create, "POST"),
    (_ORDERS, reading.list_orders, "GET"),
    (f"{_ORDERS}/{{id}}", reading.fetch, "GET"),
    (f"{_ORDERS}/{{id}}", calls.patch, "PATCH"),
    (f"{_ORDERS}/{{id}}", calls.delete, "DELETE"),
    (f"{_ORDERS}/{{id}}/actions/confirm", calls.confirm, "POST"),
    (f"{_ORDERS}/{{id}}/actions/cancel", calls.cancel, "POST"),
    (f"{_ORDERS}/{{id}}/allowed_foc_windows", reading.foc_windows, "GET"),
    (f"{_ORDERS}/{{id}}/comments", reading.comments, "GET"),
)


def _guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        sandbox: Sandbox = request.app.state.sandbox
        if sandbox.latency:
            await asyncio.sleep(sandbox.latency)
        answer = await handler(sandbox, request, account_of(request))
        answer.headers["Date"] = format_datetime(sandbox.clock.now(), usegmt=True)
        if request.method != "GET":
            # Receivers are called after the answer.
            answer.background = BackgroundTask(telling.deliver, sandbox)
        return answer

    return endpoint


ROUTES = [Route(path, _guarded(handler), methods=[method]) for path, handler, method in _CALLS]
