"""The shell of track: asks the provider what has changed and appends it to the history."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from portops.store import journal, vault
from portops.store.database import Database, instant
from portops.store.history import append, read_history, stamp
from portops.track.state import ended, present, tracker

if TYPE_CHECKING:
    import pandas as pd

    from portops.providers.base import Event, Provider

#: Requests whose events are committed together: a pull that dies keeps what it has.
_TOGETHER = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """The result of a pull: how many requests were asked for, how many events were new."""

    asked: int
    new_events: int

    def _repr_html_(self) -> str:
        return f"<p><b>{self.asked:,} requests asked, {self.new_events:,} new events.</b></p>"


def _fresh(events: list[Event], state: dict[tuple[str, str], str]) -> list[Event]:
    """Leave out what the provider only repeats: the request as a whole in the status it had.

    Its numbers have their own times, so a repeat of theirs is the same event; the request has
    none, and would look changed whenever one of its numbers is.
    """
    return [
        event
        for event in events
        if event["phone_number"] or state.get((event["request_sid"], "")) != event["status"]
    ]


def pull(  # noqa: PLR0913 - the shell takes what the doors have
    provider: Provider,
    database: Database,
    *,
    full: bool = False,
    only: Collection[str] | None = None,
    concurrency: int = 8,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    report: Callable[[str], None] = lambda _: None,
) -> Pulled:
    """Bring the history up to date for the provider's open requests, or with `full` for all.

    `only` asks for these requests and no others. The PINs of requests that have ended are removed
    from the store. Pulling twice adds nothing the second time. Raises ProviderError and AccessError; what was
    read before that is kept.
    """
    known = journal.tracked(database, provider.name)
    events = read_history(database)
    over = ended(events)
    sids = [sid for sid in known["request_sid"]
            if (sid in only if only is not None else full or sid not in over)]  # fmt: skip
    now = present(events)
    state = {
        (sid, number): status
        for sid, number, status in now[["request_sid", "phone_number", "status"]].itertuples(
            index=False, name=None
        )
    }
    numbers = journal.numbers_of(database)
    lines = {
        (sid, number): kind
        for sid, number, kind in numbers[["request_sid", "phone_number", "line_type"]].itertuples(
            index=False, name=None
        )
    }
    details = known.set_index("request_sid")
    new = 0
    with ThreadPoolExecutor(max_workers=max(1, concurrency)) as pool:
        for start in range(0, len(sids), _TOGETHER):
            some = sids[start : start + _TOGETHER]
            recorded = instant(clock())
            rows = []
            for sid, answer in zip(some, pool.map(provider.changes, some), strict=True):
                about = details.loc[sid]
                rows += [
                    stamp(
                        {
                            **event,
                            "provider": provider.name,
                            "losing_carrier": about["details"].get("losing_carrier"),
                            "line_type": lines.get((sid, event["phone_number"]), ""),
                            "supersedes": about["supersedes"],
                        },
                        recorded,
                    )
                    for event in _fresh(answer, state)
                ]
                report(sid)
            with database.writing() as connection:
                new += append(connection, rows)
    if new:
        vault.purge(database, ended(read_history(database)))
    return Pulled(asked=len(sids), new_events=new)


def status(database: Database) -> pd.DataFrame:
    """Return the tracker table of the store (see `track.state.tracker`)."""
    return tracker(read_history(database), journal.tracked(database))
