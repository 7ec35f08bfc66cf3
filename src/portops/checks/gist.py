"""The gist of a statement: what comparing its text needs, worked out once for each file.

Made where the text is read, in the process with limits, and kept in the store; whatever of it is
asked later takes no more than looking a text up.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date
from typing import Any, NamedTuple

from portops.checks.vocabulary import SHORT

#: Stands in what is kept of a gist: another edition of this module, or of the reader, has another.
EDITION = 1

#: A statement with fewer letters and digits has no text that could be compared.
LEAST_CHARACTERS = 20

_LABELLED = re.compile(
    r"(?:statement|bill(?:ing)?|invoice|issue[d]?)\s*(?:date|on|as of)|date\s*of\s*(?:bill|invoice|"
    r"statement|issue)|dated|bill(?:ing)?\s*period\s*end",
    re.I,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATES = re.compile(
    r"(?P<iso>\b\d{4}-\d{1,2}-\d{1,2}\b)|(?P<us>\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b)|"
    r"(?P<month>\b[A-Za-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}\b)|"
    r"(?P<day>\b\d{1,2}[\s-]+[A-Za-z]{3,9}\.?,?[\s-]+\d{4}\b)"
)
_MASKED = re.compile(r"(?:[*•xX#]{2,}|ending(?:\s+in)?:?)[\s-]*(\d{3,8})\b")
_RANGE = re.compile(
    r"\(?(\d{3})\)?[\s.-]*(\d{3})[\s.-]*(\d{4})\s*(?:to|thru|through|[-–—])\s*"
    r"(?:\(?\d{3}\)?[\s.-]*\d{3}[\s.-]*)?(\d{2,4})\b(?![\s.-]*\d)",
    re.I,
)
# A run of digits that is as long as this begins and ends here: two of them never overlap.
_LOCAL = re.compile(r"(?<!\d)(\d{3})[\s.-]?(\d{4})(?!\d)")


class Gist(NamedTuple):
    """What a statement's text comes to.

    `readable` tells whether there is text that can be compared; `digits` are all its digits in one
    run, `bare` its letters and digits, `words` its words as `words_of` gives them, joined by
    spaces; `local` the numbers written without area code, `ranges` the numbers from and to;
    `masked` the ends of account numbers that are masked; `labelled` the days that are called the
    statement's, `days` all that are named.
    """

    readable: bool
    digits: str
    bare: str
    words: str
    local: frozenset[str]
    ranges: tuple[tuple[int, int], ...]
    masked: tuple[str, ...]
    labelled: tuple[date, ...]
    days: tuple[date, ...]


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared: plain, small, in their short form."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    plain = re.sub(r"['’.]", "", plain.replace("&", " and "))
    return [SHORT.get(word, word) for word in re.findall(r"[a-z0-9]+", plain)]


def bare_of(text: str) -> str:
    """Return the letters and digits of a text, in capitals."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _day_of(match: re.Match[str]) -> date | None:
    text = match[0]
    try:
        if match["iso"]:
            year, month, day = map(int, text.split("-"))
        elif match["us"]:
            month, day, year = map(int, re.split(r"[/.-]", text))
            year += 2000 if year < 100 else 0
        else:
            name = re.search(r"[A-Za-z]{3,9}", text)
            figures = [int(digits) for digits in re.findall(r"\d+", text)]
            month = _MONTHS.index(str(name and name[0])[:3].casefold()) + 1
            day, year = figures[0], figures[-1]
        return date(year, month, day)
    except ValueError:
        return None


def _ranges_of(text: str) -> list[tuple[int, int]]:
    ranges = []
    for area, exchange, first, last in _RANGE.findall(text):
        start = int(area + exchange + first)
        end = int((area + exchange + first)[: 10 - len(last)] + last)
        if start <= end <= start + 9_999:
            ranges.append((start, end))
    return ranges


def _labelled_of(text: str) -> list[date | None]:
    matches = (
        _DATES.search(text, label.end(), label.end() + 40) for label in _LABELLED.finditer(text)
    )
    return [_day_of(match) for match in matches if match]


def _distinct(days: list[date | None]) -> tuple[date, ...]:
    return tuple(dict.fromkeys(day for day in days if day is not None))


def gist_of(text: str) -> Gist:
    """Work out the gist of a text."""
    return Gist(
        readable=len(re.findall(r"[A-Za-z0-9]", text)) >= LEAST_CHARACTERS,
        digits=re.sub(r"\D", "", text),
        bare=bare_of(text),
        words=" ".join(words_of(text)),
        local=frozenset(exchange + line for exchange, line in _LOCAL.findall(text)),
        ranges=tuple(dict.fromkeys(_ranges_of(text))),
        masked=tuple(dict.fromkeys(_MASKED.findall(text))),
        labelled=_distinct(_labelled_of(text)),
        days=_distinct([_day_of(match) for match in _DATES.finditer(text)]),
    )


def as_json(gist: Gist) -> str:
    """Write a gist as one line of JSON."""
    plain = gist._asdict() | {
        "local": sorted(gist.local),
        "labelled": [day.isoformat() for day in gist.labelled],
        "days": [day.isoformat() for day in gist.days],
    }
    return json.dumps(plain)


def from_json(line: str | bytes) -> Gist:
    """Read a gist that `as_json` has written; raises ValueError for anything else."""
    plain: dict[str, Any] = json.loads(line)
    try:
        return Gist(
            **{
                **plain,
                "local": frozenset(plain["local"]),
                "ranges": tuple((start, end) for start, end in plain["ranges"]),
                "masked": tuple(plain["masked"]),
                "labelled": tuple(map(date.fromisoformat, plain["labelled"])),
                "days": tuple(map(date.fromisoformat, plain["days"])),
            }
        )
    except (KeyError, TypeError) as error:
        raise ValueError("this is not the gist of a statement") from error
