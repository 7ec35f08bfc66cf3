"""Sending: one job at a time to an end that is written down.

Each step is committed to the journal before the act it announces. An attempt that was announced
and has no answer is settled by asking the provider, before anything is sent again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from portops.errors import (
    AccessError,
    PortopsError,
    ProviderError,
    Refused,
    StoreError,
    Unavailable,
    Unclear,
    Unwritten,
)
from portops.results.submitted import Outcome
from portops.store import documents, journal, lines
from portops.store.claims import LEASE
from portops.store.history import rows_of, stamp, taken_in

if TYPE_CHECKING:
    from portops.providers.base import Provider, Receipt
    from portops.store.database import Database
    from portops.submission.jobs import Job

#: So many failures of the provider one after the other end a batch.
FAILURES = 5


def outcome(
    job: Job,
    status: str,
    sid: str | None = None,
    error: str | None = None,
    *,
    unsettled: bool = False,
) -> Outcome:
    """Say what became of a job."""
    return Outcome(
        request=job.port.request,
        status=status,
        request_sid=sid,
        numbers=job.numbers,
        error=error,
        open=unsettled,
    )


class Breaker:
    """Ends a batch: at once for what every request would meet, after some failures in a row."""

    def __init__(self, deadline: datetime | None) -> None:
        self._deadline = deadline
        self._failures = 0
        self._lock = threading.Lock()
        self.reason: PortopsError | None = None

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


class Sender:
    """Sends jobs of one batch; shared by its threads."""

    def __init__(
        self,
        provider: Provider,
        database: Database,
        owner: str,
        breaker: Breaker,
        clock: Callable[[], datetime],
    ) -> None:
        self.provider, self.database, self.owner, self.breaker = provider, database, owner, breaker
        self.clock = clock
        self._uploads: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def _advance(self, job: Job, state: str, error: str | None = None) -> None:
        now = self.clock()
        journal.advance(
            self.database, job.key, state, now, owner=self.owner, until=now + LEASE, error=error
        )

    def _documents(self, job: Job) -> list[str]:
        """Upload the job's statement, once by its content; returns the provider's ids."""
        if job.port.statement is None:
            return []
        with self._lock:
            lock = self._uploads.setdefault(job.content, threading.Lock())
        with lock:
            document = documents.document_sid(self.database, self.provider.name, job.content)
            if document is None:
                self._advance(job, "uploading")
                document = self.provider.upload(job.port.statement)
                documents.keep_document(
                    self.database, self.provider.name, job.content, document, self.clock()
                )
        return [document]

    def accepted(self, row: Mapping[str, Any], receipt: Receipt) -> None:
        """Commit that the provider has the request of this row; raises Unwritten with its SID."""
        try:
            self._write_down(row, receipt)
        except StoreError as error:
            raise Unwritten(receipt.request_sid, error) from error

    def _write_down(self, row: Mapping[str, Any], receipt: Receipt) -> None:
        recorded = self.clock()
        line_types = lines.lines_of(self.database, row["request_key"])
        told = [
            stamp(
                {
                    **event,
                    "provider": self.provider.name,
                    "losing_carrier": row["details"].get("losing_carrier"),
                    "line_type": line_types.get(str(event.get("phone_number")), ""),
                    "supersedes": row["supersedes"],
                },
                recorded,
            )
            for event in receipt.events
        ]
        first = rows_of(taken_in(told))
        journal.accept(self.database, row["request_key"], receipt.request_sid, first, self.clock())

    def settle(self, row: Mapping[str, Any], *, wait: bool = True) -> Receipt | None:
        """Ask the provider whether it has the request of an ambiguous row, and commit it if so.

        With `wait`, what was sent is given the time to arrive first: only then a request that is
        not found may be sent again.
        """
        since: datetime = row["sending_at"]
        grace = self.provider.limits.settle_after
        early = grace - (self.clock() - since).total_seconds()
        if wait and 0 < early <= grace:
            time.sleep(early)
        numbers = frozenset(lines.lines_of(self.database, row["request_key"]))
        sids = journal.known_sids(self.database)
        receipt = self.provider.find(numbers, since - timedelta(minutes=5), sids)
        if receipt is not None:
            self.accepted(row, receipt)
        return receipt

    def send(self, job: Job, row: Mapping[str, Any]) -> Outcome | None:
        """Bring one claimed job to an end; None when another submission has taken it over."""
        try:
            return self._send(job, row)
        except journal.Taken as taken:
            if taken.phone_number is None:
                return None
            why = f"number.in_progress: {taken.phone_number} is in another request on its way"
            return outcome(job, "held_back", error=why)

    def _send(self, job: Job, row: Mapping[str, Any]) -> Outcome:
        if row["state"] in journal.AMBIGUOUS:
            try:
                receipt = self.settle(row)
            except (ProviderError, AccessError) as error:
                self.breaker.stop(error)
                return outcome(job, "failed", error=str(error), unsettled=True)
            if receipt is not None:
                self.breaker.went_well()
                return outcome(job, "submitted", receipt.request_sid)
        try:
            uploaded = self._documents(job)
            self._advance(job, "sending")
            receipt = self.provider.create(job.port, uploaded)
        except Unclear as error:
            return self._unknown(job, error)
        except Refused as error:
            self.breaker.went_well()
            self._advance(job, "refused", str(error))
            return outcome(job, "failed", error=str(error))
        except (Unavailable, AccessError) as error:
            # Nothing was taken, and the next request would meet the same: the batch ends here.
            self.breaker.stop(error)
            self._advance(job, "failed", str(error))
            return outcome(job, "failed", error=str(error))
        self.accepted(row, receipt)
        self.breaker.went_well()
        return outcome(job, "submitted", receipt.request_sid)

    def _unknown(self, job: Job, error: Unclear) -> Outcome:
        """Look at once for a request whose answer was lost; leave it open when none is found."""
        self.breaker.failed(error)
        self._advance(job, "unknown", str(error))
        now = journal.entries(self.database, [job.key])[job.key]
        try:
            receipt = self.settle(now, wait=False)
        except (ProviderError, AccessError):
            receipt = None
        if receipt is not None:
            return outcome(job, "submitted", receipt.request_sid)
        words = f"{error} Run the same command again to settle it."
        return outcome(job, "failed", error=words, unsettled=True)


def not_tried(job: Job) -> Outcome:
    """Say that a job was not begun because the batch had ended."""
    return outcome(job, "failed", error="not tried: the submission had stopped")
