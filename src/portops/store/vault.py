"""The vault: PINs and SSN digits of planned requests, sealed, until their request has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from portops.redaction import Secret
from portops.store import audit, schema

if TYPE_CHECKING:
    from collections.abc import Collection

    from portops.sealing import Cipher
    from portops.store.database import Database

#: A statement takes so many numbers at once.
_AT_ONCE = 10_000


def read(
    database: Database,
    cipher: Cipher,
    phone_numbers: Collection[str],
    *,
    request_key: str | None = None,
) -> dict[str, Secret]:
    """Return the secret kept last for each of the numbers, where there is one.

    With `request_key`, only what is kept of that request.
    """
    table, wanted = schema.secrets, list(phone_numbers)
    query = sa.select(table.c.phone_number, table.c.sealed).order_by(table.c.kept_at)
    if request_key is not None:
        query = query.where(table.c.request_key == request_key)
    # Of several, only the last is opened: to open takes longer than to read.
    last: dict[str, bytes] = {}
    with database.reading() as connection:
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            for row in connection.execute(query.where(table.c.phone_number.in_(some))):
                last[row.phone_number] = row.sealed
    return {number: Secret(cipher.unseal(sealed)) for number, sealed in last.items()}


def sealed(database: Database) -> list[bytes]:
    """Return everything that is kept, still sealed."""
    with database.reading() as connection:
        return list(connection.execute(sa.select(schema.secrets.c.sealed)).scalars())


def count(database: Database) -> int:
    """Count what is kept."""
    with database.reading() as connection:
        query = sa.select(sa.func.count()).select_from(schema.secrets)
        return int(connection.execute(query).scalar_one())


def purge(database: Database, request_sids: Collection[str] | None = None) -> int:
    """Remove the secrets of these requests, or all of them; returns how many went."""
    table = schema.secrets
    kept = sa.select(schema.requests.c.request_key, schema.requests.c.request_sid).join(
        table, table.c.request_key == schema.requests.c.request_key
    )
    with database.writing() as connection:
        ended = None if request_sids is None else set(request_sids)
        keys = {key for key, sid in connection.execute(kept) if ended is None or sid in ended}
        return sum(
            connection.execute(table.delete().where(table.c.request_key == key)).rowcount
            for key in keys
        )


def reseal(database: Database, cipher: Cipher) -> int:
    """Seal everything anew in one transaction, the audit chain's keys too; returns how many PINs."""
    table = schema.secrets
    with database.writing() as connection:
        rows = connection.execute(sa.select(table)).mappings().all()
        for row in rows:
            connection.execute(
                table.update()
                .where(
                    table.c.request_key == row["request_key"],
                    table.c.phone_number == row["phone_number"],
                )
                .values(sealed=cipher.renew(row["sealed"]))
            )
        audit.reseal(connection, cipher)
    return len(rows)
