"""What reading statements came to, so that a statement is read once.

An entry is sealed with a key that is made of the statement's own content, and the key is not
kept: the store tells nothing of a statement to anybody who has not got the file.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from portops.errors import StoreError
from portops.sealing import Sheath
from portops.store import schema
from portops.store.database import upsert

if TYPE_CHECKING:
    from portops.store.database import Database

_log = logging.getLogger(__name__)

#: A question to the database takes so many entries at once.
_AT_ONCE = 5_000

#: How long an entry is kept; nobody sends a statement that is older than some months.
KEPT = timedelta(days=180)


def _entry(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()


class Readings:
    """Statements that were read before, in a store.

    They spare time and nothing else: what the store cannot give or take is read again.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def fetch(self, keys: Sequence[bytes], reader: str) -> Mapping[bytes, bytes]:
        """Return what this edition of the reader has read, by key, where it is kept."""
        table, entries = schema.readings, {_entry(key): key for key in keys}
        names, sealed = list(entries), {}
        query = sa.select(table.c.entry, table.c.sealed).where(table.c.reader == reader)
        try:
            with self._database.reading() as connection:
                for start in range(0, len(names), _AT_ONCE):
                    some = names[start : start + _AT_ONCE]
                    rows = connection.execute(query.where(table.c.entry.in_(some)))
                    sealed.update({entries[row.entry]: row.sealed for row in rows})
        except StoreError as error:
            _log.info("statements are read again: %s", error)
            return {}
        opened = {key: Sheath(key).open(content) for key, content in sealed.items()}
        return {key: content for key, content in opened.items() if content is not None}

    def keep(self, entries: Mapping[bytes, bytes], reader: str) -> None:
        """Keep what was read, and let go of what is old."""
        now, table = self._clock(), schema.readings
        rows = [
            {
                "entry": _entry(key),
                "reader": reader,
                "read_at": now,
                "sealed": Sheath(key).close(content),
            }
            for key, content in entries.items()
        ]
        try:
            with self._database.writing() as connection:
                connection.execute(table.delete().where(table.c.read_at < now - KEPT))
                upsert(connection, table, rows, ["entry"])
        except StoreError as error:
            _log.info("statements that were read are not kept: %s", error)
