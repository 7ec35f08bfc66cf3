"""Tables of accounts and tables of numbers, brought together by the key they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from portops.intake.titles import readings
from portops.tables.columns import FIELDS

if TYPE_CHECKING:
    from portops.intake.cutting import Table

#: Fields without which a table of numbers looks for its accounts elsewhere.
_DETAILS = ("account_number", "customer_name", "authorized_name", "email", "street", "city")

#: A column of the numbers less sure than this gives way to the accounts' own.
_SURE = 0.85


def _folded(texts: pd.Series) -> pd.Series:
    return texts.str.casefold().str.replace(r"[^a-z0-9]", "", regex=True)


def _columns(table: Table) -> dict[str, pd.Series]:
    """Return every column of a table that may be a key, by its title."""
    titles = {str(place.field): place.header for place in table.places if place.field}
    columns = {
        titles.get(str(name), str(name)): table.frame[name]
        for name in table.frame
        if name in FIELDS and not FIELDS[str(name)].secret
    }
    for title, _, contents, texts in table.spare.values():
        if contents.counted:
            columns.setdefault(title, texts())
    return columns


def _key(numbers: Table, accounts: Table) -> tuple[pd.Series, pd.Series] | None:
    """Find the two columns whose values name the same accounts: nearly all of them, once each."""
    best: tuple[float, pd.Series, pd.Series] | None = None
    theirs = {title: _folded(texts) for title, texts in _columns(accounts).items()}
    for title, texts in _columns(numbers).items():
        mine = _folded(texts)
        filled = mine[mine.notna() & (mine != "")]
        if filled.empty:
            continue
        for other, keys in theirs.items():
            known_keys = keys[keys.notna() & (keys != "")]
            if known_keys.empty or known_keys.duplicated().any():
                continue
            share = float(filled.isin(set(known_keys)).mean())
            if share < 0.6:
                continue
            alike = bool(set(readings(title).own) & set(readings(other).own))
            score = share + 0.3 * alike + 0.1 * min(filled.nunique(), 5)
            if best is None or score > best[0]:
                best = (score, mine, keys)
    return best[1:] if best else None


def join_sheets(tables: Sequence[Table]) -> None:
    """Give tables of numbers the details of the table of accounts that has them.

    The rows get `details_sheet` and `details_row` (Excel's). A table of accounts with one row
    counts for all; where no key is found, both tables stay as they are.
    """
    with_numbers = [table for table in tables if any(c.notna().any() for _, _, c in table.numbers)]
    accounts = [
        table
        for table in tables
        if not table.numbers
        and sum(name in table.frame for name in _DETAILS) >= 2
        and len(table.frame)
    ]
    for table in with_numbers:
        lacking = [name for name in _DETAILS if name not in table.frame]
        if len(lacking) < 2:
            continue
        for other in accounts:
            if other.file != table.file or not any(name in other.frame for name in lacking):
                continue
            if other.shape == "details" and len(accounts) > 1:
                continue
            if _join(table, other):
                other.shape = "accounts"
                break


def _give_way(table: Table, accounts: Table) -> None:
    """Leave columns of the numbers alone that the accounts have more surely.

    A five-digit extension is no ZIP code, and a room is no second line of the address, where the
    accounts' sheet has the address.
    """
    sure = {place.field: place.confidence for place in accounts.about if place.field}
    sure |= {"street_2": 1.0} if "street" in sure and "street" not in table.frame else {}
    for at, place in enumerate(table.places):
        weak = place.how != "given" and place.confidence < min(
            _SURE, sure.get(str(place.field), 0.0)
        )
        if weak and place.field in table.frame:
            table.places[at] = place._replace(field=None, how="unknown")
            if all(other.field != place.field for other in table.places):
                del table.frame[place.field]


def _join(table: Table, accounts: Table) -> bool:
    rows = accounts.frame.reset_index(drop=True)
    if len(rows) == 1:
        at = pd.Series(0, index=table.frame.index)
    else:
        pair = _key(table, accounts)
        if pair is None:
            return False
        mine, keys = pair
        place = pd.Series(range(len(keys)), index=keys.to_numpy())
        place = place[place.index.notna()]
        at = mine.map(place[~place.index.duplicated()])
    _give_way(table, accounts)
    there = at.notna()
    picked = at[there].astype(int)
    for name in [str(column) for column in rows if column != "row"]:
        theirs = pd.Series(None, index=table.frame.index, dtype="str")
        theirs[there] = rows[name].iloc[picked].to_numpy()
        own = table.frame.get(name, theirs)
        table.frame[name] = own.where(own.notna(), theirs).astype("str")
    sheet = pd.Series(None, index=table.frame.index, dtype="str")
    sheet[there] = accounts.sheet
    table.frame["details_sheet"] = sheet
    numbers = pd.Series(pd.NA, index=table.frame.index, dtype="Int64")
    numbers[there] = rows["row"].iloc[picked].to_numpy()
    table.frame["details_row"] = numbers
    return True
