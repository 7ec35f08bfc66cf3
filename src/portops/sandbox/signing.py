"""The sandbox's letters: written from an order, mailed with a link, signed once, sealed for good."""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pypdfium2

from portops.files import replacing
from portops.letters import letter as letters
from portops.letters import mail
from portops.sandbox.orders import SIGN_WITHIN

if TYPE_CHECKING:
    from portops.redaction import Secret
    from portops.sandbox.book import Book
    from portops.sandbox.orders import Order

_log = logging.getLogger(__name__)

#: Days after which an unsigned letter is mailed once more.
REMIND_AFTER = (3, 7, 14, 21, 28)

PARTIES = letters.Parties(new_carrier="Sandbox Communications")


class Post:
    """Where mail goes: an SMTP server when one is set, else a folder of `.eml` files."""

    def __init__(self, folder: Path, smtp: Secret | None = None) -> None:
        self.folder, self._smtp = folder, smtp

    def send(self, message: EmailMessage, name: str) -> None:
        """Send or keep one mail."""
        message["From"] = mail.sender_of(self._smtp) if self._smtp else "sandbox@localhost"
        if self._smtp is not None:
            mail.send(self._smtp, message)
            return
        with replacing(self.folder / f"{name}.eml") as beside:
            beside.write_bytes(message.as_bytes())


def hash_of(key: str) -> str:
    """Return what is kept of a link's key: who reads the book cannot open the letters."""
    return hashlib.sha256(key.encode()).hexdigest()


def _request(body: dict[str, Any], order: Order) -> Any:
    """Return the order as a letter reads a request."""
    given, address = (
        body["losing_carrier_information"],
        body["losing_carrier_information"].get("address") or {},
    )
    return SimpleNamespace(
        request=order.sid,
        losing_carrier=order.carrier or None,
        account_number=given.get("account_number"),
        customer_type="Residential" if given.get("customer_type") == "Individual" else "Business",
        customer_name=given.get("customer_name") or "",
        email=given.get("authorized_representative_email") or "",
        authorized_name=given.get("authorized_representative") or "",
        billing_number=given.get("account_telephone_number"),
        street=address.get("street") or "",
        street_2=address.get("street_2"),
        city=address.get("city") or "",
        state=address.get("state") or "",
        postal_code=address.get("zip") or "",
        target_date=order.target_date,
        phone_numbers=frozenset(each.phone_number for each in order.numbers),
    )


def letter_of(body: dict[str, Any], order: Order, written: str) -> bytes:
    """Return the unsigned letter of an order; the same bytes each time."""
    return letters.write_letter(_request(body, order), PARTIES, date.fromisoformat(written))


def pages_of(letter: bytes) -> list[str]:
    """Return the text of each page of a letter."""
    book = pypdfium2.PdfDocument(letter)
    try:
        return [
            " ".join(book[page].get_textpage().get_text_range().split())
            for page in range(len(book))
        ]
    finally:
        book.close()


def picture_of(letter: bytes, page: int) -> bytes | None:
    """Return a page of a letter as PNG; None where it has no such page."""
    book = pypdfium2.PdfDocument(letter)
    try:
        if not 0 <= page < len(book):
            return None
        picture = BytesIO()
        book[page].render(scale=1.8).to_pil().save(picture, format="PNG")
        return picture.getvalue()
    finally:
        book.close()


def invite(
    book: Book,
    post: Post,
    base_url: str,
    body: dict[str, Any],
    order: Order,
    email: str | None = None,
) -> str:
    """Mail the link to the authorized representative; a new link takes the old one's place."""
    given = body["losing_carrier_information"]
    to = email or given.get("authorized_representative_email") or ""
    key = secrets.token_urlsafe(32)
    expires = order.created_at + SIGN_WITHIN
    before = book.letter_of(order.sid)
    book.keep_letter(
        (order.sid, hash_of(key), order.created_at.date().isoformat(), to, expires.isoformat())
    )
    link = f"{base_url}sign/{key}"
    message = EmailMessage()
    message["To"], again = to, " (once more)" if before else ""
    message["Subject"] = (
        f"Please sign: letter of authorization for {given.get('customer_name')}{again}"
    )
    message.set_content(
        f"Hello {given.get('authorized_representative')},\n\n"
        f"to move {len(order.numbers)} telephone numbers to {PARTIES.new_carrier}, please read and "
        f"sign the letter of authorization:\n\n{link}\n\n"
        f"The link is for you alone, works once, and ends on {expires:%B %d, %Y}.\n\n"
        f"Request {order.sid}\n"
    )
    count = (before or {}).get("sent", 0) + 1
    post.send(message, f"{order.sid}-letter-{count}")
    return link


def remind(
    book: Book, post: Post, base_url: str, body: dict[str, Any], order: Order, now: datetime
) -> bool:
    """Mail the letter once more when it lies unsigned for another of `REMIND_AFTER`; True if so."""
    kept = book.letter_of(order.sid)
    if kept is None or kept["used_at"] is not None:
        return False
    due = sum(now - order.created_at >= timedelta(days=days) for days in REMIND_AFTER)
    if kept["sent"] > due:
        return False
    invite(book, post, base_url, body, order, kept["email"])
    return True


def _identity(folder: Path) -> tuple[Path, Path]:
    """Return the sandbox's key and certificate, made on first use."""
    key_file, cert_file = folder / "sandbox-key.pem", folder / "sandbox-certificate.pem"
    if key_file.is_file() and cert_file.is_file():
        return key_file, cert_file
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    folder.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "portops sandbox")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key_file.touch(mode=0o600)
    key_file.write_bytes(pem)
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return key_file, cert_file


def seal(letter: bytes, folder: Path, record: letters.Record) -> bytes:
    """Sign a letter cryptographically with the sandbox's own certificate."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    key_file, cert_file = _identity(folder)
    signer = signers.SimpleSigner.load(  # type: ignore[no-untyped-call]
        str(key_file), str(cert_file)
    )
    if signer is None:
        raise ValueError("the sandbox's certificate cannot be read")
    about = signers.PdfSignatureMetadata(
        field_name="Signature",
        name=record.signed_by,
        reason="Letter of authorization",
        location=record.address,
    )
    sealed: BytesIO = signers.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(letter)), about, signer=signer
    )
    return sealed.getvalue()


def sign(
    folder: Path, body: dict[str, Any], order: Order, written: str, record: letters.Record
) -> bytes:
    """Return the signed letter: stamped, with its record, sealed."""
    day = date.fromisoformat(written)
    stamped = letters.write_letter(_request(body, order), PARTIES, day, record)
    return seal(stamped, folder, record)


def copies(post: Post, body: dict[str, Any], order: Order, signed: bytes) -> None:
    """Mail the signed letter to the representative and everybody who is to hear of it."""
    given = body["losing_carrier_information"]
    others = [str(each) for each in body.get("notification_emails") or []]
    for place, to in enumerate([given.get("authorized_representative_email"), *others]):
        message = EmailMessage()
        message["To"] = str(to)
        message["Subject"] = f"Signed: letter of authorization for {given.get('customer_name')}"
        message.set_content(f"The signed letter is attached.\n\nRequest {order.sid}\n")
        message.add_attachment(
            signed, maintype="application", subtype="pdf", filename=f"{order.sid}.pdf"
        )
        post.send(message, f"{order.sid}-signed-{place + 1}")
