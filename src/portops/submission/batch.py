"""A batch: jobs on their way to an outcome each, shared by threads and with other submissions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from portops.errors import Unwritten, as_ours
from portops.store import journal
from portops.store.claims import claim
from portops.submission.sending import Sender, not_tried, outcome

if TYPE_CHECKING:
    from portops.results.submitted import Outcome
    from portops.submission.jobs import Job

#: Called with the name of each request that comes to an end.
Progress = Callable[[str], None]

#: Seconds between two looks at requests that another submission works on.
LOOK = 0.3

#: Requests that are claimed together, for each thread.
_CLAIMED = 2


class Batch:
    """The jobs of one submission on their way to an outcome each."""

    def __init__(
        self, jobs: Iterable[Job], sender: Sender, threads: int, progress: Progress
    ) -> None:
        self.sender, self.threads, self.progress = sender, threads, progress
        self.pending = {job.key: job for job in jobs}
        self.outcomes: dict[str, Outcome] = {}
        #: Keys that are settled once more at the end.
        self.unsettled: set[str] = set()
        self._claimed: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def _next(self) -> tuple[Job, Mapping[str, Any]] | None:
        sender = self.sender
        with self._lock:
            if sender.breaker.is_open(sender.clock()):
                return None
            if not self._claimed:
                self._claimed = claim(
                    sender.database,
                    self.pending,
                    sender.owner,
                    sender.clock(),
                    most=self.threads * _CLAIMED,
                )
                self._claimed.reverse()
            if not self._claimed:
                return None
            row = self._claimed.pop()
            return self.pending.pop(row["request_key"]), row

    def _work(self) -> None:
        """Work until nothing is left; a store that cannot be written, or worse, ends the batch."""
        try:
            self._work_on()
        except Exception as error:
            # What was submitted so far is still told, with its SIDs.
            self.sender.breaker.stop(as_ours(error))

    def _work_on(self) -> None:
        while (taken := self._next()) is not None:
            job, row = taken
            try:
                result = self.sender.send(job, row)
            except BaseException as error:
                # The store cannot be written, or worse: nothing more is begun, and the journal
                # says what is open.
                sid = error.request_sid if isinstance(error, Unwritten) else None
                stop = as_ours(error)
                self.sender.breaker.stop(stop)
                self._finish(job, outcome(job, "failed", sid, str(stop), unsettled=True))
                raise
            if result is None:
                with self._lock:
                    self.pending[job.key] = job
            else:
                self._finish(job, result)

    def _finish(self, job: Job, result: Outcome) -> None:
        with self._lock:
            self.outcomes[job.key] = result
            if result.open:
                self.unsettled.add(job.key)
        self.progress(job.port.request)

    def _round(self) -> None:
        """Let the threads work until nothing is left that can be claimed now."""
        with ThreadPoolExecutor(max_workers=self.threads) as pool:
            working = [pool.submit(self._work) for _ in range(self.threads)]
            try:
                for worker in working:
                    worker.result()
            except KeyboardInterrupt:
                # What is on its way comes to its end and is written down; nothing more is begun.
                self.sender.breaker.interrupt()

    def _others(self) -> None:
        """Take over what other submissions have brought to an end meanwhile."""
        entries = journal.entries(self.sender.database, list(self.pending))
        for key, entry in entries.items():
            if entry["state"] in {"accepted", "canceled"}:
                job = self.pending.pop(key)
                self._finish(job, outcome(job, "already_submitted", entry["request_sid"]))

    def run(self) -> None:
        """Bring every job to an outcome, whatever ends the batch before it is through."""
        try:
            self._rounds()
        except KeyboardInterrupt:
            self.sender.breaker.interrupt()
        except Exception as error:
            self.sender.breaker.stop(as_ours(error))
        for key, job in self.pending.items():
            self.outcomes[key] = not_tried(job)
        self.pending = {}

    def _rounds(self) -> None:
        breaker, clock = self.sender.breaker, self.sender.clock
        while self.pending and not breaker.is_open(clock()):
            before = len(self.pending)
            self._round()
            if not breaker.is_open(clock()):
                self._others()
            if self.pending and len(self.pending) == before and not breaker.is_open(clock()):
                time.sleep(LOOK)
