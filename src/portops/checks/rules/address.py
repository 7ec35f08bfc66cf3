"""Rules about the service address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from portops.checks.rule import Rule, suggestion
from portops.checks.step import Columns, Given, Step
from portops.facts import places
from portops.facts.localities import Ending, read_end
from portops.texts import blank, contains, matches, squeeze

if TYPE_CHECKING:
    from collections.abc import Mapping

_PO_BOX = r"\b(?:p\.?\s*o\.?\s*box|post\s+office\s+box|p\.?o\.?b\.?\s+\d|box\s+\d+\s*$)"
_HOUSE = (
    r"^\W*(?:[A-Za-z]{0,2}\d|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b)"
)
# `3rd St NW` begins with no house number; `5th Floor, 12 Mill Road` has one, behind its unit.
_ORDINAL = r"^\W*\d+(?:st|nd|rd|th)\b"
_HOUSE_BEHIND_UNIT = (
    r"^\W*(?:#|(?:suite|ste|apt|apartment|unit|room|rm|bldg|building)\b|\d+(?:st|nd|rd|th)\s+fl)"
    r".*[\s,]\d\S*\s+[a-z]"
)
# A street that ends with a state, as it is where a whole address was written; few do.
_ENDS_WITH_PLACE = (
    rf"[\s,](?:{places.STATE}|[a-z]\.\s?[a-z]\.)\.?(?:[\s,]*{places.ZIP})?\W*(?:usa)?$"
)


def _zips(written: pd.Series, city: pd.Series, mine: pd.Series) -> Columns:
    """Read ZIP codes (five digits or ZIP+4), and compare them with city and state (`mine`)."""
    text = written.str.replace(r"\s+", "", regex=True)
    complete = matches(text, r"^\d{5}(?:-?\d{4})?$")
    short = matches(text, r"^\d{3,4}$")
    short9 = matches(text, r"^\d{7,8}$|^\d{3,4}-\d{4}$")
    digits = text.str.replace("-", "", regex=False)
    padded = digits.where(complete).fillna(digits.where(short).str.zfill(5))
    padded = padded.fillna(digits.where(short9).str.zfill(9))
    zip5 = padded.str[:5]
    served = places.places(zip5.dropna().unique())
    state = zip5.map({code: place.state for code, place in served.items()}).astype("str")
    unknown = zip5[zip5.notna() & state.isna()].unique()
    # A ZIP code newer than the package's table still lies where its first three digits say.
    near = {code: places.prefixes().get(code[:3], frozenset()) for code in unknown}
    exists = state.notna() | zip5.isin([code for code, states in near.items() if states])
    restored = (short | short9) & exists & ((state == mine) | mine.isna())
    good = exists & (complete | restored)
    plus4 = padded.str[5:]
    full = zip5.where(plus4.fillna("") == "", zip5 + "-" + plus4)
    differs = state.notna() & mine.notna() & (state != mine)
    if len(unknown):
        differs |= pd.Series(
            [
                code in near and isinstance(state_code, str) and state_code not in near[code]
                for code, state_code in zip(zip5, mine, strict=True)
            ],
            zip5.index,
        )
    elsewhere = good & differs
    return {
        "postal_code": full.where(good).astype("str"),
        "zip_restored": restored,
        "zip_state": state.where(good).astype("str"),
        "zip_elsewhere": elsewhere,
        "city_elsewhere": good & ~elsewhere & _not_served(zip5, city, served),
    }


def _not_served(zip5: pd.Series, city: pd.Series, served: Mapping[str, places.Place]) -> pd.Series:
    """Tell where a ZIP code that is known does not serve the city."""
    pairs = pd.DataFrame({"zip": zip5, "city": city}).dropna().drop_duplicates()
    other = [
        (code, name)
        for code, name in pairs.itertuples(index=False)
        if code in served and places.fold_city(name) not in served[code].cities
    ]
    if not other:
        return pd.Series(data=False, index=zip5.index)
    keys = pd.MultiIndex.from_arrays([zip5.fillna(""), city.fillna("")])
    return pd.Series(keys.isin(other), zip5.index)


def _addresses(facts: pd.DataFrame, _: Given) -> Columns:
    """Read street, city, state (as its code) and ZIP code, and what is wrong with them."""
    street, street_2, city = (
        squeeze(facts[f"written.{name}"]) for name in ("street", "street_2", "city")
    )
    written = facts["written.state"]
    codes = {text: places.state_code(text) for text in written.dropna().unique()}
    state = written.map(codes).astype("str")
    zips = _zips(facts["written.postal_code"], city, state)
    own = pd.DataFrame({"city": city, "state": state, "zip": zips["postal_code"].str[:5]})
    street, elsewhere = _without_place(street, own)
    has_house = contains(street, _HOUSE) & ~contains(street, _ORDINAL)
    return {
        "street": street,
        "street_2": street_2,
        "city": city,
        "state": state,
        "po_box": contains(street, _PO_BOX),
        "has_house": street.isna() | has_house | contains(street, _HOUSE_BEHIND_UNIT),
        "street_elsewhere": elsewhere,
        **zips,
    }


def _without_place(street: pd.Series, own: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Take city, state and ZIP code off streets that repeat their own (`own`: city, state, zip).

    Returns the streets, and the place that a street names where it is another one.
    """
    elsewhere = blank(street.index)
    rows = street.index[contains(street, _ENDS_WITH_PLACE)]
    if rows.empty:
        return street, elsewhere
    alone: dict[object, str] = {}
    other: dict[object, str] = {}
    columns = (own.loc[rows, name] for name in ("city", "state", "zip"))
    for row, text, *cells in zip(rows, street[rows], *columns, strict=True):
        end = read_end(text)
        if not _names_a_place(end):
            continue
        same = _same_place(end, *cells)
        if False in same:
            place = f"{end.city or ''}, {end.state} {end.postal_code or ''}"
            other[row] = place.strip(", ")
        elif None not in same:
            alone[row] = ", ".join(" ".join(part) for part in end.parts)
    street = pd.Series(alone, dtype="str").reindex(street.index).fillna(street)
    return street, pd.Series(other, dtype="str").reindex(elsewhere.index)


