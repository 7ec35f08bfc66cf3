"""A street and its unit, told apart in what stands before the city of a written address.

A city that neither its ZIP code nor a comma settles is asked of the tagger `usaddress`. Everything
here is about one text.
"""

from __future__ import annotations

import re

from portops.facts.localities import (
    DIRECTIONS,
    STREET_ENDS,
    STREETS_ONLY,
    Ending,
    ends_street,
    is_unit_word,
    plain_word,
)

#: Words that are house numbers, as in `One Main Street`.
NUMBER_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
#: What a box at the post office begins with.
BOX = r"(?:p\.?\s*o\.?\s*box|post office box|p\.?o\.?b\.?)\s"
#: Alternatives for patterns, the longest first.
ENDS = "|".join(sorted(STREET_ENDS, key=len, reverse=True))
SIDES = "|".join(sorted(DIRECTIONS, key=len, reverse=True))

# A house number has a digit near its beginning; `3rd St` has none, as `5th` is an ordinal.
_HOUSE = re.compile(
    rf"^(?:#?\d[\w/-]*|[NSEW]\d+\w*|(?:{NUMBER_WORDS}))$(?<!\dst)(?<!\dnd)(?<!\drd)(?<!\dth)", re.I
)
_PO_BOX = re.compile(rf"^(?:{BOX}|(?:rr|hc|rural route|psc|unit \d+ box)\b)", re.I)
_ID = r"(?:no\.?\s*)?#?\s*(?:\d[\w/.-]*|[a-z]-?\d[\w-]*|[a-z](?:-[a-z\d]+)?)"
_UNIT = (
    r"(?:(?:suite|ste|apt|apartment|unit|room|rm|bldg|building|floor|flr|fl|dept|department|lot"
    r"|space|spc|trailer|trlr|penthouse|ph|hangar|hngr|slip|tower|wing|level|office|ofc|bay|pmb"
    rf"|stop|mailstop|studio)s?\.?(?:\s*#\s*|\s+|(?=\d)){_ID}(?:\s*[&+]\s*{_ID}(?!\w))?(?!\w)"
    r"|#+\s*(?:(?:apt|suite|ste|unit)\.?\s*)?\w[\w?-]*(?:\s\d+\b)?"
    r"|(?:\d+(?:st|nd|rd|th)?|first|second|third|fourth|fifth|sixth|ground|top)\s+(?:floor|flr|fl)\b\.?)"
)
_UNITS = rf"{_UNIT}(?:\s+{_UNIT})*"
_AFTER = re.compile(rf"^(?P<street>\S+\s+\S.*?)\s+(?P<unit>{_UNITS})$", re.I)
_BEFORE = re.compile(rf"^(?P<unit>{_UNITS})\s+(?P<street>\S+\s+\S.*)$", re.I)
_BARE_UNITS = "rear|front|lower|upper|basement|bsmt|lobby|penthouse|ph"
# `Suite One Hundred`, `Ste Two-B`, `Rear`; but a street may go on, as in `Lake Ste Anne Drive`.
_SPELLED = re.compile(
    rf"^(?P<street>\S+\s+\S.*\s(?:{ENDS}|{SIDES})\.?)\s+(?P<unit>{_BARE_UNITS}"
    rf"|(?:suite|ste|apartment|apt|unit|room|floor)\.?(?:\s+(?!(?:{ENDS})\b)\S+){{1,3}})$",
    re.I,
)
# `201 Locust Avenue B`, but not `201 Avenue B`, `201 N Avenue B` nor `201 County Road B`.
_LETTER = re.compile(
    rf"^(?P<street>\d\S*\s(?:.*\s)?(?!(?:{SIDES}|county|co|state|farm|old|cty|private)\.?\s)"
    rf"[a-z0-9'-]+\s(?:{'|'.join(sorted(STREETS_ONLY, key=len, reverse=True))})\.?)"
    r"\s(?P<unit>[a-df-mo-rt-vx-z])$",
    re.I,
)
_WHOLE_UNIT = re.compile(
    rf"^(?:{_UNITS}|[a-z]\s[a-z\d]{{1,3}}|[a-z]?-?\d*-?[a-z]?|{_BARE_UNITS})$",
    re.I,
)
# What ends a street without a house number; `Juniper Park` may be a person or a mall.
_NAMES_END = STREETS_ONLY | {"way", "highway", "hwy", "parkway", "pkwy"}
# Before a number within a street: `100 Highway 12 West`, `100 N 400 W`, `17 Avenue 8`.
_BEFORE_NUMBERS = (
    "highway|hwy|route|rte|rt|road|rd|street|avenue|ave|fm|cr|sr|us|county|co|state|loop|exit|box"
    "|calle|interstate|parkway|pkwy|mile|rural|ranch|sector|trunk|cth|sth|no"
)
_NUMBERED = frozenset(_BEFORE_NUMBERS.split("|"))


