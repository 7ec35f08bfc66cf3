"""Billing statements that the provider has, by their contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from portops.store import schema
from portops.store.database import insert_for

if TYPE_CHECKING:
    from datetime import datetime

    from portops.store.database import Database


def document_sid(database: Database, provider: str, content_hash: str) -> str | None:
    """Return the provider's id of a statement uploaded before, by its content."""
    query = sa.select(schema.documents.c.document_sid).where(
        schema.documents.c.provider == provider, schema.documents.c.content_hash == content_hash
    )
    with database.reading() as connection:
        sid = connection.execute(query).scalar()
    return None if sid is None else str(sid)


def keep_document(
    database: Database, provider: str, content_hash: str, sid: str, now: datetime
) -> None:
    """Remember an uploaded statement."""
    row = {
        "provider": provider,
        "content_hash": content_hash,
        "document_sid": sid,
        "uploaded_at": now,
    }
    with database.writing() as connection:
        connection.execute(
            insert_for(connection, schema.documents).values(row).on_conflict_do_nothing()
        )