def _names_a_place(end: Ending) -> bool:
    """Tell whether a street goes on with city and state; `100 Lincoln NE` is a street."""
    parted = end.street_to in end.breaks or end.postal_code is not None
    return parted and end.by in {"zip", "state"} and bool(end.parts) and end.state is not None


def _same_place(end: Ending, city: object, state: object, zip5: object) -> list[bool | None]:
    """Tell which parts of a place are their own cells'; None where the cell is blank."""
    theirs = end.postal_code[:5] if end.postal_code else None
    place = places.place(theirs) if theirs else None
    names = place.cities if place and theirs == zip5 else frozenset()
    same: list[bool | None] = [None if not isinstance(state, str) else end.code == state]
    if theirs:
        same.append(None if not isinstance(zip5, str) else theirs == zip5)
    if end.city:
        ours = places.fold_city(city) if isinstance(city, str) else None
        theirs_city = places.fold_city(end.city)
        same.append(None if ours is None else ours == theirs_city or {ours, theirs_city} <= names)
    return same


ADDRESSES = Step(
    reads=[f"written.{name}" for name in ("street", "street_2", "city", "state", "postal_code")],
    adds=(
        "street",
        "street_2",
        "city",
        "state",
        "po_box",
        "has_house",
        "street_elsewhere",
        "postal_code",
        "zip_restored",
        "zip_state",
        "zip_elsewhere",
        "city_elsewhere",
    ),
    derive=_addresses,
    distinct=True,
)


def _present(field: str) -> Rule:
    label = {"street": "street", "city": "city", "state": "state", "postal_code": "ZIP code"}[field]
    return Rule(
        code="address.missing",
        causes=("address", "postal_code", "missing_information"),
        severity="error",
        meaning="street, city, state or postal code absent",
        field=field,
        holds=lambda facts: facts[f"written.{field}"].notna(),
        message=f"The service address has no {label}. It must be as on the carrier's record.",
        absent=True,
    )


RULES = (
    *map(_present, ("street", "city", "state", "postal_code")),
    Rule(
        code="address.po_box",
        causes=("address",),
        severity="error",
        meaning="a PO box is no service address",
        field="street",
        holds=lambda facts: ~facts["po_box"],
        message="'{value}' is a PO box. Write the street address where the service is.",
    ),
    Rule(
        code="address.parsed",
        severity="fixed",
        meaning="an address in one cell was split into its parts",
        field="street",
        holds=lambda facts: (
            facts["street"].isna() | (squeeze(facts["written.street"]) == facts["street"])
        ),
        message="'{value}' repeats its city, state or ZIP code. Only the street is sent.",
        suggest=suggestion("street"),
    ),
    Rule(
        code="address.conflict",
        causes=("address", "postal_code"),
        severity="error",
        meaning="the street's cell holds another city, state or ZIP code than their own cells",
        field="street",
        holds=lambda facts: facts["street_elsewhere"].isna(),
        message="The street's cell says {street_elsewhere}, and the cells for city, state and ZIP "
        "code say something else. Correct whichever is wrong.",
    ),
    Rule(
        code="address.no_house_number",
        causes=("address",),
        severity="warning",
        meaning="a street without a house number",
        field="street",
        holds=lambda facts: facts["po_box"] | facts["has_house"],
        message="'{value}' has no house number. Carriers compare it with their record.",
    ),
    Rule(
        code="state.unknown",
        severity="error",
        meaning="not a state",
        field="state",
        holds=lambda facts: facts["written.state"].isna() | facts["state"].notna(),
        message="'{value}' is not a state. Write its two-letter code.",
        suggest=suggestion("zip_state"),
    ),
    Rule(
        code="state.reformatted",
        severity="fixed",
        meaning="rewritten as the two-letter code",
        field="state",
        holds=lambda facts: facts["state"].isna() | (facts["written.state"] == facts["state"]),
        message="'{value}' is read as its two-letter code.",
        suggest=suggestion("state"),
    ),
    Rule(
        code="postal_code.invalid",
        causes=("postal_code",),
        severity="error",
        meaning="not a ZIP code",
        field="postal_code",
        holds=lambda facts: facts["written.postal_code"].isna() | facts["postal_code"].notna(),
        message="'{value}' is not a US ZIP code: five digits, or nine.",
    ),
    Rule(
        code="postal_code.restored",
        severity="fixed",
        meaning="a lost leading zero put back",
        field="postal_code",
        holds=lambda facts: ~facts["zip_restored"],
        message="'{value}' has lost its leading zero; it is put back.",
        suggest=suggestion("postal_code"),
    ),
    Rule(
        code="postal_code.state_mismatch",
        causes=("postal_code",),
        severity="error",
        meaning="the ZIP code lies in another state",
        field="postal_code",
        holds=lambda facts: ~facts["zip_elsewhere"],
        message="The ZIP code '{value}' does not lie in {state}. Correct the one or the other.",
    ),
    Rule(
        code="postal_code.city_mismatch",
        causes=("address", "postal_code"),
        severity="warning",
        meaning="the ZIP code does not serve that city",
        field="postal_code",
        holds=lambda facts: ~facts["city_elsewhere"],
        message="The ZIP code '{value}' does not serve {city}. Compare both with the statement.",
    ),
)
