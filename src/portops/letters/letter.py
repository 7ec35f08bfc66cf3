"""Letters of authorization as PDF.

What is in them follows 47 CFR 64.1130: the subscriber's billing name and address, each telephone
number covered, the decision to change, the agent, one carrier for each service and number, that a
fee may apply, signature and date, in a separate document in clear type. Electronic signatures
follow the E-SIGN Act.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from portops.facts.nanp import display
from portops.wording import counted

if TYPE_CHECKING:
    from portops.providers.base import PortRequest

#: Most numbers that are listed in the letter itself; when there are more, all go to an annex.
IN_LETTER = 24

_INK, _QUIET, _LINE = (31, 41, 51), (82, 96, 109), (154, 165, 177)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """The new carrier, and its agent if it has one."""

    new_carrier: str
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A digital signature.

    `signed_at` is UTC; `address` is the signer's network address; `letter_hash` is the SHA-256 of
    the letter that was shown; `drawing` is a PNG, None when the signer only typed the name.
    `on_behalf` is set when the signer's name is not the representative's: the signer was asked and
    confirmed to be authorized.
    """

    signed_by: str
    signed_at: datetime
    address: str
    letter_hash: str
    drawing: bytes | None = None
    on_behalf: bool = False


def date_words(day: date) -> str:
    """Write a date (or the date of an instant) for people: Nov 24, 2026."""
    return f"{day:%b} {day.day}, {day.year}"


