"""What an adoption gives: the requests that only the provider had, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from portops.results.displays import Tables
from portops.wording import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A request that the provider has and the store does not.

    `status` is the provider's; `planned` tells whether a request of the workbooks has exactly its
    numbers; `asks` whether somebody has to say yes before it is taken in: it was canceled or
    rejected, and taking it in says that the planned request was submitted.
    """

    request: str
    request_sid: str
    status: str
    numbers: tuple[str, ...]
    planned: bool

    @property
    def asks(self) -> bool:
        """Whether it is taken in only when somebody says so."""
        return self.status in {"canceled", "rejected", "expired"}

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "request": self.request,
            "request_sid": self.request_sid,
            "status": self.status,
            "numbers": list(self.numbers),
            "planned": self.planned,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The result of an adoption: what was taken into the store, and what was left."""

    adopted: tuple[Stray, ...]
    left: tuple[Stray, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the counts, and every request with what became of it."""
        return {
            "adopted": len(self.adopted),
            "left": len(self.left),
            "requests": [
                {**stray.as_json(), "adopted": taken}
                for taken, strays in ((True, self.adopted), (False, self.left))
                for stray in strays
            ],
        }

    def summary(self) -> str:
        """Say how many were taken in."""
        if not self.adopted and not self.left:
            return "The store has every request that the provider has."
        left = f", {len(self.left):,} left" if self.left else ""
        return f"{counted(len(self.adopted), 'request')} adopted{left}."

    def _repr_html_(self) -> str:
        head = f"<p><b>{self.summary()}</b></p>"
        rows = self.as_json()["requests"]
        return head + (Tables([("", pd.DataFrame(rows))], unknown="")._repr_html_() if rows else "")
