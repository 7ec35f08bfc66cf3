"""The sandbox's database: one SQLite file with orders, documents, letters, calls and settings.

It keeps no PINs: an order is compared with the carriers' records when it arrives, and only the
verdict is kept.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from portops.errors import StoreError
from portops.files import private_file, private_folder
from portops.sandbox.orders import Number, Order
from portops.sandbox.outbox import SCHEMA, Outbox
from portops.sandbox.telnyx import storage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
  sid TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
  size INTEGER NOT NULL, content_hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
  sid TEXT PRIMARY KEY, position INTEGER NOT NULL, account TEXT NOT NULL, body TEXT NOT NULL,
  created_at TEXT NOT NULL, signed_at TEXT, canceled_at TEXT);
CREATE TABLE IF NOT EXISTS numbers (
  sid TEXT PRIMARY KEY, position INTEGER NOT NULL, order_sid TEXT NOT NULL REFERENCES orders,
  phone_number TEXT NOT NULL, mobile INTEGER NOT NULL, code INTEGER, reason TEXT,
  canceled_at TEXT);
CREATE INDEX IF NOT EXISTS numbers_by_order ON numbers (order_sid);
CREATE INDEX IF NOT EXISTS numbers_by_phone ON numbers (phone_number);
CREATE TABLE IF NOT EXISTS received (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, account TEXT, numbers TEXT NOT NULL,
  accepted INTEGER NOT NULL, request_sid TEXT, status INTEGER NOT NULL);
"""


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _number(row: sqlite3.Row, unportable: dict[str, list[Any]]) -> Number:
    reason = unportable.get(row["phone_number"])
    return Number(
        sid=row["sid"],
        phone_number=row["phone_number"],
        mobile=bool(row["mobile"]),
        verdict=None if row["reason"] is None else (row["code"], row["reason"]),
        unportable=None if reason is None else (int(reason[0]), str(reason[1])),
        canceled_at=_moment(row["canceled_at"]),
    )


def unusable(folder: Path, error: Exception) -> StoreError:
    """Say that the sandbox's folder can't be used."""
    return StoreError(
        f"The sandbox can't use the folder {folder} ({error}).",
        "Free some space on its disk, or choose another folder with --data.",
    )


class PlacedOrder(NamedTuple):
    """An order, the account that placed it, and the body of its create call without PINs."""

    account: str
    body: dict[str, Any]
    order: Order


