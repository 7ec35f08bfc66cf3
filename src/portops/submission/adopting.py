"""The shell of adopt: requests that the provider has and the store does not.

A store that was lost, or put back from a backup, lacks what was submitted since. Such requests
are seen before anything is sent again, and are taken in with their SIDs and history.
"""

from __future__ import annotations

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.results.adopted import Adopted, Stray
from portops.store import batches, foreign, journal, lines
from portops.store.adoption import adopt as write_down
from portops.store.history import rows_of, stamp, taken_in
from portops.submission.sending import outcome
from portops.tables.grouping import account_key
from portops.tables.requests import DETAILS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from portops.providers.base import Described, Provider
    from portops.results.submitted import Outcome
    from portops.store.database import Database
    from portops.submission.jobs import Job
    from portops.submission.sending import Sender

#: What the journal says in place of an agreement.
NOTHING_AGREED = "Found at the provider and adopted; what was agreed to is not known here."

#: Statuses of a number that another request may port.
OVER = ("canceled", "expired", "rejected")


def unknown(
    provider: Provider,
    database: Database,
    *,
    numbers: frozenset[str] | None = None,
    concurrency: int = 8,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Described]:
    """Return what the provider has and the store does not, oldest first.

    With `numbers` only what has one of them; others are asked about once, and again when the
    provider's list says something new of them. Raises ProviderError, AccessError, StoreError.
    """
    listed = {row.request_sid: row.state for row in provider.listed()}
    ours = journal.known_sids(database)
    before = foreign.remembered(database, provider.name)

    def others(sid: str) -> bool:
        state, theirs = before.get(sid, (None, frozenset[str]()))
        return numbers is not None and state == listed[sid] and theirs.isdisjoint(numbers)

    described = []
    with ThreadPoolExecutor(max_workers=max(1, concurrency)) as pool:
        wanted = [sid for sid in listed if sid not in ours and not others(sid)]
        for one in pool.map(provider.describe, wanted):
            described.append(one)
            progress(one.request_sid)
    news = ((one.request_sid, listed[one.request_sid], frozenset(one.numbers)) for one in described)
    foreign.remember(database, provider.name, news)
    if numbers is not None:
        described = [one for one in described if not numbers.isdisjoint(one.numbers)]
    # What another submission was just sending has been written down meanwhile.
    ours = journal.known_sids(database)
    strays = [one for one in described if one.request_sid not in ours]
    return sorted(strays, key=lambda one: (_began(one), one.request_sid))


def _began(one: Described) -> datetime:
    moments = [event["occurred_at"] for event in one.events]
    return one.created_at or min(moments, default=datetime.now(UTC))


def met(jobs: Iterable[Job], strays: Sequence[Described], *, again: bool) -> dict[str, str]:
    """Say by key which jobs the provider has already, in requests that the store does not know.

    With `again`, those that the provider has as canceled, expired or rejected may be sent.
    """
    there: dict[str, tuple[Described, str]] = {}
    for one in strays:
        for number in one.numbers:
            status = one.status_of(number)
            if number not in there or status not in OVER:
                there[number] = one, status
    words = {}
    for job in jobs:
        theirs = [there[number] for number in job.numbers if number in there]
        theirs.sort(key=lambda pair: pair[1] in OVER)
        if not theirs or (again and theirs[0][1] in OVER):
            continue
        one, status = theirs[0]
        words[job.key] = (
            f"The provider already has request {one.request_sid} with these numbers ({status}), "
            "and the store does not know it. Take it in with `portops adopt`"
            + (", or submit with --again to send a new one." if status in OVER else ".")
        )
    return words


def meet(
    ready: list[Job],
    sender: Sender,
    there: Collection[str],
    *,
    again: bool,
    concurrency: int,
) -> tuple[list[Job], list[Outcome]]:
    """Part what may be sent from what the provider has in requests that the store does not know.

    What is on its way already is settled by itself. Raises ProviderError, AccessError.
    """
    if all(job.key in there for job in ready):
        return ready, []
    numbers = frozenset(number for job in ready for number in job.numbers)
    strays = unknown(sender.provider, sender.database, numbers=numbers, concurrency=concurrency)
    if not strays:
        return ready, []
    entries = journal.entries(sender.database, [job.key for job in ready])
    settled = {*journal.AMBIGUOUS, "accepted", "canceled"}
    new = [job for job in ready if entries.get(job.key, {}).get("state") not in settled]
    words = met(new, strays, again=again)
    held = [outcome(job, "held_back", error=words[job.key]) for job in new if job.key in words]
    return [job for job in ready if job.key not in words], held


