"""Rules about the service address."""

from __future__ import annotations

import pandas as pd

from portops.checks.rules.rule import Rule, suggestion
from portops.facts import places
from portops.texts import contains, matches, squeeze

_PO_BOX = r"\b(?:p\.?\s*o\.?\s*box|post\s+office\s+box|p\.?o\.?b\.?\s+\d|box\s+\d+\s*$)"
_HOUSE = (
    r"^\W*(?:[A-Za-z]{0,2}\d|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b)"
)


def _zips(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `postal_code` (five digits or ZIP+4), `zip5` and `zip_restored`."""
    text = facts["written.postal_code"].str.replace(r"\s+", "", regex=True)
    whole = matches(text, r"^\d{5}(?:-?\d{4})?$")
    short = matches(text, r"^\d{3,4}$")
    short9 = matches(text, r"^\d{7,8}$|^\d{3,4}-\d{4}$")
    digits = text.str.replace("-", "", regex=False)
    padded = digits.where(whole).fillna(digits.where(short).str.zfill(5))
    padded = padded.fillna(digits.where(short9).str.zfill(9))
    zip5 = padded.str[:5]
    found = places.places(zip5.dropna().unique())
    state = zip5.map({each: place.state for each, place in found.items()}).astype("str")
    unknown = zip5[zip5.notna() & state.isna()].unique()
    # A ZIP code newer than the package's table still lies where its first three digits say.
    near = {each: places.prefixes().get(each[:3], frozenset()) for each in unknown}
    exists = state.notna() | zip5.isin([each for each, states in near.items() if states])
    restored = (short | short9) & exists & ((state == facts["state"]) | facts["state"].isna())
    good = exists & (whole | restored)
    plus4 = padded.str[5:]
    full = zip5.where(plus4.fillna("") == "", zip5 + "-" + plus4)
    facts["postal_code"] = full.where(good).astype("str")
    facts["zip_restored"] = restored
    facts["zip_state"] = state.where(good).astype("str")
    differs = state.notna() & facts["state"].notna() & (state != facts["state"])
    if len(unknown):
        pairs = zip(zip5, facts["state"], strict=True)
        differs |= pd.Series(
            [
                zip_ in near and isinstance(mine, str) and mine not in near[zip_]
                for zip_, mine in pairs
            ],
            facts.index,
        )
    facts["zip_elsewhere"] = good & differs
    cities = {each: place.cities for each, place in found.items()}
    pairs = pd.DataFrame({"zip": zip5, "city": facts["city"]}).dropna().drop_duplicates()
    other = {
        (zip_, city)
        for zip_, city in pairs.itertuples(index=False)
        if zip_ in cities and places.fold_city(city) not in cities[zip_]
    }
    facts["city_elsewhere"] = False
    if other:
        keys = pd.MultiIndex.from_arrays([zip5.fillna(""), facts["city"].fillna("")])
        facts["city_elsewhere"] = keys.isin(list(other)) & good & ~facts["zip_elsewhere"]
    return facts


READS = tuple(f"written.{name}" for name in ("street", "street_2", "city", "state", "postal_code"))


def derive(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `street`, `street_2`, `city`, `state` (code) and the ZIP code's facts."""
    for name in ("street", "street_2", "city"):
        facts[name] = squeeze(facts[f"written.{name}"])
    written = facts["written.state"]
    codes = {each: places.state_code(each) for each in written.dropna().unique()}
    facts["state"] = written.map(codes).astype("str")
    facts["po_box"] = contains(facts["street"], _PO_BOX)
    facts["has_house"] = facts["street"].isna() | contains(facts["street"], _HOUSE)
    return _zips(facts)


def _present(field: str) -> Rule:
    label = {"street": "street", "city": "city", "state": "state", "postal_code": "ZIP code"}[field]
    return Rule(
        code="address.missing",
        field=field,
        holds=lambda facts: facts[f"written.{field}"].notna(),
        message=f"The service address has no {label}. It must be as on the carrier's record.",
        absent=True,
    )


RULES = (
    *map(_present, ("street", "city", "state", "postal_code")),
    Rule(
        code="address.po_box",
        field="street",
        holds=lambda facts: ~facts["po_box"],
        message="'{value}' is a PO box. Write the street address where the service is.",
    ),
    Rule(
        code="address.no_house_number",
        field="street",
        holds=lambda facts: facts["po_box"] | facts["has_house"],
        message="'{value}' has no house number. Carriers compare it with their record.",
    ),
    Rule(
        code="state.unknown",
        field="state",
        holds=lambda facts: facts["written.state"].isna() | facts["state"].notna(),
        message="'{value}' is not a state. Write its two-letter code.",
        suggest=suggestion("zip_state"),
    ),
    Rule(
        code="state.reformatted",
        field="state",
        holds=lambda facts: facts["state"].isna() | (facts["written.state"] == facts["state"]),
        message="'{value}' is read as its two-letter code.",
        suggest=suggestion("state"),
    ),
    Rule(
        code="postal_code.invalid",
        field="postal_code",
        holds=lambda facts: facts["written.postal_code"].isna() | facts["postal_code"].notna(),
        message="'{value}' is not a US ZIP code: five digits, or nine.",
    ),
    Rule(
        code="postal_code.restored",
        field="postal_code",
        holds=lambda facts: ~facts["zip_restored"],
        message="'{value}' has lost its leading zero; it is put back.",
        suggest=suggestion("postal_code"),
    ),
    Rule(
        code="postal_code.state_mismatch",
        field="postal_code",
        holds=lambda facts: ~facts["zip_elsewhere"],
        message="The ZIP code '{value}' does not lie in {state}. Correct the one or the other.",
    ),
    Rule(
        code="postal_code.city_mismatch",
        field="postal_code",
        holds=lambda facts: ~facts["city_elsewhere"],
        message="The ZIP code '{value}' does not serve {city}. Compare both with the statement.",
    ),
)
