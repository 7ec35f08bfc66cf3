"""Masks in place of PINs and SSNs: which cells of a marked copy hold one that it need not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from portops.results.checked import cells_of
from portops.tables.columns import SECRET_FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portops.redaction import Secret
    from portops.results.checked import Checked


#: Headers of columns that nobody reads but that hold a secret all the same, such as a second SSN.
_HOLDS_SECRETS = r"(?i)\b(?:ssn|social|pin|passcode)\b"


def masked_cells(checked: Checked, kept: Mapping[str, Secret]) -> dict[str, frozenset[str]]:
    """Return the cells to mask (`Sheet!D7`) of each workbook.

    A cell is masked when, for each number of its row, the store keeps its secret (what is masked
    can be given back) or no request needs it: an SSN beside a PIN, anything of a landline number.
    """
    numbers = checked.numbers
    table = pd.concat(
        [
            *(_read_cells(numbers, checked.mapping, name, kept) for name in SECRET_FIELDS),
            *_unread_cells(numbers, checked.mapping),
        ]
    ).dropna(subset=["cell"])
    if table.empty:
        return {}
    whole_row = table.groupby(["file", "cell"], sort=False)["may"].all()
    good = whole_row.index[whole_row].to_frame(index=False)
    return {str(file): frozenset(rows["cell"]) for file, rows in good.groupby("file")}


def _read_cells(
    numbers: pd.DataFrame, mapping: pd.DataFrame, name: str, kept: Mapping[str, Secret]
) -> pd.DataFrame:
    """Return the cells of a secret's own column that hold one, and whether each may be masked."""
    mine = numbers[numbers[name].notna()].reset_index(drop=True)
    cells = cells_of(mine, mapping, pd.Series(name, index=mine.index, dtype="str"))["cell"]
    pairs = zip(mine["phone_number"], mine[name], strict=True)
    given_back = pd.Series([kept.get(number) == secret for number, secret in pairs], dtype=bool)
    spare = mine["line_type"].eq("landline")
    # `pin` is the one secret that is sent; SSN digits that differ from it are not.
    spare |= pd.Series([a != b for a, b in zip(mine[name], mine["pin"], strict=True)], dtype=bool)
    return pd.DataFrame({"file": mine["file"], "cell": cells, "may": given_back | spare})


def _unread_cells(numbers: pd.DataFrame, mapping: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the cells of secrets in columns that are not read; a wireless number needs its PIN."""
    secret = mapping["header"].str.contains(_HOLDS_SECRETS, na=False)
    unread = mapping[mapping["field"].isna() & secret]
    may = numbers["pin"].notna() | numbers["line_type"].eq("landline")
    parts = []
    for file, sheet, letter in unread[["file", "sheet", "letter"]].itertuples(index=False):
        here = (numbers["file"] == file) & (numbers["sheet"] == sheet)
        cells = f"{sheet}!{letter}" + numbers.loc[here, "row"].astype("str")
        parts.append(pd.DataFrame({"file": file, "cell": cells, "may": may[here]}))
    return parts
