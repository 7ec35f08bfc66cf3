"""Storage of the Telnyx dialect: its orders and documents, in the sandbox's one file.

Orders are kept as JSON without PINs: a PIN is compared with the carriers' records when it arrives,
and only for which numbers it is wrong is kept.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS telnyx_orders (
  id TEXT PRIMARY KEY, position INTEGER NOT NULL, reference TEXT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS telnyx_documents (
  id TEXT PRIMARY KEY, position INTEGER NOT NULL, created_at TEXT NOT NULL,
  linked INTEGER NOT NULL);
"""


class Storage:
    """The dialect's rows; `writing` opens a transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        writing: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._connection, self._writing = connection, writing

    def save(self, order: dict[str, Any]) -> None:
        """Save an order, in place of what was kept of it."""
        with self._writing():
            self._connection.execute(
                "INSERT INTO telnyx_orders VALUES (?, (SELECT count(*) FROM telnyx_orders), ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET reference = excluded.reference, "
                "body = excluded.body",
                (order["id"], order["customer_reference"], json.dumps(order)),
            )

    def delete(self, order_id: str) -> None:
        """Remove a draft."""
        with self._writing():
            self._connection.execute("DELETE FROM telnyx_orders WHERE id = ?", (order_id,))

    def order(self, order_id: str) -> dict[str, Any] | None:
        """Return an order; None when there is none with this id."""
        row = self._connection.execute(
            "SELECT body FROM telnyx_orders WHERE id = ?", (order_id,)
        ).fetchone()
        return None if row is None else dict(json.loads(row["body"]))

    def orders(self, reference: str | None = None) -> list[dict[str, Any]]:
        """Return all orders, or those with a customer reference, newest first."""
        query = "SELECT body FROM telnyx_orders"
        values: tuple[str, ...] = ()
        if reference is not None:
            query, values = query + " WHERE reference = ?", (reference,)
        rows = self._connection.execute(query + " ORDER BY position DESC", values).fetchall()
        return [json.loads(row["body"]) for row in rows]

    def count(self) -> int:
        """Count what was ever numbered here, so that no id comes twice."""
        query = (
            "SELECT (SELECT coalesce(max(position), -1) + 1 FROM telnyx_orders) + "
            "(SELECT count(*) FROM telnyx_documents) + (SELECT count(*) FROM received)"
        )
        return int(self._connection.execute(query).fetchone()[0])

    def add_document(self, document_id: str, at: str) -> None:
        """Save a document that no order has yet."""
        with self._writing():
            self._connection.execute(
                "INSERT INTO telnyx_documents VALUES "
                "(?, (SELECT count(*) FROM telnyx_documents), ?, 0)",
                (document_id, at),
            )

    def document(self, document_id: str) -> tuple[str, bool] | None:
        """Return when a document came, and whether an order has it; None when there is none."""
        row = self._connection.execute(
            "SELECT created_at, linked FROM telnyx_documents WHERE id = ?", (document_id,)
        ).fetchone()
        return None if row is None else (str(row["created_at"]), bool(row["linked"]))

    def link(self, document_id: str) -> None:
        """Mark a document as an order's."""
        with self._writing():
            self._connection.execute(
                "UPDATE telnyx_documents SET linked = 1 WHERE id = ?", (document_id,)
            )