def tagged_city(end: Ending) -> tuple[Ending, bool]:
    """Ask the tagger for a city that neither ZIP code nor punctuation settles; tell if it is sure.

    It is where what is before a city of the state ends with a word such as Street; where it ends
    as a street may, the tagger has to read the same city.
    """
    if end.state is None:
        return end, False
    if end.city is not None and plain_word(end.words[end.street_to - 1]) in STREETS_ONLY:
        return end, end.certain
    limit = end.street_to + len((end.city or "").split())
    labels = _labels(end.words[:limit], f"{end.code} {end.postal_code or ''}")
    begin = limit
    while begin > 2 and labels[begin - 1] == "PlaceName" and begin not in end.breaks:
        begin -= 1
    if end.city is not None:
        return end, end.certain and begin == end.street_to and ends_street(end.words[:begin])
    city = " ".join(end.words[begin:limit]) or None
    return end._replace(street_to=begin, city=city), False


def _labels(words: list[str], after: str) -> list[str]:
    """Return the tagger's label of each word, in front of `after`; blank where words differ."""
    import usaddress  # loads its model, which few addresses need

    tagged = usaddress.parse(" ".join([*words, after]))
    fits = [token for token, _ in tagged][: len(words)] == words
    return [label for _, label in tagged][: len(words)] if fits else [""] * len(words)


def street_and_unit(parts: list[str]) -> tuple[str | None, str | None, bool]:
    """Return street, unit, and whether these are plain, of what is before the city."""
    if len(parts) > 1 and parts[0].isdigit() and not _HOUSE.match(parts[1].split()[0]):
        parts = [" ".join(parts[:2]), *parts[2:]]  # the number and the street, with a comma
    units = [bool(_WHOLE_UNIT.match(part)) for part in parts]
    # Behind a street, what begins with `Suite` is one; before it, `Suite Life Inc` is a name.
    units[1:] = [
        (unit or is_unit_word(part.split()[0])) and not _BEFORE.match(part)
        for unit, part in zip(units[1:], parts[1:], strict=True)
    ]
    streets = [part for part, unit in zip(parts, units, strict=True) if not unit]
    others = [part for part, unit in zip(parts, units, strict=True) if unit]
    if not streets:
        return ", ".join(others) or None, None, False
    boxes = [part for part in streets if _PO_BOX.match(part)]
    if len(streets) == 2 and len(boxes) == 1:  # the letters go to the box, the service is there
        streets.remove(boxes[0])
        others += boxes
    if len(streets) > 1:
        return ", ".join(streets), ", ".join(others) or None, False
    street, unit, plain = _unit(streets[0])
    more = [part for part in (unit, *others) if part]
    return street, ", ".join(more) or None, plain


def _unit(text: str) -> tuple[str, str | None, bool]:
    """Split a street from the unit before or after it."""
    if _PO_BOX.match(text):
        return text, None, True
    match = _BEFORE.match(text)
    if match and not _HOUSE.match(match["street"].split()[0]):
        match = None
    match = match or _AFTER.match(text) or _SPELLED.match(text) or _LETTER.match(text)
    street, unit = (match["street"], match["unit"]) if match else (text, None)
    return street, unit, _is_street(street)


def _is_street(text: str) -> bool:
    """Tell whether a text is a street, and one only, without a name before it."""
    words = [re.sub(r"[^\w/-]", "", word).casefold() for word in text.split()]
    if len(words) < 2:
        return False
    if not _HOUSE.match(words[0]):
        # Without a house number, what ends as a street does is one.
        return len(words) <= 4 and (
            words[-1] in _NAMES_END
            or (words[-1] in DIRECTIONS and words[-2] in _NAMES_END)
            or (words[-2] in _NUMBERED and words[-1].isdigit())
        )
    # A number within the street begins another one, as in `24 Hour Bakery 100 Main St`.
    for at in range(1, len(words) - 1):
        numbered = words[at - 1] in _NUMBERED | DIRECTIONS and at > 1
        last = words[at + 1] in STREETS_ONLY or DIRECTIONS.issuperset(words[at + 1 :])
        if words[at].isdigit() and not numbered and not last:
            return False
    return True
