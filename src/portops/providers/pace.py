"""How fast and how many at once: the manners towards one provider, shared by its connections."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Pace:
    """A token bucket and a number of places.

    `rate` calls a second on the long run, `burst` of them at once, `places` in flight at any
    time. A provider that asks for a pause is left alone by everybody.
    """

    def __init__(
        self,
        *,
        rate: float,
        places: int,
        burst: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rate, self.places = rate, max(1, places)
        self._burst = float(burst if burst is not None else self.places)
        self._tokens, self._clock, self._sleep = self._burst, clock, sleep
        self._filled = clock()
        self._not_before = self._filled
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(self.places)

    def _wait(self) -> float:
        """Take a token; returns how long to wait for it."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._filled) * self.rate)
            self._filled = now
            self._tokens -= 1
            owed = 0.0 if self._tokens >= 0 else -self._tokens / self.rate
            return max(owed, self._not_before - now)

    def pause(self, seconds: float) -> None:
        """Let nobody call for so long."""
        with self._lock:
            self._not_before = max(self._not_before, self._clock() + seconds)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, and hold a place while the call lasts."""
        wait = self._wait()
        if wait > 0:
            self._sleep(wait)
        with self._places:
            yield