class _Letter(FPDF):
    def __init__(self, request: PortRequest) -> None:
        super().__init__(format="Letter")
        self._name = request.customer_name
        folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
        for style, name in (("", "DejaVuSans"), ("B", "DejaVuSans-Bold")):
            self.add_font("text", style, str(folder / f"{name}.ttf"))
        self.add_font("hand", "", str(folder / "DejaVuSerif-Italic.ttf"))
        # A fixed date, so that the same letter is always the same file, byte for byte. The day
        # the letter was written is in its text.
        self.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))
        self.set_margins(22, 20, 22)
        self.set_auto_page_break(auto=True, margin=20)
        self.set_lang("en-US")
        self.set_title(f"Letter of authorization, {request.customer_name}")
        self.set_subject("Change of carrier and transfer of telephone numbers")
        self.set_creator("portops")

    def footer(self) -> None:
        """Write the customer's name and the page number at the foot of each page."""
        self.set_y(-14)
        self.set_font("text", size=8)
        self.set_text_color(*_QUIET)
        line = f"Letter of authorization, {self._name}  ·  page {self.page_no()} of {{nb}}"
        self.cell(0, 6, line, align="C")

    def heading(self, text: str, size: float = 11) -> None:
        """Write a heading."""
        self.ln(2.5)
        self.set_font("text", "B", size)
        self.set_text_color(*_INK)
        self.multi_cell(0, size * 0.55, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def paragraph(self, text: str, size: float = 9.5) -> None:
        """Write a paragraph."""
        self.set_font("text", size=size)
        self.set_text_color(*_INK)
        self.multi_cell(0, size * 0.52, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def pairs(self, rows: Sequence[tuple[str, str | None]]) -> None:
        """Write each label with its value beside it; rows without a value are left out."""
        for label, value in rows:
            if not value:
                continue
            self.set_font("text", size=9.5)
            self.set_text_color(*_QUIET)
            self.cell(52, 5.4, label)
            self.set_text_color(*_INK)
            self.multi_cell(0, 5.4, value, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def numbers(self, numbers: Sequence[str]) -> None:
        """Write telephone numbers in four columns."""
        self.set_font("text", size=9.5)
        self.set_text_color(*_INK)
        width = self.epw / 4
        for place, number in enumerate(numbers):
            last = place % 4 == 3 or place == len(numbers) - 1
            self.cell(
                width,
                5.4,
                number,
                new_x=XPos.LMARGIN if last else XPos.RIGHT,
                new_y=YPos.NEXT if last else YPos.TOP,
            )


def _agreement(parties: Parties, losing_carrier: str) -> list[str]:
    """Return the paragraphs that the subscriber signs."""
    text = files("portops.letters").joinpath("letter.txt").read_text(encoding="utf-8")
    agent = f", and {parties.agent} as its agent," if parties.agent else ""
    agreement = text.format(
        new_carrier=parties.new_carrier, agent=agent, losing_carrier=losing_carrier
    )
    return [paragraph.strip() for paragraph in agreement.split("\n\n") if paragraph.strip()]


def write_letter(
    request: PortRequest, parties: Parties, written: date, signature: Signature | None = None
) -> bytes:
    """Return the letter of authorization of a request as PDF.

    Its text can be selected and its fonts are embedded. It has no PINs. With a `signature` the
    letter shows it, and a last page says who signed, when, from where and what. The same request
    and day give the same bytes.
    """
    numbers = [display(phone_number) for phone_number in sorted(request.phone_numbers)]
    count = counted(len(numbers), "telephone number")
    letter = _Letter(request)
    letter.add_page()
    letter.heading("Letter of Authorization", 18)
    letter.paragraph(
        "to change carrier and transfer telephone numbers  ·  "
        f"{written:%B} {written.day}, {written.year}"
    )
    _subscriber(letter, request, parties)
    letter.heading(f"Telephone numbers covered: {count}")
    if len(numbers) <= IN_LETTER:
        letter.numbers(numbers)
    else:
        letter.paragraph(f"All {count} are listed in the annex, which is part of this letter.")
    letter.heading("Authorization")
    for paragraph in _agreement(parties, request.losing_carrier or "the current carrier"):
        letter.paragraph(paragraph, 9)
        letter.ln(1.4)
    _signature(letter, request, signature)
    if len(numbers) > IN_LETTER:
        letter.add_page()
        letter.heading(f"Annex: the {count} covered", 13)
        letter.numbers(numbers)
    if signature is not None:
        _record(letter, request, signature)
    return bytes(letter.output())


def _subscriber(letter: _Letter, request: PortRequest, parties: Parties) -> None:
    """Write who the subscriber is and what is asked for."""
    billing_number, target_date = request.billing_number, request.target_date
    street = ", ".join(filter(None, (request.street, request.street_2)))
    letter.heading("Subscriber")
    letter.pairs(
        [
            ("Billing name", request.customer_name),
            ("Service address", f"{street}\n{request.city}, {request.state} {request.postal_code}"),
            ("Customer type", request.customer_type),
            ("Current carrier", request.losing_carrier),
            ("Account number", request.account_number),
            ("Billing telephone number", display(billing_number) if billing_number else None),
            ("Authorized representative", request.authorized_name),
            ("Email", request.email),
            ("New carrier", parties.new_carrier),
            (
                "Requested date",
                date_words(date.fromisoformat(target_date)) if target_date else None,
            ),
        ]
    )


def _record(letter: _Letter, request: PortRequest, signature: Signature) -> None:
    """Write the page that says how the letter was signed."""
    letter.add_page()
    letter.heading("Record of the signature", 14)
    letter.paragraph("The preceding letter was shown and signed in a web browser.")
    letter.ln(3)
    letter.pairs(
        [
            ("Signed by", signature.signed_by),
            ("Invited as", f"{request.authorized_name}, {request.email}"),
            (
                "Different name",
                f"The signer confirmed to be authorized to sign in place of "
                f"{request.authorized_name}."
                if signature.on_behalf
                else None,
            ),
            ("Time (UTC)", f"{signature.signed_at:%Y-%m-%d %H:%M:%S}"),
            ("Network address", signature.address),
            ("Type of signature", "drawn" if signature.drawing else "typed name"),
            ("Consent", "The signer agreed to sign electronically (E-SIGN Act, 15 USC 7001)."),
            (
                "SHA-256 of the letter",
                f"{signature.letter_hash[:32]}\n{signature.letter_hash[32:]}",
            ),
        ]
    )


def _signature(letter: _Letter, request: PortRequest, signature: Signature | None) -> None:
    """Draw the box to sign in, and the record of a digital signature beside it."""
    if letter.will_page_break(46):
        letter.add_page()
    letter.ln(3)
    left, top, width = letter.l_margin, letter.get_y(), letter.epw / 2 - 4
    signer = day = origin = ""
    if signature is not None:
        signer, day = signature.signed_by, date_words(signature.signed_at)
        origin = f"{signature.signed_at:%Y-%m-%d %H:%M} {signature.address}"
    _box(letter, left, "Signature", (f"Name: {request.authorized_name}", f"Date: {day}"))
    letter.set_y(top)
    _box(
        letter,
        left + width + 8,
        "Record of digital signature",
        (f"Signed by: {signer}", f"Time (UTC), address: {origin}"),
    )
    if signature is not None and signature.drawing:
        picture = BytesIO(signature.drawing)
        letter.image(picture, left + 4, top + 7, h=14, keep_aspect_ratio=True, w=width - 8)
    elif signature is not None:
        letter.set_xy(left + 5, top + 12)
        letter.set_font("hand", size=16)
        letter.set_text_color(20, 40, 110)
        letter.cell(width - 8, 9, signature.signed_by)
    letter.set_xy(left, top + 40)


def _box(letter: _Letter, left: float, title: str, lines: tuple[str, str]) -> None:
    """Draw a box half as wide as the page, with a line to sign on and two lines of text below."""
    top, width = letter.get_y(), letter.epw / 2 - 4
    letter.set_draw_color(*_LINE)
    letter.rect(left, top, width, 36)
    letter.set_xy(left + 3, top + 2)
    letter.set_font("text", "B", 8.5)
    letter.set_text_color(*_QUIET)
    letter.cell(width - 6, 5, title)
    letter.line(left + 3, top + 22, left + width - 3, top + 22)
    letter.set_font("text", "", 8)
    for down, line in zip((24, 29.5), lines, strict=True):
        letter.set_xy(left + 3, top + down)
        letter.cell(width - 6, 5, line)
