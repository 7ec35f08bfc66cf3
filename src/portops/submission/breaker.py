"""The breaker: what ends a batch before its requests are through."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from portops.errors import PortopsError, Unavailable

if TYPE_CHECKING:
    from datetime import datetime

    from portops.errors import ProviderError

#: So many failures of the provider one after the other end a batch.
FAILURES = 5


class Breaker:
    """Ends a batch: at once for what every request would meet, after some failures in a row."""

    def __init__(self, deadline: datetime | None) -> None:
        self._deadline = deadline
        self._failures = 0
        self._lock = threading.Lock()
        self.reason: PortopsError | None = None
        #: Whether somebody stopped it (Ctrl+C).
        self.interrupted = False

    def went_well(self) -> None:
        """Count a call that worked."""
        with self._lock:
            self._failures = 0

    def failed(self, error: ProviderError) -> None:
        """Count a failure of the provider."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES and self.reason is None:
                self.reason = Unavailable(
                    f"{error} The submission stopped after {FAILURES} failures in a row.",
                    "Run the same command when the provider is well again: it goes on where it "
                    "stopped, and settles first what is open.",
                )

    def stop(self, error: PortopsError) -> None:
        """End the batch."""
        with self._lock:
            self.reason = self.reason or error

    def interrupt(self) -> None:
        """End the batch because somebody said so."""
        self.interrupted = True
        self.stop(PortopsError("The submission was stopped.", "Run the same command to go on."))

    def is_open(self, now: datetime) -> bool:
        """Tell whether nothing more is to be begun."""
        if self._deadline is not None and now >= self._deadline:
            self.stop(
                Unavailable(
                    "The deadline has passed; what is not submitted yet was not begun.",
                    "Run the same command again, it goes on where it stopped.",
                )
            )
        return self.reason is not None
