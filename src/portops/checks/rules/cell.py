"""Rules about cells that say nothing: `TBD`, `N/A`, `see bill` where a value should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from portops.checks.rule import Rule
from portops.facts.placeholders import is_placeholder
from portops.tables.columns import FIELDS as ALL
from portops.tables.columns import REQUEST_FIELDS, SECRET_FIELDS

if TYPE_CHECKING:
    import pandas as pd

#: Fields in which a placeholder is looked for; notes are the workbook's own.
FIELDS = tuple(name for name in REQUEST_FIELDS if name not in {"notes", "landline_numbers", "wireless_numbers"})

#: PINs that people type to fill a column; one such is a PIN, and so many are none.
_FILLERS = frozenset({"0000", "00000", "1111", "1234", "9999", "000000", "123456", "00000000"})
_TOO_MANY = 4


def placeholders(column: pd.Series, name: str) -> pd.Series:
    """Return the texts of a column that say nothing; missing elsewhere. Secrets are `•••`."""
    if name in SECRET_FIELDS:
        texts = [None if secret is np.nan or secret is None else secret.reveal() for secret in column]
        counts: dict[str, int] = {}
        for text in texts:
            if text in _FILLERS:
                counts[text] = counts.get(text, 0) + 1
        flags = [
            text is not None and (is_placeholder(text) or counts.get(text, 0) >= _TOO_MANY)
            for text in texts
        ]
        return column.astype(object).where(np.array(flags, dtype=bool), None).map(
            lambda _: "•••", na_action="ignore"
        ).astype("str")
    silent = {text for text in column.dropna().unique() if len(text) <= 20 and is_placeholder(text)}
    return column.where(column.isin(silent)) if silent else column.where(column.isin(["\x00"]))


def _rule(name: str) -> Rule:
    needed = ALL[name].needed == "always"
    return Rule(
        code="cell.placeholder",
        severity="error" if needed or name == "pin" else "warning",
        meaning="a word such as TBD or N/A stands where a value should be",
        field=name,
        holds=lambda facts: facts[f"placeholder.{name}"].isna(),
        message="'{value}' is no value. "
        + ("Write the value itself." if needed or name == "pin" else "Write the value, or leave the cell blank."),
        causes=("missing_information",) if needed else (),
    )


RULES = tuple(_rule(name) for name in FIELDS)
