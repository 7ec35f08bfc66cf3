"""Batches: what was submitted together, by whom, and what they agreed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from portops.store import audit, schema
from portops.store.database import insert_for, upsert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portops.store.database import Database


def open_batch(
    database: Database,
    batch: dict[str, Any],
    requests: Sequence[dict[str, Any]],
    now: datetime,
) -> None:
    """Record a batch and its planned requests in one transaction; requests that are there already stay as they are.

    `requests` have `request_key, request, details, finding_codes, supersedes`, `numbers` (a list
    of E.164 and line type) and `secrets` (E.164 to sealed bytes).
    """
    ordered = sorted(requests, key=lambda request: str(request["request_key"]))
    extra = {"numbers", "secrets"}
    with database.writing() as connection:
        connection.execute(schema.batches.insert(), {**batch, "created_at": now})
        if not ordered:
            return
        rows = [
            {
                "batch_id": batch["batch_id"],
                "provider": batch["provider"],
                "state": "planned",
                **{name: value for name, value in request.items() if name not in extra},
            }
            for request in ordered
        ]
        fresh = insert_for(connection, schema.requests).on_conflict_do_nothing()
        # Not every driver counts inserted rows; every one gives back what it inserted.
        new = set(
            connection.execute(fresh.returning(schema.requests.c.request_key), rows).scalars()
        )
        kept = [
            {
                "request_key": request["request_key"],
                "phone_number": number,
                "sealed": sealed,
                "kept_at": now,
            }
            for request in ordered
            for number, sealed in request["secrets"].items()
        ]
        upsert(connection, schema.secrets, kept, ["request_key", "phone_number"])
        numbers = [
            {"request_key": request["request_key"], "phone_number": number, "line_type": kind}
            for request in ordered
            if request["request_key"] in new
            for number, kind in request["numbers"]
        ]
        if numbers:
            connection.execute(schema.request_numbers.insert(), numbers)
            step = {"state": "planned", "at": now, "note": f"batch {batch['batch_id']}"}
            notes = [{"request_key": key, **step} for key in sorted(new)]
            chained = audit.linked(connection, schema.journal, notes)
            connection.execute(schema.journal.insert(), chained)


def sids_of_batch(database: Database, batch_id: str) -> list[str]:
    """Return the SIDs of a batch's requests."""
    table = schema.requests
    query = (
        sa.select(table.c.request_sid)
        .where(table.c.batch_id == batch_id, table.c.request_sid.is_not(None))
        .order_by(table.c.request_sid)
    )
    with database.reading() as connection:
        return [str(sid) for sid in connection.execute(query).scalars()]


def workbooks_of(database: Database, batch_id: str) -> list[str]:
    """Return the names of the workbooks that a batch was submitted from."""
    query = sa.select(schema.batches.c.workbooks).where(schema.batches.c.batch_id == batch_id)
    with database.reading() as connection:
        return [str(name) for name in connection.execute(query).scalar() or []]


def agreement_of(database: Database, request_sid: str) -> dict[str, Any] | None:
    """Return who submitted a request, and what was agreed.

    Keys: `batch_id, operator, agreement, created_at`.
    """
    query = (
        sa.select(*schema.batches.c["batch_id", "operator", "agreement", "created_at"])
        .join(schema.requests)
        .where(schema.requests.c.request_sid == request_sid)
    )
    with database.reading() as connection:
        row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)
