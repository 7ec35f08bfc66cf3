"""The outbox: letters of authorization that can be signed, and mails until they are accepted.

A mail is booked in the transaction of what it is about, so that there is never an order without
its letter, whenever the sandbox stops. It keeps neither a link's key nor a text: both are made
again from the order each time the mail is tried, so a repeated mail is the same mail.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple

SCHEMA = """
CREATE TABLE IF NOT EXISTS letters (
  order_sid TEXT PRIMARY KEY REFERENCES orders, key_hash TEXT NOT NULL UNIQUE,
  written TEXT NOT NULL, email TEXT NOT NULL, expires_at TEXT NOT NULL, sent INTEGER NOT NULL,
  used_at TEXT, outcome TEXT);
CREATE TABLE IF NOT EXISTS mails (
  name TEXT PRIMARY KEY, order_sid TEXT NOT NULL REFERENCES orders, kind TEXT NOT NULL,
  place INTEGER NOT NULL, recipient TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
  tries INTEGER NOT NULL DEFAULT 0, next_try REAL NOT NULL DEFAULT 0, error TEXT,
  failing_since REAL);
CREATE INDEX IF NOT EXISTS mails_by_state ON mails (state, next_try);
"""

#: Seconds until a mail is tried again, by how often it was tried; the last one from then on.
RETRY_AFTER = (5, 15, 60, 300, 900, 3_600)

#: Seconds after the first failure when a mail is given up, as mail servers do.
GIVE_UP_AFTER = 5 * 86_400

#: What can become of a mail that was not replaced; the last two are not tried again.
STATES = ("sent", "waiting", "refused", "given_up")


class LetterRow(NamedTuple):
    """A letter of authorization to be signed; the link's key is kept as a hash.

    `sent` counts the mails booked for it. Times are ISO, in UTC.
    """

    order_sid: str
    key_hash: str
    written: str
    email: str
    expires_at: str
    sent: int = 1
    used_at: str | None = None
    outcome: str | None = None


class Mail(NamedTuple):
    """A mail that waits: a `letter` to be signed (its `place` counts them) or a `signed` copy."""

    name: str
    order_sid: str
    kind: str
    place: int
    recipient: str
    tries: int = 0


class Outbox:
    """Letters and mails in the sandbox's database; `writing` makes one transaction."""

    def __init__(
        self, connection: sqlite3.Connection, writing: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._connection, self._writing = connection, writing
        columns = connection.execute("PRAGMA table_info(mails)").fetchall()
        if "failing_since" not in {column["name"] for column in columns}:
            connection.execute("ALTER TABLE mails ADD COLUMN failing_since REAL")

    def book_letter(self, row: LetterRow) -> None:
        """Save a letter and book its mail; an earlier link and its waiting mail are given up."""
        with self._writing():
            self._connection.execute(
                "INSERT INTO letters VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_sid) DO "
                "UPDATE SET key_hash = excluded.key_hash, email = excluded.email, "
                "sent = excluded.sent",
                row,
            )
            self.give_up_letter(row.order_sid)
            name = f"{row.order_sid}-letter-{row.sent}"
            self._book(Mail(name, row.order_sid, "letter", row.sent, row.email))

    def book_copies(self, sid: str, recipients: list[str]) -> None:
        """Book a signed copy for each recipient; the invitation need not be sent any more."""
        with self._writing():
            self.give_up_letter(sid)
            for place, recipient in enumerate(recipients, start=1):
                self._book(Mail(f"{sid}-signed-{place}", sid, "signed", place, recipient))

    def _book(self, mail: Mail) -> None:
        self._connection.execute(
            "INSERT OR IGNORE INTO mails (name, order_sid, kind, place, recipient) "
            "VALUES (?, ?, ?, ?, ?)",
            mail[:5],
        )

    def give_up_letter(self, sid: str) -> None:
        """Give up a letter's unsent mail: it was answered or replaced, or its order has ended."""
        with self._writing():
            self._connection.execute(
                "UPDATE mails SET state = 'replaced' "
                "WHERE order_sid = ? AND kind = 'letter' AND state <> 'sent'",
                (sid,),
            )

    def next_mail(self, now: float, tried: set[str], *, all_waiting: bool) -> Mail | None:
        """Return the next mail to try at `now` (seconds since 1970); None when there is none.

        With `all_waiting` also one whose next try is later. Those in `tried` are passed over.
        """
        rows = self._connection.execute(
            "SELECT name, order_sid, kind, place, recipient, tries FROM mails "
            "WHERE state = 'waiting' AND next_try <= ? ORDER BY rowid",
            (float("inf") if all_waiting else now,),
        )
        return next((Mail(*row) for row in rows if row["name"] not in tried), None)

    def begin(self, mail: Mail, now: float) -> None:
        """Plan the next try of a mail before this one: whatever comes of it, it is not sent sooner."""
        later = now + RETRY_AFTER[min(mail.tries, len(RETRY_AFTER) - 1)]
        with self._writing():
            self._connection.execute(
                "UPDATE mails SET tries = tries + 1, next_try = ? WHERE name = ?",
                (later, mail.name),
            )

    def accepted(self, mail: Mail) -> None:
        """Mark a mail as accepted by the mail server, or written to its file."""
        with self._writing():
            self._connection.execute(
                "UPDATE mails SET state = 'sent', error = NULL WHERE name = ?", (mail.name,)
            )

    def refused(self, mail: Mail, error: str) -> None:
        """Mark a mail as refused for good: it is not tried again."""
        with self._writing():
            self._connection.execute(
                "UPDATE mails SET state = 'refused', error = ? WHERE name = ?",
                (error, mail.name),
            )

    def failed(self, mail: Mail, error: str, now: float, *, server_down: bool) -> None:
        """Save why a mail failed, or give it up; with `server_down` no other is tried sooner."""
        with self._writing():
            # A sandbox that was off for days tries anew before it gives up.
            self._connection.execute(
                "UPDATE mails SET error = :error, "
                "failing_since = coalesce(failing_since, :now), "
                "state = CASE WHEN tries > :many AND :now - failing_since >= :long "
                "THEN 'given_up' ELSE state END WHERE name = :name",
                {
                    "error": error,
                    "now": now,
                    "many": len(RETRY_AFTER),
                    "long": GIVE_UP_AFTER,
                    "name": mail.name,
                },
            )
            if server_down:
                self._connection.execute(
                    "UPDATE mails SET next_try = max(next_try, "
                    "(SELECT next_try FROM mails WHERE name = ?)) WHERE state = 'waiting'",
                    (mail.name,),
                )

    def counts(self, sid: str | None = None) -> dict[str, int]:
        """Count the mails (the letters of one order) in each of `STATES`."""
        query = "SELECT state, count(*) FROM mails"
        if sid is not None:
            query += " WHERE order_sid = :sid AND kind = 'letter'"
        rows = self._connection.execute(query + " GROUP BY state", {"sid": sid})
        counts: dict[str, int] = dict(rows.fetchall())
        return {state: counts.get(state, 0) for state in STATES}

    def last_error(self) -> str | None:
        """Return why the mail that has waited longest was not accepted."""
        row = self._connection.execute(
            "SELECT error FROM mails WHERE state = 'waiting' AND error IS NOT NULL ORDER BY rowid"
        ).fetchone()
        return None if row is None else str(row["error"])

    def undelivered(self) -> list[dict[str, str]]:
        """Return the mails that are not tried again: order, kind, recipient, state and why."""
        rows = self._connection.execute(
            "SELECT order_sid, kind, recipient, state, error FROM mails "
            "WHERE state IN ('refused', 'given_up') ORDER BY rowid"
        )
        return [dict(row) for row in rows]

    def renew_key(self, sid: str, key_hash: str) -> None:
        """Let another link open an order's letter, when the secret of its own was lost."""
        with self._writing():
            self._connection.execute(
                "UPDATE letters SET key_hash = ? WHERE order_sid = ?", (key_hash, sid)
            )

    def letter_by_key(self, key_hash: str) -> LetterRow | None:
        """Return the letter whose link has this key; None when no letter has it."""
        query = "SELECT * FROM letters WHERE key_hash = ?"
        row = self._connection.execute(query, (key_hash,)).fetchone()
        return None if row is None else LetterRow(*row)

    def letter_of_order(self, sid: str) -> LetterRow | None:
        """Return the letter of an order; None when none was booked."""
        query = "SELECT * FROM letters WHERE order_sid = ?"
        row = self._connection.execute(query, (sid,)).fetchone()
        return None if row is None else LetterRow(*row)

    def use_letter(self, sid: str, at: datetime, outcome: str) -> bool:
        """Mark a letter as answered; False when it already was."""
        with self._writing():
            answered = self._connection.execute(
                "UPDATE letters SET used_at = ?, outcome = ? WHERE order_sid = ? AND used_at IS NULL",
                (at.isoformat(), outcome, sid),
            )
        return answered.rowcount == 1
