"""A sheet's rows below its first header, parted into tables: other headers, sections, notes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from portops.intake.cells import as_text
from portops.intake.contents import kinds
from portops.intake.lines import header_score, holds_data, holds_phone, says_how
from portops.intake.shapes import Start
from portops.intake.staying import is_example, moves, stays
from portops.tables.columns import UNSAVED, simplify
from portops.texts import contains, matches

if TYPE_CHECKING:
    import pandas as pd

#: So many rows without a number are looked at one by one; a sheet with more has data in them.
_MOST_ODD = 4_000

_TOTAL = (
    r"\b(?:sub|grand )?totals?\b|^\W*notes?\b|^\W*end of\b|\bprepared by\b|\bsignature\b|\bcount\b"
)


class Region(NamedTuple):
    """Rows that are one table: places from the sheet's first data row on, and how they begin.

    `start` is given where a header of its own begins it. `left_out` are the words that say that
    its numbers do not move, `at` the row of them (counted from 0 in the sheet).
    """

    places: np.ndarray
    start: Start | None = None
    left_out: str = ""
    at: int = -1


class Parted(NamedTuple):
    """The tables of a sheet, and the rows that are no data: why, and which places."""

    regions: list[Region]
    others: dict[str, list[int]]
    examples: list[int]


def has_number(columns: Sequence[pd.Series], height: int) -> np.ndarray:
    """Tell which rows have what may be a telephone number in one of these columns."""
    marked = np.zeros(height, dtype=bool)
    for column in columns:
        # The usual writing is found quickly; the rest is looked at more closely.
        plain = contains(column, rf"\d{{3}}[ .)-]{{0,2}}\d{{4}}|^{UNSAVED}$").to_numpy(copy=True)
        if not plain.all():
            rest = column[~plain]
            plain[~plain] = contains(rest, r"(?:\d\D*){7}").to_numpy()
        marked |= plain
    return marked


def _row_of(columns: Sequence[object], place: int) -> list[str]:
    row = []
    for cells in columns:
        value = cells[place]  # type: ignore[index]
        row.append(as_text(value.as_py() if hasattr(value, "as_py") else value) or "")
    return row


def _numbers_under(row: Sequence[str], below: Sequence[str]) -> bool:
    """Tell whether a telephone number lies right under a title of a row."""
    return any(title and holds_phone(text) for title, text in zip(row, below, strict=False))


@dataclass(slots=True)
class _Parting:
    """How far the parting of a sheet has come."""

    order: list[str]
    first: int
    last: int
    given: Mapping[str, str] | None
    out: str = ""
    at: int = -1
    begins: int = 0
    hints: int = 0
    present: Start | None = None
    heading: str = ""
    heading_at: int = -1
    drop: set[int] = field(default_factory=set)
    parted: Parted = field(default_factory=lambda: Parted([], {}, []))

    @property
    def titles(self) -> set[str]:
        """The titles of the sheet's first header."""
        return {title for title in self.order if title}

    def close(self, end: int) -> None:
        """End the present table, and begin another below."""
        places = np.arange(self.begins, end)
        places = places[~np.isin(places, list(self.drop))]
        if len(places):
            self.parted.regions.append(Region(places, self.present, self.out, self.at))
        self.drop.add(end)
        self.begins = end + 1

    def leave(self, why: str, place: int) -> None:
        """Note a row that is no data."""
        self.parted.others.setdefault(why, []).append(place)
        self.drop.add(place)

    def is_header(
        self, row: Sequence[str], there: Sequence[str], place: int, below: Sequence[str]
    ) -> bool:
        """Begin a table where a row is a header: the same again, or another."""
        # The titles in another order are another header: what is under them has moved.
        pairs = zip(row, self.order, strict=False)
        same = sum(bool(text) and simplify(text) == title for text, title in pairs)
        again = same >= min(3, len(self.titles)) and same >= 0.7 * len(there)
        other = (
            len(there) >= 3
            and not any(map(holds_data, there))
            and not says_how(there)
            and header_score(row, self.given) >= (1.0 if _numbers_under(row, below) else 2.4)
        )
        if not again and not other:
            return False
        near = self.heading if 0 <= place - self.heading_at <= 3 else ""
        self.close(place)
        if again:
            self.leave("the header again", place)
        else:
            above, at = ((),) * len(row), self.first + place
            self.present = Start(tuple(row), above, at, at + 1, near)
        if near:
            self.out, self.at = (near, self.first + self.heading_at) if stays(near) else ("", -1)
        elif not again or (self.out and self.heading_at < self.at):
            self.out, self.at = "", -1
        return True

    def is_heading(self, there: Sequence[str], place: int) -> bool:
        """Begin a section where a row says that what is below moves, or stays."""
        words = " ".join(there)
        if len(there) > 2 or holds_data(there[0]) or not (stays(words) or moves(words)):
            return False
        self.close(place)
        self.heading, self.heading_at = words, place
        self.out, self.at = (words, self.first + place) if stays(words) else ("", -1)
        if not self.out:
            self.leave("notes, headings or totals", place)
        return True

    def note(self, row: Sequence[str], there: Sequence[str], place: int) -> None:
        """Leave a row out that is a note, a heading or a total."""
        words = " ".join(there)
        first = self.hints
        if not _is_note(row, there, place, first=first, last=self.last, fields=len(self.titles)):
            return
        hints = place == first and says_how(there)
        self.hints += hints
        self.leave("hints under the header" if hints else "notes, headings or totals", place)
        plain = not any(kinds(text) & {"email", "file"} for text in there)
        if len(there) == 1 or (len(there) == 2 and plain):
            self.heading, self.heading_at = words, place


