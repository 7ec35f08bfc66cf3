"""Orders: what the provider made of one planned request, each with a row and a journal of its own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from portops.store import audit, schema

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from portops.store.database import Database

#: Values of one question.
_MOST = 10_000


def note(connection: sa.Connection, key: str, state: str, now: datetime, words: str) -> None:
    """Add a step of a request to the journal, in a transaction that is open."""
    row = {"request_key": key, "state": state, "at": now, "note": words}
    connection.execute(schema.journal.insert(), audit.linked(connection, schema.journal, [row]))


def divide(
    connection: sa.Connection,
    key: str,
    orders: Sequence[tuple[str, Collection[str]]],
    now: datetime,
) -> None:
    """Write what orders the provider made of a request, SID and numbers of each.

    This is part of a transaction that is open. The first is the request's own row; each of the others gets a row under it, which says the same
    of the request and has its own numbers. Numbers that are in no order are the request's no more.
    """
    table, lines, kept = schema.requests, schema.request_numbers, schema.secrets
    row = dict(
        connection.execute(sa.select(table).where(table.c.request_key == key)).mappings().one()
    )
    ours = {number for _, numbers in orders for number in numbers}
    for sid, numbers in orders[1:]:
        own = hashlib.sha256(f"{key}|{sid}".encode()).hexdigest()
        if connection.execute(sa.select(table).where(table.c.request_key == own)).first():
            continue
        connection.execute(
            table.insert(),
            {
                **row,
                "request_key": own,
                "part_of": key,
                "state": "accepted",
                "request_sid": sid,
                "error": None,
                "claimed_by": None,
                "claimed_until": None,
            },
        )
        for moved in (lines, kept):
            connection.execute(
                moved.update()
                .where(moved.c.request_key == key, moved.c.phone_number.in_(list(numbers)))
                .values(request_key=own)
            )
        note(connection, own, "accepted", now, sid)
    for removed in (lines, kept):
        connection.execute(
            removed.delete().where(
                removed.c.request_key == key, removed.c.phone_number.not_in(list(ours))
            )
        )


def parts_of(database: Database, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the SIDs of the further orders of requests that were split, by the request's key."""
    table, parts = schema.requests, dict[str, tuple[str, ...]]()
    with database.reading() as connection:
        for start in range(0, len(keys), _MOST):
            some = list(keys[start : start + _MOST])
            query = (
                sa.select(table.c.part_of, table.c.request_sid)
                .where(table.c.part_of.in_(some))
                .order_by(table.c.request_sid)
            )
            for key, sid in connection.execute(query):
                parts[key] = (*parts.get(key, ()), str(sid))
    return parts
