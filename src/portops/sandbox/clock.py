"""The sandbox's clock: runs with the real one, or stands still; either way it can be advanced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portops.sandbox.book import Book


class Clock:
    """Time as the sandbox has it. With `start` it stands still from there on."""

    def __init__(self, book: Book, start: datetime | None = None) -> None:
        self._book = book
        if start is not None and book.setting("stands_at") is None:
            book.set("stands_at", start.astimezone(UTC).isoformat())

    def now(self) -> datetime:
        """Return the sandbox's present instant in UTC."""
        stands_at = self._book.setting("stands_at")
        base = datetime.fromisoformat(stands_at) if stands_at else datetime.now(UTC)
        return base + timedelta(seconds=float(self._book.setting("advanced") or 0))

    def advance(self, days: float) -> datetime:
        """Move the clock forward by so many days of 24 hours; returns the new instant."""
        moved = float(self._book.setting("advanced") or 0) + days * 86_400
        self._book.set("advanced", repr(moved))
        return self.now()
