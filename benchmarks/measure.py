"""Measure processes from start to end: CPU of all that they start, and the memory of all together."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

#: How often the memory of a process and of those that it starts is added up, in seconds.
_EVERY = 0.02


class Taken(NamedTuple):
    """What a process took: seconds of CPU (user and system, children too), bytes, exit status."""

    seconds: float
    memory: int
    status: int

    @property
    def gigabytes(self) -> float:
        """The most memory that the process and its children had at once."""
        return self.memory / 1024**3


def _resident(process: psutil.Process) -> int:
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    total = 0
    for member in family:
        try:
            total += member.memory_info().rss
        except psutil.Error:
            continue
    return total


def run(command: Sequence[str], **more: object) -> Taken:
    """Run a command to its end."""
    quiet = {"stdout": subprocess.DEVNULL, **more}
    child = subprocess.Popen(list(command), **quiet)  # type: ignore[call-overload]
    most, ended = [0], threading.Event()

    def watch() -> None:
        process = psutil.Process(child.pid)
        while not ended.wait(_EVERY):
            most[0] = max(most[0], _resident(process))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    _, status, usage = os.wait4(child.pid, 0)
    ended.set()
    watcher.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return Taken(
        usage.ru_utime + usage.ru_stime, max(most[0], usage.ru_maxrss * unit), child.returncode
    )


def python(code: str, *arguments: str, times: int = 1) -> Taken:
    """Run Python code in a process of its own; the least of some runs."""
    return min(run([sys.executable, "-c", code, *arguments]) for _ in range(times))


def portops(*arguments: str | Path, times: int = 1) -> Taken:
    """Run a command of portops; the least of some runs. Fails where it could not be done."""
    taken = [run([sys.executable, "-m", "portops", *map(str, arguments)]) for _ in range(times)]
    failed = [one.status for one in taken if one.status not in {0, 1}]
    if failed:
        raise SystemExit(f"portops {arguments[0]} ended with {failed[0]}")
    return min(taken)
