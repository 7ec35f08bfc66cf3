"""Adoption: requests that the provider has and the store does not, written into the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from portops.store import schema
from portops.store.database import insert_for
from portops.store.history import append
from portops.store.orders import note

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from portops.store.database import Database


def adopt(
    database: Database,
    request_sid: str,
    row: dict[str, Any],
    events: Iterable[dict[str, Any]],
    now: datetime,
) -> bool:
    """Write an accepted request with its numbers and events, in one transaction.

    `row` has `request_key, batch_id, provider, request, details, finding_codes, supersedes` and
    `numbers` (a list of E.164 and line type). A planned request of that key becomes the accepted
    one. Returns False, and writes nothing, when the store has that SID already, or has another
    SID under that key.
    """
    table, key = schema.requests, row["request_key"]
    mine = {name: value for name, value in row.items() if name != "numbers"}
    taken: dict[str, Any] = {
        "state": "accepted",
        "request_sid": request_sid,
        "error": None,
        "claimed_by": None,
        "claimed_until": None,
    }
    with database.writing() as connection:
        there = sa.select(table.c.request_key).where(
            sa.or_(
                table.c.request_sid == request_sid,
                sa.and_(table.c.request_key == key, table.c.request_sid.is_not(None)),
            )
        )
        if connection.execute(there).first() is not None:
            return False
        statement = insert_for(connection, table)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["request_key"], set_=taken),
            {**mine, **taken},
        )
        numbers = [
            {"request_key": key, "phone_number": number, "line_type": kind}
            for number, kind in row["numbers"]
        ]
        if numbers:
            fresh = insert_for(connection, schema.request_numbers).on_conflict_do_nothing()
            connection.execute(fresh, numbers)
        note(connection, key, "accepted", now, request_sid)
        note(connection, key, "accepted", now, "adopted: it was found at the provider")
        append(connection, events)
    return True
