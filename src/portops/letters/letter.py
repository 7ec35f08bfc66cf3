"""Letters of authorization as PDF.

Content: 47 CFR 64.1130 (the subscriber's billing name and address, each telephone number covered,
the decision to change, the agent, one carrier for each service and number, that a fee may apply,
signature and date; a document of its own in clear type). Electronic signatures: E-SIGN Act.
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

if TYPE_CHECKING:
    from portops.providers.base import PortRequest

#: Numbers that stand in the letter itself; more of them go to an annex.
IN_LETTER = 24

_INK, _QUIET, _LINE = (31, 41, 51), (82, 96, 109), (154, 165, 177)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who the letter names beside the subscriber: the new carrier, and its agent if it has one."""

    new_carrier: str
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of a digital signature.

    `signed_at` is UTC; `address` is where it came from; `letter_hash` is the SHA-256 of the
    letter that was shown; `drawing` is the PNG of a drawn signature, where it was drawn.
    """

    signed_by: str
    signed_at: datetime
    address: str
    letter_hash: str
    drawing: bytes | None = None


class _Letter(FPDF):
    def __init__(self, request: PortRequest) -> None:
        super().__init__(format="Letter")
        self._name = request.customer_name
        folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
        for style, name in (("", "DejaVuSans"), ("B", "DejaVuSans-Bold")):
            self.add_font("text", style, str(folder / f"{name}.ttf"))
        self.add_font("hand", "", str(folder / "DejaVuSerif-Italic.ttf"))
        # The day the letter is written stands in it; the moment of the file would make each
        # copy another one.
        self.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))
        self.set_margins(22, 20, 22)
        self.set_auto_page_break(auto=True, margin=20)
        self.set_lang("en-US")
        self.set_title(f"Letter of authorization, {request.customer_name}")
        self.set_subject("Change of carrier and transfer of telephone numbers")
        self.set_creator("portops")

    def footer(self) -> None:
        """Write whose letter it is and the page below each page."""
        self.set_y(-14)
        self.set_font("text", size=8)
        self.set_text_color(*_QUIET)
        words = f"Letter of authorization, {self._name}  ·  page {self.page_no()} of {{nb}}"
        self.cell(0, 6, words, align="C")

    def heading(self, words: str, size: float = 11) -> None:
        """Write a heading."""
        self.ln(2.5)
        self.set_font("text", "B", size)
        self.set_text_color(*_INK)
        self.multi_cell(0, size * 0.55, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def text_line(self, words: str, size: float = 9.5) -> None:
        """Write a paragraph."""
        self.set_font("text", size=size)
        self.set_text_color(*_INK)
        self.multi_cell(0, size * 0.52, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def pairs(self, rows: Sequence[tuple[str, str | None]]) -> None:
        """Write label and value side by side, without those that have none."""
        for label, value in rows:
            if not value:
                continue
            self.set_font("text", size=9.5)
            self.set_text_color(*_QUIET)
            self.cell(52, 5.4, label)
            self.set_text_color(*_INK)
            self.multi_cell(0, 5.4, value, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def numbers(self, written: Sequence[str]) -> None:
        """Write numbers in four columns."""
        self.set_font("text", size=9.5)
        self.set_text_color(*_INK)
        width = self.epw / 4
        for place, number in enumerate(written):
            last = place % 4 == 3 or place == len(written) - 1
            self.cell(
                width,
                5.4,
                number,
                new_x=XPos.LMARGIN if last else XPos.RIGHT,
                new_y=YPos.NEXT if last else YPos.TOP,
            )


def _agreement(parties: Parties, losing: str) -> list[str]:
    text = files("portops.letters").joinpath("letter.txt").read_text(encoding="utf-8")
    agent = f", and {parties.agent} as its agent," if parties.agent else ""
    filled = text.format(new_carrier=parties.new_carrier, agent=agent, losing_carrier=losing)
    return [part.strip() for part in filled.split("\n\n") if part.strip()]


def write_letter(
    request: PortRequest, parties: Parties, written: date, record: Record | None = None
) -> bytes:
    """Return the letter of authorization of one request as PDF.

    Text can be selected, fonts are inside. PINs are not part of a letter. With a `record` the
    signature stands in its place, and a page at the end says who signed, when, from where and
    what. The same request and day give the same bytes.
    """
    losing = request.losing_carrier or "the present carrier"
    numbers = [display(each) for each in sorted(request.phone_numbers)]
    letter = _Letter(request)
    letter.add_page()
    letter.heading("Letter of Authorization", 18)
    letter.text_line(f"to change carrier and transfer telephone numbers  ·  {written:%B %d, %Y}")
    letter.heading("Subscriber")
    street = ", ".join(filter(None, (request.street, request.street_2)))
    letter.pairs(
        [
            ("Billing name", request.customer_name),
            ("Service address", f"{street}\n{request.city}, {request.state} {request.postal_code}"),
            ("Customer type", request.customer_type),
            ("Present carrier", request.losing_carrier),
            ("Account number", request.account_number),
            (
                "Billing telephone number",
                display(request.billing_number) if request.billing_number else None,
            ),
            ("Authorized representative", request.authorized_name),
            ("E-mail", request.email),
            ("New carrier", parties.new_carrier),
            ("Date asked for", request.target_date),
        ]
    )
    count = f"{len(numbers):,} telephone number{'' if len(numbers) == 1 else 's'}"
    letter.heading(f"Telephone numbers covered: {count}")
    if len(numbers) <= IN_LETTER:
        letter.numbers(numbers)
    else:
        letter.text_line(f"All {count} are listed in the annex, which is part of this letter.")
    letter.heading("Authorization")
    for paragraph in _agreement(parties, losing):
        letter.text_line(paragraph, 9)
        letter.ln(1.4)
    _signature(letter, request, record)
    if len(numbers) > IN_LETTER:
        letter.add_page()
        letter.heading(f"Annex: the {count} covered", 13)
        letter.numbers(numbers)
    if record is not None:
        _audit(letter, request, record)
    return bytes(letter.output())


def _audit(letter: _Letter, request: PortRequest, record: Record) -> None:
    """Write the page that proves the signature."""
    letter.add_page()
    letter.heading("Record of the signature", 14)
    letter.text_line("The letter before this page was shown in a browser and signed there.")
    letter.ln(3)
    letter.pairs(
        [
            ("Signed by", record.signed_by),
            ("Invited as", f"{request.authorized_name}, {request.email}"),
            ("Time (UTC)", f"{record.signed_at:%Y-%m-%d %H:%M:%S}"),
            ("Network address", record.address),
            ("Kind of signature", "drawn" if record.drawing else "typed name"),
            ("Consent", "The signer agreed to sign electronically (E-SIGN Act, 15 USC 7001)."),
            ("SHA-256 of the letter", f"{record.letter_hash[:32]}\n{record.letter_hash[32:]}"),
        ]
    )


def _signature(letter: _Letter, request: PortRequest, record: Record | None) -> None:
    """Draw the place to sign, and the record of a digital signature beside it."""
    if letter.will_page_break(46):
        letter.add_page()
    letter.ln(3)
    top, half = letter.get_y(), letter.epw / 2 - 4
    letter.set_draw_color(*_LINE)
    by, at = (record.signed_by, f"{record.signed_at:%Y-%m-%d %H:%M} ") if record else ("", "")
    where = f"{at}{record.address}" if record else ""
    for left, title, lines in (
        (letter.l_margin, "Signature", ("Name: " + request.authorized_name, f"Date: {at[:10]}")),
        (
            letter.l_margin + half + 8,
            "Record of digital signature",
            (f"Signed by: {by}", f"Time (UTC), address: {where}"),
        ),
    ):
        letter.rect(left, top, half, 36)
        letter.set_xy(left + 3, top + 2)
        letter.set_font("text", "B", 8.5)
        letter.set_text_color(*_QUIET)
        letter.cell(half - 6, 5, title)
        letter.line(left + 3, top + 22, left + half - 3, top + 22)
        letter.set_font("text", "", 8)
        for down, words in zip((24, 29.5), lines, strict=True):
            letter.set_xy(left + 3, top + down)
            letter.cell(half - 6, 5, words)
    if record is not None and record.drawing:
        letter.image(
            BytesIO(record.drawing),
            letter.l_margin + 4,
            top + 7,
            h=14,
            keep_aspect_ratio=True,
            w=half - 8,
        )
    elif record is not None:
        letter.set_xy(letter.l_margin + 5, top + 12)
        letter.set_font("hand", size=16)
        letter.set_text_color(20, 40, 110)
        letter.cell(half - 8, 9, record.signed_by)
    letter.set_xy(letter.l_margin, top + 40)
