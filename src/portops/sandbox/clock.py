"""The sandbox's clock: runs with the real one, or stands still; either way it can be advanced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portops.sandbox.book import Book


class Clock:
    """Time as the sandbox has it. With `start` it stands still from there on.

    Any thread may ask for it: the book is read once, and written when the clock is moved.
    """

    def __init__(self, book: Book, start: datetime | None = None) -> None:
        self._book = book
        if start is not None and book.setting("stands_at") is None:
            book.set("stands_at", start.astimezone(UTC).isoformat())
        kept = book.setting("stands_at")
        self._stands_at = datetime.fromisoformat(kept) if kept else None
        self._advanced = float(book.setting("advanced") or 0)

    def now(self) -> datetime:
        """Return the sandbox's present instant in UTC."""
        return (self._stands_at or datetime.now(UTC)) + timedelta(seconds=self._advanced)

    def advance(self, days: float) -> datetime:
        """Move the clock forward by so many days of 24 hours; returns the new instant."""
        moved = self._advanced + days * 86_400
        self._book.set("advanced", repr(moved))
        self._advanced = moved
        return self.now()
