"""Secrets of a port request (PINs, SSN digits) that cannot be printed by accident."""

from __future__ import annotations

import hmac
from typing import NoReturn

MASK = "•••"


class Secret:
    """A PIN or the last four SSN digits: shows as `•••` everywhere, `reveal()` gives the text.

    Equal secrets compare equal, so that tables of them can be compared and grouped.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself; only for the provider's request and the rules."""
        return self._text

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not written to disk")
