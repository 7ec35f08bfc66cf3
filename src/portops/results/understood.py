"""What was understood, for people: every number with its details as they would be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from portops.redaction import MASK
from portops.tables.columns import FIELDS
from portops.tables.requests import DETAILS

if TYPE_CHECKING:
    from portops.results.checked import Checked

#: The sheet of a marked copy that shows what was understood.
SHEET = "As understood"

#: Headers of the columns that say where a number was read, and what comes before its details.
WORKBOOK, READ_FROM, ROW = "Workbook", "Read From Sheet", "Read From Row"
_FIRST = {"request": FIELDS["request_name"].label, "phone_number": FIELDS["phone_number"].label}
_OWN = {"line_type": FIELDS["line_type"].label, "pin": FIELDS["pin"].label}
_DETAILS = {name: FIELDS[name].label for name in DETAILS}
_HEADERS = {"file": WORKBOOK, **_FIRST, **_OWN, **_DETAILS, "sheet": READ_FROM, "row": ROW}

#: The headers of the sheet `As understood`, which holds one workbook.
HEADERS = tuple(header for header in _HEADERS.values() if header != WORKBOOK)


def is_understood(titles: tuple[str, ...]) -> bool:
    """Tell whether a sheet with these titles is what an earlier check has written."""
    return {READ_FROM, ROW} <= set(titles) and WORKBOOK not in titles


def as_understood(checked: Checked) -> pd.DataFrame:
    """Return one row per number that could be read, exactly as it would be sent.

    The columns are headed as people write them; `Workbook`, `Read From Sheet` and `Read From Row`
    say where the number was read. A detail is its request's; a PIN shows as `•••`.
    """
    numbers = checked.numbers[checked.numbers["phone_number"].notna()]
    numbers = numbers.drop_duplicates(["request", "phone_number"]).reset_index(drop=True)
    table = numbers[list(_HEADERS)].copy()
    if not table.empty:
        details = numbers.groupby("request", sort=False)[list(DETAILS)].transform("first")
        table[list(DETAILS)] = details
    table["pin"] = sent_pins(numbers)
    table["line_type"] = numbers["line_type"].str.capitalize()
    return table.rename(columns=_HEADERS)


def sent_pins(numbers: pd.DataFrame) -> pd.Series:
    """Return `•••` for every number that is sent with a PIN: wireless ones, where they have one."""
    sent = numbers["pin"].notna() & (numbers["line_type"] == "wireless")
    return pd.Series(MASK, numbers.index, dtype="str").where(sent)
