"""The journal of submissions: which planned request is where on its way to the provider.

States: `planned, uploading, sending, accepted, refused, unknown, failed, canceled`. Each is
committed before the act it announces; the journal keeps every step, `requests.state` the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from portops.store import schema
from portops.store.history import append
from portops.store.orders import divide, note

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from portops.store.database import Database

#: States in which a request may be waiting at the provider without our knowing.
AMBIGUOUS = ("sending", "unknown")

#: States from which a request may be sent.
SENDABLE = ("planned", "uploading", "refused", "failed")

# Two submissions that announce a request for one number at the same moment are told apart by it.
_ANNOUNCING = 7_678_674

#: Values of one question; databases take no more than some ten thousand.
_MOST = 10_000


class Taken(Exception):
    """Another submission has this request, or has announced one with a number of it."""

    def __init__(self, phone_number: str | None = None) -> None:
        super().__init__("taken")
        self.phone_number = phone_number


def advance(  # noqa: PLR0913 - a step, who takes it and why
    database: Database,
    key: str,
    state: str,
    now: datetime,
    *,
    owner: str,
    until: datetime,
    error: str | None = None,
    sending_at: datetime | None = None,
    judged: Collection[str] = (),
) -> None:
    """Commit that a request has entered `state`, and renew its owner's claim until then.

    `sending` also keeps the moment, `sending_at` where the provider's time is known. Raises Taken
    when the claim is no longer the owner's, or when one of these numbers is in another request
    that was announced and is not settled, or was accepted; `judged` are SIDs of accepted requests
    that the caller has looked at and that do not stand in the way.
    """
    table = schema.requests
    values: dict[str, Any] = {"state": state, "error": error, "claimed_until": until}
    with database.writing() as connection:
        if state == "sending":
            values["sending_at"] = sending_at or now
            _one_at_a_time(connection)
        mine = table.update().where(table.c.request_key == key, table.c.claimed_by == owner)
        if connection.execute(mine.values(values)).rowcount != 1:
            raise Taken
        if state == "sending":
            _refuse_overlap(connection, key, frozenset(judged))
        note(connection, key, state, now, error or "")


def _one_at_a_time(connection: sa.Connection) -> None:
    """Let no other announcement be made until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ANNOUNCING)))


def _refuse_overlap(connection: sa.Connection, key: str, judged: frozenset[str]) -> None:
    """Raise Taken when a number of the request is in another one, on its way or at the provider."""
    requests = schema.requests
    mine, other = schema.request_numbers.alias(), schema.request_numbers.alias()
    query = (
        sa.select(other.c.phone_number, requests.c.request_sid)
        .join(mine, mine.c.phone_number == other.c.phone_number)
        .join(requests, requests.c.request_key == other.c.request_key)
        .where(
            mine.c.request_key == key,
            other.c.request_key != key,
            requests.c.state.in_([*AMBIGUOUS, "accepted"]),
        )
    )
    for number, sid in connection.execute(query):
        if sid not in judged:
            raise Taken(str(number))


def accept(
    database: Database,
    key: str,
    request_sid: str,
    events: Iterable[dict[str, Any]],
    now: datetime,
    *,
    orders: Sequence[tuple[str, Collection[str]]] = (),
) -> None:
    """Commit that the provider has taken a request, with its first events, in one transaction.

    `orders` are what the provider made of it, SID and numbers of each, where it tells them (see
    `orders.divide`). This is written whoever holds the claim: what the provider has must not be
    lost.
    """
    table = schema.requests
    with database.writing() as connection:
        connection.execute(
            table.update()
            .where(table.c.request_key == key)
            .values(
                state="accepted",
                request_sid=request_sid,
                error=None,
                claimed_by=None,
                claimed_until=None,
            )
        )
        note(connection, key, "accepted", now, request_sid)
        if any(numbers for _, numbers in orders):
            divide(connection, key, orders, now)
        append(connection, events)


