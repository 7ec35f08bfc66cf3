"""Recognise columns: their words to our fields."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz, process

from portops.errors import InputError
from portops.tables.columns import FIELDS, NUMBER_FIELDS, simplify, synonyms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

#: A header row is looked for in so many rows from the top.
HEADER_WITHIN = 40

#: Two headers are taken for the same words from this likeness on (0 to 100).
ALIKE = 90


_ADDRESS = frozenset({"street", "street_2", "city", "state", "postal_code"})


class Recognised(NamedTuple):
    """One column: the field it was taken for (None: not understood), and how that was found."""

    header: str
    field: str | None
    how: str


def _candidates(header: str) -> list[str]:
    bare = re.sub(r"\(.*?\)|\[.*?\]|\*|:$|\brequired\b|\boptional\b", " ", header, flags=re.I)
    return [text for text in (simplify(header), simplify(bare)) if text]


@cache
def _exact(header: str) -> str | None:
    fields = synonyms()
    return next((fields[text] for text in _candidates(header) if text in fields), None)


@cache
def _fuzzy(header: str) -> tuple[str, int] | None:
    fields = synonyms()
    for text in _candidates(header):
        if not 5 <= len(text) <= 60:
            continue
        best = process.extractOne(text, fields.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        if best is not None:
            return fields[best[0]], round(best[1])
    # The same words in another order: "Number, Account".
    words = " ".join(re.findall(r"[a-z0-9]+", header.replace("#", " number ").casefold()))
    if 8 <= len(words) <= 60:
        by_words = process.extractOne(
            words, _spelled().keys(), scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE + 2
        )
        if by_words is not None:
            return _spelled()[by_words[0]], round(by_words[1])
    return None


@cache
def _spelled() -> Mapping[str, str]:
    """Map labels and synonyms, in words, to their field."""
    return {
        " ".join(re.findall(r"[a-z0-9]+", word.replace("#", " number ").casefold())): field.name
        for field in FIELDS.values()
        for word in (field.label, *field.synonyms)
    }


def recognise(headers: Sequence[str], given: Mapping[str, str] | None = None) -> list[Recognised]:
    """Name the field of each header.

    `given` (their header to our field) settles a column before anything else; then the words of
    the synonym table, then likeness. Of two columns for one field the first is taken.
    """
    settled = {simplify(header): field for header, field in (given or {}).items()}
    columns: list[Recognised] = [Recognised(header, None, "unknown") for header in headers]
    taken: set[str] = set()

    def take(position: int, field: str | None, how: str) -> None:
        if field is not None and field not in taken and columns[position].field is None:
            taken.add(field)
            columns[position] = Recognised(headers[position], field, how)

    for position, header in enumerate(headers):
        take(position, settled.get(simplify(header)), "given")
    for position, header in enumerate(headers):
        take(position, _exact(header), "known words")
    for position, header in enumerate(headers):
        if header and columns[position].field is None:
            like = _fuzzy(header)
            if like is not None:
                take(position, like[0], f"likeness {like[1]} %")
    return columns


class Header(NamedTuple):
    """Where the header stands (rows counted from 0; two rows may make one) and its texts."""

    first: int
    last: int
    texts: tuple[str, ...]


def _fields(texts: Sequence[str], settled: Collection[str]) -> set[str]:
    fields = {_exact(text) for text in texts if text} - {None}
    return {str(field) for field in fields} | {
        simplify(text) for text in texts if text and simplify(text) in settled
    }


def _like_data(row: Sequence[str]) -> bool:
    return any("@" in cell or len(re.findall(r"\d", cell)) >= 7 for cell in row)


def join_rows(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    """Make one header of two rows: group headings over the columns to their right."""
    joined, group = [], ""
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        if not below or above == below:
            joined.append(above)
            continue
        joint, field = f"{group} {below}".strip(), _exact(below)
        # The city of a billing address is not the city of the service.
        elsewhere = field in _ADDRESS and re.search(r"bill|mail|ship", group, re.I)
        joined.append(below if field and not _exact(joint) and not elsewhere else joint)
    return tuple(joined)


def find_header(
    rows: Sequence[Sequence[str]], given: Mapping[str, str] | None = None
) -> Header | None:
    """Find the header among the first rows.

    It is the first of the rows, or of the pairs of rows, with most columns recognised: at least
    three of them, or two when one holds telephone numbers.
    """
    settled = {simplify(header) for header in given or {}}
    best: tuple[int, Header] | None = None

    def consider(header: Header, least: int) -> None:
        nonlocal best
        fields = _fields(header.texts, settled)
        enough = len(fields) >= 3 or (len(fields) >= 2 and bool(fields & set(NUMBER_FIELDS)))
        if enough and len(fields) > max(least, best[0] if best else 0):
            best = len(fields), header

    near = rows[:HEADER_WITHIN]
    for position, row in enumerate(near):
        consider(Header(position, position, tuple(row)), 0)
    for position, (upper, lower) in enumerate(pairwise(near)):
        if sum(map(bool, upper)) >= 2 and sum(map(bool, lower)) >= 2 and not _like_data(lower):
            consider(Header(position, position + 1, join_rows(upper, lower)), 0)
    if best is None:
        for position, row in enumerate(near):
            if sum(column.field is not None for column in recognise(row[:400])) >= 3:
                return Header(position, position, tuple(row))
    return best[1] if best else None


def check_fields(names: Iterable[str], option: str) -> None:
    """Raise InputError when one of the names that an option gives is no field."""
    for name in names:
        if name not in FIELDS:
            # A value and its field are easily swapped, and the value may be a PIN.
            named = "what it names" if option == "--set" else f"'{name}'"
            raise InputError(
                f"{option}: {named} is not a field.",
                f"Use one of: {', '.join(FIELDS)}.",
            )