class _Adoption:
    """Requests on their way into the store, matched with planned ones where numbers are equal."""

    def __init__(
        self,
        provider: Provider,
        database: Database,
        jobs: Iterable[Job],
        now: datetime,
    ) -> None:
        self.provider, self.database, self.now = provider, database, now
        self.jobs = {frozenset(job.numbers): job for job in jobs}
        # An answer that was lost: its request is on the way under this identity.
        self.on_the_way = {
            frozenset(lines.lines_of(database, row["request_key"])): str(row["request_key"])
            for row in journal.ambiguous(database, provider.name)
        }

    def job_of(self, one: Described) -> Job | None:
        return self.jobs.get(frozenset(one.numbers))

    def stray(self, one: Described) -> Stray:
        job = self.job_of(one)
        who = one.details.get("customer_name") or "Adopted"
        return Stray(
            request=f"{who} {one.request_sid[-6:]}" if job is None else job.port.request,
            request_sid=one.request_sid,
            status=one.status,
            numbers=tuple(sorted(one.numbers)),
            planned=job is not None,
        )

    def take(self, one: Described, batch: str, supersedes: str) -> bool:
        """Write one request down, under its planned request's identity where that is free."""
        job, name = self.job_of(one), self.provider.name
        told: dict[str, Any] = {**dict.fromkeys(DETAILS), **one.details}
        own = f"{name}|{one.request_sid}"
        row: dict[str, Any] = {
            "request_key": hashlib.sha256(own.encode()).hexdigest(),
            "batch_id": batch,
            "provider": name,
            "request": self.stray(one).request,
            "details": {**told, "account": _account(told), "statement_content": ""},
            "finding_codes": [],
            "supersedes": supersedes,
            "numbers": [(number, "") for number in one.numbers],
        }
        waiting = self.on_the_way.get(frozenset(one.numbers))
        if waiting is not None and self._write(one, {**row, "request_key": waiting}):
            return True
        if job is None:
            return self._write(one, row)
        lines = {line.phone_number: line.line_type for line in job.port.numbers}
        row |= {
            "details": {**job.details, **one.details},
            "finding_codes": job.codes,
            "numbers": list(lines.items()),
        }
        return self._write(one, {**row, "request_key": job.key}) or self._write(one, row)

    def _write(self, one: Described, row: dict[str, Any]) -> bool:
        kinds = dict(row["numbers"])
        first = {"status": "submitted", "occurred_at": _began(one), "request_sid": one.request_sid}
        told = [
            stamp(
                {
                    **event,
                    "provider": self.provider.name,
                    "losing_carrier": row["details"].get("losing_carrier"),
                    "line_type": kinds.get(str(event.get("phone_number")), ""),
                    "supersedes": row["supersedes"],
                },
                self.now,
            )
            for event in (
                *({**first, "phone_number": number} for number in ("", *one.numbers)),
                *one.events,
            )
        ]
        events = rows_of(taken_in(told))
        return write_down(self.database, one.request_sid, row, events, self.now)


def _corrects(strays: Sequence[Described], rejected: dict[str, str]) -> dict[str, str]:
    """Return the SID that each request corrects, empty where it corrects none; oldest first."""
    waiting, corrects = dict(rejected), {}
    for one in strays:
        sids = [waiting.pop(number) for number in one.numbers if number in waiting]
        corrects[one.request_sid] = sids[0] if sids else ""
        refused = [number for number in one.numbers if one.status_of(number) == "rejected"]
        waiting |= dict.fromkeys(refused, one.request_sid)
    return corrects


def _account(details: dict[str, Any]) -> str:
    names = ("losing_carrier", "account_number", "request_name", "customer_name")
    frame = pd.DataFrame([{name: details.get(name) for name in names}])
    return str(account_key(frame.astype(dict.fromkeys(names, "str")))[0])


def adopt(  # noqa: PLR0913 - the shell takes what the doors have
    provider: Provider,
    database: Database,
    jobs: Iterable[Job],
    *,
    operator: str,
    workbooks: Sequence[str],
    rejected: dict[str, str],
    agrees: Callable[[Stray], bool],
    now: datetime,
    numbers: frozenset[str] | None = None,
    request_sids: Collection[str] | None = None,
    dry_run: bool = False,
    concurrency: int = 8,
    progress: Callable[[str], None] = lambda _: None,
) -> Adopted:
    """Take in what the provider has and the store does not.

    `agrees` is asked before each that was canceled or rejected; what it refuses is left.
    `rejected` are numbers of the store that were rejected and not corrected yet, with their SIDs:
    a request that has one of them corrects that one. With `numbers` only what has one of them is
    looked at, and with `request_sids` only these; with `dry_run` nothing is taken in. Raises
    ProviderError, AccessError, StoreError; what was taken in before that is kept.
    """
    strays = unknown(
        provider, database, numbers=numbers, concurrency=concurrency, progress=progress
    )
    if request_sids is not None:
        strays = [one for one in strays if one.request_sid in request_sids]
    work = _Adoption(provider, database, jobs, now)
    batch = uuid.uuid4().hex
    about = {
        "batch_id": batch,
        "provider": provider.name,
        "operator": operator,
        "workbooks": list(workbooks),
        "agreement": NOTHING_AGREED,
    }
    # Of several with the same numbers, the one that goes on takes the planned request's identity.
    order = sorted(strays, key=lambda one: one.status in OVER)
    chosen = {
        one.request_sid
        for one in order
        if not dry_run and (not work.stray(one).asks or agrees(work.stray(one)))
    }
    if chosen:
        batches.open_batch(database, about, [], now)
    corrects = _corrects([one for one in strays if one.request_sid in chosen], rejected)
    taken = {
        one.request_sid
        for one in order
        if one.request_sid in chosen and work.take(one, batch, corrects[one.request_sid])
    }
    return Adopted(
        adopted=tuple(work.stray(one) for one in strays if one.request_sid in taken),
        left=tuple(work.stray(one) for one in strays if one.request_sid not in chosen),
    )
