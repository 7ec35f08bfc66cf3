"""Strays: what earlier submissions of other workbooks left open, settled before new ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from portops.providers.base import Drafting
from portops.store import journal, lines
from portops.store.claims import claim
from portops.submission.sending import MARGIN, NotYet

if TYPE_CHECKING:
    from portops.submission.jobs import Job
    from portops.submission.sending import Sender

#: Requests that are settled at a time.
_TOGETHER = 8


def settle_strays(sender: Sender, jobs: Iterable[Job]) -> None:
    """Settle what earlier submissions of other workbooks left open and share a number with these.

    What never reached the provider is given up: these requests stand in its place.
    """
    mine = {job.key: job for job in jobs}
    numbers = {number for job in mine.values() for number in job.numbers}
    strays = [
        row
        for row in journal.ambiguous(sender.database, sender.provider.name)
        if row["request_key"] not in mine
        and not numbers.isdisjoint(lines.lines_of(sender.database, row["request_key"]))
        and claim(sender.database, [row["request_key"]], sender.owner, sender.clock(), most=1)
    ]
    # Each has to wait for what may still arrive, so they wait together.
    with ThreadPoolExecutor(max_workers=_TOGETHER) as pool:
        list(pool.map(partial(_settle_stray, sender), strays))


def _settle_stray(sender: Sender, row: Mapping[str, Any]) -> None:
    try:
        there = sender.settle(row) is not None
    except NotYet:
        # It stays open, and its numbers with it.
        return
    provider, key = sender.provider, row["request_key"]
    if not there and isinstance(provider, Drafting):
        # Drafts that nobody goes on with; what was submitted of them stays.
        numbers = frozenset(lines.lines_of(sender.database, key))
        sids = journal.known_sids(sender.database)
        receipt = provider.withdraw(numbers, row["sending_at"] - MARGIN, sids)
        if receipt is not None:
            sender.accepted(row, receipt)
            return
    if not there:
        why = "It never reached the provider; another request has its numbers."
        journal.give_up(sender.database, row["request_key"], sender.clock(), why)
