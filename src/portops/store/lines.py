"""Lines: the telephone numbers of planned and accepted requests, with their types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from portops.store import schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portops.store.database import Database


def lines_of(database: Database, key: str) -> dict[str, str]:
    """Return the numbers of a request with their line types."""
    table = schema.request_numbers
    query = sa.select(table.c.phone_number, table.c.line_type).where(table.c.request_key == key)
    with database.reading() as connection:
        return {row.phone_number: row.line_type for row in connection.execute(query)}


def lines_of_requests(
    database: Database, request_sids: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Return the line type of each (SID, number) of these requests."""
    table = schema.request_numbers
    query = (
        sa.select(schema.requests.c.request_sid, table.c.phone_number, table.c.line_type)
        .join(schema.requests)
        .where(schema.requests.c.request_sid.in_(list(request_sids)))
    )
    with database.reading() as connection:
        return {(sid, number): kind for sid, number, kind in connection.execute(query)}


def line_type(database: Database, request_sid: str, phone_number: str) -> str:
    """Return the line type of a number of a request; empty when it is not known."""
    return lines_of_requests(database, [request_sid]).get((request_sid, phone_number), "")


def numbers_of(database: Database) -> pd.DataFrame:
    """Return every number that was planned.

    Columns: `request_key, request_sid, state, phone_number, line_type`; the key is the planned
    request's, whatever orders the provider made of it.
    """
    query = sa.select(
        sa.func.coalesce(schema.requests.c.part_of, schema.request_numbers.c.request_key).label(
            "request_key"
        ),
        schema.requests.c.request_sid,
        schema.requests.c.state,
        schema.request_numbers.c.phone_number,
        schema.request_numbers.c.line_type,
    ).join(schema.requests)
    with database.reading() as connection:
        result = connection.execute(query)
        return pd.DataFrame(result.all(), columns=list(result.keys()))
