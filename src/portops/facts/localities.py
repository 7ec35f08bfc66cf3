"""The end of an address written in one text: its city, state and ZIP code, read from the right.

The ZIP code says which city names may stand before the state, so the longest of them is the city
also where no comma parts it from the street.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import NamedTuple

from portops.facts import places

_DIRECTIONS = "northeast|northwest|southeast|southwest|north|south|east|west|ne|nw|se|sw|n|s|e|w"
_STREETS_ONLY = "street|str|st|avenue|aven|ave|av|road|rd|boulevard|blvd|lane|ln|drive|drv|dr"
_STREET_ENDS = (
    "alley|aly|bend|bnd|boul|branch|broadway|bypass|byp|calle|camino|causeway|cswy|circle|circ|cir"
    "|close|concourse|courts|court|cts|ct|cove|cv|crescent|cres|crest|crossing|xing|drives|estates"
    "|ests|expressway|expy|extension|ext|fork|frk|freeway|fwy|gardens|gdns|gates|gate|glen|gln"
    "|green|grn|grove|grv|heights|hts|highway|hwy|hills|hill|hls|hl|hollow|holw|junction|jct|knolls"
    "|knoll|knl|lake|lk|landing|lndg|loop|lp|mall|manor|mnr|meadows|mdws|orchard|oval|overlook"
    "|parkway|pkwy|pky|park|paseo|pass|path|pike|place|plz|plaza|pl|pointe|point|pt|promenade"
    "|ridge|rdg|route|rte|row|run|spur|square|sq|terrace|terr|ter|trace|trce|trail|trl|turnpike"
    "|tpke|view|vw|village|vlg|vista|vis|walk|way"
)
_UNIT_WORDS = (
    "suite|ste|apartment|apt|unit|room|rm|floor|flr|fl|building|bldg|department|dept|lot|space|spc"
    "|trailer|trlr|penthouse|ph|lobby|basement|bsmt|hangar|pier|slip|tower|wing|level|office"
)

#: Directions as they are before or after a street's name (USPS Publication 28, 233).
DIRECTIONS = frozenset(_DIRECTIONS.split("|"))
#: Words that end streets and never cities; `Park` or `Hills` end cities as well.
STREETS_ONLY = frozenset(_STREETS_ONLY.split("|"))
#: Words that end a street's name (the common ones of USPS Publication 28, appendix C1).
STREET_ENDS = STREETS_ONLY | frozenset(_STREET_ENDS.split("|"))
_LAST_WORDS = DIRECTIONS | STREET_ENDS
#: Words that begin a unit within a building (USPS Publication 28, appendix C2).
UNIT_WORDS = frozenset(_UNIT_WORDS.split("|"))

_FORMAL = frozenset({"townof", "cityof", "villageof", "boroughof", "townshipof"})

#: The longest text, in characters, that is taken for an address.
LONGEST = 300

#: The longest city name, in words, that is tried.
_LONGEST_CITY = 5

_DIGIT = re.compile(r"\d")
_BREAK = re.compile(r"[\r\n;|•·]+|\s[-–—]+\s")
_PLUS4 = re.compile(r"(\d{5})\s*[-–—]\s*(\d{4})\W*$")
_GLUED = re.compile(r"\b([A-Za-z]{2})[.-]?(\d{5}(?:-\d{4})?)\W*$")
_ZIP = re.compile(r"\d{5}(?:-?\d{4})?")
_LOST_ZERO = re.compile(r"\d{3,4}(?:-\d{4})?")
_COUNTRIES = (
    ("united", "states", "of", "america"),
    ("u", "s", "a"),
    ("united", "states"),
    ("u", "s"),
    ("america",),
    ("usa",),
    ("us",),
)

_COUNTRY_ENDS = frozenset({"usa", "us", "america", "states", "s", "a"})


class Ending(NamedTuple):
    """A text read from the right.

    `words` are the text's without the country, and `breaks` the positions where a comma or a line
    end parts them; `street_to` is how many of them are before the city. `by` tells what settles
    the city: `zip` (the ZIP code serves it), `state` (a city of the state, parted by a comma),
    `comma` (only commas), `tail` (a city of the state, parted by nothing) or nothing. `certain` is
    false where the ZIP code serves two cities of which one ends the other, as in `5th Ave North
    Kansas City`.
    """

    words: list[str]
    breaks: frozenset[int]
    street_to: int
    city: str | None
    state: str | None
    postal_code: str | None
    by: str
    certain: bool

    @property
    def code(self) -> str | None:
        """The state's two-letter code."""
        return places.state_code(self.state) if self.state else None

    @property
    def parts(self) -> list[list[str]]:
        """The words before the city, parted as they are written."""
        edges = [0, *sorted(at for at in self.breaks if 0 < at < self.street_to), self.street_to]
        pairs = itertools.pairwise(edges)
        return [self.words[start:stop] for start, stop in pairs if start < stop]


