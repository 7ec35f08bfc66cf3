"""Remarks: what was said about requests beside their statuses, as the last pull has seen it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from portops.store import schema
from portops.store.database import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from portops.store.database import Database


def keep(
    database: Database,
    provider: str,
    remarks: Mapping[str, Iterable[tuple[datetime, str, str]]],
) -> None:
    """Keep what was said about requests, by SID: when (UTC), by whom, the words; twice is once."""
    rows = [
        {
            "provider": provider,
            "request_sid": sid,
            "remark_id": hashlib.sha256(f"{at}|{author}|{words}".encode()).hexdigest()[:32],
            "at": at,
            "author": author,
            "words": words,
        }
        for sid, told in remarks.items()
        for at, author, words in told
    ]
    if rows:
        with database.writing() as connection:
            upsert(connection, schema.remarks, rows, ["provider", "request_sid", "remark_id"])


def read(database: Database, request_sid: str) -> list[dict[str, Any]]:
    """Return what was said about a request, oldest first: `at` (UTC), `author`, `words`."""
    table = schema.remarks
    query = (
        sa.select(*table.c["at", "author", "words"])
        .where(table.c.request_sid == request_sid)
        .order_by(table.c.at, table.c.remark_id)
    )
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
