"""Addresses that people write in one cell: told apart, split into their parts, and joined.

`facts.localities` reads ZIP code, state and city from the right; what is left is the street and
its unit (`intake.streets`). Each distinct text is worked on once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from portops.facts import places
from portops.facts.localities import LONGEST, STREETS_ONLY, read_end
from portops.intake.streets import BOX, ENDS, NUMBER_WORDS, SIDES, street_and_unit, tagged_city
from portops.texts import arrow, contains, series, squeeze

_STATE = rf"(?:{places.STATE}|[A-Z]\.\s?[A-Z]\.)\.?"
_ZIP = places.ZIP
_COUNTRY = r"(?:[\s,]+(?:u\.?\s?s\.?\s?a?\.?|united\s+states(?:\s+of\s+america)?))?"
_ONLY = "|".join(STREETS_ONLY)
_CODES = "|".join(code for code in places.STATES if code not in {"CT", "NE"})
_END = rf"{_COUNTRY}[\s.]*$"
_HOUSE_NUMBER = rf"(?:[NSEW]?\d[\w/-]*|{NUMBER_WORDS})"

# A house number and a word, or a box, and then a state with its ZIP code, or behind a comma.
_LOOKS_WHOLE = (
    rf"(?s)(?:^|[\s,;#])(?:{_HOUSE_NUMBER}\s+\S.*|{BOX}.*)"
    rf"(?:[\s,;|]{_STATE}{_COUNTRY}[\s,;|]*{_ZIP}|[\s,]{_STATE}\s+\d{{3,4}}(?:-\d{{4}})?"
    # `12 Oak CT` is a court and `12 Oak St NE` lies northeast: what is a street needs a comma.
    rf"|[,;|\n]\s*{_STATE}|(?:\s+\w+\.?){{3}}\s+(?-i:{_CODES})){_END}"
)
_CITY = r"[A-Za-z][A-Za-z.' -]*[A-Za-z.]"
_LOOKS_LOCALITY = (
    rf"^\s*(?:{_CITY}[\s,/]+{_STATE}[\s,]*{_ZIP}|{_CITY}[\s,]+{_STATE}\s+\d{{3,4}}"
    rf"|{_CITY}\s*[,/]\s*{_STATE}|{_CITY}\s+(?:{places.STATE_NAME}|(?-i:{places.STATE_CODE}))"
    rf"|{_ZIP}[\s,]+{_CITY}[\s,]+{_STATE}){_END}"
)
_LOOKS_STREET = (
    rf"^\W*(?:{BOX}\s*#?\d|{_HOUSE_NUMBER}\s+(?:\S+\s+){{0,6}}?(?:(?:{ENDS})\b|(?:{SIDES})\.?\s+\w"
    rf"|(?:cr|fm|sr|u\.?s\.?)\s+\d)|(?:\S+\s+){{1,3}}(?:{_ONLY})\.?(?:\s+(?:{SIDES})\.?)?\s*$)"
)

PARTS = ("street", "street_2", "city", "state", "postal_code")
LOCALITY = PARTS[2:]


class Split(NamedTuple):
    """The parts of one address as they are written, and whether they are sure."""

    street: str | None = None
    street_2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    sure: bool = False


def _each_once(
    texts: pd.Series, columns: Sequence[str], work: Callable[[str], tuple[object, ...]]
) -> pd.DataFrame:
    """Return a row of `columns` for each text; `work` sees each distinct text once."""
    encoded = arrow(texts).dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    places.expect(len(distinct))
    blank = (*[None] * (len(columns) - 1), False)
    table = pd.DataFrame([*map(work, distinct), blank], columns=list(columns))
    table = table.astype({**dict.fromkeys(columns[:-1], "str"), columns[-1]: bool})
    rows = np.asarray(pc.fill_null(encoded.indices, len(distinct)))
    return table.take(rows).set_axis(texts.index)


def split(texts: pd.Series) -> pd.DataFrame:
    """Split whole addresses: `street, street_2, city, state, postal_code` as written, and `sure`.

    Every word but the country is kept. `sure` is false where the parts cannot be told for certain
    (a name before the street, neither state nor ZIP code, two readings of the city); the parts are then a guess.
    Parts that contradict one another, such as a ZIP code of another state, are split all the same:
    the checks compare them.
    """
    return _each_once(texts, (*PARTS, "sure"), split_one)


def split_locality(texts: pd.Series) -> pd.DataFrame:
    """Split `Portland, OR 97201` and the like: `city, state, postal_code` as written, and `sure`.

    `sure` is false where the text has no state and no ZIP code that serves the city, or anything
    beside city, state and ZIP code.
    """
    return _each_once(texts, (*LOCALITY, "sure"), _locality)


def _locality(text: str) -> tuple[object, ...]:
    words = text.replace("/", ", ").split() if len(text) <= LONGEST else []
    leading = words[0].rstrip(",") if words else ""
    if re.fullmatch(r"\d{5}(-\d{4})?", leading) and len(words) > 1:
        words = [*words[1:], leading]
    end = read_end(" ".join(words), locality=True)
    sure = bool(end.by) and (end.city is not None or end.postal_code is not None)
    # `Smith, MD` is no city: a name that nobody knows needs a ZIP code beside it.
    sure &= end.by != "comma" or end.postal_code is not None
    return end.city, end.state, end.postal_code, sure


def split_one(text: str) -> Split:
    """Split one whole address; see `split`."""
    if len(text) > LONGEST:
        return Split(street=text.strip())
    end = read_end(text)
    # Without a state, the city that the ZIP code serves is plain: the checks ask for the state.
    sure = end.certain and (end.by == "zip" or (end.by in {"state", "comma"} and bool(end.state)))
    if end.by in {"tail", ""}:
        end, sure = tagged_city(end)
    street, unit, plain = street_and_unit([" ".join(part) for part in end.parts])
    parts = Split(street, unit, end.city, end.state, end.postal_code, sure and plain)
    if _lost(text, parts):
        return Split(street=text.strip())
    return parts


def _lost(text: str, parts: Split) -> bool:
    """Tell whether a word of the text, but for its country, is in none of the parts."""
    written = Counter(re.findall(r"[^\W_]+", text))
    kept = Counter(re.findall(r"[^\W_]+", " ".join(part for part in parts[:5] if part)))
    missing = "".join(sorted(word.casefold() for word in (written - kept).elements()))
    countries = {"", "usa", "us", "america", "asu", "su", "statesunited", "americaofstatesunited"}
    glued = parts.state and parts.postal_code and (parts.state + parts.postal_code[:5]).casefold()
    return missing not in countries and missing != glued


def join_street(parts: Sequence[pd.Series]) -> pd.Series:
    """Join a street that is written in several columns, given in the order of an envelope.

    House number, house suffix (`1/2`, `A`), direction, street name, street suffix, direction: any
    of them may be missing. Every word is kept, blanks are left out; missing where all are blank.
    """
    columns = [pc.fill_null(arrow(part), "") for part in parts]
    joined = pc.binary_join_element_wise(*columns, pa.scalar(" ", columns[0].type))
    line = arrow(squeeze(series(joined, parts[0].index)).str.strip())
    nothing = pc.equal(line, "")
    return series(pc.if_else(nothing, pa.scalar(None, line.type), line), parts[0].index)


def looks_like(texts: pd.Series) -> pd.DataFrame:
    """Tell quickly what each text looks like: `address, locality, street`, at most one of them.

    An address has a house number or a PO box and ends with a state; a locality is city and state,
    with or without a ZIP code; a street has neither. Made for a sample of distinct texts: which of
    them split surely is what `split` and `split_locality` tell.
    """
    address = contains(texts, _LOOKS_WHOLE)
    locality = contains(texts, _LOOKS_LOCALITY) & ~address
    street = contains(texts, _LOOKS_STREET) & ~address & ~locality
    return pd.DataFrame({"address": address, "locality": locality, "street": street})
