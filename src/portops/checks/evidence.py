"""What the text of a billing statement shows of a request, in whatever writing.

A false alarm costs more than a missed one: every comparison accepts each way in which statements
are known to print a thing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from portops.checks.gist import Gist, bare_of, gist_of, words_of
from portops.checks.vocabulary import LEGAL, STREET

if TYPE_CHECKING:
    from collections.abc import Iterable

#: To cut a text into all its runs of one length takes as long as to look for so many of them.
_WORTH_CUTTING = 200

#: In a text of so many words, where each of them is takes longer to write down than to look up.
_MANY_WORDS = 5_000

#: How alike a scanned number, a name, a word of a street alone and one near its house must be, of
#: 100.
_SCANNED, _NAME, _ALONE, _NEAR = 89, 85, 85, 80


class _Runs:
    """Whether a text holds others: looked for one by one, and in one pass where many are asked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._asked: Counter[int] = Counter()
        self._cut: dict[int, frozenset[str]] = {}

    def __contains__(self, wanted: str) -> bool:
        length = len(wanted)
        runs = self._cut.get(length)
        if runs is not None:
            return wanted in runs
        self._asked[length] += 1
        if self._asked[length] > _WORTH_CUTTING and length:
            text, last = self._text, len(self._text) - length + 1
            self._cut[length] = frozenset(text[at : at + length] for at in range(last))
        return wanted in self._text


@dataclass(frozen=True)
class Evidence:
    """The text of one statement, ready to be compared.

    A `scanned` text was read from a picture: single characters may be wrong.
    """

    gist: Gist
    scanned: bool = False
    _streets: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, text: str, *, scanned: bool = False) -> Evidence:
        """Return what a text shows."""
        return cls(gist_of(text), scanned)

    @property
    def readable(self) -> bool:
        """Tell whether there is text at all."""
        return self.gist.readable

    @cached_property
    def _digits(self) -> _Runs:
        return _Runs(self.gist.digits)

    @cached_property
    def _bare(self) -> _Runs:
        return _Runs(self.gist.bare)

    @cached_property
    def _words(self) -> list[str]:
        return self.gist.words.split()

    @cached_property
    def _vocabulary(self) -> dict[str, None]:
        return dict.fromkeys(self._words)

    @cached_property
    def _joined(self) -> str:
        return "".join(word for word in self._words if word not in LEGAL)

    @cached_property
    def _joined_runs(self) -> _Runs:
        return _Runs(self._joined)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            places.setdefault(word, []).append(place)
        return places

    def _places_of(self, word: str) -> list[int]:
        """Return where a word stands among the words."""
        if word not in self._vocabulary:
            return []
        if len(self._words) > _MANY_WORDS:
            return self._places[word]
        return [place for place, other in enumerate(self._words) if other == word]

    def numbers(self, phone_numbers: Iterable[str]) -> list[bool]:
        """Tell of each E.164 number whether the statement shows it, alone or in a range.

        A number listed without its area code counts.
        """
        digits, local, ranges = self._digits, self.gist.local, self.gist.ranges
        answers = []
        for number in phone_numbers:
            wanted = number[-10:]
            shown = (
                wanted in digits
                or wanted[3:] in local
                or (bool(ranges) and self._in_a_range(int(wanted)))
                or (self.scanned and self._nearly(wanted, self.gist.digits))
            )
            answers.append(shown)
        return answers

    @cached_property
    def _spans(self) -> tuple[list[int], list[int]]:
        """The ranges in order, as starts and ends; each end is the furthest so far."""
        spans = sorted(self.gist.ranges)
        return [start for start, _ in spans], [*accumulate((end for _, end in spans), max)]

    def _in_a_range(self, number: int) -> bool:
        starts, furthest = self._spans
        before = bisect_right(starts, number)
        return bool(before) and number <= furthest[before - 1]

    def account(self, account_number: str) -> bool:
        """Tell whether the account number is there, in any grouping or masked but for its end."""
        wanted = bare_of(account_number)
        if not wanted or wanted in self._bare:
            return True
        short = wanted.lstrip("0")
        if len(short) >= 6 and short in self._bare:
            return True
        masked = any(wanted.endswith(end) for end in self.gist.masked)
        return masked or (self.scanned and self._nearly(wanted, self.gist.bare))

    @staticmethod
    def _nearly(wanted: str, text: str) -> bool:
        """Tell whether a text holds the wanted one but for a character in ten."""
        return fuzz.partial_ratio(wanted, text, score_cutoff=_SCANNED) >= _SCANNED

    def name(self, customer_name: str) -> bool:
        """Tell whether the customer's name is there; legal suffixes and word order do not count."""
        words = [word for word in words_of(customer_name) if word not in LEGAL]
        if not words:
            return True
        if all(word in self._vocabulary for word in words):
            return True
        wanted = "".join(words)
        # Carriers cut long names, at 20 to 25 characters.
        if wanted in self._joined_runs or (len(wanted) > 18 and wanted[:18] in self._joined_runs):
            return True
        text = self._joined[:60_000]
        return fuzz.partial_ratio(wanted, text, score_cutoff=_NAME) >= _NAME

    def address(self, street: str) -> bool:
        """Tell whether the house number stands near the street's name."""
        words = words_of(street)
        houses = [word for word in words if word[0].isdigit()]
        names = [word for word in words if word not in STREET and not word[0].isdigit()]
        if not houses:
            return all(self._has_nearly(name) for name in names)
        rest = [*names, *houses[1:]]
        for place in self._places_of(houses[0]):
            near = self._words[max(0, place - 3) : place + 9]
            joined = "".join(near)
            if all(
                name in joined or any(fuzz.ratio(name, word) >= _NEAR for word in near)
                for name in rest
            ):
                return True
        return False

    def _has_nearly(self, name: str) -> bool:
        """Tell whether a word of a street is there but for a character or two."""
        if name not in self._streets:
            near = process.extract_iter(
                name, self._vocabulary.keys(), scorer=fuzz.ratio, score_cutoff=_ALONE
            )
            self._streets[name] = any(True for _ in near)
        return self._streets[name]

    def dated(self, today: date) -> date | None:
        """Return the statement's date: the labelled one, else the newest that has passed."""
        labelled = [day for day in self.gist.labelled if day <= today]
        if labelled:
            return max(labelled)
        past = (day for day in self.gist.days if date(2000, 1, 1) < day <= today)
        return max(past, default=None)


def age_in_days(evidence: Evidence, today: date) -> int | None:
    """Return how old a statement is, None where no date can be read."""
    day = evidence.dated(today)
    return None if day is None else (today - day).days
