"""Secrets of a port request (PINs, SSN digits) that cannot be printed by accident."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Collection, Mapping
from typing import NoReturn, TypeAlias

MASK = "•••"

#: What stands in a workbook for a PIN that the store keeps sealed, and what is read as that.
KEPT = "•••• kept"
_MASKED = re.compile(r"\s*•{3,}(?:\s*kept)?\s*", re.IGNORECASE)


def is_mask(text: str) -> bool:
    """Tell whether a cell holds a mask in place of a secret."""
    return _MASKED.fullmatch(text) is not None


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


#: Gives the secrets that are kept for numbers (E.164), where there are any.
Recall: TypeAlias = Callable[[Collection[str]], Mapping[str, Secret]]


def forgotten(_: Collection[str]) -> Mapping[str, Secret]:
    """Recall nothing: there is no store."""
    return {}