def part(
    columns: Sequence[object],
    numbered: np.ndarray,
    filled: np.ndarray,
    start: Start,
    given: Mapping[str, str] | None = None,
) -> Parted:
    """Part the rows below the first header.

    `columns` are all cells of the sheet from its first data row on; `numbered` tells the rows with
    a telephone number, `filled` how many of the understood columns each row fills.
    """
    out, at = (start.heading, start.first - 1) if stays(start.heading) else ("", -1)
    odd = np.flatnonzero(~numbered & (filled >= 0))
    if len(odd) > _MOST_ODD:
        return Parted([Region(np.arange(len(numbered)), None, out, at)], {}, [])
    order = [simplify(title) for title in start.titles]
    last = int(np.flatnonzero(numbered)[-1]) if numbered.any() else -1
    parting = _Parting(order, start.first, last, given, out, at)
    for place in odd.tolist():
        row = _row_of(columns, place)
        below = _row_of(columns, place + 1) if place + 1 < len(numbered) else []
        there = [text for text in row if text]
        if not there:
            parting.drop.add(place)
        elif is_example(row):
            parting.parted.examples.append(place)
            parting.drop.add(place)
        elif not parting.is_header(row, there, place, below) and not parting.is_heading(
            there, place
        ):
            parting.note(row, there, place)
    parting.close(len(numbered))
    return parting.parted


def _is_note(
    row: Sequence[str], there: Sequence[str], place: int, *, first: int, last: int, fields: int
) -> bool:
    """Tell whether a row without a number is a note, a heading or a total."""
    words = " ".join(there)
    if place == first and says_how(there):
        return True
    if fields < 4:
        return (len(there) == 1 and not re.search(r"\d{5}", words)) or bool(
            re.search(_TOTAL, words, re.I)
        )
    few = len(there) <= 1 or (len(there) <= 2 and bool(re.search(_TOTAL, words, re.I)))
    total = len(there) <= 4 and bool(re.search(r"(?i)\btotals?\b", words))
    return few or total or (place > last and len(there) <= 2)


def examples_among(
    columns: Sequence[pd.Series], numbered: np.ndarray, first: Sequence[pd.Series] = ()
) -> np.ndarray:
    """Tell which rows with a number are there to show how rows are filled in.

    `first` are the sheet's first columns, where a cell may say so and nothing else.
    """
    marked = np.zeros(len(numbered), dtype=bool)
    for column in first:
        marked |= matches(
            column.str.lower(), r"\W*(?:example|sample)(?: row| line| only| entry)?\W*$"
        ).to_numpy()
    for column in columns:
        marked |= contains(
            column, r"^\W*(?:example|sample|e\.g\.|for example|ex:|delete this)\b"
        ).to_numpy()
    return marked
