"""What has to be done right before a POST leaves: whoever announced it sees that it still may.

The wait between an announcement and its POST can be long: for the pace, for a busy host, or
because the process was suspended. `announced` hands the question through the adapters, which need
not know of it.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ASKED: ContextVar[Callable[[], None] | None] = ContextVar("asked", default=None)


def elapsed() -> float:
    """Return seconds that no setting of the clock moves; a machine's sleep counts where it can."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@contextmanager
def announced(ask: Callable[[], None]) -> Iterator[None]:
    """Have `ask` called right before each POST of this thread; what it raises stops the POST."""
    token = _ASKED.set(ask)
    try:
        yield
    finally:
        _ASKED.reset(token)


def before_sending() -> None:
    """Ask whoever announced a POST whether it still may leave."""
    ask = _ASKED.get()
    if ask is not None:
        ask()
