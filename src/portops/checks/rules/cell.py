"""Rules about cells that say nothing: `TBD`, `N/A`, `see bill` where a value should be."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from portops.checks.rule import Rule
from portops.facts.placeholders import digitless, is_placeholder, speechless
from portops.redaction import MASK, Secret
from portops.tables.columns import FIELDS as ALL
from portops.tables.columns import REQUEST_FIELDS, SECRET_FIELDS
from portops.texts import blank

#: Fields in which a placeholder is looked for; notes are the workbook's own.
FIELDS = tuple(
    name for name in REQUEST_FIELDS if name not in {"notes", "landline_numbers", "wireless_numbers"}
)

#: PINs that people type to fill a column; an account may have such a one, and so many have not.
_FILLERS = frozenset({"0000", "00000", "1111", "1234", "9999", "000000", "123456", "00000000"})
_TOO_MANY = 4


def placeholders(column: pd.Series, name: str, accounts: pd.Series) -> pd.Series:
    """Return the texts of a column that say nothing; missing elsewhere. Secrets are `•••`.

    The PIN of an account is on all of its lines, so that `1234` is counted once an account
    (`accounts`, as written); a row without an account counts by itself.
    """
    if name not in SECRET_FIELDS:
        texts = speechless(column, is_placeholder)
        texts += digitless(column) if name == "account_number" else []
        return column.where(column.isin(texts)) if texts else blank(column.index)
    filled = column.notna()
    own = accounts[filled].fillna(accounts.index.to_series()[filled].map("row {}".format))
    pairs = pd.DataFrame(
        {"text": [secret.reveal() for secret in column[filled]], "account": own.to_numpy()}
    ).drop_duplicates()
    counts = Counter(pairs["text"])
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
