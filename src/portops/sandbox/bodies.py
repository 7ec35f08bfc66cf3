"""Bodies of calls: read what a caller sends."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from starlette.requests import Request


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _can_be_answered(value: Any) -> bool:
    """Return whether a value can be written as JSON again: UTF-8 text and finite numbers only."""
    match value:
        case dict():
            return all(_can_be_answered(part) for pair in value.items() for part in pair)
        case list():
            return all(map(_can_be_answered, value))
        case str():
            return not any("\ud800" <= mark <= "\udfff" for mark in value)
        case float():
            return math.isfinite(value)
    return True


async def json_object(request: Request) -> dict[str, Any] | None:
    """Return the body as a JSON object; None when it is anything else.

    NaN, infinity, half a surrogate pair and brackets too deep to read are no JSON.
    """
    try:
        body = json.loads(await request.body(), parse_constant=_no_constant)
        return body if isinstance(body, dict) and _can_be_answered(body) else None
    except (ValueError, RecursionError, ClientDisconnect):
        return None
