"""Submit a workbook in a process of its own, and kill it at one of its announced points.

Points lie before and after every commit to the store, and before and after every call to the
provider. `python crashing.py STORE SANDBOX WORKBOOK DOCUMENTS KILL_AT` prints, where it comes to
its end, the outcomes and how many points there were.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

import portops
from portops.providers import sandbox as sandbox_provider
from portops.redaction import Secret
from portops.settings import Settings
from portops.store.database import Database

SETTLE = 0.5


def main() -> None:
    store, sandbox, workbook, documents, kill_at = sys.argv[1:6]
    quick = sandbox_provider.SERVICE
    sandbox_provider.SERVICE = replace(
        quick, limits=replace(quick.limits, settle_after=SETTLE, late_after=SETTLE)
    )
    count, lock = itertools.count(1), threading.Lock()
    passed = 0

    def point() -> None:
        nonlocal passed
        with lock:
            passed = next(count)
            if passed == int(kill_at):
                os.kill(os.getpid(), signal.SIGKILL)

    writing, request = Database.writing, httpx.Client.request

    @contextmanager
    def slow_writing(self: Database) -> Iterator[Any]:
        with writing(self) as connection:
            yield connection
            point()
        point()

    def slow_request(self: httpx.Client, *given: Any, **options: Any) -> httpx.Response:
        point()
        answer = request(self, *given, **options)
        point()
        return answer

    Database.writing = slow_writing  # type: ignore[method-assign]
    httpx.Client.request = slow_request  # type: ignore[method-assign]
    settings = Settings(
        store=store,
        sandbox_url=sandbox,
        operator="tester",
        secret_key=Secret("a phrase for the tests"),
    )
    checked = portops.check(workbook, documents=Path(documents))
    sys.stdout.write("begin\n")
    sys.stdout.flush()
    done = portops.submit(portops.plan(checked), agree=True, concurrency=2, settings=settings)
    outcomes = [[each.request, each.status, each.request_sid] for each in done.outcomes]
    sys.stdout.write(json.dumps({"points": passed, "outcomes": outcomes}))


if __name__ == "__main__":
    main()
