"""The sandbox's HTTP server: Twilio's Porting API (numbers v1) on this machine.

Written from Twilio's published OpenAPI document and error catalogue. It shares no code with the
Twilio adapter, so that a mistake in one can't hide in the other.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portops.sandbox import (
    browser,
    controls,
    courier,
    documents,
    mailroom,
    port_in,
    portability,
    records,
    webhooks,
)
from portops.sandbox.access import Problem, account_of, on_full_disk, on_problem
from portops.sandbox.clock import Clock
from portops.sandbox.database import SandboxDatabase, unusable
from portops.sandbox.gate import Gate
from portops.sandbox.sandbox import Sandbox
from portops.sandbox.telnyx import routes as telnyx
from portops.sandbox.telnyx import telling
from portops.sandbox.telnyx.access import Refusal, on_refusal
from portops.sandbox.variants import Variants

if TYPE_CHECKING:
    from portops.sandbox.mailroom import Post

Handler = Callable[[Sandbox, Request, str], Awaitable[Response]]

_PORT_IN = "/v1/Porting/PortIn"
_WEBHOOK = "/v1/Porting/Configuration/Webhook"

#: The routes that need an account: path, handler, method.
_ROUTES: tuple[tuple[str, Handler, str], ...] = (
    ("/v1/Documents", documents.upload, "POST"),
    ("/v1/Porting/Portability/PhoneNumber/{phone_number}", portability.check, "GET"),
    (_PORT_IN, port_in.create, "POST"),
    (f"{_PORT_IN}/PortInRequests", port_in.list_requests, "GET"),
    (f"{_PORT_IN}/{{sid}}", port_in.fetch, "GET"),
    (f"{_PORT_IN}/{{sid}}", port_in.cancel, "DELETE"),
    (f"{_PORT_IN}/{{sid}}/PhoneNumber/{{number_sid}}", port_in.fetch_number, "GET"),
    (f"{_PORT_IN}/{{sid}}/PhoneNumber/{{number_sid}}", port_in.cancel, "DELETE"),
    (_WEBHOOK, webhooks.show, "GET"),
    (_WEBHOOK, webhooks.configure, "POST"),
    (f"{_WEBHOOK}/{{kind}}", webhooks.remove, "DELETE"),
    ("/sandbox", controls.show, "GET"),
    ("/sandbox/advance", controls.advance, "POST"),
    ("/sandbox/sign/{sid}", controls.sign, "POST"),
    ("/sandbox/received", controls.received, "GET"),
    ("/sandbox/resend/{sid}", controls.resend, "POST"),
    ("/port-in-numbers", port_in.requests_page, "GET"),
)


def _guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        sandbox: Sandbox = request.app.state.sandbox
        if sandbox.latency:
            await asyncio.sleep(sandbox.latency)
        account = account_of(request)
        answer = await handler(sandbox, request, account)
        answer.headers["Date"] = format_datetime(sandbox.clock.now(), usegmt=True)
        if request.method != "GET":
            # The account's webhook is called after the answer, and what else has news by then.
            answer.background = BackgroundTask(_tell, sandbox, account)
        return answer

    return endpoint


async def _tell(sandbox: Sandbox, account: str) -> None:
    """Send what happened to the receivers of both dialects."""
    await webhooks.deliver(sandbox, account)
    await telling.deliver(sandbox)


def make_app(  # noqa: PLR0913 - one parameter per option of `portops sandbox serve`
    folder: Path,
    *,
    carrier_records: Path | None = None,
    start: datetime | None = None,
    seed: int | None = None,
    latency: float = 0.0,
    post: Post | None = None,
    public_url: str = "http://127.0.0.1:8765",
    private_webhooks: bool = False,
    variants: Variants | None = None,
) -> Starlette:
    """Make the server. Its state is kept in `folder` and survives a restart.

    `carrier_records` is a CSV file; with `start` the clock is stopped there; `seed` decides the
    carriers' delays; `latency` (seconds) is added to every answer. With `post` the letters of
    authorization are mailed and can be signed in a browser. `public_url` is the address by which
    it is called: links in mails begin with it, and calls to other names are refused.
    `private_webhooks` lets webhooks go to this network's own addresses; `variants` are the
    documented behaviors that it plays (see `portops.sandbox.variants`). Raises StoreError when the folder
    can't be used, InputError when the carrier records can't be read.
    """
    database = SandboxDatabase(folder)
    try:
        if seed is not None:
            database.set("seed", str(seed))
        clock = Clock(database, start)
    except sqlite3.Error as error:
        raise unusable(folder, error) from error
    guarded = [
        Route(path, _guarded(handler), methods=[method]) for path, handler, method in _ROUTES
    ]
    app = Starlette(
        routes=[*guarded, *browser.ROUTES, *telnyx.ROUTES],
        exception_handlers={
            Problem: on_problem,
            Refusal: on_refusal,
            HTTPException: on_problem,
            sqlite3.Error: on_full_disk,
            OSError: on_full_disk,
            500: on_problem,
        },
        middleware=[Middleware(Gate, public_url=public_url)],
        lifespan=_mailing,
    )
    app.state.sandbox = Sandbox(
        database=database,
        clock=clock,
        records=records.load(carrier_records) if carrier_records is not None else {},
        latency=latency,
        folder=folder,
        post=post,
        public_url=public_url.rstrip("/"),
        link_secret=mailroom.link_secret(folder),
        private_webhooks=private_webhooks,
        variants=variants or Variants(),
    )
    return app


@asynccontextmanager
async def _mailing(app: Starlette) -> AsyncIterator[None]:
    """Send mail while the server runs; what an earlier run left comes first."""
    sending = asyncio.create_task(courier.run(app.state.sandbox))
    try:
        yield
    finally:
        sending.cancel()
