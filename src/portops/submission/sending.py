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
    ProviderError,
    Refused,
    StoreError,
    Unavailable,
    Unclear,
    Unwritten,
    as_ours,
)
from portops.providers.announcing import announced, elapsed
from portops.providers.base import time_of
from portops.results.submitted import Outcome
from portops.store import journal, lines
from portops.store.claims import LEASE
from portops.store.history import rows_of, stamp, taken_in
from portops.submission.papers import Papers
from portops.wording import counted

if TYPE_CHECKING:
    from portops.providers.base import Provider, Receipt
    from portops.store.database import Database
    from portops.submission.breaker import Breaker
    from portops.submission.jobs import Job

#: Seconds for which an announcement holds: what leaves later is announced anew.
FRESH = 5.0

#: Announcements of one request, one after the other, before it is left.
TRIES = 10

#: How much earlier than its announcement a request is looked for.
MARGIN = timedelta(minutes=5)


class NotYet(Exception):
    """It cannot be told yet whether the provider has a request."""


def outcome(
    job: Job,
    status: str,
    sid: str | None = None,
    error: str | None = None,
    *,
    unsettled: bool = False,
    others: tuple[str, ...] = (),
) -> Outcome:
    """Say what became of a job; `others` are the SIDs of its further orders."""
    return Outcome(
        request=job.port.request,
        status=status,
        request_sid=sid,
        other_sids=others,
        numbers=job.numbers,
        error=error,
        open=unsettled,
    )


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
        #: SIDs of requests that were looked at before the batch began, and stand in nobody's way.
        self.judged: frozenset[str] = frozenset()
        self._failed_here: set[str] = set()
        self._papers = Papers(provider, database, clock)
        self._lock = threading.Lock()

    def _advance(self, job: Job, state: str, error: str | None = None) -> None:
        now = self.clock()
        journal.advance(
            self.database,
            job.key,
            state,
            now,
            owner=self.owner,
            until=now + LEASE,
            error=error,
            sending_at=time_of(self.provider),
            judged=self.judged,
        )

    def accepted(self, row: Mapping[str, Any], receipt: Receipt) -> None:
        """Commit that the provider has the request of this row; raises Unwritten with its SID."""
        try:
            self._write_down(row, receipt)
        except StoreError as error:
            raise Unwritten(receipt.request_sid, error) from error
        except Exception as error:
            raise Unwritten(receipt.request_sid, StoreError(f"{as_ours(error)}.")) from error

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
            for order in receipt.orders
            for event in order.events
        ]
        first = rows_of(taken_in(told))
        journal.accept(
            self.database,
            row["request_key"],
            receipt.request_sid,
            first,
            self.clock(),
            orders=[(order.request_sid, order.numbers) for order in receipt.orders],
        )

    def look(self, row: Mapping[str, Any]) -> Receipt | None:
        """Ask the provider whether it has the request of an ambiguous row, and commit it if so."""
        since: datetime = row["sending_at"]
        theirs = time_of(self.provider)
        if theirs is not None:
            # Where our clock is off, the provider's rules; the earlier moment finds both.
            since = min(since, since + (theirs - self.clock()))
        numbers = frozenset(lines.lines_of(self.database, row["request_key"]))
        sids = journal.known_sids(self.database)
        receipt = self.provider.find(numbers, since - MARGIN, sids)
        if receipt is not None:
            self.accepted(row, receipt)
        return receipt

    def settle(self, row: Mapping[str, Any]) -> Receipt | None:
        """Look, wait, and look again; raises NotYet where it cannot be told.

        A request that is not there now is given the time to arrive, counted from when its attempt
        failed. One that failed in this run is never taken for lost: it stays open.
        """
        receipt = self.look(row)
        if receipt is not None:
            return receipt
        limits = self.provider.limits
        here = row["request_key"] in self._failed_here
        grace = limits.settle_after if here else max(limits.settle_after, limits.late_after)
        failed_at = journal.announced_at(self.database, row["request_key"]) or self.clock()
        rest = grace - (self.clock() - failed_at).total_seconds()
        # Clocks of two machines differ, so some time passes here in any case.
        self._pause(min(max(rest, limits.settle_after), grace))
        receipt = self.look(row)
        if receipt is None and here:
            raise NotYet
        return receipt

    def _pause(self, seconds: float) -> None:
        """Wait; raises NotYet when the batch ends meanwhile."""
        until = elapsed() + seconds
        while (rest := until - elapsed()) > 0:
            if self.breaker.is_open(self.clock()):
                raise NotYet
            time.sleep(min(rest, 0.5))

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
            except NotYet:
                return self._open(job, str(row["error"] or ""))
            except (ProviderError, AccessError) as error:
                self.breaker.stop(error)
                return outcome(job, "failed", error=str(error), unsettled=True)
            if receipt is not None:
                self.breaker.went_well()
                return _submitted(job, receipt)
        try:
            uploaded = self._papers.of(job, lambda: self._advance(job, "uploading"))
            receipt = self._create(job, uploaded)
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
        return _submitted(job, receipt)

    def _create(self, job: Job, uploaded: list[str]) -> Receipt:
        """Announce a request and send it, if the announcement still holds when it leaves."""
        announced_since = elapsed()
        self._advance(job, "sending")

        def renew() -> None:
            nonlocal announced_since
            for _ in range(TRIES):
                if elapsed() - announced_since <= FRESH:
                    return
                # Meanwhile another submission may have taken this over: the journal knows.
                announced_since = elapsed()
                self._advance(job, "sending")
            raise Unavailable("The store is too slow to announce a request, so it was not sent.")

        with announced(renew):
            return self.provider.create(job.port, uploaded)

    def _unknown(self, job: Job, error: Unclear) -> Outcome:
        """Look at once for a request whose answer was lost; leave it open when none is found."""
        self.breaker.failed(error)
        self._advance(job, "unknown", str(error))
        with self._lock:
            self._failed_here.add(job.key)
        now = journal.entries(self.database, [job.key])[job.key]
        try:
            receipt = self.look(now)
        except (ProviderError, AccessError):
            receipt = None
        if receipt is not None:
            return _submitted(job, receipt)
        return self._open(job, str(error))

    def _open(self, job: Job, error: str) -> Outcome:
        """Say that it is not known whether the provider has a request."""
        words = (
            f"{error} It isn't known whether {self.provider.name} has this request, so it was not "
            "sent again. Run the same command again in a few minutes: it asks the provider first."
        )
        return outcome(job, "failed", error=words.strip(), unsettled=True)


def _submitted(job: Job, receipt: Receipt) -> Outcome:
    """Say that the provider has a job, and in which orders."""
    others = tuple(order.request_sid for order in receipt.others)
    drafts = [
        str(event.get("reason") or "not confirmed")
        for order in receipt.orders
        for event in order.events
        if event["status"] == "draft" and not event["phone_number"]
    ]
    # An order that the provider would not take is there as a draft: the desk has to look at it.
    error = f"{counted(len(drafts), 'order')} left as a draft: {drafts[0]}" if drafts else None
    return outcome(job, "submitted", receipt.request_sid, error, others=others)


def not_tried(job: Job) -> Outcome:
    """Say that a job was not begun because the batch had ended."""
    return outcome(job, "failed", error="not tried: the submission had stopped")
