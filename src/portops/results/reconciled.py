"""What a reconciliation gives: every number in exactly one class."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from portops.results.displays import Tables
from portops.wording import counted

#: The classes, in the order in which they are tried, with what they mean and what to do.
CLASSES = {
    "duplicate_open": ("is in two open requests", "cancel one of them"),
    "missing_at_provider": (
        "was submitted, and the provider has no such request",
        "ask the provider; submit again with --again if it is lost",
    ),
    "unknown_at_provider": (
        "is at the provider in a request that the store does not have",
        "portops adopt takes it in; cancel the port at the provider if nobody wants it",
    ),
    "in_inventory_not_completed": (
        "is in the inventory, and its port is not completed",
        "pull; else ask the provider which of the two is right",
    ),
    "completed_not_in_inventory": (
        "is completed, and not in the inventory",
        "ask the provider where the number is",
    ),
    "held_back": ("is in the workbook and is held back", "correct the findings, then submit"),
    "not_submitted": ("is in the workbook and was not submitted", "submit the workbook"),
    "status_stale": ("has another status at the provider than here", "portops pull"),
    "detail_differs": ("differs in its details", "correct the side that is wrong"),
    "stuck": ("has had no news for longer than nine of ten do", "ask the provider"),
    "agreed": ("agrees everywhere", ""),
}

COLUMNS = (
    "phone_number",
    "class",
    "what",
    "next_step",
    "differences",
    "request",
    "request_sid",
    "store_status",
    "provider_request_sid",
    "provider_status",
    "last_event_at",
    "days_quiet",
    "in_inventory",
    "file",
    "sheet",
    "row",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What the last reconciliation of an earlier week counted; `as_of` is UTC."""

    as_of: datetime
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """How many numbers were compared."""
        return sum(self.counts.values())

    @property
    def differing(self) -> int:
        """How many were not `agreed`."""
        return self.total - self.counts.get("agreed", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """The result of a reconciliation.

    `numbers` has one row a number (`COLUMNS`); `counts` tells every class, zeros included;
    `inventory_only` counts numbers of the inventory that no port concerns. `as_of` is UTC.
    `earlier` is what the same comparison counted in an earlier week, where that is known.
    """

    numbers: pd.DataFrame
    counts: dict[str, int]
    inventory_only: int
    as_of: datetime
    earlier: Earlier | None = None

    @property
    def total(self) -> int:
        """How many numbers were compared; the counts add up to it."""
        return len(self.numbers)

    @property
    def differing(self) -> int:
        """How many are not `agreed`."""
        return self.total - self.counts["agreed"]

    def of(self, name: str) -> pd.DataFrame:
        """Return the numbers of one class."""
        return self.numbers[self.numbers["class"] == name]

    def since(self, as_of: datetime, counts: dict[str, int]) -> Reconciled:
        """Return the same result beside what an earlier comparison counted."""
        return replace(self, earlier=Earlier(as_of=as_of, counts=counts))

    def as_json(self) -> dict[str, Any]:
        """Return the counts as plain values; the numbers themselves are in the ledger."""
        return {
            "numbers": self.total,
            "differing": self.differing,
            "counts": self.counts,
            "inventory_only": self.inventory_only,
            "as_of": f"{self.as_of:%Y-%m-%dT%H:%M:%SZ}",
        }

    def _repr_html_(self) -> str:
        rows = [(name, count, *CLASSES[name]) for name, count in self.counts.items() if count]
        table = pd.DataFrame(rows, columns=["class", "numbers", "which", "what_to_do"])
        head = f"<p><b>{counted(self.total, 'number')}, {self.differing:,} of them do not agree.</b></p>"
        return head + (Tables([("", table)])._repr_html_() if rows else "")
