"""The sandbox's own SQLite file: orders, documents, what was received, settings.

No PIN is kept: numbers are compared with the carrier's record when an order arrives, and only the
verdict stays.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING, Any

from portops.errors import StoreError
from portops.sandbox.orders import Number, Order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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
CREATE TABLE IF NOT EXISTS letters (
  order_sid TEXT PRIMARY KEY REFERENCES orders, key_hash TEXT NOT NULL UNIQUE,
  written TEXT NOT NULL, email TEXT NOT NULL, expires_at TEXT NOT NULL, sent INTEGER NOT NULL,
  used_at TEXT, outcome TEXT);
CREATE TABLE IF NOT EXISTS received (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, account TEXT, numbers TEXT NOT NULL,
  accepted INTEGER NOT NULL, request_sid TEXT, status INTEGER NOT NULL);
"""


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class Book:
    """Everything the sandbox remembers; one connection, used by the server's one thread."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Opened in one thread, served in another; two must not meet in a cached statement.
            self._db = sqlite3.connect(
                folder / "sandbox.db", check_same_thread=False, cached_statements=0
            )
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"The sandbox cannot keep its book in {folder} ({error}).", "Choose another --data."
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def setting(self, name: str) -> str | None:
        """Return one setting."""
        row = self._db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row["value"])

    def set(self, name: str, value: str | None) -> None:
        """Keep one setting; None removes it."""
        with self._db:
            self._db.execute("DELETE FROM settings WHERE name = ?", (name,))
            if value is not None:
                self._db.execute("INSERT INTO settings VALUES (?, ?)", (name, value))

    def add_document(self, row: tuple[str, str, str, str, int, str]) -> None:
        """Keep a document: sid, account, kind, name, size, content hash."""
        with self._db:
            self._db.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)", row)

    def has_documents(self, account: str, sids: Iterable[str]) -> bool:
        """Tell whether all these documents are the account's."""
        query = "SELECT 1 FROM documents WHERE sid = ? AND account = ?"
        return all(self._db.execute(query, (sid, account)).fetchone() for sid in sids)

    def count(self, table: str) -> int:
        """Count the rows of `documents` or `orders`."""
        names = {
            "documents": "SELECT count(*) FROM documents",
            "orders": "SELECT count(*) FROM orders",
        }
        return int(self._db.execute(names[table]).fetchone()[0])

    def add_order(self, account: str, body: dict[str, Any], order: Order) -> None:
        """Keep an order and its numbers."""
        with self._db:
            self._db.execute(
                "INSERT INTO orders VALUES (?, ?, ?, ?, ?, NULL, NULL)",
                (
                    order.sid,
                    self.count("orders"),
                    account,
                    json.dumps(body),
                    order.created_at.isoformat(),
                ),
            )
            self._db.executemany(
                "INSERT INTO numbers VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                [
                    (
                        each.sid,
                        position,
                        order.sid,
                        each.phone_number,
                        each.mobile,
                        *(each.verdict or (None, None)),
                    )
                    for position, each in enumerate(order.numbers)
                ],
            )

    def sign(self, sid: str, at: datetime) -> None:
        """Keep that the letter of authorization is signed."""
        with self._db:
            self._db.execute(
                "UPDATE orders SET signed_at = ? WHERE sid = ? AND signed_at IS NULL",
                (at.isoformat(), sid),
            )

    def cancel(self, sid: str, at: datetime, number_sid: str | None = None) -> None:
        """Keep a cancellation of an order, or of one of its numbers."""
        table, key = ("orders", sid) if number_sid is None else ("numbers", number_sid)
        with self._db:
            self._db.execute(
                f"UPDATE {table} SET canceled_at = ? WHERE sid = ?",  # noqa: S608 - two names
                (at.isoformat(), key),
            )

    def keep_letter(self, row: tuple[str, str, str, str, str]) -> None:
        """Keep a letter that is sent: order, hash of its key, day, e-mail, expiry; anew when resent."""
        with self._db:
            self._db.execute(
                "INSERT INTO letters VALUES (?, ?, ?, ?, ?, 1, NULL, NULL) ON CONFLICT (order_sid) "
                "DO UPDATE SET key_hash = excluded.key_hash, email = excluded.email, sent = sent + 1",
                row,
            )

    def letter(self, key_hash: str) -> dict[str, Any] | None:
        """Return a letter by the hash of its key."""
        row = self._db.execute("SELECT * FROM letters WHERE key_hash = ?", (key_hash,)).fetchone()
        return None if row is None else dict(row)

    def letter_of(self, sid: str) -> dict[str, Any] | None:
        """Return the letter of an order."""
        row = self._db.execute("SELECT * FROM letters WHERE order_sid = ?", (sid,)).fetchone()
        return None if row is None else dict(row)

    def use_letter(self, sid: str, at: datetime, outcome: str) -> bool:
        """Mark a letter as answered; False when it was answered before."""
        with self._db:
            done = self._db.execute(
                "UPDATE letters SET used_at = ?, outcome = ? WHERE order_sid = ? AND used_at IS NULL",
                (at.isoformat(), outcome, sid),
            )
        return done.rowcount == 1

    def decline(self, sid: str, at: datetime, reason: str) -> None:
        """Keep that the letter was declined: the order ends with this reason."""
        with self._db:
            body = self._db.execute("SELECT body FROM orders WHERE sid = ?", (sid,)).fetchone()
            kept = json.dumps({**json.loads(body["body"]), "declined": reason})
            self._db.execute(
                "UPDATE orders SET canceled_at = ?, body = ? WHERE sid = ?",
                (at.isoformat(), kept, sid),
            )

    def order(self, sid: str) -> tuple[str, dict[str, Any], Order] | None:
        """Return an order's account, create body (without PINs) and state."""
        row = self._db.execute("SELECT * FROM orders WHERE sid = ?", (sid,)).fetchone()
        return None if row is None else self._whole(row)

    def orders(self, account: str) -> list[tuple[str, dict[str, Any], Order]]:
        """Return the account's orders, newest first."""
        query = "SELECT * FROM orders WHERE account = ? ORDER BY position DESC"
        return [self._whole(row) for row in self._db.execute(query, (account,)).fetchall()]

    def created(
        self, account: str, sids: Sequence[str] | None = None
    ) -> list[tuple[str, datetime]]:
        """Return SID and creation of these orders of the account, or of all; newest first."""
        query, given = "SELECT sid, created_at FROM orders WHERE account = ?", [account]
        if sids is not None:
            query += f" AND sid IN ({', '.join('?' * len(sids))})"
            given += sids
        rows = self._db.execute(query + " ORDER BY position DESC", given).fetchall()
        return [(row["sid"], datetime.fromisoformat(row["created_at"])) for row in rows]

    def orders_with(self, phone_number: str) -> list[Order]:
        """Return every order that names the number, of any account."""
        query = (
            "SELECT DISTINCT orders.* FROM orders JOIN numbers ON numbers.order_sid = orders.sid "
            "WHERE numbers.phone_number = ?"
        )
        rows = self._db.execute(query, (phone_number,)).fetchall()
        return [self._whole(row)[2] for row in rows]

    def _whole(self, row: sqlite3.Row) -> tuple[str, dict[str, Any], Order]:
        body = json.loads(row["body"])
        numbers = self._db.execute(
            "SELECT * FROM numbers WHERE order_sid = ? ORDER BY position", (row["sid"],)
        ).fetchall()
        created = _moment(row["created_at"])
        if created is None:
            raise StoreError("The sandbox's book is damaged.", "Remove its folder and start anew.")
        order = Order(
            sid=row["sid"],
            seed=int(self.setting("seed") or 0),
            carrier=body["carrier"],
            created_at=created,
            signed_at=_moment(row["signed_at"]),
            canceled_at=_moment(row["canceled_at"]),
            target_date=body.get("target_port_in_date"),
            declined=body.get("declined"),
            numbers=tuple(
                Number(
                    sid=each["sid"],
                    phone_number=each["phone_number"],
                    mobile=bool(each["mobile"]),
                    verdict=None if each["reason"] is None else (each["code"], each["reason"]),
                    canceled_at=_moment(each["canceled_at"]),
                )
                for each in numbers
            ),
        )
        return row["account"], body, order

    def note_received(self, row: tuple[str, str, str, bool, str | None, int]) -> None:
        """Note a create call: at, account, numbers (JSON), accepted, request SID, HTTP status."""
        with self._db:
            self._db.execute(
                "INSERT INTO received (at, account, numbers, accepted, request_sid, status) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )

    def received(self) -> list[dict[str, Any]]:
        """Return every create call, oldest first."""
        rows = self._db.execute("SELECT * FROM received ORDER BY id").fetchall()
        return [
            {**dict(row), "numbers": json.loads(row["numbers"]), "accepted": bool(row["accepted"])}
            for row in rows
        ]
