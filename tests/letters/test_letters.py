"""Letters of authorization: everything the law requires, every number, no PIN."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pypdfium2
import pytest

from portops.facts.nanp import display
from portops.letters.letter import IN_LETTER, Parties, Signature, write_letter
from portops.providers.base import PortNumber, PortRequest
from portops.redaction import Secret

PARTIES = Parties(new_carrier="New Carrier Inc.", agent="Porting Desk LLC")


def _request(count: int, **change: str | None) -> PortRequest:
    details: dict[str, str | None] = {
        "request": "Main office",
        "losing_carrier": "Granite Tel",
        "account_number": "100200300400",
        "customer_type": "Business",
        "customer_name": "Copper Hill Bakery — Zoë & Søn",
        "authorized_name": "Avery Larkspur",
        "email": "avery@example.com",
        "billing_number": "+12125550100",
        "street": "12 Mill Road",
        "street_2": "Suite 4",
        "city": "New York",
        "state": "NY",
        "postal_code": "10001",
        "target_date": None,
        "statement": None,
        **change,
    }
    numbers = tuple(
        PortNumber(
            phone_number=f"+1212555{place:04d}", line_type="wireless", pin=Secret("Zebra4711X")
        )
        for place in range(count)
    )
    return PortRequest(**details, numbers=numbers)  # type: ignore[arg-type]


def _text(letter: bytes) -> tuple[str, int]:
    with pypdfium2.PdfDocument(letter) as pdf:
        pages = [page.get_textpage().get_text_range() for page in pdf]
    return " ".join(" ".join(pages).split()), len(pages)


@pytest.mark.parametrize("count", [1, IN_LETTER, IN_LETTER + 1, 1_000])
def test_a_letter_has_what_the_law_requires(count: int) -> None:
    """47 CFR 64.1130: who, where, which numbers, the change, the agent, one carrier, a fee."""
    letter = write_letter(_request(count), PARTIES, date(2026, 11, 24))
    text, pages = _text(letter)
    for words in (
        "Letter of Authorization",
        "Copper Hill Bakery — Zoë & Søn",
        "12 Mill Road, Suite 4",
        "New York, NY 10001",
        "from Granite Tel to New Carrier Inc.",
        "Porting Desk LLC as its agent",
        "only one carrier may be designated",
        "may charge a fee",
        "Signature",
        "Record of digital signature",
        "Date:",
        "November 24, 2026",
        "Avery Larkspur",
    ):
        assert words in text, words
    for place in range(count):
        assert display(f"+1212555{place:04d}") in text
    assert pages == 1 if count == 1 else pages >= 2
    assert ("Annex" in text) == (count > IN_LETTER)
    assert "Zebra" not in text
    assert b"Zebra4711X" not in letter


def test_missing_details_are_left_out() -> None:
    """Without a carrier or an account number, the letter has no empty lines."""
    text, _ = _text(
        write_letter(
            _request(1, losing_carrier=None, account_number=None, billing_number=None),
            Parties(new_carrier="New Carrier Inc."),
            date(2026, 1, 2),
        )
    )
    assert "from the current carrier to New Carrier Inc." in text
    assert "Current carrier" not in text
    assert "None" not in text
    assert "Account number" not in text
    assert "agent" not in text


def test_dates_are_written_as_americans_write_them() -> None:
    """No leading zero, no ISO date, neither for the day it is written nor for the requested one."""
    request = _request(1, target_date="2026-02-03")
    text, _ = _text(write_letter(request, PARTIES, date(2026, 1, 2)))
    assert "January 2, 2026" in text
    assert "Requested date Feb 3, 2026" in text
    assert "1 telephone number " in text
    assert "2026-" not in text


def test_a_signed_letter_shows_the_signature_and_its_record() -> None:
    """Who, when and from where, on the letter and on a last page with the letter's hash."""
    signature = Signature(
        signed_by="Avery Larkspur",
        signed_at=datetime(2026, 1, 5, 14, 3, 9, tzinfo=UTC),
        address="192.0.2.7",
        letter_hash="ab" * 32,
    )
    text, pages = _text(write_letter(_request(1), PARTIES, date(2026, 1, 2), signature))
    assert pages == 2
    for words in (
        "Date: Jan 5, 2026",
        "Signed by: Avery Larkspur",
        "Record of the signature",
        "2026-01-05 14:03:09",
        "192.0.2.7",
        "typed name",
        "ab" * 16,
    ):
        assert words in text, words
