"""The shell of submit: brings every planned request to the provider exactly once.

Several submissions of one store, on one machine or on many, share the work: each claims the
requests it is about to send.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portops.errors import AccessError, Interrupted, ProviderError, as_ours
from portops.facts import agreement
from portops.results.submitted import Outcome, Submitted
from portops.store import batches, journal
from portops.store.claims import new_owner, release
from portops.store.orders import parts_of
from portops.submission import adopting
from portops.submission.attempts import AT_PROVIDER, Attempts
from portops.submission.batch import Batch, Progress
from portops.submission.breaker import Breaker
from portops.submission.jobs import Job, jobs_of
from portops.submission.sending import Sender, outcome
from portops.submission.strays import settle_strays

if TYPE_CHECKING:
    import pandas as pd

    from portops.providers.base import Provider
    from portops.results.planned import Planned
    from portops.sealing import Cipher
    from portops.store.database import Database


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _supersedes(job: Job, rejected: Mapping[str, str]) -> str:
    """Return the SID of the request this one corrects: the newest with one of its numbers."""
    corrected = [rejected[number] for number in job.numbers if number in rejected]
    return corrected[0] if corrected else ""


def _row(job: Job, supersedes: str, cipher: Cipher | None) -> dict[str, Any]:
    sealed = {}
    if cipher is not None:
        sealed = {
            line.phone_number: cipher.seal(line.pin)
            for line in job.port.numbers
            if line.pin is not None
        }
    return {
        "request_key": job.key,
        "request": job.port.request,
        "details": job.details,
        "finding_codes": job.codes,
        "supersedes": supersedes,
        "numbers": [(line.phone_number, line.line_type) for line in job.port.numbers],
        "secrets": sealed,
    }


def _about(planned: Planned, batch: str, operator: str) -> dict[str, Any]:
    """Say what a batch is, and what was agreed to."""
    return {
        "batch_id": batch,
        "provider": planned.provider,
        "operator": operator,
        "workbooks": list(planned.checked.workbooks),
        "agreement": agreement.text(),
    }


def submit(  # noqa: PLR0913 - the shell takes what the doors have
    planned: Planned,
    provider: Provider,
    database: Database,
    *,
    operator: str,
    open_numbers: Callable[[], pd.DataFrame],
    ended: frozenset[str] = frozenset(),
    again: bool = False,
    cipher: Cipher | None = None,
    concurrency: int = 8,
    deadline: timedelta | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = lambda _: None,
) -> Submitted:
    """Submit every request of a plan that is ready and not yet submitted.

    `open_numbers` gives the store's open numbers (`phone_number, request_sid, request_key,
    status`): a number open in another request holds its request back (`number.in_progress`); a
    rejected one makes the new request supersede the old. `ended` are SIDs of requests that are to
    be made once more; with `again`, so are those that only the provider knows as ended. What the
    provider has and the store does not is held back. Running it again submits nothing twice.
    Raises StoreError before the first request is sent, Interrupted; what ends it later is `stopped`.
    """
    attempts = Attempts(database, planned, ended=ended, open_numbers=open_numbers, cipher=cipher)
    jobs = attempts.latest(jobs_of(planned, _digest))
    breaker = Breaker(None if deadline is None else clock() + deadline)
    sender = Sender(provider, database, new_owner(), breaker, clock)
    batch = uuid.uuid4().hex
    try:
        try:
            settle_strays(sender, jobs)
            # What is accepted from here on is not among the open numbers, and is in the way.
            sender.judged = frozenset(journal.known_sids(database))
            ready, held, sids = _sort(jobs, open_numbers())
            there = _known(ready, database)
            ready, met = adopting.meet(ready, sender, there, again=again, concurrency=concurrency)
            held += met
        except (ProviderError, AccessError) as error:
            breaker.stop(error)
            ready, held, sids = _sort(jobs, open_numbers())
            there = _known(ready, database)
        fresh = [job for job in ready if job.key not in there]
        if fresh:
            about = _about(planned, batch, operator)
            rows = [_row(job, _supersedes(job, sids), cipher) for job in fresh]
            batches.open_batch(database, about, rows, clock())
        reached = _run(fresh, sender, concurrency, progress)
    finally:
        _give_back(sender)
    outcomes = [
        reached[job.key] if job.key in reached else _already(job, there, attempts) for job in ready
    ]
    held += _held_back_in_any_case(planned, attempts, breaker)
    submitted = Submitted(
        batch=batch, planned=planned, outcomes=(*outcomes, *held), stopped=breaker.reason
    )
    if breaker.interrupted:
        raise Interrupted(submitted, submitted.request_sids)
    return submitted


def _give_back(sender: Sender) -> None:
    """Give claims back; where the store cannot be written they end by themselves."""
    try:
        release(sender.database, sender.owner)
    except Exception as error:
        sender.breaker.stop(as_ours(error))


def _run(
    jobs: list[Job], sender: Sender, concurrency: int, progress: Progress
) -> dict[str, Outcome]:
    """Bring jobs to an outcome each, by key; what is left open is settled once more at the end."""
    # Twice the threads: while some are at the provider, others write their journal.
    threads = 2 * max(1, concurrency)
    work = Batch(jobs, sender, threads=threads, progress=progress)
    work.run()
    again = [job for job in jobs if job.key in work.unsettled]
    if again and not sender.breaker.is_open(sender.clock()):
        second = Batch(again, sender, threads=threads, progress=lambda _: None)
        second.run()
        work.outcomes |= second.outcomes
    return work.outcomes


def planned_jobs(planned: Planned) -> list[Job]:
    """Return every request of a plan as it would be sent, those held back as well."""
    return jobs_of(planned, _digest) + jobs_of(planned, _digest, held_back=True)


def rehearse(
    planned: Planned,
    database: Database | None,
    *,
    open_numbers: pd.DataFrame | None = None,
    ended: frozenset[str] = frozenset(),
    cipher: Cipher | None = None,
) -> Submitted:
    """Tell what `submit` would do with each request now; nothing is sent, nothing written.

    A request that would be sent is `ready`. A store that is not there yet is None. Raises
    StoreError.
    """
    if database is None or open_numbers is None:
        ready, held = jobs_of(planned, _digest), _held_back(planned, None)
        outcomes = [outcome(job, "ready") for job in ready]
    else:
        attempts = Attempts(
            database, planned, ended=ended, open_numbers=lambda: open_numbers, cipher=cipher
        )
        ready, held, _ = _sort(attempts.latest(jobs_of(planned, _digest)), open_numbers)
        there = _known(ready, database)
        held += _held_back(planned, attempts)
        outcomes = [
            _already(job, there, attempts) if job.key in there else outcome(job, "ready")
            for job in ready
        ]
    return Submitted(batch="", planned=planned, outcomes=(*outcomes, *held))


def _known(jobs: list[Job], database: Database) -> dict[str, dict[str, Any]]:
    """Return the journal's entries of what need not be sent: it is at the provider, or was."""
    entries = journal.entries(database, [job.key for job in jobs])
    return {key: row for key, row in entries.items() if row["state"] in AT_PROVIDER}


def _already(job: Job, there: Mapping[str, Mapping[str, Any]], attempts: Attempts) -> Outcome:
    """Say of a request that the provider has it, or that it can't be told whether it has changed."""
    if job.key in attempts.unsure:
        return outcome(job, "held_back", error=attempts.unsure[job.key])
    others = parts_of(attempts.database, [job.key]).get(job.key, ())
    return outcome(job, "already_submitted", there[job.key]["request_sid"], others=others)


def _held_back(planned: Planned, attempts: Attempts | None) -> list[Outcome]:
    """Return what became of the requests that the plan holds back; None: no store to ask."""
    there = {} if attempts is None else _there_already(planned, attempts)
    return [
        Outcome(
            request=row["request"],
            request_sid=there.get(row["request"]),
            status="already_submitted" if row["request"] in there else "held_back",
            numbers=tuple(row["numbers"]),
            error=row["held_back"],
        )
        for row in planned.held_back.to_dict("records")
    ]


def _held_back_in_any_case(planned: Planned, attempts: Attempts, breaker: Breaker) -> list[Outcome]:
    """Return the same; a store that was lost ends the batch, whose outcomes are still told."""
    try:
        return _held_back(planned, attempts)
    except Exception as error:
        breaker.stop(as_ours(error))
        return _held_back(planned, None)


def _there_already(planned: Planned, attempts: Attempts) -> dict[str, str]:
    """Return the SIDs of held back requests that were submitted before, just as they are.

    A rejected one comes back unchanged when its old workbook is submitted again.
    """
    jobs = attempts.latest(jobs_of(planned, _digest, held_back=True))
    entries = journal.entries(attempts.database, [job.key for job in jobs])
    return {
        job.port.request: entries[job.key]["request_sid"]
        for job in jobs
        if entries.get(job.key, {}).get("request_sid")
    }


def _sort(
    jobs: list[Job], open_numbers: pd.DataFrame
) -> tuple[list[Job], list[Outcome], dict[str, str]]:
    """Part what is ready from what is in progress; and name the rejected numbers' requests."""
    blocked: dict[str, dict[Hashable, Any]] = {}
    rejected: dict[str, str] = {}
    last = open_numbers.drop_duplicates("phone_number", keep="last").set_index("phone_number")
    keys = {job.key for job in jobs}
    for number, row in last.to_dict("index").items():
        if row["status"] != "rejected":
            blocked[str(number)] = row
        elif row["request_key"] not in keys:
            rejected[str(number)] = str(row["request_sid"])
    ready, held = [], []
    for job in jobs:
        others = [
            number
            for number in job.numbers
            if number in blocked and blocked[number]["request_key"] != job.key
        ]
        if others:
            sid = blocked[others[0]]["request_sid"]
            why = f"number.in_progress: {others[0]} is in the open request {sid}"
            held.append(outcome(job, "held_back", error=why))
        else:
            ready.append(job)
    return ready, held, rejected
