"""Recognise columns: their words to our fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz, process

from portops.columns import FIELDS, NUMBER_FIELDS, simplify, synonyms
from portops.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: A header row is looked for in so many rows from the top.
HEADER_WITHIN = 40

#: Two headers are taken for the same words from this likeness on (0 to 100).
ALIKE = 90


class Recognised(NamedTuple):
    """One column: the field it was taken for (None: not understood), and how that was found."""

    header: str
    field: str | None
    how: str


def _candidates(header: str) -> list[str]:
    bare = re.sub(r"\(.*?\)|\[.*?\]|\*|:$|\brequired\b|\boptional\b", " ", header, flags=re.I)
    return [text for text in (simplify(header), simplify(bare)) if text]


def _exact(header: str) -> str | None:
    known = synonyms()
    return next((known[text] for text in _candidates(header) if text in known), None)


def _fuzzy(header: str) -> tuple[str, int] | None:
    known = synonyms()
    for text in _candidates(header):
        if len(text) < 5:
            continue
        best = process.extractOne(text, known.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        if best is not None:
            return known[best[0]], round(best[1])
    return None


def recognise(headers: Sequence[str], given: Mapping[str, str] | None = None) -> list[Recognised]:
    """Name the field of each header.

    `given` (their header to our field) settles a column before anything else; then the words of
    the synonym table, then likeness. Of two columns for one field the first is taken.
    """
    settled = {simplify(header): field for header, field in (given or {}).items()}
    found: list[Recognised] = [Recognised(header, None, "unknown") for header in headers]
    taken: set[str] = set()

    def take(position: int, field: str | None, how: str) -> None:
        if field is not None and field not in taken and found[position].field is None:
            taken.add(field)
            found[position] = Recognised(headers[position], field, how)

    for position, header in enumerate(headers):
        take(position, settled.get(simplify(header)), "given")
    for position, header in enumerate(headers):
        take(position, _exact(header), "known words")
    for position, header in enumerate(headers):
        if header and found[position].field is None:
            like = _fuzzy(header)
            if like is not None:
                take(position, like[0], f"likeness {like[1]} %")
    return found


def find_header(
    rows: Sequence[Sequence[str]], given: Mapping[str, str] | None = None
) -> int | None:
    """Return the position of the header row among the first rows, or None.

    The header is the first of the rows with most columns recognised; at least three of them, or
    two when one holds telephone numbers.
    """
    best, most = None, 0
    settled = {simplify(header) for header in given or {}}
    for position, row in enumerate(rows[:HEADER_WITHIN]):
        fields = {_exact(cell) for cell in row if cell} - {None}
        count = len(fields) + sum(simplify(cell) in settled for cell in row if cell)
        enough = count >= 3 or (count >= 2 and bool(fields & set(NUMBER_FIELDS)))
        if enough and count > most:
            best, most = position, count
    return best


def check_fields(names: Mapping[str, str], option: str) -> None:
    """Raise InputError when one of the values of `--map`, or keys of `--set`, is no field."""
    wanted = names.values() if option == "--map" else names.keys()
    for name in wanted:
        if name not in FIELDS:
            raise InputError(
                f"{option} names the field '{name}', which does not exist.",
                f"Use one of: {', '.join(FIELDS)}.",
            )
