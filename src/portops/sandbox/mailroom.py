"""The mailroom: book letters of authorization, reminders and signed copies, and write the mails."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from portops.errors import StoreError
from portops.files import replacing
from portops.letters import mail
from portops.letters.letter import date_words
from portops.sandbox.orders import SIGN_WITHIN, SIGNABLE, request_status
from portops.sandbox.outbox import LetterRow
from portops.sandbox.signing import PARTIES
from portops.wording import counted, one_line

if TYPE_CHECKING:
    from portops.redaction import Secret
    from portops.sandbox.database import PlacedOrder
    from portops.sandbox.orders import Order
    from portops.sandbox.outbox import Mail
    from portops.sandbox.sandbox import Sandbox

#: Days after which an unsigned letter is mailed again.
REMIND_AFTER = (3, 7, 14, 21, 28)

#: The right side of each Message-ID; the left side is the order's SID and which letter it is.
MESSAGE_DOMAIN = "portops.invalid"


class Post:
    """Where mail goes: an SMTP server when one is set, else a folder of `.eml` files."""

    def __init__(self, folder: Path, smtp: Secret | None = None) -> None:
        self.folder, self._smtp = folder, smtp

    def send(self, message: EmailMessage, name: str) -> None:
        """Send a message, or write it to `<name>.eml`; a second time it overwrites the file."""
        message["From"] = mail.sender_of(self._smtp) if self._smtp else "sandbox@localhost"
        if self._smtp is not None:
            mail.send(self._smtp, message)
            return
        with replacing(self.folder / f"{name}.eml") as beside:
            beside.write_bytes(message.as_bytes())


def hash_of(key: str) -> str:
    """Return the hash of a link's key: only it is saved, so the database opens no letters."""
    return hashlib.sha256(key.encode()).hexdigest()


def link_secret(folder: Path) -> bytes:
    """Return what the links' keys are made from, kept in `folder`; it is made on first use.

    One that was lost or cut off is made anew: links that were mailed still work, since the database
    has their hashes. Raises StoreError when it can't be read or written.
    """
    file = folder / "link-secret"
    try:
        if file.is_file() and len(secret := file.read_bytes()) == 32:
            return secret
        secret = secrets.token_bytes(32)
        with replacing(file) as beside:
            beside.write_bytes(secret)
    except OSError as error:
        raise StoreError(
            f"The sandbox can't use {file} ({error.strerror or error}).",
            "Move it away or make it readable; a new one is made.",
        ) from error
    return secret


