"""What a row of a sheet is by its texts: titles, or data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from portops.intake.contents import kinds
from portops.intake.titles import classes, opinion
from portops.tables.columns import simplify

Row = Sequence[str]

#: What tells a value from a title.
_DATA = frozenset(
    {
        "phone",
        "phone_noted",
        "phones",
        "phone_range",
        "email",
        "file",
        "zip5",
        "date",
        "money",
        "digits4_8",
        "mac",
        "iccid",
        "imei",
        "whole_address",
        "digits10",
        "digits",
    }
)
_PHONES = frozenset({"phone", "phone_noted", "phones", "phone_range"})

_HINT = (
    r"(?i)\b(?:required|optional|mandatory|example|e\.g\.|format|select|choose|enter|digits?|"
    r"characters|letters|dashes|as (?:on|it)|only|mm/dd|yyyy|drop-?down|text|pdf/)\b"
)

#: A longer text is no title.
LONGEST_TITLE = 90


@cache
def title_of(text: str) -> tuple[str, float]:
    """Return what a text would be the title of, and how surely; an empty name for a value."""
    text = text.strip()
    if not text or len(text) > LONGEST_TITLE or not re.search(r"[A-Za-z]", text):
        return "", 0.0
    if kinds(text) & _DATA and not text.endswith((":", "?")):
        return "", 0.0
    view = opinion(text)
    best = int(view.logs.argmax())
    share = float(np.exp(view.logs[best])) * (0.4 + 0.6 * view.known_share)
    return classes()[best], share


def is_title(text: str, least: float = 0.4) -> bool:
    """Tell whether a text reads like a title."""
    return title_of(text)[1] >= least


def holds_data(text: str) -> bool:
    """Tell whether a text is a value by its looks: a number, an address, a file."""
    return bool(kinds(text) & _DATA)


def holds_phone(text: str) -> bool:
    """Tell whether a text is one telephone number or several."""
    return bool(kinds(text) & _PHONES)


def filled_in(row: Row) -> list[int]:
    """Return the places of a row that hold anything."""
    return [place for place, text in enumerate(row) if text]


def header_score(row: Row, given: Mapping[str, str] | None = None) -> float:
    """Say how much a row reads like a header: the sum of its titles' shares; 0 when it is none."""
    there = filled_in(row)
    settled = {simplify(title) for title in given or {}}
    if not there:
        return 0.0
    data = sum(holds_data(row[place]) and simplify(row[place]) not in settled for place in there)
    if data > 0.15 * len(there):
        return 0.0
    seen: dict[str, float] = {}
    titles = 0
    for place in there:
        name, share = title_of(row[place])
        if simplify(row[place]) in settled:
            name, share = row[place], 1.0
        if share >= 0.4:
            titles += 1
            seen[name] = max(seen.get(name, 0.0), share) + (0.1 if name in seen else 0.0)
    return sum(seen.values()) if titles >= 0.45 * len(there) else 0.0


def says_how(there: Sequence[str]) -> bool:
    """Tell whether a row says how the columns are to be filled in; addresses of mail say nothing."""
    written = [text for text in there if not kinds(text) & {"email", "file"}]
    return len(re.findall(_HINT, " ".join(written))) >= 2
