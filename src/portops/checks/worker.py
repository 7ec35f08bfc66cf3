"""The process that reads statements: started once, used for many files, ended when it is too much.

A customer's PDF of a few hundred bytes can take gigabytes, hours, or the whole process down.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from portops import apart
from portops.checks import ocr

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Seconds that one statement may take; reading pictures takes longer. And to start the process.
PATIENCE, PATIENCE_OF_PICTURES, START = 20.0, 120.0, 60.0

#: Processes at most, and for how many statements another one is started.
_MOST, _WORTH_A_PROCESS = 8, 16

#: How often a process that reads is looked at, in seconds.
_EVERY = 0.1


class Answer(NamedTuple):
    """What reading a statement came to.

    `fault` is what is wrong with the file; else `gist` is its text's (see `checks.gist`), as JSON,
    and `scanned` tells whether it was read off a picture. What is not `lasting` may be otherwise
    the next time: the machine was too slow, or the process was gone.
    """

    fault: str | None
    gist: str | None = None
    scanned: bool = False
    lasting: bool = True


class _Ended(Exception):
    """The process is gone, or had to be ended; says why."""


class Worker:
    """One process that reads statements, started when it is first needed."""

    def __init__(self, *, patience: float | None = None, memory: int | None = None) -> None:
        pictures = ocr.available()
        self._patience = patience or (PATIENCE_OF_PICTURES if pictures else PATIENCE)
        self._memory = memory or (ocr.MEMORY_OF_PICTURES if pictures else ocr.MEMORY)
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._lock = threading.Lock()

    def read(self, path: Path, kind: str) -> Answer:
        """Read one statement.

        A file that takes too long, too much memory, or ends the process has that as its fault.
        """
        with self._lock:
            try:
                process = self._started()
                assert process.stdin is not None  # noqa: S101 - it was opened with a pipe
                process.stdin.write(json.dumps({"path": str(path.resolve()), "kind": kind}) + "\n")
                process.stdin.flush()
                return Answer(*self._answer(process, self._patience))
            except _Ended as ended:
                self.close()
                return Answer(str(ended), lasting=False)
            except OSError:
                self.close()
                return Answer("the process that reads it has ended", lasting=False)

    def _started(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._process = process = apart.start("portops.checks.reader:serve", encoding="ascii")
        self._answers = queue.Queue()
        threading.Thread(target=_pump, args=(process.stdout, self._answers), daemon=True).start()
        self._answer(process, START)
        return process

    def _answer(self, process: subprocess.Popen[str], patience: float) -> Any:
        deadline = time.monotonic() + patience
        while True:
            try:
                line = self._answers.get(timeout=_EVERY)
            except queue.Empty:
                if time.monotonic() > deadline:
                    raise _Ended("reading it takes too long") from None
                if apart.memory_of(process) > self._memory:
                    raise _Ended("reading it takes too much memory") from None
                continue
            if line is None:
                raise _Ended("reading it takes too much memory, or fails")
            return json.loads(line)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            apart.end(process)


def _pump(lines: IO[str] | None, answers: queue.Queue[str | None]) -> None:
    try:
        for line in lines or ():
            answers.put(line)
    except (OSError, ValueError):
        pass
    answers.put(None)


class Pool:
    """Processes that read statements, as many as there is work for, at most one a processor."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most or max(1, min(os.cpu_count() or 1, _MOST))
        self._workers: list[Worker] = []

    def read(self, files: Sequence[tuple[Path, str]]) -> list[Answer]:
        """Read statements, each a path and its kind; the answers are in their order."""
        needed = max(1, min(self._most, len(files) // _WORTH_A_PROCESS))
        while len(self._workers) < needed:
            self._workers.append(Worker())
        if needed == 1:
            return [self._workers[0].read(path, kind) for path, kind in files]
        idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self._workers[:needed]:
            idle.put(worker)

        def one(file: tuple[Path, str]) -> Answer:
            worker = idle.get()
            try:
                return worker.read(*file)
            finally:
                idle.put(worker)

        with ThreadPoolExecutor(needed) as threads:
            return list(threads.map(one, files))

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()


#: The ones that all checks of this process share.
POOL = Pool()
atexit.register(POOL.close)
