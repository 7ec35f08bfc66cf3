"""The audit chain: each row of journal and history carries a digest of itself and the one before.

A row that is edited no longer fits its digest; one that is deleted leaves a gap, or an end that is
not the one that was written down. It shows mistakes and meddling, and is no signature: who can
write to the store and knows this module can make a chain anew.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from portops.store import schema
from portops.store.instants import as_text
from portops.tables import EVENT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: The columns that a row's digest covers, of each table that has a chain.
COVERED: dict[str, tuple[str, ...]] = {
    "journal": ("request_key", "state", "at", "note"),
    "events": EVENT_COLUMNS,
}

#: Rows that are read together.
_TOGETHER = 10_000


def digest(before: str, place: int, values: Sequence[str | None]) -> str:
    """Return the digest of a row's texts, at its place behind the row before."""
    texts = ["\x00" if value is None else value for value in values]
    joined = "\x1f".join([before, str(place), *texts])
    return hashlib.sha256(joined.encode(errors="surrogatepass")).hexdigest()


def end_of(connection: sa.Connection, table: sa.Table) -> tuple[int, str]:
    """Return a chain's length and its last digest; nobody else adds to it until the commit."""
    chains = schema.chains
    query = sa.select(chains.c.length, chains.c.head).where(chains.c.name == table.name)
    length, head = connection.execute(query.with_for_update()).one()
    return int(length), str(head)


def keep_end(connection: sa.Connection, table: sa.Table, length: int, head: str) -> None:
    """Write down where a chain ends, in the transaction that adds to it."""
    chains = schema.chains
    connection.execute(
        chains.update().where(chains.c.name == table.name).values(length=length, head=head)
    )


def linked(
    connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return rows that are about to be inserted, each with its `place` and `chain`."""
    length, head = end_of(connection, table)
    made = []
    for row in rows:
        length += 1
        values = [_text(row.get(name)) for name in COVERED[table.name]]
        head = digest(head, length, values)
        made.append({**row, "place": length, "chain": head})
    if made:
        keep_end(connection, table, length, head)
    return made


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return as_text(value) if isinstance(value, datetime) else str(value)


def broken(connection: sa.Connection, table: sa.Table) -> Iterator[tuple[str, str]]:
    """Go through a chain and name what was changed since it was written: the row, and how."""
    key = next(iter(table.primary_key.columns))
    names = COVERED[table.name]
    texts = [sa.type_coerce(table.c[name], sa.Text) for name in names]
    query = sa.select(key, table.c.place, table.c.chain, *texts).order_by(table.c.place, key)
    rows = connection.execution_options(stream_results=True, max_row_buffer=_TOGETHER).execute(
        query
    )
    last, before, sure = 0, "", True
    for name, place, chain, *values in rows:
        row = f"{table.name} {name} ({_shown(table, names, values)})"
        if place is None:
            yield row, "was added without portops"
            continue
        if place > last + 1:
            yield f"{table.name} {_places(last + 1, place - 1)}", "deleted"
            sure = False
        if place <= last or (sure and digest(before, place, values) != chain):
            yield row, "edited after it was written"
        last, before, sure = place, str(chain), True
    length, head = end_of(connection, table)
    if last < length:
        yield f"{table.name} {_places(last + 1, length)}", "deleted"
    elif (last, before) != (length, head):
        yield f"{table.name} row {last}", "does not fit the end that was written down"


def _places(first: int, last: int) -> str:
    return f"row {first:,}" if first == last else f"rows {first:,} to {last:,}"


def _shown(table: sa.Table, names: Sequence[str], values: Sequence[str | None]) -> str:
    """Say which row it is, in what a person looks for."""
    row = dict(zip(names, values, strict=True))
    if table.name == "journal":
        return f"{row['state']}, {str(row['at'])[:19]}"
    number = row["phone_number"] or "the request"
    return f"{row['request_sid']}, {number}, {row['status']}"
