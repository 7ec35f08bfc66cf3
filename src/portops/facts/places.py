"""States, and which ZIP code lies where (from the `zipcodes` package, offline)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import zipcodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

STATES: Mapping[str, str] = MappingProxyType(
    {
        "AL": "Alabama",
        "AK": "Alaska",
        "AZ": "Arizona",
        "AR": "Arkansas",
        "CA": "California",
        "CO": "Colorado",
        "CT": "Connecticut",
        "DE": "Delaware",
        "DC": "District of Columbia",
        "FL": "Florida",
        "GA": "Georgia",
        "HI": "Hawaii",
        "ID": "Idaho",
        "IL": "Illinois",
        "IN": "Indiana",
        "IA": "Iowa",
        "KS": "Kansas",
        "KY": "Kentucky",
        "LA": "Louisiana",
        "ME": "Maine",
        "MD": "Maryland",
        "MA": "Massachusetts",
        "MI": "Michigan",
        "MN": "Minnesota",
        "MS": "Mississippi",
        "MO": "Missouri",
        "MT": "Montana",
        "NE": "Nebraska",
        "NV": "Nevada",
        "NH": "New Hampshire",
        "NJ": "New Jersey",
        "NM": "New Mexico",
        "NY": "New York",
        "NC": "North Carolina",
        "ND": "North Dakota",
        "OH": "Ohio",
        "OK": "Oklahoma",
        "OR": "Oregon",
        "PA": "Pennsylvania",
        "RI": "Rhode Island",
        "SC": "South Carolina",
        "SD": "South Dakota",
        "TN": "Tennessee",
        "TX": "Texas",
        "UT": "Utah",
        "VT": "Vermont",
        "VA": "Virginia",
        "WA": "Washington",
        "WV": "West Virginia",
        "WI": "Wisconsin",
        "WY": "Wyoming",
        "PR": "Puerto Rico",
        "GU": "Guam",
        "VI": "US Virgin Islands",
        "AS": "American Samoa",
        "MP": "Northern Mariana Islands",
    }
)

#: Alternatives of patterns (RE2, case not counting): states by code and by name, ZIP codes.
STATE_CODE = "|".join(STATES)
STATE_NAME = "|".join(name.replace(" ", r"\s+") for name in STATES.values())
STATE = f"{STATE_NAME}|{STATE_CODE}"
ZIP = r"\d{5}(?:\s*-?\s*\d{4})?"

# Older abbreviations and everyday forms that are neither the code nor the full name.
_EVERYDAY = {
    "calif": "CA",
    "cali": "CA",
    "colo": "CO",
    "conn": "CT",
    "washington dc": "DC",
    "fla": "FL",
    "ill": "IL",
    "ind": "IN",
    "kans": "KS",
    "mass": "MA",
    "mich": "MI",
    "minn": "MN",
    "miss": "MS",
    "mont": "MT",
    "nebr": "NE",
    "nev": "NV",
    "okla": "OK",
    "oreg": "OR",
    "ore": "OR",
    "penn": "PA",
    "penna": "PA",
    "tenn": "TN",
    "tex": "TX",
    "wash": "WA",
    "wis": "WI",
    "wisc": "WI",
    "wyo": "WY",
    "virgin islands": "VI",
    "ariz": "AZ",
    "ark": "AR",
    "ala": "AL",
    "virg": "VA",
}


@cache
def _state_words() -> Mapping[str, str]:
    words = {code.casefold(): code for code in STATES}
    words |= {name.casefold(): code for code, name in STATES.items()}
    return MappingProxyType(_EVERYDAY | words)


@lru_cache(maxsize=10_000)
def state_code(text: str) -> str | None:
    """Return the two-letter code of a state written as code, name or everyday abbreviation."""
    words = " ".join(text.replace(".", "").casefold().split())
    return _state_words().get(words)


class Place(NamedTuple):
    """Where a ZIP code lies: its state, and every city name that USPS accepts for it."""

    state: str
    cities: frozenset[str]


@lru_cache(maxsize=100_000)
def fold_city(city: str) -> str:
    """Fold a city name for comparison: case, punctuation and Saint/St, Fort/Ft, Mount/Mt."""
    words = re.sub(r"[^a-z ]", "", city.casefold().replace("-", " ").replace(".", " ")).split()
    short = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
    return "".join(short.get(word, word) for word in words)


def _place(row: dict[str, object]) -> Place:
    alias = (row["acceptable_cities"], row["unacceptable_cities"])
    names = [row["city"], *(name for cities in alias for name in cities)]  # type: ignore[attr-defined]
    return Place(str(row["state"]), frozenset(fold_city(str(name)) for name in names) - {""})


@cache
def _rows() -> Mapping[str, dict[str, object]]:
    """Map every ZIP code to what the package knows of it; takes 0.3 s once."""
    return MappingProxyType({row["zip_code"]: row for row in zipcodes.list_all()})


@cache
def _one_place(zip5: str) -> Place | None:
    rows = zipcodes.matching(zip5)
    return _place(rows[0]) if rows else None


@cache
def _listed_place(zip5: str) -> Place | None:
    row = _rows().get(zip5)
    return _place(row) if row else None


def place(zip5: str) -> Place | None:
    """Look up one five-digit ZIP code; None where the package does not know it."""
    return _listed_place(zip5) if _rows.cache_info().currsize else _one_place(zip5)


def expect(count: int) -> None:
    """Prepare for `count` look-ups: one costs up to 2 ms, the whole table 0.3 s once."""
    if count > 150:
        _rows()


def places(zip5s: Iterable[str]) -> dict[str, Place]:
    """Look up five-digit ZIP codes; those the package does not know are left out."""
    wanted = set(zip5s)
    expect(len(wanted))
    looked_up = {zip5: place(zip5) for zip5 in wanted}
    return {zip5: answer for zip5, answer in looked_up.items() if answer is not None}


@cache
def cities(state: str) -> frozenset[str]:
    """Return the folded names of every city, by any of its names, in a state (two-letter code).

    Firms with a ZIP code of their own are left out: to the post, Verizon is a city.
    """
    rows = [
        row
        for row in _rows().values()
        if row["state"] == state and row["zip_code_type"] != "UNIQUE"
    ]
    return frozenset().union(*(_place(row).cities for row in rows))


@cache
def prefixes() -> Mapping[str, frozenset[str]]:
    """Map the first three digits of ZIP codes to the states they lie in."""
    states: dict[str, set[str]] = {}
    for zip5, row in _rows().items():
        states.setdefault(zip5[:3], set()).add(str(row["state"]))
    return MappingProxyType({prefix: frozenset(codes) for prefix, codes in states.items()})