def has_digit(words: list[str]) -> bool:
    """Tell whether any of the words has a digit."""
    return _DIGIT.search(" ".join(words)) is not None


@lru_cache(maxsize=10_000)
def plain_word(word: str) -> str:
    """Return a word in small letters, without punctuation."""
    return re.sub(r"[^a-z0-9]", "", word.casefold())


def parted(text: str) -> tuple[list[str], frozenset[int]]:
    """Return the words of a text, and the positions at which a comma or a line end parts them."""
    text = _GLUED.sub(_unglue, _PLUS4.sub(r"\1-\2", text.strip()))
    words: list[str] = []
    breaks = set()
    for part in _BREAK.sub(",", text).split(","):
        if any(character.isalnum() for character in part):
            breaks.add(len(words))
            words += part.split()
    if words:
        words[-1] = words[-1].rstrip(".:;") or words[-1]
    return words, frozenset(breaks)


def _unglue(match: re.Match[str]) -> str:
    """Part a state from its ZIP code, as in `OR97201`."""
    is_state = match[1].upper() in places.STATES
    return f"{match[1]} {match[2]}" if is_state else match[0]


def _before_country(words: list[str], end: int) -> int:
    """Return where the text ends without its country."""
    if not end or plain_word(words[end - 1]) not in _COUNTRY_ENDS:
        return end
    for country in _COUNTRIES:
        start = end - len(country)
        last = tuple(map(plain_word, words[max(start, 0) : end]))
        if start > 0 and last == country:
            return start
    return end


def _states(words: list[str], breaks: frozenset[int], end: int) -> list[tuple[int, str]]:
    """Return where a state may begin that ends at `end`, with its code; the longest first."""
    options = []
    for start in range(max(end - 3, 0), end):
        if breaks.isdisjoint(range(start + 1, end)):
            text = " ".join(words[start:end])
            code = places.state_code(re.sub(r"\b([A-Za-z])\. (?=[A-Za-z]\.)", r"\1", text))
            if code and plain_word(text) != "washingtondc":
                options.append((start, code))
    return options


def _postal_code(words: list[str], breaks: frozenset[int], end: int) -> int:
    """Return where the ZIP code begins that ends at `end`; `end` where there is none."""
    last = words[end - 1] if end else ""
    if _ZIP.fullmatch(last):
        return end - 1
    if re.fullmatch(r"\d{4}", last) and end > 1 and re.fullmatch(r"\d{5}", words[end - 2]):
        return end - 2
    if _LOST_ZERO.fullmatch(last):
        place = places.place(last.split("-", 1)[0].zfill(5))
        before = _before_country(words, end - 1)
        if place and place.state in {code for _, code in _states(words, breaks, before)}:
            return end - 1
    return end


def _tail(words: list[str], first: int, end: int, names: frozenset[str]) -> int | None:
    """Return where the longest of the names begins that ends at `end`."""
    for start in range(max(first, end - _LONGEST_CITY), end):
        name = words[start:end]
        if has_digit(name) or not name[0][0].isalpha():
            continue
        # The post knows a city `Church Street`: where the street is still to come, that is it.
        if (
            plain_word(name[-1]) in STREETS_ONLY
            and start > first
            and not ends_street(words[:start])
        ):
            continue
        if places.fold_city(" ".join(name)) in names:
            formal = plain_word("".join(words[max(start - 2, first) : start]))
            return start - 2 if formal in _FORMAL else start
    return None


def _city(
    words: list[str], breaks: frozenset[int], end: int, served: frozenset[str], code: str | None
) -> tuple[int, str]:
    """Return where the city begins that ends at `end`, and what settles it."""
    first = max((at for at in breaks if at < end), default=0)
    text = words[first:end]
    # Where nothing parts street and city, the street has two words at least.
    lowest = first or min(2, end)
    start = _tail(words, lowest, end, served)
    if start is not None and (start == first or not first):
        return start, "zip"
    if first and text and not has_digit(text):
        if code and places.fold_city(" ".join(text)) in places.cities(code):
            return first, "state"
        if not is_unit_word(text[0]) and start is None:
            return first, "comma"
    if start is not None:
        return start, "zip"
    if code and (start := _tail(words, lowest, end, places.cities(code))) is not None:
        return start, "tail"
    return end, ""


