"""How far the pull has come with each request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from portops.store import schema
from portops.store.database import upsert

if TYPE_CHECKING:
    from portops.store.database import Database


def pulled(database: Database, provider: str) -> dict[str, dict[str, Any]]:
    """Return how far the pull has come, by SID: `listed, asked_at, ended`."""
    table = schema.pulls
    query = sa.select(table).where(table.c.provider == provider)
    with database.reading() as connection:
        return {row["request_sid"]: dict(row) for row in connection.execute(query).mappings()}


def keep_pulled(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """Keep how far the pull has come, in the transaction that holds the events themselves."""
    upsert(connection, schema.pulls, rows, ["provider", "request_sid"])