def key_of(sandbox: Sandbox, sid: str, place: int) -> str:
    """Return the key of an order's link in the letter that is sent `place`-th, from 1."""
    digest = hmac.digest(sandbox.link_secret, f"{sid}|{place}".encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def book(sandbox: Sandbox, placed: PlacedOrder, email: str | None = None) -> None:
    """Book a link to the letter for the authorized representative, or for `email`.

    The new link replaces an earlier one. Without a post nothing is booked.
    """
    if sandbox.post is None:
        return
    order, information = placed.order, placed.body["losing_carrier_information"]
    earlier = sandbox.database.outbox.letter_of_order(order.sid)
    place = earlier.sent + 1 if earlier else 1
    sandbox.database.outbox.book_letter(
        LetterRow(
            order_sid=order.sid,
            key_hash=hash_of(key_of(sandbox, order.sid, place)),
            written=order.created_at.date().isoformat(),
            email=email or str(information.get("authorized_representative_email") or ""),
            expires_at=(order.created_at + SIGN_WITHIN).isoformat(),
            sent=place,
        )
    )


def link(sandbox: Sandbox, order: Order) -> str | None:
    """Return where an order's letter can be signed; None when there is none to sign."""
    letter = sandbox.database.outbox.letter_of_order(order.sid)
    status, _ = request_status(order, sandbox.clock.now())
    if letter is None or letter.used_at is not None or status not in SIGNABLE:
        return None
    return f"{sandbox.public_url}/sign/{key_of(sandbox, order.sid, letter.sent)}"


def remind(sandbox: Sandbox, placed: PlacedOrder, now: datetime) -> None:
    """Book an unsigned letter again when the next day of `REMIND_AFTER` has passed.

    A letter that still waits for the mail server needs no reminder, and an address that was refused
    for good gets none.
    """
    letter = sandbox.database.outbox.letter_of_order(placed.order.sid)
    if letter is None or letter.used_at is not None:
        return
    age = now - placed.order.created_at
    due = sum(age >= timedelta(days=days) for days in REMIND_AFTER)
    mails = sandbox.database.outbox.counts(placed.order.sid)
    if letter.sent <= due and not mails["waiting"] and not mails["refused"]:
        book(sandbox, placed, letter.email)


def book_copies(sandbox: Sandbox, placed: PlacedOrder) -> None:
    """Book the signed letter for the representative and the request's notification addresses."""
    if sandbox.post is None:
        return
    information = placed.body["losing_carrier_information"]
    recipients = [
        information.get("authorized_representative_email"),
        *(placed.body.get("notification_emails") or []),
    ]
    sandbox.database.outbox.book_copies(placed.order.sid, [str(name) for name in recipients])


def compose(sandbox: Sandbox, waiting: Mail) -> EmailMessage | None:
    """Write a mail that waits; None when it need not be sent any more.

    Raises ValueError when the recipient is no address, OSError when the signed letter can't be
    read.
    """
    placed = sandbox.database.order(waiting.order_sid)
    if placed is None:
        return None
    message = EmailMessage()
    message["To"] = one_line(waiting.recipient)
    message["Date"] = format_datetime(sandbox.clock.now())
    # Made from the order and the letter, so that a mail that arrives twice is known as one.
    message["Message-ID"] = f"<{waiting.name}@{MESSAGE_DOMAIN}>"
    if waiting.kind == "letter":
        return _invitation(sandbox, placed, waiting, message)
    information = placed.body["losing_carrier_information"]
    customer = one_line(str(information.get("customer_name")))
    message["Subject"] = f"Signed: letter of authorization for {customer}"
    message.set_content(f"The signed letter is attached.\n\nRequest {placed.order.sid}\n")
    message.add_attachment(
        (sandbox.folder / "letters" / f"{placed.order.sid}.pdf").read_bytes(),
        maintype="application",
        subtype="pdf",
        filename=f"{placed.order.sid}.pdf",
    )
    return message


def _invitation(
    sandbox: Sandbox, placed: PlacedOrder, waiting: Mail, message: EmailMessage
) -> EmailMessage | None:
    """Write the mail with the link; None when the order can't be signed any more."""
    order, information = placed.order, placed.body["losing_carrier_information"]
    letter = sandbox.database.outbox.letter_of_order(order.sid)
    status, _ = request_status(order, sandbox.clock.now())
    if letter is None or letter.used_at is not None or status not in SIGNABLE:
        return None
    key = key_of(sandbox, order.sid, waiting.place)
    if hash_of(key) != letter.key_hash:
        # The links' secret was lost and made anew since the letter was booked.
        sandbox.database.outbox.renew_key(order.sid, hash_of(key))
    again = " (sent again)" if waiting.place > 1 else ""
    customer = one_line(str(information.get("customer_name")))
    message["Subject"] = f"Please sign: letter of authorization for {customer}{again}"
    message.set_content(
        f"Hello {one_line(str(information.get('authorized_representative')))},\n\n"
        "Please read and sign the letter of authorization to move\n"
        f"{counted(len(order.numbers), 'telephone number')} to {PARTIES.new_carrier}:\n\n"
        f"{sandbox.public_url}/sign/{key}\n\n"
        "This link is only for you, works once, and expires on "
        f"{date_words(datetime.fromisoformat(letter.expires_at))}.\n\n"
        f"Request {order.sid}\n"
    )
    return message
