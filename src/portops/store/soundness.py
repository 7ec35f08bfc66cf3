"""Soundness: the database itself, journal against history, and the audit chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from portops.errors import StoreError
from portops.results.kept import Chain, Problem, StoreCheck
from portops.store import audit, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portops.store.database import Database

#: States of a request that the provider has taken.
_TAKEN = ("accepted", "canceled")


def check(database: Database) -> StoreCheck:
    """Look through the whole store; nothing is changed. Raises StoreError where it cannot be read."""
    problems: list[Problem] = []
    chains: list[Chain] = []
    foreign: tuple[str, ...] = ()
    requests = events = 0
    try:
        with database.reading() as connection:
            problems += _integrity(connection)
            requests, events = (
                int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
                for table in (schema.requests, schema.events)
            )
            problems += _journal(connection)
            for table in (schema.journal, schema.events):
                proofs = audit.Proofs(connection, table)
                problems += [
                    Problem(kind="chain", where=where, what=what)
                    for where, what in audit.broken(connection, table, proofs)
                ]
                chains.append(_chain(connection, table, proofs))
            foreign = _foreign(connection)
    except StoreError as error:
        problems.append(Problem(kind="integrity", where="the database", what=str(error)))
    return StoreCheck(
        requests=requests,
        events=events,
        problems=tuple(problems),
        foreign=foreign,
        chains=tuple(chains),
    )


def _chain(connection: sa.Connection, table: sa.Table, proofs: audit.Proofs) -> Chain:
    """Say what vouches for a chain that was gone through."""
    length, head = audit.end_of(connection, table)
    if not proofs.keyed:
        keyed = "no" if length else "empty"
    elif proofs.key is not None:
        keyed = "yes"
    else:
        keyed = "no key here" if audit.keys_of(connection).cipher is None else "another key"
    return Chain(
        name=table.name,
        length=length,
        end=head,
        keyed=keyed,
        since=proofs.first,
        without=audit.places_of(proofs.bare),
    )


def _integrity(connection: sa.Connection) -> Iterator[Problem]:
    """Ask SQLite for damage and for rows without the row they belong to; a server sees to both."""
    if connection.dialect.name != "sqlite":
        return
    for (words,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if words != "ok":
            yield Problem(kind="integrity", where="the database", what=str(words))
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Problem(
            kind="integrity", where=f"{table} row {row}", what=f"its row of {parent} is gone"
        )


def _journal(connection: sa.Connection) -> Iterator[Problem]:
    """Hold the journal to the history: every accepted request has its SID, numbers and events."""
    table, lines, events = schema.requests, schema.request_numbers, schema.events
    numbers: dict[str, set[str]] = {}
    for key, number in connection.execute(sa.select(lines.c.request_key, lines.c.phone_number)):
        numbers.setdefault(key, set()).add(number)
    submitted: dict[str, set[str]] = {}
    query = sa.select(events.c.request_sid, events.c.phone_number)
    for sid, number in connection.execute(query.where(events.c.status == "submitted")):
        submitted.setdefault(sid, set()).add(number)
    journal = schema.journal
    noted = set(
        connection.execute(
            sa.select(journal.c.request_key).where(journal.c.state == "accepted")
        ).scalars()
    )
    taken = sa.select(table.c.request_key, table.c.request, table.c.request_sid, table.c.state)
    for key, request, sid, state in connection.execute(taken.order_by(table.c.request)):
        where = f"request {request} ({sid or key[:12]})"
        if (state in _TAKEN) != (sid is not None):
            yield Problem(kind="journal", where=where, what=f"is {state}, but its SID says not")
            continue
        if sid is None:
            continue
        if not numbers.get(key):
            yield Problem(kind="journal", where=where, what="has no numbers")
        missing = numbers.get(key, set()) - submitted.get(sid, set())
        if missing:
            some = ", ".join(sorted(missing)[:3])
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            yield Problem(kind="journal", where=where, what=f"no submitted event of {some}{more}")
        if key not in noted:
            yield Problem(kind="journal", where=where, what="the journal has no step 'accepted'")


def _foreign(connection: sa.Connection) -> tuple[str, ...]:
    """Return the SIDs of events whose request the journal does not have."""
    ours = sa.select(schema.requests.c.request_sid).where(
        schema.requests.c.request_sid.is_not(None)
    )
    sid = schema.events.c.request_sid
    query = sa.select(sid).where(sid.not_in(ours)).distinct().order_by(sid)
    return tuple(connection.execute(query).scalars())
