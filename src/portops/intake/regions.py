"""A sheet's rows below its first header, parted into tables: other headers, sections, notes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from portops.intake.cells import as_text
from portops.intake.contents import kinds
from portops.intake.lines import header_score, holds_data
from portops.intake.shapes import Start
from portops.intake.staying import is_example, moves, stays
from portops.tables.columns import UNSAVED, simplify
from portops.texts import contains

#: So many rows without a number are looked at one by one; a sheet with more has data in them.
_MOST_ODD = 4_000

_HINT = r"(?i)\b(?:required|optional|mandatory|example|e\.g\.|format|select|choose|enter)\b"
_TOTAL = r"\b(?:sub|grand )?totals?\b|^\W*notes?\b|^\W*end of\b|\bprepared by\b|\bsignature\b|\bcount\b"


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
    height, width = len(numbered), len(columns)
    titles = [simplify(title) for title in start.titles]
    own = {title for title in titles if title}
    odd = np.flatnonzero(~numbered & (filled >= 0))
    others: dict[str, list[int]] = {}
    examples: list[int] = []
    out, at = (start.heading, start.first - 1) if stays(start.heading) else ("", -1)
    if len(odd) > _MOST_ODD:
        return Parted([Region(np.arange(height), None, out, at)], {}, [])
    regions: list[Region] = []
    begins, present = 0, None
    drop: set[int] = set()
    heading, heading_at = "", -1

    def close(end: int) -> None:
        places = np.arange(begins, end)
        places = places[~np.isin(places, list(drop))]
        if len(places):
            regions.append(Region(places, present, out, at))

    def leave(why: str, place: int) -> None:
        others.setdefault(why, []).append(place)
        drop.add(place)

    last = int(np.flatnonzero(numbered)[-1]) if numbered.any() else -1
    for place in odd.tolist():
        row = _row_of(columns, place)
        there = [text for text in row if text]
        if not there:
            drop.add(place)
            continue
        if is_example(row):
            examples.append(place)
            drop.add(place)
            continue
        # The titles in another order are another header: what is under them has moved.
        pairs = zip(row, titles, strict=False)
        same = sum(bool(text) and simplify(text) == title for text, title in pairs)
        again = same >= min(3, len(own)) and same >= 0.7 * len(there)
        score = header_score(row, given)
        if again or (len(there) >= 3 and score >= 2.4 and not any(map(holds_data, there))):
            near = heading if 0 <= place - heading_at <= 3 else ""
            close(place)
            drop.add(place)
            begins = place + 1
            if again:
                leave("the header again", place)
                if not near and out and heading_at < at:
                    out, at = "", -1
            else:
                present = Start(
                    tuple(row), ((),) * width, start.first + place, start.first + place + 1, near
                )
            if near:
                out, at = (near, start.first + heading_at) if stays(near) else ("", -1)
            elif not again:
                out, at = "", -1
            continue
        alone = len(there) == 1 or (len(there) == 2 and not any(kinds(t) & {"email", "file"} for t in there))
        words = " ".join(there)
        if len(there) <= 2 and (stays(words) or moves(words)) and not holds_data(there[0]):
            close(place)
            drop.add(place)
            begins = place + 1
            heading, heading_at = words, place
            out, at = (words, start.first + place) if stays(words) else ("", -1)
            if not out:
                leave("notes, headings or totals", place)
            continue
        if _is_note(row, there, place, first=0, last=last, fields=len(own)):
            hints = place == 0 and len(pd.Series(words).str.findall(_HINT).iloc[0]) >= 2
            leave("hints under the header" if hints else "notes, headings or totals", place)
            if alone:
                heading, heading_at = words, place
    close(height)
    return Parted(regions, others, examples)


def _is_note(row: Sequence[str], there: Sequence[str], place: int, *, first: int, last: int, fields: int) -> bool:
    """Tell whether a row without a number is a note, a heading or a total."""
    words = " ".join(there)
    if place == first and len(re.findall(_HINT, words)) >= 2:
        return True
    if fields < 4:
        return len(there) == 1 and not re.search(r"\d{5}", words) or bool(re.search(_TOTAL, words, re.I))
    few = len(there) <= 1 or (len(there) <= 2 and bool(re.search(_TOTAL, words, re.I)))
    total = len(there) <= 4 and bool(re.search(r"(?i)\btotals?\b", words))
    return few or total or (place > last and len(there) <= 2)


def examples_among(columns: Sequence[pd.Series], numbered: np.ndarray) -> np.ndarray:
    """Tell which rows with a number are there to show how rows are filled in."""
    marked = np.zeros(len(numbered), dtype=bool)
    for column in columns:
        marked |= contains(column, r"^\W*(?:example|sample|e\.g\.|for example|ex:|delete this)\b").to_numpy()
    return marked
