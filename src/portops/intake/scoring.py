"""How well each column fits each field: what its title says, and what it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from portops.facts.places import fold_city, places
from portops.intake.fitting import fit
from portops.intake.titles import classes, opinion, telling_words
from portops.tables.columns import FIELDS, NUMBER_FIELDS, simplify, synonyms

if TYPE_CHECKING:
    from portops.intake.contents import Contents

_FLOOR = -6.5

#: From here on the contents speak for a field plainly; and what faulty contents count at least.
_PLAIN, _FAULTY = 2.5, -0.8


#: Fields whose values have one shape, which one slip spoils.
_EASILY_FAULTY = ("email", "phone_number", "postal_code", "state", "target_date")

#: So much less five digits speak for a ZIP code where no such code exists.
_NO_ZIP = 5.0

#: What may stand before a title: a short word, and a sign that parts it from the rest.
_PREFIX = re.compile(r"\s*([A-Za-z][\w ]{0,14}?)\s*(?:[|>:]|\s[-\u2013\u2014])\s+")

#: A title that leaves hardly a doubt: the log of three quarters.
_SURE_TITLE = -0.29


class Column(NamedTuple):
    """A column to recognize: where it is, its title, the headings over it, and what it holds."""

    position: int
    title: str
    above: tuple[str, ...]
    contents: Contents


class Recognized(NamedTuple):
    """One column: its field (None: none), how that was seen, how sure it is (0 to 1), and in words.

    `other` names what it is where it is no field of a port request, such as `-device`; `near` is
    the field that a column without one comes nearest to, `secret` that it may be one.
    """

    field: str | None
    how: str
    confidence: float
    why: str = ""
    other: str = ""
    near: str = ""
    secret: bool = False


def _city_support(columns: Sequence[Column]) -> dict[int, float]:
    """Give the columns whose values are cities of the ZIP codes beside them, with the share of rows."""
    zips = [
        c
        for c in columns
        if c.contents.shares.get("zip5", 0) + c.contents.shares.get("zip4", 0) > 0.6
    ]
    towns = [
        c
        for c in columns
        if c.contents.shares.get("words", 0) > 0.6 and c.contents.shares.get("digits", 0) == 0
    ]
    support: dict[int, float] = {}
    for zip_column in zips:
        codes = [value[:5].zfill(5) for value in zip_column.contents.values]
        there = places(code for code in codes[:60] if code.isdigit())
        if not there:
            continue
        for town in towns:
            pairs = [
                fold_city(name) in there[code].cities
                for name, code in zip(town.contents.values[:60], codes[:60], strict=False)
                if name and code in there
            ]
            if len(pairs) >= 1:
                share = sum(pairs) / len(pairs)
                support[town.position] = max(support.get(town.position, 0.0), share)
    return support


def _some_digits(text: str) -> bool:
    return sum(letter.isdigit() for letter in text) >= 5


def _forgive_faults(columns: Sequence[Column], titled: np.ndarray, held: np.ndarray) -> None:
    """Count one or two faulty values under a plain title as faults, and not as another field."""
    names = np.array(classes())
    for row, column in enumerate(columns):
        if column.contents.counted > 2:
            continue
        plain = (titled[row] > _SURE_TITLE) & np.isin(names, _EASILY_FAULTY)
        least = np.where(plain, -1.0, -2.0)
        if column.contents.counted and not any(map(_some_digits, column.contents.values)):
            # `iPhone 13` under `Phone` is no faulty number.
            least[np.isin(names, NUMBER_FIELDS)] = -np.inf
        held[row] = np.maximum(held[row], least)


def _invented_zips(columns: Sequence[Column]) -> set[int]:
    """Give the columns of five digits of which too few are ZIP codes: PINs, or codes of somebody's."""
    invented = set()
    for column in columns:
        codes = [text[:5] for text in dict.fromkeys(column.contents.values) if text][:60]
        if column.contents.shares.get("zip5", 0.0) <= 0.5:
            continue
        codes = [code for code in codes if code.isdigit() and len(code) == 5]
        there = places(iter(codes))
        if sum(code in there for code in codes) < 0.7 * len(codes):
            invented.add(column.position)
    return invented