def give_up(database: Database, key: str, now: datetime, why: str) -> None:
    """Commit that an ambiguous request never reached the provider, and nobody will send it."""
    table = schema.requests
    with database.writing() as connection:
        given_up = connection.execute(
            table.update()
            .where(table.c.request_key == key, table.c.state.in_(AMBIGUOUS))
            .values(state="failed", error=why, claimed_by=None, claimed_until=None)
        )
        if given_up.rowcount:
            note(connection, key, "failed", now, why)


def note_cancel(
    database: Database, request_sid: str, now: datetime, words: str, *, ends_request: bool = False
) -> None:
    """Add a row of its own for a cancellation: before it is asked for, and after the answer.

    With `ends_request` the request itself is marked as canceled.
    """
    table = schema.requests
    with database.writing() as connection:
        request = connection.execute(
            sa.select(table.c.request_key, table.c.state).where(table.c.request_sid == request_sid)
        ).one()
        state = "canceled" if ends_request else request.state
        if ends_request:
            connection.execute(
                table.update()
                .where(table.c.request_key == request.request_key)
                .values(state="canceled")
            )
        note(connection, request.request_key, state, now, words)


def steps_of(database: Database, request_sid: str) -> list[dict[str, Any]]:
    """Return a request's journal, oldest first: `state, at, note`."""
    table = schema.journal
    query = (
        sa.select(table.c.state, table.c.at, table.c.note)
        .join(schema.requests, schema.requests.c.request_key == table.c.request_key)
        .where(schema.requests.c.request_sid == request_sid)
        .order_by(table.c.entry)
    )
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _some(keys: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _MOST):
        yield list(keys[start : start + _MOST])


def entries(database: Database, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the rows of the named requests, by key."""
    table, rows = schema.requests, {}
    with database.reading() as connection:
        for some in _some(keys):
            query = sa.select(table).where(table.c.request_key.in_(some))
            for row in connection.execute(query).mappings():
                rows[row["request_key"]] = dict(row)
    return rows


def ambiguous(database: Database, provider: str) -> list[dict[str, Any]]:
    """Return the rows of requests of which it is not known whether the provider has them."""
    table = schema.requests
    query = sa.select(table).where(table.c.provider == provider, table.c.state.in_(AMBIGUOUS))
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def announced_at(database: Database, key: str) -> datetime | None:
    """Return when it was last written down that a request may be at the provider (our clock).

    That is when its attempt failed; when it was announced, where its process died before that.
    """
    table = schema.journal
    query = sa.select(sa.func.max(table.c.entry)).where(
        table.c.request_key == key, table.c.state.in_(AMBIGUOUS)
    )
    moment = sa.select(table.c.at).where(table.c.entry == query.scalar_subquery())
    with database.reading() as connection:
        at: datetime | None = connection.execute(moment).scalar()
    return at


def about(database: Database, request_sid: str) -> dict[str, Any] | None:
    """Return the row of an accepted request, None when the store has none of that SID."""
    query = sa.select(schema.requests).where(schema.requests.c.request_sid == request_sid)
    with database.reading() as connection:
        row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def tracked(database: Database, provider: str | None = None) -> pd.DataFrame:
    """Return accepted requests: `request_key, request_sid, provider, request, details,
    supersedes, batch_id, operator, workbooks`.
    """  # noqa: D205 - the columns belong to the first sentence
    query = (
        sa.select(
            *schema.requests.c[
                "request_key",
                "request_sid",
                "provider",
                "request",
                "details",
                "supersedes",
                "finding_codes",
                "batch_id",
            ],
            *schema.batches.c["operator", "workbooks"],
        )
        .join(schema.batches)
        .where(schema.requests.c.request_sid.is_not(None))
        .order_by(schema.requests.c.request_sid)
    )
    if provider is not None:
        query = query.where(schema.requests.c.provider == provider)
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
