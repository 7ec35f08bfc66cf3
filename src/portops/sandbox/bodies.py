"""Bodies of calls: read what a caller sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from starlette.requests import Request


async def json_object(request: Request) -> dict[str, Any] | None:
    """Return the body as a JSON object; None when it is anything else."""
    try:
        body = await request.json()
    except (ValueError, ClientDisconnect):
        return None
    return body if isinstance(body, dict) else None
