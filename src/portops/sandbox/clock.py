"""The sandbox's clock: it follows the real one or is stopped, and can be moved forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portops.sandbox.database import SandboxDatabase


class Clock:
    """The sandbox's time. With `start` the clock is stopped there, and only `advance` moves it.

    Any thread may ask for the time: the database is read once, and written when the clock moves.
    """

    def __init__(self, database: SandboxDatabase, start: datetime | None = None) -> None:
        self._database = database
        if start is not None and database.setting("stands_at") is None:
            database.set("stands_at", start.astimezone(UTC).isoformat())
        stopped_at = database.setting("stands_at")
        self._stopped_at = datetime.fromisoformat(stopped_at) if stopped_at else None
        self._advanced = float(database.setting("advanced") or 0)

    def now(self) -> datetime:
        """Return the sandbox's current time in UTC."""
        return (self._stopped_at or datetime.now(UTC)) + timedelta(seconds=self._advanced)

    def advance(self, days: float) -> datetime:
        """Move the clock forward by `days` of 24 hours; returns the new time in UTC."""
        advanced = self._advanced + days * 86_400
        self._database.set("advanced", repr(advanced))
        self._advanced = advanced
        return self.now()
