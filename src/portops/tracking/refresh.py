"""The shell of track: asks the provider what has changed and appends it to the history.

What the provider's list says of each request is kept beside its events, in one transaction: a
pull that dies half-way, or two at once, skip nothing; at worst a request is asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.providers.base import Remarking
from portops.results.pulled import Pulled
from portops.store import journal, lines, pulls, remarks, vault
from portops.store.history import append, read_history, rows_of, stamp, taken_in
from portops.tracking.state import ended, present

if TYPE_CHECKING:
    from portops.providers.base import Event, Listed, Provider
    from portops.store.database import Database

#: Requests whose events are committed together: a pull that dies keeps what it has.
_TOGETHER = 200

#: The list tells days, in a zone that is not said: so long before a request was asked for, its
#: day may be the one on which something happened afterwards.
_DAY_MARGIN = timedelta(hours=14)


def _fresh(events: list[Event], state: dict[tuple[str, str], str]) -> list[Event]:
    """Leave out what the provider only repeats: the request as a whole in the status it had.

    Its numbers have their own times, so a repeat of theirs is the same event; the request has
    none, and would look changed whenever one of its numbers is.
    """
    return [
        event
        for event in events
        if event.get("phone_number")
        or state.get((str(event.get("request_sid")), "")) != event.get("status")
    ]


def _has_changed(listed: Listed, before: dict[str, Any] | None) -> bool:
    """Tell whether something may have happened to a request since it was asked for."""
    if before is None or before["listed"] != listed.state or listed.changed is None:
        return True
    asked: date = (before["asked_at"] - _DAY_MARGIN).date()
    return listed.changed >= asked


class _Pull:
    """One pull of one provider's requests."""

    def __init__(
        self, provider: Provider, database: Database, clock: Callable[[], datetime]
    ) -> None:
        self.provider, self.database, self.clock = provider, database, clock
        self.details = journal.tracked(database, provider.name).set_index("request_sid")
        self.before = pulls.pulled(database, provider.name)
        self.new = 0

    def take(
        self, sids: Sequence[str], listed: dict[str, Listed], pool: ThreadPoolExecutor
    ) -> None:
        """Ask for some requests and commit what is new, with how far it has come."""
        asked_at = self.clock()
        answers = dict(zip(sids, pool.map(self.provider.changes, sids), strict=True))
        history = read_history(self.database, sids)
        now = present(history)
        state = {
            (sid, number): status
            for sid, number, status in now[["request_sid", "phone_number", "status"]].itertuples(
                index=False, name=None
            )
        }
        recorded = self.clock()
        line_types = lines.lines_of_requests(self.database, sids)
        told = [
            stamp(
                {
                    **event,
                    "provider": self.provider.name,
                    "losing_carrier": self.details.loc[sid]["details"].get("losing_carrier"),
                    "line_type": line_types.get((sid, str(event.get("phone_number"))), ""),
                    "supersedes": self.details.loc[sid]["supersedes"],
                },
                recorded,
            )
            for sid, answer in answers.items()
            for event in _fresh(answer, state)
        ]
        fresh = taken_in(told)
        over = ended(pd.concat([history, fresh], ignore_index=True))
        # A request that was asked for by name was not seen in the list.
        kept = [
            {
                "provider": self.provider.name,
                "request_sid": sid,
                "listed": listed[sid].state if sid in listed else "",
                "asked_at": asked_at,
                "ended": sid in over,
            }
            for sid in sids
        ]
        with self.database.writing() as connection:
            self.new += append(connection, rows_of(fresh))
            pulls.keep_pulled(connection, kept)
        if isinstance(self.provider, Remarking):
            told_beside = zip(sids, pool.map(self.provider.remarks, sids), strict=True)
            remarks.keep(self.database, self.provider.name, dict(told_beside))
        vault.purge(self.database, over)


def pull(  # noqa: PLR0913 - the shell takes what the doors have
    provider: Provider,
    database: Database,
    *,
    full: bool = False,
    only: Collection[str] | None = None,
    concurrency: int = 8,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Callable[[str], None] = lambda _: None,
) -> Pulled:
    """Bring the history up to date for the provider's requests.

    Those that have not ended are looked at in the provider's list, and asked for when they may
    have changed; `full` asks for every request, `only` for these. The PINs of requests that have
    ended are removed from the store. Pulling twice adds nothing the second time. Raises
    ProviderError and AccessError; what was read before that is kept.
    """
    work = _Pull(provider, database, clock)
    before = work.before
    sids = [sid for sid in work.details.index if full or not before.get(sid, {}).get("ended")]
    listed: dict[str, Listed] = {}
    if only is not None:
        sids = changed = [sid for sid in work.details.index if sid in only]
    else:
        listed = {request.request_sid: request for request in provider.listed(sids)}
        changed = [
            sid
            for sid in sids
            if sid in listed and (full or _has_changed(listed[sid], before.get(sid)))
        ]
    with ThreadPoolExecutor(max_workers=max(1, concurrency)) as pool:
        for start in range(0, len(changed), _TOGETHER):
            some = changed[start : start + _TOGETHER]
            work.take(some, listed, pool)
            for sid in some:
                progress(sid)
    missing = () if only is not None else tuple(sid for sid in sids if sid not in listed)
    return Pulled(listed=len(sids), asked=len(changed), new_events=work.new, missing=missing)
