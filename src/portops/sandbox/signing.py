"""Signing: an order's letter of authorization, written, read as pages, stamped and sealed."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pypdfium2

from portops.files import private_folder, replacing
from portops.letters.letter import Parties, Signature, write_letter

if TYPE_CHECKING:
    from portops.sandbox.orders import Order

_log = logging.getLogger(__name__)

PARTIES = Parties(new_carrier="Sandbox Communications")


def _request(body: dict[str, Any], order: Order) -> Any:
    """Return the order with the fields of a request that a letter reads."""
    information = body["losing_carrier_information"]
    address = information.get("address") or {}
    individual = information.get("customer_type") == "Individual"
    return SimpleNamespace(
        request=order.sid,
        losing_carrier=order.carrier or None,
        account_number=information.get("account_number"),
        customer_type="Residential" if individual else "Business",
        customer_name=information.get("customer_name") or "",
        email=information.get("authorized_representative_email") or "",
        authorized_name=information.get("authorized_representative") or "",
        billing_number=information.get("account_telephone_number"),
        street=address.get("street") or "",
        street_2=address.get("street_2"),
        city=address.get("city") or "",
        state=address.get("state") or "",
        postal_code=address.get("zip") or "",
        target_date=order.target_date,
        phone_numbers=frozenset(number.phone_number for number in order.numbers),
    )


def letter_of(body: dict[str, Any], order: Order, written: str) -> bytes:
    """Return the unsigned letter of an order as PDF; the same bytes each time."""
    return write_letter(_request(body, order), PARTIES, date.fromisoformat(written))


def pages_of(letter: bytes) -> list[str]:
    """Return the text of each page of a letter."""
    with pypdfium2.PdfDocument(letter) as pdf:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in pdf]


def picture_of(letter: bytes, page: int) -> bytes | None:
    """Return a page of a letter (counted from 0) as PNG; None when it has no such page."""
    with pypdfium2.PdfDocument(letter) as pdf:
        if not 0 <= page < len(pdf):
            return None
        picture = BytesIO()
        pdf[page].render(scale=1.8).to_pil().save(picture, format="PNG")
        return picture.getvalue()


def _fit(key_file: Path, cert_file: Path) -> bool:
    """Tell whether the files are a key and its certificate, and not cut off or of two pairs."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    try:
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(cert_file.read_bytes())
    except (FileNotFoundError, ValueError, TypeError):
        return False
    return key.public_key() == certificate.public_key()


def _identity(folder: Path) -> tuple[Path, Path]:
    """Return the files of the sandbox's key and certificate; they are made on first use.

    They are made anew when they can't be used: letters that were signed have their certificate
    inside. Raises OSError when they can't be read or written.
    """
    key_file, cert_file = folder / "sandbox-key.pem", folder / "sandbox-certificate.pem"
    if _fit(key_file, cert_file):
        return key_file, cert_file
    if key_file.exists() or cert_file.exists():
        _log.warning("%s and its certificate can't be used and are made anew", key_file)
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private_folder(folder)
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
    # Whole and in this order, so that a stop in between leaves no pair that doesn't fit.
    cert_file.unlink(missing_ok=True)
    for file, content in (
        (key_file, pem),
        (cert_file, certificate.public_bytes(serialization.Encoding.PEM)),
    ):
        with replacing(file) as beside:
            beside.write_bytes(content)
    return key_file, cert_file


def _seal(letter: bytes, folder: Path, signature: Signature) -> bytes:
    """Sign a letter cryptographically with the sandbox's own certificate."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    key_file, cert_file = _identity(folder)
    signer = signers.SimpleSigner.load(  # type: ignore[no-untyped-call]
        str(key_file), str(cert_file)
    )
    if signer is None:
        raise ValueError("the sandbox's certificate can't be read")
    metadata = signers.PdfSignatureMetadata(
        field_name="Signature",
        name=signature.signed_by,
        reason="Letter of authorization",
        location=signature.address,
    )
    sealed: BytesIO = signers.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(letter)), metadata, signer=signer
    )
    return sealed.getvalue()


def sign(
    folder: Path, body: dict[str, Any], order: Order, written: str, signature: Signature
) -> bytes:
    """Return the letter as PDF with its signature, a record of it, and the sandbox's seal.

    The sandbox's key and certificate are in `folder`; they are made on first use.
    """
    day = date.fromisoformat(written)
    signed = write_letter(_request(body, order), PARTIES, day, signature)
    return _seal(signed, folder, signature)
