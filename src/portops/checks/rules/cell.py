"""Rules about cells that say nothing: `TBD`, `N/A`, `see bill` where a value should be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from portops.checks.rule import Rule
from portops.facts.placeholders import is_placeholder, speechless
from portops.redaction import MASK, Secret
from portops.tables.columns import FIELDS as ALL
from portops.tables.columns import REQUEST_FIELDS, SECRET_FIELDS
from portops.texts import blank

if TYPE_CHECKING:
    import pandas as pd

#: Fields in which a placeholder is looked for; notes are the workbook's own.
FIELDS = tuple(
    name for name in REQUEST_FIELDS if name not in {"notes", "landline_numbers", "wireless_numbers"}
)

#: PINs that people type to fill a column; one such is a PIN, and so many are none.
_FILLERS = frozenset({"0000", "00000", "1111", "1234", "9999", "000000", "123456", "00000000"})
_TOO_MANY = 4


def placeholders(column: pd.Series, name: str) -> pd.Series:
    """Return the texts of a column that say nothing; missing elsewhere. Secrets are `•••`."""
    if name not in SECRET_FIELDS:
        silent = speechless(column, is_placeholder)
        return column.where(column.isin(silent)) if silent else blank(column.index)
    counts = Counter(secret.reveal() for secret in column.dropna())
    silent = [
        Secret(text)
        for text, count in counts.items()
        if is_placeholder(text) or (text in _FILLERS and count >= _TOO_MANY)
    ]
    shown = blank(column.index)
    if silent:
        shown[column.isin(silent).to_numpy()] = MASK
    return shown


def _rule(name: str) -> Rule:
    needed = ALL[name].needed == "always"
    return Rule(
        code="cell.placeholder",
        severity="error" if needed or name == "pin" else "warning",
        meaning="a word such as TBD or N/A stands where a value should be",
        field=name,
        holds=lambda facts: facts[f"placeholder.{name}"].isna(),
        message="'{value}' is no value. "
        + (
            "Write the value itself."
            if needed or name == "pin"
            else "Write the value, or leave the cell blank."
        ),
        causes=("missing_information",) if needed else (),
    )


RULES = tuple(_rule(name) for name in FIELDS)
