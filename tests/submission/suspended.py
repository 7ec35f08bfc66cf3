"""`portops submit` in a process of its own that is suspended (SIGSTOP) at one of its points.

`python suspended.py LEASE POINT ARGUMENTS...` runs `portops ARGUMENTS` with a lease of so many
seconds, its other waits shorter in the same measure, and stops at the first time it passes POINT:
`claimed`, `announced`, `leaving` (announced and checked, nothing on the wire yet), `answered`
(the provider has it and the store does not). `-` stops nowhere.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from portops.cli import main
from portops.providers import sandbox
from portops.store import claims, journal
from portops.store.database import Database
from portops.submission import batch, sending

CREATE = "/v1/Porting/PortIn"


def scale(lease: float) -> None:
    """Make every wait shorter by what the lease is shorter."""
    factor = lease / claims.LEASE.total_seconds()
    limits = sandbox.SERVICE.limits
    sandbox.SERVICE = replace(
        sandbox.SERVICE,
        limits=replace(
            limits,
            settle_after=limits.settle_after * factor,
            late_after=limits.late_after * factor,
        ),
    )
    claims.LEASE = sending.LEASE = timedelta(seconds=lease)
    sending.FRESH *= factor


def suspend_at(point: str) -> None:
    """Stop this process the first time it passes the point."""
    once, writer = threading.Lock(), threading.RLock()
    claim, advance, request = claims.claim, journal.advance, httpx.Client.request
    writing = Database.writing

    def passing(name: str) -> None:
        if name == point and once.acquire(blocking=False):
            # Not while a thread has SQLite's lock: nobody else could take anything over.
            with writer:
                # Sent to this thread, which goes no further; sent to the process, another thread
                # may take the signal, and this one runs on until the stop has reached it.
                signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)

    @contextmanager
    def one_writes(self: Database) -> Iterator[Any]:
        with writer, writing(self) as connection:
            yield connection

    def claiming(*given: Any, **options: Any) -> Any:
        rows = claim(*given, **options)
        if rows:
            passing("claimed")
        return rows

    def announcing(database: Any, key: str, state: str, *given: Any, **options: Any) -> None:
        advance(database, key, state, *given, **options)
        if state == "sending":
            passing("announced")

    def requesting(self: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
        create = method == "POST" and path.endswith(CREATE)
        if create:
            passing("leaving")
        answer = request(self, method, path, **options)
        if create:
            passing("answered")
        return answer

    Database.writing = one_writes  # type: ignore[method-assign]
    batch.claim = claiming
    journal.advance = announcing  # type: ignore[assignment]
    httpx.Client.request = requesting  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    scale(float(sys.argv[1]))
    suspend_at(sys.argv[2])
    main(sys.argv[3:])
