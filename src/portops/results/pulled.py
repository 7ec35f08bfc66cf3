"""What a pull gives: how many requests were looked at, and what is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portops.wording import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """The result of a pull.

    `listed` requests were looked at in the provider's list, `asked` of them had changed and were
    asked for, `new_events` were appended; `missing` are SIDs that the list does not know.
    """

    listed: int
    asked: int
    new_events: int
    missing: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the result as plain values."""
        return {
            "requests": self.asked,
            "listed": self.listed,
            "new_events": self.new_events,
            "missing": list(self.missing),
        }

    def _repr_html_(self) -> str:
        return (
            f"<p><b>{counted(self.listed, 'request')} checked, {self.asked:,} had changed, "
            f"{counted(self.new_events, 'new event')}.</b></p>"
        )
