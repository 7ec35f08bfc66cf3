"""Claims: which process works on which planned request, so that several can share the work.

A claim is a lease. It is renewed with every step, and ends with its time, with its process where
that can be seen from here, or when it is given back.
"""

from __future__ import annotations

import os
import platform
import uuid
from datetime import timedelta
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import psutil
import sqlalchemy as sa

from portops.store import schema
from portops.store.journal import AMBIGUOUS, SENDABLE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from portops.store.database import Database

#: How long a claim holds without a sign of life; longer than any one call to a provider.
LEASE = timedelta(minutes=3)

#: Rows that are looked at in one question.
_WINDOW = 500


@cache
def _me() -> str:
    return f"{platform.node()}|{os.getpid()}|{psutil.Process().create_time():.2f}"


def new_owner() -> str:
    """Name one submission: this machine, this process, and a word of its own."""
    return f"{_me()}|{uuid.uuid4().hex[:12]}"


def gone(owner: str) -> bool:
    """Tell whether the process that made a claim on this machine has died."""
    try:
        node, pid, started, _ = owner.rsplit("|", 3)
        if node != platform.node():
            return False
        return f"{psutil.Process(int(pid)).create_time():.2f}" != started
    except (ValueError, psutil.NoSuchProcess):
        return True
    except psutil.Error:
        return False


def claim(
    database: Database, keys: Iterable[str], owner: str, now: datetime, *, most: int
) -> list[dict[str, Any]]:
    """Claim up to `most` of the named requests that can be worked on and that nobody works on.

    Returns their rows as they are now; an empty list when others have them all, or none is left.
    """
    table, rest = schema.requests, iter(keys)
    while window := list(islice(rest, _WINDOW)):
        query = (
            sa.select(table)
            .where(table.c.request_key.in_(window), table.c.state.in_(SENDABLE + AMBIGUOUS))
            .with_for_update(skip_locked=True)
        )
        with database.writing() as connection:
            rows = {row["request_key"]: dict(row) for row in connection.execute(query).mappings()}
            free = [rows[key] for key in window if key in rows and _free(rows[key], owner, now)]
            taken = free[:most]
            if taken:
                connection.execute(
                    table.update()
                    .where(table.c.request_key.in_([row["request_key"] for row in taken]))
                    .values(claimed_by=owner, claimed_until=now + LEASE)
                )
                return taken
    return []


def _free(row: dict[str, Any], owner: str, now: datetime) -> bool:
    holder = row["claimed_by"]
    return holder is None or holder == owner or row["claimed_until"] < now or gone(holder)


def release(database: Database, owner: str) -> None:
    """Give back every claim of an owner."""
    table = schema.requests
    with database.writing() as connection:
        connection.execute(
            table.update()
            .where(table.c.claimed_by == owner)
            .values(claimed_by=None, claimed_until=None)
        )