def ends_street(words: list[str]) -> bool:
    """Tell whether the words before a city end as streets do: by a suffix, direction or number."""
    return has_digit(words[-1:]) or plain_word(words[-1]) in _LAST_WORDS


def is_unit_word(word: str) -> bool:
    """Tell whether a word begins a unit within a building, such as `Suite` or `#12`."""
    return word.startswith("#") or plain_word(word) in UNIT_WORDS


#: How well the city is settled, the best first.
_RANKS = ("zip", "state", "comma", "tail", "")


def read_end(text: str, *, locality: bool = False) -> Ending:
    """Read ZIP code, state and city from the right; `locality`: there is nothing before the city.

    Postal code and state are as written, also where they contradict one another.
    """
    if len(text) > LONGEST:
        return Ending(text.split(), frozenset({0}), 0, None, None, None, "", certain=False)
    words, breaks = parted(text)
    end = _before_country(words, len(words))
    zip_from = _postal_code(words, breaks, end)
    postal_code = " ".join(words[zip_from:end]) or None
    place = places.place(postal_code[:5].split("-")[0].zfill(5)) if postal_code else None
    end = _before_country(words, zip_from)
    served = place.cities if place else frozenset()
    read = _whole_city if locality else _city
    states = _states(words, breaks, end)
    options = [(*read(words, breaks, start, served, code), start) for start, code in states]
    # `Chambers St New York 10007` has no state: the ZIP code says that this is the city.
    without = (*read(words, breaks, end, served, None), end)
    if not options or without[1] == "zip":
        options.append(without)
    begin, by, state_from = min(options, key=lambda option: _RANKS.index(option[1]))
    state = " ".join(words[state_from:end]) or None
    if not (state or locality) and (misspelled := _misspelled(words, breaks, end, served)):
        begin, by, state_from = misspelled
        state = " ".join(words[state_from:end])
    city = " ".join(words[begin:state_from]) or None
    code = places.state_code(state) if state else None
    names = places.cities(code) if code and by == "tail" else served
    certain = begin in breaks or not _two_cities(words, begin, state_from, names, code)
    # The country is dropped from what follows the street; nothing else is.
    return Ending(words[:end], breaks, begin, city, state, postal_code, by, certain)


def _whole_city(
    words: list[str], _: frozenset[int], end: int, served: frozenset[str], code: str | None
) -> tuple[int, str]:
    """Take everything for the city, and tell what settles it."""
    name = places.fold_city(" ".join(words[:end]))
    if not name or has_digit(words[:end]):
        return (0, "") if end else (0, "state" if code else "")
    if name in served:
        return 0, "zip"
    return 0, "state" if code and name in places.cities(code) else "comma" if code else ""


def _misspelled(
    words: list[str], breaks: frozenset[int], end: int, served: frozenset[str]
) -> tuple[int, str, int] | None:
    """Read `Portland, Orgeon 97201`: what follows the ZIP code's city and a comma is the state."""
    start = max((at for at in breaks if at < end), default=0)
    name = "".join(words[start:end])
    if not start or not name or end - start > 3 or has_digit([name]):
        return None
    first = max((at for at in breaks if at < start), default=0)
    begin = _tail(words, first if first else 2, start, served)
    if begin is None or places.fold_city(name) in served:
        return None
    return begin, "zip", start


def _two_cities(
    words: list[str], begin: int, end: int, served: frozenset[str], code: str | None
) -> bool:
    """Tell whether a direction at the city's beginning may belong to city and street alike."""
    if begin >= end or any(plain_word(word) in DIRECTIONS for word in words[1 : begin - 1]):
        return False
    if plain_word(words[begin]) in DIRECTIONS:
        return places.fold_city(" ".join(words[begin + 1 : end])) in served
    longer = places.fold_city(" ".join(words[begin - 1 : end])) if begin else ""
    before = plain_word(words[begin - 1]) if begin else ""
    return code is not None and before in DIRECTIONS and longer in places.cities(code)
