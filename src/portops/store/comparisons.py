"""What past reconciliations counted; appended, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from portops.store import schema
from portops.store.database import upsert

if TYPE_CHECKING:
    from datetime import datetime

    from portops.store.database import Database


def keep(
    database: Database, provider: str, sides: str, as_of: datetime, counts: dict[str, int]
) -> None:
    """Keep how many numbers were in each class; `sides` names what was compared."""
    row = {"provider": provider, "sides": sides, "as_of": as_of, "counts": counts}
    with database.writing() as connection:
        upsert(connection, schema.reconciliations, [row], ["provider", "sides", "as_of"])


def last_before(
    database: Database, provider: str, sides: str, moment: datetime
) -> tuple[datetime, dict[str, int]] | None:
    """Return when the same sides were last compared before `moment` (UTC), and what was counted."""
    table = schema.reconciliations
    query = (
        sa.select(table.c.as_of, table.c.counts)
        .where(table.c.provider == provider, table.c.sides == sides, table.c.as_of < moment)
        .order_by(table.c.as_of.desc())
        .limit(1)
    )
    with database.reading() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else (row.as_of, dict(row.counts))