class SandboxDatabase:
    """Everything the sandbox keeps on disk; one connection, used by the server's one thread."""

    def __init__(self, folder: Path) -> None:
        try:
            private_folder(folder)
            # Opened in one thread and used in another; they must not share a cached statement.
            self._connection = sqlite3.connect(
                private_file(folder / "sandbox.db"), check_same_thread=False, cached_statements=0
            )
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.executescript(_SCHEMA + SCHEMA + storage.SCHEMA)
            self.outbox = Outbox(self._connection, self.writing)
            self.telnyx = storage.Storage(self._connection, self.writing)
        except (OSError, sqlite3.Error) as error:
            raise unusable(folder, error) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make one transaction of what is written inside; one inside another joins it."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:
            yield

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def setting(self, name: str) -> str | None:
        """Return a setting; None when it is not set."""
        row = self._connection.execute(
            "SELECT value FROM settings WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else str(row["value"])

    def set(self, name: str, value: str | None) -> None:
        """Save a setting; None removes it."""
        with self.writing():
            self._connection.execute("DELETE FROM settings WHERE name = ?", (name,))
            if value is not None:
                self._connection.execute("INSERT INTO settings VALUES (?, ?)", (name, value))

    def add_document(self, row: tuple[str, str, str, str, int, str]) -> None:
        """Save a document: SID, account, kind, name, size in bytes, content hash."""
        with self.writing():
            self._connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)", row)

    def has_documents(self, account: str, sids: Iterable[str]) -> bool:
        """Return whether all these documents belong to the account."""
        query = "SELECT 1 FROM documents WHERE sid = ? AND account = ?"
        return all(self._connection.execute(query, (sid, account)).fetchone() for sid in sids)

    def count(self, table: str) -> int:
        """Count the rows of `documents` or `orders`."""
        queries = {
            "documents": "SELECT count(*) FROM documents",
            "orders": "SELECT count(*) FROM orders",
        }
        return int(self._connection.execute(queries[table]).fetchone()[0])

    def add_order(self, account: str, body: dict[str, Any], order: Order) -> None:
        """Save a new order and its numbers."""
        with self.writing():
            self._connection.execute(
                "INSERT INTO orders VALUES (?, ?, ?, ?, ?, NULL, NULL)",
                (
                    order.sid,
                    self.count("orders"),
                    account,
                    json.dumps(body),
                    order.created_at.isoformat(),
                ),
            )
            self._connection.executemany(
                "INSERT INTO numbers VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                [
                    (
                        number.sid,
                        position,
                        order.sid,
                        number.phone_number,
                        number.mobile,
                        *(number.verdict or (None, None)),
                    )
                    for position, number in enumerate(order.numbers)
                ],
            )

    def sign(self, sid: str, at: datetime) -> None:
        """Mark an order as signed; a second signature changes nothing."""
        with self.writing():
            self._connection.execute(
                "UPDATE orders SET signed_at = ? WHERE sid = ? AND signed_at IS NULL",
                (at.isoformat(), sid),
            )

    def resubmit(self, sid: str, at: datetime, reason: str | None) -> None:
        """Mark an order as handed in again; `reason` is why the carrier rejects it, if it will."""
        with self.writing():
            self._connection.execute(
                "UPDATE orders SET signed_at = ? WHERE sid = ?", (at.isoformat(), sid)
            )
            self._connection.execute(
                "UPDATE numbers SET code = NULL, reason = ? WHERE order_sid = ?", (reason, sid)
            )

    def cancel_order(self, sid: str, at: datetime) -> None:
        """Mark an order as canceled."""
        query = "UPDATE orders SET canceled_at = ? WHERE sid = ?"
        with self.writing():
            self._connection.execute(query, (at.isoformat(), sid))

    def cancel_number(self, number_sid: str, at: datetime) -> None:
        """Mark one number of an order as canceled."""
        query = "UPDATE numbers SET canceled_at = ? WHERE sid = ?"
        with self.writing():
            self._connection.execute(query, (at.isoformat(), number_sid))

    def decline(self, sid: str, at: datetime, reason: str) -> None:
        """Mark an order as canceled because its letter was declined, for this reason."""
        with self.writing():
            row = self._connection.execute(
                "SELECT body FROM orders WHERE sid = ?", (sid,)
            ).fetchone()
            body = json.dumps({**json.loads(row["body"]), "declined": reason})
            self._connection.execute(
                "UPDATE orders SET canceled_at = ?, body = ? WHERE sid = ?",
                (at.isoformat(), body, sid),
            )

    def order(self, sid: str) -> PlacedOrder | None:
        """Return an order; None when there is none with this SID."""
        row = self._connection.execute("SELECT * FROM orders WHERE sid = ?", (sid,)).fetchone()
        return None if row is None else self._placed(row)

    def orders(self, account: str) -> list[PlacedOrder]:
        """Return the account's orders, newest first."""
        query = "SELECT * FROM orders WHERE account = ? ORDER BY position DESC"
        rows = self._connection.execute(query, (account,)).fetchall()
        return [self._placed(row) for row in rows]

    def created(
        self, account: str, sids: Sequence[str] | None = None
    ) -> list[tuple[str, datetime]]:
        """Return SID and creation time of the account's orders (those in `sids`), newest first."""
        query, values = "SELECT sid, created_at FROM orders WHERE account = ?", [account]
        if sids is not None:
            query += f" AND sid IN ({', '.join('?' * len(sids))})"
            values += sids
        rows = self._connection.execute(query + " ORDER BY position DESC", values).fetchall()
        return [(row["sid"], datetime.fromisoformat(row["created_at"])) for row in rows]

    def orders_with(self, phone_number: str) -> list[Order]:
        """Return every order for the number, from any account."""
        query = (
            "SELECT DISTINCT orders.* FROM orders JOIN numbers ON numbers.order_sid = orders.sid "
            "WHERE numbers.phone_number = ?"
        )
        rows = self._connection.execute(query, (phone_number,)).fetchall()
        return [self._placed(row).order for row in rows]

    def _placed(self, row: sqlite3.Row) -> PlacedOrder:
        body = json.loads(row["body"])
        number_rows = self._connection.execute(
            "SELECT * FROM numbers WHERE order_sid = ? ORDER BY position", (row["sid"],)
        ).fetchall()
        order = Order(
            sid=row["sid"],
            seed=int(self.setting("seed") or 0),
            carrier=body["carrier"],
            created_at=datetime.fromisoformat(row["created_at"]),
            signed_at=_moment(row["signed_at"]),
            canceled_at=_moment(row["canceled_at"]),
            target_date=body.get("target_port_in_date"),
            declined=body.get("declined"),
            numbers=tuple(
                _number(number_row, body.get("unportable") or {}) for number_row in number_rows
            ),
        )
        return PlacedOrder(row["account"], body, order)

    def add_received(self, row: tuple[str, str, str, bool, str | None, int]) -> None:
        """Log a create call: at, account, numbers (JSON), accepted, request SID, HTTP status."""
        with self.writing():
            self._connection.execute(
                "INSERT INTO received (at, account, numbers, accepted, request_sid, status) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )

    def received(self) -> list[dict[str, Any]]:
        """Return every create call received, oldest first."""
        rows = self._connection.execute("SELECT * FROM received ORDER BY id").fetchall()
        return [
            {**dict(row), "numbers": json.loads(row["numbers"]), "accepted": bool(row["accepted"])}
            for row in rows
        ]
