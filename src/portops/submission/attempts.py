"""Attempts: a planned request that is to be made once more, after the one that has ended.

A request's identity leaves its PINs out, so that nobody can try them against it. Another attempt
is known by the SID of the request it follows: one that was canceled or has expired and is asked
for again, or one that was rejected and comes back with another PIN.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from portops.store import batches, journal, orders, vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    import pandas as pd

    from portops.results.planned import Planned
    from portops.sealing import Cipher
    from portops.store.database import Database
    from portops.submission.jobs import Job

#: States of a request that the provider has, or had.
AT_PROVIDER = frozenset({"accepted", "canceled"})

#: Said of a rejected request of which it cannot be told whether its PINs have changed.
UNSURE = (
    "Rejected before as {sid}. PINs aren't kept without PORTOPS_SECRET_KEY, so it can't be told "
    "whether this PIN has changed. Submit it from the workbook that `portops corrections` writes, "
    "or with --again."
)


def _names(workbooks: Iterable[str]) -> frozenset[str]:
    """Return the workbooks' names without their folders: one may be named from elsewhere."""
    return frozenset(PurePath(workbook).name for workbook in workbooks)


class Attempts:
    """Tells which attempt of a planned request a job is.

    `ended` are SIDs of requests that are to be made once more; `open_numbers` gives the store's
    open numbers; the plan names the workbooks that are submitted now.
    """

    def __init__(
        self,
        database: Database,
        planned: Planned,
        *,
        ended: frozenset[str],
        open_numbers: Callable[[], pd.DataFrame],
        cipher: Cipher | None,
    ) -> None:
        self.database, self._ended, self._cipher = database, ended, cipher
        self._open_numbers, self._workbooks = open_numbers, _names(planned.checked.workbooks)
        self._rejected: frozenset[tuple[str, str]] | None = None
        #: What is said of requests of which it cannot be told, by key.
        self.unsure: dict[str, str] = {}

    def latest(self, jobs: list[Job]) -> list[Job]:
        """Return the jobs, each as the attempt that is to be looked at now, in the same order."""
        final: dict[int, Job] = {}
        todo = dict(enumerate(jobs))
        while todo:
            entries = journal.entries(self.database, [job.key for job in todo.values()])
            sids = {
                place: str(entries[job.key]["request_sid"])
                for place, job in todo.items()
                if entries.get(job.key, {}).get("request_sid")
            }
            later = {place: todo[place].after(sid) for place, sid in sids.items()}
            there = journal.entries(self.database, [job.key for job in later.values()])
            parts = orders.parts_of(self.database, [job.key for job in todo.values()])
            final |= {place: job for place, job in todo.items() if place not in sids}
            following: dict[int, Job] = {}
            for place, sid in sids.items():
                made = there.get(later[place].key, {}).get("state") in AT_PROVIDER
                sids_of = {sid, *parts.get(todo[place].key, ())}
                over = sids_of <= self._ended
                if made or over or self._corrects(todo[place], entries, sid):
                    following[place] = later[place]
                else:
                    final[place] = todo[place]
            todo = following
        return [final[place] for place in range(len(jobs))]

    def _corrects(self, job: Job, entries: Mapping[str, Mapping[str, Any]], sid: str) -> bool:
        """Tell whether a job is the request of this SID with another PIN, after its rejection."""
        pins = {line.phone_number: line.pin for line in job.port.numbers if line.pin is not None}
        if not pins or self._rejected_in(sid).isdisjoint(pins):
            return False
        kept = {}
        if self._cipher is not None:
            kept = vault.read(self.database, self._cipher, list(pins), request_key=job.key)
        if kept:
            return any(kept.get(number, pin) != pin for number, pin in pins.items())
        # A rejected request that comes from another workbook was written anew, PINs included:
        # portops itself never writes them.
        before = batches.workbooks_of(self.database, str(entries[job.key]["batch_id"]))
        if self._workbooks.isdisjoint(_names(before)):
            return True
        self.unsure[job.key] = UNSURE.format(sid=sid)
        return False

    def _rejected_in(self, sid: str) -> frozenset[str]:
        """Return the numbers of a request that are rejected and not corrected yet."""
        if self._rejected is None:
            numbers = self._open_numbers()
            rejected = numbers.loc[numbers["status"] == "rejected", ["request_sid", "phone_number"]]
            self._rejected = frozenset(rejected.itertuples(index=False, name=None))
        return frozenset(number for request, number in self._rejected if request == sid)
