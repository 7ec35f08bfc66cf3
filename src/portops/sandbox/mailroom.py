"""The mailroom: mail letters of authorization to be signed, reminders, and signed copies."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

from portops.files import replacing
from portops.letters import mail
from portops.letters.letter import date_words
from portops.sandbox.database import LetterRow
from portops.sandbox.orders import SIGN_WITHIN
from portops.sandbox.signing import PARTIES
from portops.wording import counted

if TYPE_CHECKING:
    from portops.redaction import Secret
    from portops.sandbox.database import PlacedOrder, SandboxDatabase

#: Days after which an unsigned letter is mailed again.
REMIND_AFTER = (3, 7, 14, 21, 28)


class Post:
    """Where mail goes: an SMTP server when one is set, else a folder of `.eml` files."""

    def __init__(self, folder: Path, smtp: Secret | None = None) -> None:
        self.folder, self._smtp = folder, smtp

    def send(self, message: EmailMessage, name: str) -> None:
        """Send a message, or write it to `<name>.eml`."""
        message["From"] = mail.sender_of(self._smtp) if self._smtp else "sandbox@localhost"
        if self._smtp is not None:
            mail.send(self._smtp, message)
            return
        with replacing(self.folder / f"{name}.eml") as beside:
            beside.write_bytes(message.as_bytes())


def hash_of(key: str) -> str:
    """Return the hash of a link's key: only it is saved, so the database opens no letters."""
    return hashlib.sha256(key.encode()).hexdigest()


def invite(
    database: SandboxDatabase,
    post: Post,
    base_url: str,
    placed: PlacedOrder,
    email: str | None = None,
) -> None:
    """Mail a link to the letter to the authorized representative, or to `email`.

    The new link replaces an earlier one.
    """
    order, information = placed.order, placed.body["losing_carrier_information"]
    to = email or information.get("authorized_representative_email") or ""
    key = secrets.token_urlsafe(32)
    expires = order.created_at + SIGN_WITHIN
    earlier = database.letter_of_order(order.sid)
    database.add_letter(
        LetterRow(
            order_sid=order.sid,
            key_hash=hash_of(key),
            written=order.created_at.date().isoformat(),
            email=to,
            expires_at=expires.isoformat(),
        )
    )
    message = EmailMessage()
    message["To"] = to
    message["Subject"] = (
        f"Please sign: letter of authorization for {information.get('customer_name')}"
        f"{' (sent again)' if earlier else ''}"
    )
    message.set_content(
        f"Hello {information.get('authorized_representative')},\n\n"
        "Please read and sign the letter of authorization to move\n"
        f"{counted(len(order.numbers), 'telephone number')} to {PARTIES.new_carrier}:\n\n"
        f"{base_url}sign/{key}\n\n"
        f"This link is only for you, works once, and expires on {date_words(expires)}.\n\n"
        f"Request {order.sid}\n"
    )
    count = earlier.sent + 1 if earlier else 1
    post.send(message, f"{order.sid}-letter-{count}")


def remind(
    database: SandboxDatabase, post: Post, base_url: str, placed: PlacedOrder, now: datetime
) -> None:
    """Mail an unsigned letter again when the next day of `REMIND_AFTER` has passed."""
    letter = database.letter_of_order(placed.order.sid)
    if letter is None or letter.used_at is not None:
        return
    age = now - placed.order.created_at
    due = sum(age >= timedelta(days=days) for days in REMIND_AFTER)
    if letter.sent <= due:
        invite(database, post, base_url, placed, letter.email)


def send_copies(post: Post, placed: PlacedOrder, signed: bytes) -> None:
    """Mail the signed letter to the representative and the request's notification addresses."""
    sid, information = placed.order.sid, placed.body["losing_carrier_information"]
    recipients = [
        information.get("authorized_representative_email"),
        *(placed.body.get("notification_emails") or []),
    ]
    for place, recipient in enumerate(recipients, start=1):
        message = EmailMessage()
        message["To"] = str(recipient)
        message["Subject"] = (
            f"Signed: letter of authorization for {information.get('customer_name')}"
        )
        message.set_content(f"The signed letter is attached.\n\nRequest {sid}\n")
        message.add_attachment(signed, maintype="application", subtype="pdf", filename=f"{sid}.pdf")
        post.send(message, f"{sid}-signed-{place}")
