"""The journal of submissions: which planned request is where on its way to the provider.

States: `planned, uploading, sending, accepted, refused, unknown, failed, canceled`. Each is
committed before the act it announces; the journal keeps every step, `requests.state` the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from portops.store import schema
from portops.store.database import instant
from portops.store.history import append

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from portops.store.database import Database

#: States in which a request may be waiting at the provider without our knowing.
AMBIGUOUS = ("sending", "unknown")

#: States from which a request may be sent.
SENDABLE = ("planned", "uploading", "refused", "failed")


def _insert(connection: sa.Connection, table: sa.Table) -> Any:
    return (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(table)


def open_batch(
    database: Database,
    batch: dict[str, Any],
    requests: Sequence[dict[str, Any]],
    now: datetime,
) -> None:
    """Record a batch and its planned requests in one transaction; known requests stay as they are.

    `requests` have `request_key, request, details, finding_codes, supersedes` and `numbers`, a
    list of (E.164, line type).
    """
    with database.writing() as connection:
        connection.execute(schema.batches.insert(), {**batch, "created_at": instant(now)})
        for each in requests:
            row = {
                "batch_id": batch["batch_id"],
                "provider": batch["provider"],
                "state": "planned",
                **{name: value for name, value in each.items() if name != "numbers"},
            }
            fresh = _insert(connection, schema.requests).values(row).on_conflict_do_nothing()
            if connection.execute(fresh).rowcount != 1:
                continue
            numbers = [
                {"request_key": each["request_key"], "phone_number": number, "line_type": kind}
                for number, kind in each["numbers"]
            ]
            connection.execute(schema.request_numbers.insert(), numbers)
            _note(connection, each["request_key"], "planned", now, f"batch {batch['batch_id']}")


def _note(connection: sa.Connection, key: str, state: str, now: datetime, note: str) -> None:
    row = {"request_key": key, "state": state, "at": instant(now), "note": note}
    connection.execute(schema.journal.insert(), row)


def advance(
    database: Database, key: str, state: str, now: datetime, *, error: str | None = None
) -> None:
    """Commit that a request has entered `state`; `sending` also keeps the moment."""
    values: dict[str, Any] = {"state": state, "error": error}
    if state == "sending":
        values["sending_at"] = instant(now)
    with database.writing() as connection:
        connection.execute(
            schema.requests.update().where(schema.requests.c.request_key == key).values(values)
        )
        _note(connection, key, state, now, error or "")


def accept(
    database: Database,
    key: str,
    request_sid: str,
    events: Iterable[dict[str, Any]],
    now: datetime,
) -> None:
    """Commit that the provider has taken a request, with its first events, in one transaction."""
    with database.writing() as connection:
        connection.execute(
            schema.requests.update()
            .where(schema.requests.c.request_key == key)
            .values(state="accepted", request_sid=request_sid, error=None)
        )
        _note(connection, key, "accepted", now, request_sid)
        append(connection, events)


def entries(database: Database, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the rows of the named requests, by key."""
    query = sa.select(schema.requests).where(schema.requests.c.request_key.in_(list(keys)))
    with database.reading() as connection:
        rows = connection.execute(query).mappings().all()
    return {row["request_key"]: dict(row) for row in rows}


def document_sid(database: Database, provider: str, content_hash: str) -> str | None:
    """Return the provider's id of a statement uploaded before, by its content."""
    query = sa.select(schema.documents.c.document_sid).where(
        schema.documents.c.provider == provider, schema.documents.c.content_hash == content_hash
    )
    with database.reading() as connection:
        found = connection.execute(query).scalar()
    return None if found is None else str(found)


def keep_document(
    database: Database, provider: str, content_hash: str, sid: str, now: datetime
) -> None:
    """Remember an uploaded statement."""
    row = {"provider": provider, "content_hash": content_hash, "document_sid": sid,
           "uploaded_at": instant(now)}  # fmt: skip
    with database.writing() as connection:
        connection.execute(
            _insert(connection, schema.documents).values(row).on_conflict_do_nothing()
        )


def tracked(database: Database, provider: str | None = None) -> pd.DataFrame:
    """Return accepted requests: `request_key, request_sid, provider, request, details,
    supersedes, batch_id, operator, workbooks`.
    """  # noqa: D205 - the columns belong to the first sentence
    query = (
        sa.select(
            *schema.requests.c["request_key", "request_sid", "provider", "request", "details",
                              "supersedes", "finding_codes", "batch_id"],
            *schema.batches.c["operator", "workbooks"],
        )
        .join(schema.batches)
        .where(schema.requests.c.request_sid.is_not(None))
        .order_by(schema.requests.c.request_sid)
    )  # fmt: skip
    if provider is not None:
        query = query.where(schema.requests.c.provider == provider)
    with database.reading() as connection:
        result = connection.execute(query)
        return pd.DataFrame(result.all(), columns=list(result.keys()))


def numbers_of(database: Database) -> pd.DataFrame:
    """Return every number that was planned: `request_key, request_sid, phone_number, line_type`."""
    query = sa.select(
        schema.request_numbers.c.request_key,
        schema.requests.c.request_sid,
        schema.request_numbers.c.phone_number,
        schema.request_numbers.c.line_type,
    ).join(schema.requests)
    with database.reading() as connection:
        result = connection.execute(query)
        return pd.DataFrame(result.all(), columns=list(result.keys()))


def known_sids(database: Database) -> set[str]:
    """Return the SIDs that belong to a request of the store."""
    query = sa.select(schema.requests.c.request_sid).where(
        schema.requests.c.request_sid.is_not(None)
    )
    with database.reading() as connection:
        return set(connection.execute(query).scalars())


def agreement_of(database: Database, request_sid: str) -> dict[str, Any] | None:
    """Return who submitted a request and what was agreed: `operator, agreement, created_at`."""
    query = (
        sa.select(*schema.batches.c["operator", "agreement", "created_at"])
        .join(schema.requests)
        .where(schema.requests.c.request_sid == request_sid)
    )
    with database.reading() as connection:
        row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)
