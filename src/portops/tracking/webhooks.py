"""The shell that the provider calls: proves who calls, stores what is told, answers at once."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portops.errors import ProviderError, StoreError
from portops.providers.base import ByOrder
from portops.store import journal, lines
from portops.store.history import append, rows_of, stamp, taken_in
from portops.tracking.refresh import pull

if TYPE_CHECKING:
    from portops.providers.base import Event, Provider
    from portops.providers.service import IsGenuine
    from portops.store.database import Database

_log = logging.getLogger(__name__)

#: A call is a handful of texts; more is not the provider's.
MOST_BYTES = 256 * 1024

#: Seconds in which the whole of it must have arrived.
PATIENCE = 20.0

PATH = "/port-in"


def take_in(provider: Provider, database: Database, event: Event, now: datetime) -> int:
    """Append a told event; returns 1 when it is new. Told twice, late or early, it does no harm.

    An event that does not fit EVENTS is set aside with a warning.
    """
    request = journal.about(database, event["request_sid"])
    if request is not None and isinstance(provider, ByOrder):
        # What became of its numbers stands in the order, which a call tells of as a whole.
        return pull(provider, database, only=[event["request_sid"]], clock=lambda: now).new_events
    told = stamp(
        {
            **event,
            "provider": provider.name,
            "losing_carrier": request["details"].get("losing_carrier") if request else None,
            "line_type": lines.line_type(database, event["request_sid"], event["phone_number"]),
            "supersedes": request["supersedes"] if request else "",
        },
        now,
    )
    events = taken_in([told])
    with database.writing() as connection:
        return append(connection, rows_of(events))


def make_app(
    provider: Provider,
    database: Database,
    is_genuine: IsGenuine,
    public_url: str,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Callable[[str], None] = lambda _: None,
) -> Starlette:
    """Make the receiver.

    `is_genuine` tells which calls are the provider's own. `public_url` is the address as the
    provider calls it, which its signature covers: behind a proxy this is not the address that
    arrives here.
    """

    async def receive(request: Request) -> Response:
        try:
            body = await _read(request)
        except TimeoutError:
            return _no(408, "the rest of the body did not arrive")
        except ValueError:
            return _no(413, "too long")
        query = request.url.query
        url = public_url + (f"?{query}" if query else "")
        if not is_genuine(url, request.headers, body):
            _log.warning("a call that %s did not sign was refused", provider.name)
            return _no(403, "not signed by the provider")
        try:
            told: Any = json.loads(body)
            event = provider.read_webhook(told if isinstance(told, dict) else {})
        except ValueError as error:
            return _no(400, str(error))
        if event is None:
            return Response(status_code=204)
        try:
            new = await run_in_threadpool(take_in, provider, database, event, clock())
        except (StoreError, ProviderError) as error:
            # The provider calls again.
            _log.warning("%s", error)
            return _no(503, "the store cannot be written, or the provider does not answer")
        if new:
            progress(f"{event['request_sid']} {event['phone_number']} {event['status']}")
        return Response(status_code=204)

    async def well(request: Request) -> Response:
        return JSONResponse({"status": "listening"})

    routes = [Route(PATH, receive, methods=["POST"]), Route("/", well, methods=["GET"])]
    return Starlette(routes=routes)


async def _read(request: Request) -> bytes:
    """Read the body; raises ValueError when it is too long or cut off, TimeoutError when it is late."""
    length = request.headers.get("Content-Length", "0")
    if not length.isdigit() or int(length[:19]) > MOST_BYTES:
        raise ValueError("too long")
    parts, size = [], 0
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                size += len(part)
                if size > MOST_BYTES:
                    raise ValueError("too long")
                parts.append(part)
    except ClientDisconnect as error:
        raise ValueError("cut off") from error
    return b"".join(parts)


def _no(status: int, words: str) -> Response:
    # What else a caller would send after these is not read.
    headers = {"Connection": "close"} if status in {408, 413} else None
    return JSONResponse({"error": words}, status_code=status, headers=headers)
