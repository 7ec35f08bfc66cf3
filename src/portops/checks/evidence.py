"""What the text of a billing statement shows of a request, in whatever writing.

A false alarm costs more than a missed one: every comparison accepts each way in which statements
are known to print a thing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from portops.checks.vocabulary import LEGAL, SHORT, STREET

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    plain = re.sub(r"['’.]", "", plain.replace("&", " and "))
    return [SHORT.get(word, word) for word in re.findall(r"[a-z0-9]+", plain)]


def _bare(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _read_date(match: re.Match[str]) -> date | None:
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


@dataclass(frozen=True)
class Evidence:
    """The text of one statement, ready to be compared.

    A `scanned` text was read from a picture: single characters may be wrong.
    """

    text: str
    scanned: bool = False

    @cached_property
    def readable(self) -> bool:
        """Tell whether there is text at all."""
        return len(re.findall(r"[A-Za-z0-9]", self.text)) >= LEAST_CHARACTERS

    @cached_property
    def _stream(self) -> str:
        return re.sub(r"\D", "", self.text)

    @cached_property
    def _bare(self) -> str:
        return _bare(self.text)

    @cached_property
    def _words(self) -> list[str]:
        return _words(self.text)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            places.setdefault(word, []).append(place)
        return places

    @cached_property
    def _ranges(self) -> list[tuple[int, int]]:
        ranges = []
        for area, exchange, first, last in _RANGE.findall(self.text):
            start = int(area + exchange + first)
            end = int((area + exchange + first)[: 10 - len(last)] + last)
            if start <= end <= start + 9_999:
                ranges.append((start, end))
        return ranges

    def numbers(self, phone_numbers: Iterable[str]) -> list[bool]:
        """Tell of each E.164 number whether the statement shows it, alone or in a range.

        A number listed without its area code counts.
        """
        answers = []
        for number in phone_numbers:
            digits = number[-10:]
            shown = digits in self._stream or any(
                start <= int(digits) <= end for start, end in self._ranges
            )
            local = rf"(?<!\d){digits[3:6]}[\s.-]?{digits[6:]}(?!\d)"
            shown = shown or re.search(local, self.text) is not None
            answers.append(shown or (self.scanned and self._nearly(digits, self._stream)))
        return answers

    def account(self, account_number: str) -> bool:
        """Tell whether the account number is there, in any grouping or masked but for its end."""
        wanted = _bare(account_number)
        if not wanted or wanted in self._bare:
            return True
        short = wanted.lstrip("0")
        if len(short) >= 6 and short in self._bare:
            return True
        masked = any(wanted.endswith(end) for end in _MASKED.findall(self.text))
        return masked or (self.scanned and self._nearly(wanted, self._bare))

    @staticmethod
    def _nearly(wanted: str, text: str) -> bool:
        """Tell whether a text holds the wanted one but for a character in ten."""
        return fuzz.partial_ratio(wanted, text) >= 89

    def name(self, customer_name: str) -> bool:
        """Tell whether the customer's name is there; legal suffixes and word order do not count."""
        words = [word for word in _words(customer_name) if word not in LEGAL]
        if not words:
            return True
        if all(word in self._places for word in words):
            return True
        wanted, text = "".join(words), "".join(w for w in self._words if w not in LEGAL)
        # Carriers cut long names, at 20 to 25 characters.
        if wanted in text or (len(wanted) > 18 and wanted[:18] in text):
            return True
        return fuzz.partial_ratio(wanted, text[:60_000]) >= 85

    def address(self, street: str) -> bool:
        """Tell whether the house number stands near the street's name."""
        words = _words(street)
        houses = [word for word in words if word[0].isdigit()]
        names = [word for word in words if word not in STREET and not word[0].isdigit()]
        if not houses:
            return all(any(fuzz.ratio(name, word) >= 85 for word in self._places) for name in names)
        for place in self._places.get(houses[0], []):
            near = self._words[max(0, place - 3) : place + 9]
            joined = "".join(near)
            rest = [*names, *houses[1:]]
            if all(
                name in joined or any(fuzz.ratio(name, word) >= 80 for word in near)
                for name in rest
            ):
                return True
        return False

    def dated(self, today: date) -> date | None:
        """Return the statement's date: the labelled one, else the newest that has passed."""
        labelled = []
        for label in _LABELLED.finditer(self.text):
            match = _DATES.search(self.text, label.end(), label.end() + 40)
            day = _read_date(match) if match else None
            if day is not None and day <= today:
                labelled.append(day)
        if labelled:
            return max(labelled)
        read = (_read_date(match) for match in _DATES.finditer(self.text))
        past = [day for day in read if day is not None and date(2000, 1, 1) < day <= today]
        return max(past, default=None)


def age_in_days(evidence: Evidence, today: date) -> int | None:
    """Return how old a statement is, None where no date can be read."""
    day = evidence.dated(today)
    return None if day is None else (today - day).days