def _is_ours(columns: Sequence[Column]) -> bool:
    """Tell whether the titles are those that portops writes: of its template, of corrections."""
    labels = {simplify(field.label) for field in FIELDS.values()}
    ours = [simplify(column.title) in labels for column in columns if column.title]
    return sum(ours) >= 8 and sum(ours) >= 0.8 * len(ours)


def scores_of(columns: Sequence[Column]) -> tuple[np.ndarray, np.ndarray]:
    """Return for each column and class what the title says, and what the contents say."""
    names = classes()
    titled = np.array([np.maximum(opinion(c.title, c.above).logs, _FLOOR) for c in columns])
    held = np.array([fit(c.contents) for c in columns])
    _forgive_faults(columns, titled, held)
    support = _city_support(columns)
    own = _is_ours(columns)
    invented = _invented_zips(columns)
    for row, column in enumerate(columns):
        if column.position in invented and titled[row, names.index("postal_code")] < _SURE_TITLE:
            held[row, names.index("postal_code")] -= _NO_ZIP
    for row, column in enumerate(columns):
        share = support.get(column.position, 0.0)
        if share >= 0.5:
            held[row, names.index("city")] += 2.5 * share
            held[row, names.index("-billing_address")] += 2.5 * share
        if not column.title and not column.above:
            # Numbers without a title are the list itself.
            titled[row, names.index("phone_number")] += 1.8
        joint = simplify(" ".join((*column.above, column.title)))
        word = synonyms().get(joint) or synonyms().get(simplify(column.title))
        if word is not None and word in names:
            # The words of the list of columns are meant as they stand.
            titled[row, names.index(word)] = max(titled[row, names.index(word)], -0.35)
            if simplify(column.title) == simplify(FIELDS[word].label):
                # The field's own name goes before its other words.
                titled[row, names.index(word)] = 1.0
            shares = column.contents.shares
            answers = shares.get("yes_no", 0.0) + shares.get("bit", 0.0) >= 0.5
            numbers = word in NUMBER_FIELDS
            digits = shares.get("near_phone", 0.0) + shares.get("ten_digits", 0.0) >= 0.2
            if numbers and not (own or digits or not shares):
                continue
            if (own or held[row].max() < _PLAIN) and not (answers and numbers):
                # What holds nothing in particular under such a title are faults to find.
                slot = names.index(word)
                held[row, slot] = max(held[row, slot], _FAULTY)
                titled[row, np.arange(len(names)) != slot] -= 8.0 if own else 1.5
    return titled, held


def without_prefix(columns: Sequence[Column]) -> list[Column]:
    """Return the columns without what an export puts before every title of its own: `UDF - `.

    At least three titles must begin alike, with a sign behind it that parts it from the rest.
    """
    begins = [_PREFIX.match(column.title) for column in columns]
    counts: dict[str, int] = {}
    for match in begins:
        if match:
            counts[match[1].casefold()] = counts.get(match[1].casefold(), 0) + 1
    return [
        column._replace(title=column.title[match.end() :])
        if match and counts[match[1].casefold()] >= 3 and column.title[match.end() :].strip()
        else column
        for column, match in zip(columns, begins, strict=True)
    ]


def how_seen(titled: float, held: float, *, blank: bool) -> str:
    """Say whether title, contents or both name the field."""
    if blank:
        return "words"
    if titled > -1.2 and held > 0.8:
        return "both"
    return "words" if titled > -1.2 else "contents"


def in_words(column: Column, field: str, how: str) -> str:
    """Say why a column was taken for a field."""
    words = telling_words(column.title, field, column.above)
    title = "its title says " + ", ".join(f"'{word}'" for word in words) if words else ""
    shares = sorted(column.contents.shares.items(), key=lambda pair: -pair[1])
    kinds = [name.replace("_", " ") for name, share in shares if share >= 0.5][:2]
    holds = "it holds " + " and ".join(kinds) if kinds and how != "words" else ""
    return "; ".join(part for part in (title, holds) if part)
