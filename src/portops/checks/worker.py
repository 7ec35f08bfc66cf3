"""The process that reads statements: started once, used for many files, ended when it is too much.

A customer's PDF of a few hundred bytes can take gigabytes, hours, or the whole process down.
"""

from __future__ import annotations

import atexit
import json
import queue
import subprocess
import threading
import time
from pathlib import Path
from typing import IO, Any

from portops import apart
from portops.checks import ocr
from portops.checks.reader import MEMORY, MEMORY_OF_PICTURES

#: Seconds that one statement may take; reading pictures takes longer. And to start the process.
PATIENCE, PATIENCE_OF_PICTURES, START = 20.0, 120.0, 60.0

#: How often a process that reads is looked at, in seconds.
_EVERY = 0.1


class _Ended(Exception):
    """The process is gone, or had to be ended; says why."""


class Worker:
    """One process that reads statements, started when it is first needed."""

    def __init__(self, *, patience: float | None = None, memory: int | None = None) -> None:
        pictures = ocr.available()
        self._patience = patience or (PATIENCE_OF_PICTURES if pictures else PATIENCE)
        self._memory = memory or (MEMORY_OF_PICTURES if pictures else MEMORY)
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._lock = threading.Lock()

    def read(self, path: Path, kind: str) -> tuple[str | None, str, bool]:
        """Return what is wrong with a statement, its text, and whether that is read off a picture.

        A file that takes too long, too much memory, or ends the process has that as its fault.
        """
        with self._lock:
            try:
                process = self._started()
                assert process.stdin is not None  # noqa: S101 - it was opened with a pipe
                process.stdin.write(json.dumps({"path": str(path.resolve()), "kind": kind}) + "\n")
                process.stdin.flush()
                fault, text, scanned = self._answer(process, self._patience)
            except _Ended as ended:
                self.close()
                return str(ended), "", False
            except OSError:
                self.close()
                return "the process that reads it has ended", "", False
            return fault, text, scanned

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


#: The one that all checks of this process share.
WORKER = Worker()
atexit.register(WORKER.close)
