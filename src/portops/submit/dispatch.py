"""The shell of submit: brings every planned request to the provider exactly once.

A step is committed to the journal before the act it announces. An attempt that was announced and
has no answer is settled by asking the provider, before anything is sent again.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from portops.errors import AccessError, ProviderError, Refused, Unavailable, Unclear
from portops.limits import limits_of
from portops.providers.base import PortNumber, PortRequest, Provider, Receipt
from portops.redaction import Secret
from portops.store import journal
from portops.store.database import Database, instant
from portops.store.history import stamp
from portops.submit import agreement
from portops.submit.plan import DETAILS, Planned

Report = Callable[[str], None]

#: Seconds that a request may still be on its way after it was sent without an answer.
GRACE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one planned request.

    `status` is `submitted`, `already_submitted`, `held_back` or `failed`.
    """

    request: str
    status: str
    request_sid: str | None
    numbers: tuple[str, ...]
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The result of a submission. `stopped` is the error that ended it early, if one did."""

    batch: str
    outcomes: tuple[Outcome, ...]
    stopped: ProviderError | AccessError | None = None

    def count(self, status: str) -> int:
        """How many requests came out so."""
        return sum(outcome.status == status for outcome in self.outcomes)

    def as_table(self) -> pd.DataFrame:
        """One row a request: `request, status, request_sid, numbers, error`."""
        return pd.DataFrame(
            {
                "request": [each.request for each in self.outcomes],
                "status": [each.status for each in self.outcomes],
                "request_sid": [each.request_sid for each in self.outcomes],
                "numbers": [len(each.numbers) for each in self.outcomes],
                "error": [each.error for each in self.outcomes],
            }
        )

    def _repr_html_(self) -> str:
        head = (
            f"<p><b>{self.count('submitted'):,} submitted, {self.count('already_submitted'):,} submitted "
            f"before, {self.count('held_back'):,} held back, {self.count('failed'):,} failed.</b>"
            f" Batch <code>{self.batch}</code></p>"
        )
        return head + str(self.as_table().fillna("").to_html(index=False, escape=True))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _key(provider: str, details: Mapping[str, Any], numbers: Sequence[str], content: str) -> str:
    """Make the identity of a planned request from its content: the same content, the same row.

    PINs are left out: a digest of four digits is no secret.
    """
    whole = {"provider": provider, "numbers": sorted(numbers), "statement": content,
             **{name: details[name] for name in DETAILS if name != "statement"}}  # fmt: skip
    text = json.dumps(whole, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    key: str
    content: str
    port: PortRequest
    details: dict[str, Any]
    codes: list[str]


def _jobs(planned: Planned) -> list[_Job]:
    """Make a job of each request that is ready."""
    documents = planned.checked.documents
    rows = {str(name): each for name, each in planned.numbers.groupby("request", sort=False)}
    found = planned.findings.dropna(subset=["request"]).groupby("request")["code"]
    codes = {str(name): sorted(set(each)) for name, each in found}
    digests: dict[Path, str] = {}
    jobs = []
    for each in planned.ready.to_dict("records"):
        details: dict[str, Any] = {
            name: None if pd.isna(each[name]) else str(each[name]) for name in DETAILS
        }
        numbers = rows[each["request"]].sort_values("phone_number")
        statement = documents.get(details["statement"] or "")
        if statement is not None and statement not in digests:
            digests[statement] = _digest(statement)
        content = digests[statement] if statement is not None else ""
        port = PortRequest(
            request=each["request"],
            statement=statement,
            numbers=tuple(
                PortNumber(
                    phone_number=number,
                    line_type=kind,
                    pin=pin if isinstance(pin, Secret) and kind == "wireless" else None,
                )
                for number, kind, pin in numbers[["phone_number", "line_type", "pin"]].itertuples(
                    index=False, name=None
                )
            ),
            **{name: value for name, value in details.items() if name != "statement"},
        )
        # A split request carries its part's name; findings carry the name before splitting.
        base = each["request"].split(" [")[0] if not pd.isna(each["split"]) else each["request"]
        jobs.append(
            _Job(
                key=_key(planned.provider, details, each["numbers"], content),
                content=content,
                port=port,
                details={**details, "account": each["account"]},
                codes=sorted({*codes.get(each["request"], []), *codes.get(base, [])}),
            )
        )
    return jobs


class _Sender:
    """Sends jobs of one batch; shared by the threads."""

    def __init__(
        self, provider: Provider, database: Database, clock: Callable[[], datetime]
    ) -> None:
        self.provider, self.database, self.clock = provider, database, clock
        self._uploads: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self.stopped: ProviderError | AccessError | None = None

    def document(self, job: _Job) -> list[str]:
        """Upload the job's statement, once by its content; returns the provider's ids."""
        if job.port.statement is None:
            return []
        with self._lock:
            lock = self._uploads.setdefault(job.content, threading.Lock())
        with lock:
            known = journal.document_sid(self.database, self.provider.name, job.content)
            if known is None:
                known = self.provider.upload(job.port.statement)
                journal.keep_document(
                    self.database, self.provider.name, job.content, known, self.clock()
                )
        return [known]

    def settle(self, job: _Job, since: datetime) -> Receipt | None:
        """Ask the provider what became of an attempt that has no answer."""
        known = journal.known_sids(self.database)
        return self.provider.find(job.port.phone_numbers, since, known)

    def accepted(self, job: _Job, receipt: Receipt, supersedes: str) -> Outcome:
        """Commit that the provider has the request."""
        recorded = instant(self.clock())
        lines = {each.phone_number: each.line_type for each in job.port.numbers}
        events = [
            stamp(
                {
                    **event,
                    "provider": self.provider.name,
                    "losing_carrier": job.port.losing_carrier,
                    "line_type": lines.get(event["phone_number"], ""),
                    "supersedes": supersedes,
                },
                recorded,
            )
            for event in receipt.events
        ]
        journal.accept(self.database, job.key, receipt.request_sid, events, self.clock())
        return _outcome(job, "submitted", receipt.request_sid)

    def send(self, job: _Job, entry: Mapping[str, Any]) -> Outcome:
        """Bring one job to an end that is written down."""
        if self.stopped is not None:
            return _outcome(job, "failed", None, "not tried: the submission had stopped")
        supersedes = str(entry["supersedes"])
        try:
            if entry["state"] in journal.AMBIGUOUS:
                since = datetime.fromisoformat(str(entry["sending_at"]))
                early = GRACE - (self.clock() - since).total_seconds()
                if 0 < early <= GRACE:
                    time.sleep(early)
                found = self.settle(job, since)
                if found is not None:
                    return self.accepted(job, found, supersedes)
            journal.advance(self.database, job.key, "uploading", self.clock())
            documents = self.document(job)
            journal.advance(self.database, job.key, "sending", self.clock())
            return self.accepted(job, self.provider.create(job.port, documents), supersedes)
        except Unclear as error:
            return self._unknown(job, error, supersedes)
        except Refused as error:
            journal.advance(self.database, job.key, "refused", self.clock(), error=str(error))
            return _outcome(job, "failed", None, str(error))
        except (Unavailable, AccessError) as error:
            # Nothing was sent, and the next request would meet the same: the batch ends here.
            journal.advance(self.database, job.key, "failed", self.clock(), error=str(error))
            self.stopped = error
            return _outcome(job, "failed", None, str(error))

    def _unknown(self, job: _Job, error: Unclear, supersedes: str) -> Outcome:
        """Look at once for a request whose answer was lost; leave it open when none is found."""
        entry = journal.entries(self.database, [job.key])[job.key]
        if entry["state"] != "sending":
            # The upload's answer was lost, or the question's: no request was sent.
            journal.advance(self.database, job.key, "failed", self.clock(), error=str(error))
            return _outcome(job, "failed", None, str(error))
        journal.advance(self.database, job.key, "unknown", self.clock(), error=str(error))
        try:
            found = self.settle(job, datetime.fromisoformat(str(entry["sending_at"])))
        except (ProviderError, AccessError):
            found = None
        if found is not None:
            return self.accepted(job, found, supersedes)
        return _outcome(job, "failed", None, f"{error} Run the same command again to settle it.")


def _outcome(job: _Job, status: str, sid: str | None, error: str | None = None) -> Outcome:
    numbers = tuple(sorted(job.port.phone_numbers))
    return Outcome(
        request=job.port.request, status=status, request_sid=sid, numbers=numbers, error=error
    )


def _supersedes(job: _Job, rejected: Mapping[str, str]) -> str:
    """Return the SID of the request this one corrects: the newest with one of its numbers."""
    found = [rejected[number] for number in sorted(job.port.phone_numbers) if number in rejected]
    return found[0] if found else ""


def _row(job: _Job, supersedes: str) -> dict[str, Any]:
    return {
        "request_key": job.key,
        "request": job.port.request,
        "details": job.details,
        "finding_codes": job.codes,
        "supersedes": supersedes,
        "numbers": [(each.phone_number, each.line_type) for each in job.port.numbers],
    }


def submit(  # noqa: PLR0913 - the shell takes what the doors have
    planned: Planned,
    provider: Provider,
    database: Database,
    *,
    operator: str,
    open_numbers: pd.DataFrame,
    concurrency: int = 8,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    report: Report = lambda _: None,
) -> Submitted:
    """Submit every request of a plan that is ready and not yet submitted.

    `open_numbers` are the store's open numbers (`phone_number, request_sid, request_key,
    status`): a number open in another request holds its request back (`number.in_progress`); a
    rejected one makes the new request supersede the old. Running it again submits nothing twice.
    """
    limits_of(planned.provider)
    jobs = _jobs(planned)
    key_of = open_numbers.drop_duplicates("phone_number", keep="last").set_index("phone_number")
    blocked: dict[str, dict[str, Any]] = {}
    rejected: dict[str, dict[str, Any]] = {}
    for number, row in key_of.to_dict("index").items():
        (rejected if row["status"] == "rejected" else blocked)[str(number)] = row
    ready, held = [], []
    for job in jobs:
        others = [number for number in sorted(job.port.phone_numbers)
                  if number in blocked and blocked[number]["request_key"] != job.key]  # fmt: skip
        if others:
            sid = blocked[others[0]]["request_sid"]
            why = f"number.in_progress: {others[0]} is in the open request {sid}"
            held.append(_outcome(job, "held_back", None, why))
        else:
            ready.append(job)
    batch = uuid.uuid4().hex
    sids = {number: str(row["request_sid"]) for number, row in rejected.items()
            if all(row["request_key"] != job.key for job in ready)}  # fmt: skip
    before = journal.entries(database, [job.key for job in ready])
    fresh = [job for job in ready if before.get(job.key, {}).get("state") != "accepted"]
    if fresh:
        journal.open_batch(
            database,
            {"batch_id": batch, "provider": planned.provider, "operator": operator,
             "workbooks": list(planned.checked.workbooks), "agreement": agreement.text()},
            [_row(job, _supersedes(job, sids)) for job in fresh],
            clock(),
        )  # fmt: skip
    entries = journal.entries(database, [job.key for job in ready])
    sender = _Sender(provider, database, clock)

    def one(job: _Job) -> Outcome:
        entry = entries[job.key]
        if entry["state"] == "accepted":
            return _outcome(job, "already_submitted", entry["request_sid"])
        outcome = sender.send(job, entry)
        report(job.port.request)
        return outcome

    with ThreadPoolExecutor(max_workers=max(1, concurrency)) as pool:
        outcomes = list(pool.map(one, ready))
    for each in planned.held_back.to_dict("records"):
        numbers = tuple(each["numbers"])
        held.append(Outcome(request=each["request"], status="held_back", request_sid=None,
                            numbers=numbers, error=each["held_back"]))  # fmt: skip
    return Submitted(batch=batch, outcomes=(*outcomes, *held), stopped=sender.stopped)
