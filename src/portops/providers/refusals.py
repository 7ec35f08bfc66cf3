"""What an error's answer says: whose words they are, which code, how long to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portops.errors import AccessError

if TYPE_CHECKING:
    import httpx


def who_can(words: str) -> str:
    """Say who can change what stands in the way: the account's Labs, or the key's role."""
    folded = words.casefold()
    if "labs" in folded:
        return "An administrator of the account can switch port-in on under Labs."
    if "role" in folded or "member" in folded:
        return "An administrator of the account can give this key the role admin, or submit itself."
    return AccessError.remedy


def wait_of(answer: httpx.Response) -> float | None:
    """Return for how many seconds a busy provider asks to be left alone, a minute at most."""
    header = answer.headers.get("Retry-After") or answer.headers.get("X-RateLimit-Reset")
    try:
        return min(float(header), 60.0) if header else None
    except ValueError:
        return None


def json_of(answer: httpx.Response) -> Any:
    """Return the JSON of an answer; None where it has none."""
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def is_its_own(answer: httpx.Response) -> bool:
    """Tell whether an error's body was written by the provider, not by something in between."""
    body = json_of(answer)
    return isinstance(body, dict) and bool(
        body.get("message") or body.get("code") or _first_error(body)
    )


def _first_error(body: dict[str, Any]) -> dict[str, Any]:
    """Return the first of an answer's `errors`, as JSON:API has them; empty where there is none."""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, dict) else {}


def words_of_error(answer: httpx.Response) -> tuple[str, str | None]:
    """Return the provider's message and code, without anything of the request."""
    body = json_of(answer)
    body = body if isinstance(body, dict) else {}
    first = _first_error(body)
    about = body.get("message") or first.get("detail") or first.get("title")
    if not about:
        return answer.reason_phrase or f"HTTP {answer.status_code}", None
    # Half a character (a lone surrogate) is valid JSON, and cannot be printed or kept.
    words, code = (
        str(text).encode("utf-8", "replace").decode().replace("\x00", "")
        for text in (about, body.get("code") or first.get("code") or "")
    )
    return words, code or None
