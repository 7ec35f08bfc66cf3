"""Fields that people write in several columns, joined; several fields in one cell, taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from portops.intake.addresses import join_street, looks_like, split, split_locality
from portops.intake.titles import readings
from portops.tables.columns import FIELDS
from portops.texts import blank, contains, matches

if TYPE_CHECKING:
    import pandas as pd

    from portops.intake.notices import Notices

_STREET_PARTS = (
    "house_number",
    "house_suffix",
    "pre_direction",
    "street_name",
    "street_suffix",
    "post_direction",
)
_LOCALITY = ("city", "state", "postal_code")


def parts_in(names: Sequence[str]) -> dict[str, str]:
    """Return which of these fields are parts, and of which field."""
    return {
        name: str(FIELDS[name].part_of) for name in names if name in FIELDS and FIELDS[name].part_of
    }


def join_parts(table: pd.DataFrame) -> pd.DataFrame:
    """Join names, streets and ranges that are in several columns of a table of texts."""
    table = _join_names(table)
    table = _join_streets(table)
    if "range" in table:
        last = table.pop("range")
        if "phone_number" in table:
            first = table["phone_number"]
            both = first.notna() & last.notna() & (first != last)
            table["phone_number"] = (
                (first + " - " + last).where(both, first.fillna(last)).astype("str")
            )
    return table


def _join_names(table: pd.DataFrame) -> pd.DataFrame:
    first, last = (
        table.pop(name) if name in table else None for name in ("first_name", "last_name")
    )
    if first is None and last is None:
        return table
    nothing = blank(table.index)
    person = (
        (first if first is not None else nothing).fillna("")
        + " "
        + (last if last is not None else nothing).fillna("")
    )
    person = person.str.strip().replace("", np.nan).astype("str")
    if "authorized_name" not in table:
        table["authorized_name"] = person
    elif "customer_name" in table:
        # The person of a row without a company is the customer.
        table["customer_name"] = table["customer_name"].fillna(person)
    return table


def _join_streets(table: pd.DataFrame) -> pd.DataFrame:
    there = [name for name in _STREET_PARTS if name in table]
    if not there:
        return table
    if "street" in table:
        street = table["street"]
        numbered = contains(street, r"^\s*(?:\d|p\.?\s?o|one\b)").sum()
        if (
            "street_name" in table
            or "house_number" not in table
            or numbered > 0.5 * street.notna().sum()
        ):
            return table.drop(columns=there)
        table = table.rename(columns={"street": "street_name"})
        there = [name for name in _STREET_PARTS if name in table]
    joined = join_street([table[name] for name in there])
    table = table.drop(columns=there)
    table["street"] = joined
    return table


def split_addresses(table: pd.DataFrame, notices: Notices) -> pd.DataFrame:
    """Take whole addresses, and city with state and ZIP code, apart where these have no own cells."""
    if "street" in table:
        missing = [name for name in _LOCALITY if name not in table]
        street = table["street"]
        if missing and street.notna().any():
            wide = looks_like(street)["address"] if len(missing) < 3 else street.notna()
            if wide.any():
                table = _apart(table, "street", wide, split, notices)
    for name in _LOCALITY:
        if name in table and any(other not in table for other in _LOCALITY):
            column = table[name]
            some = looks_like(column)["locality"]
            if some.sum() > 0.5 * column.notna().sum():
                table = _apart(table, name, column.notna(), split_locality, notices)
            break
    return table


def _apart(
    table: pd.DataFrame, source: str, rows: pd.Series, cut, notices: Notices
) -> pd.DataFrame:
    texts = table[source].where(rows)
    parts = cut(texts)
    sure = parts["sure"].fillna(value=False).astype(bool) & texts.notna()
    table = table.copy()
    for name in [column for column in parts if column != "sure"]:
        own = table[name] if name in table and name != source else blank(table.index)
        value = parts[name].where(sure)
        table[name] = value.where(value.notna(), own).astype("str")
    table[source] = table[source].where(sure, texts.where(rows, table[source])).astype("str")
    shown = parts[[name for name in parts if name != "sure"]].fillna("")
    words = shown.agg(" | ".join, axis=1) if len(shown) else blank(table.index)
    done = table.index[sure.to_numpy()]
    notices.cells(
        "address.parsed",
        table["row"].loc[done],
        source,
        texts.loc[done],
        "The address was in one cell and is read in parts.",
        words.loc[done],
    )
    if source == "street":
        left = table.index[(texts.notna() & ~sure).to_numpy()]
        notices.cells(
            "address.unparsed",
            table["row"].loc[left],
            source,
            texts.loc[left],
            "The address is in one cell, and where its city begins is not clear. "
            "Write street, city, state and ZIP in columns of their own.",
            None,
        )
        table.loc[left, "street"] = texts.loc[left]
    else:
        left = table.index[(texts.notna() & ~sure).to_numpy()]
        table.loc[left, source] = texts.loc[left]
    return table


_WIRELESS = frozenset({"wireless", "mobile", "cell", "cellular", "smartphone"})
_LANDLINE = frozenset({"landline", "wireline", "land", "fixed", "pots", "local"})
_YES, _NO = r"(?:y|yes|true|1|x)$", r"(?:n|no|false|0)$"


def answer_titles(table: pd.DataFrame, titles: dict[str, str]) -> pd.DataFrame:
    """Write what a yes or no means under a title such as `Wireless Y/N` or `isBusiness`."""
    for field, sets in (
        ("line_type", (("Wireless", _WIRELESS), ("Landline", _LANDLINE))),
        (
            "customer_type",
            (
                ("Business", frozenset({"business", "commercial", "company"})),
                ("Residential", frozenset({"residential", "residence", "consumer"})),
            ),
        ),
    ):
        if field not in table:
            continue
        words = set(readings(titles.get(field, "")).own)
        named = [name for name, group in sets if words & group]
        if len(named) != 1:
            continue
        other = next(name for name, _ in sets if name != named[0])
        folded = table[field].str.lower().str.strip()
        column = (
            table[field].mask(matches(folded, _YES), named[0]).mask(matches(folded, _NO), other)
        )
        table[field] = column.astype("str")
    return table
