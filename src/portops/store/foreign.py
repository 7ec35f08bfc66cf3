"""Requests of the provider that are not the store's: looked at once, and again when they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from portops.store import schema
from portops.store.database import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portops.store.database import Database

#: A request's SID, what the provider's list said of it, and its numbers.
Row = tuple[str, str, frozenset[str]]


def remembered(database: Database, provider: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Return what was kept, by SID: what the provider's list said then, and the numbers."""
    table = schema.foreign_requests
    query = sa.select(table.c.request_sid, table.c.listed, table.c.numbers)
    with database.reading() as connection:
        rows = connection.execute(query.where(table.c.provider == provider))
        return {sid: (listed, frozenset(numbers)) for sid, listed, numbers in rows}


def remember(database: Database, provider: str, rows: Iterable[Row]) -> None:
    """Keep which numbers these requests have."""
    kept = [
        {"provider": provider, "request_sid": sid, "listed": listed, "numbers": sorted(numbers)}
        for sid, listed, numbers in rows
    ]
    if kept:
        with database.writing() as connection:
            upsert(connection, schema.foreign_requests, kept, ["provider", "request_sid"])
