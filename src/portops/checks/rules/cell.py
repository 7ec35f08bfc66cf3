"""Rules about cells that say nothing: `TBD`, `N/A`, `see bill` where a value should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

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


class Fillers(NamedTuple):
    """PINs that may only fill a column: with the accounts that have them, and of rows without one.

    The PIN of an account is on all of its lines, so that `1234` is counted once an account; a row
    without an account counts by itself.
    """

    accounts: frozenset[tuple[str, str]]
    rows: Counter[str]


def count_fillers(column: pd.Series, accounts: pd.Series) -> Fillers:
    """Count the PINs of a column that may only fill it; `accounts` as written."""
    filled = column.notna().to_numpy()
    texts = pd.Series([secret.reveal() for secret in column[filled]], dtype="str")
    own = accounts[filled].reset_index(drop=True)
    some = texts.isin(list(_FILLERS))
    texts, own = texts[some], own[some]
    named = own.notna()
    pairs = frozenset(zip(texts[named], own[named], strict=True))
    return Fillers(pairs, Counter(texts[~named]))


def too_many(parts: Iterable[Fillers]) -> frozenset[str]:
    """Return the fillers that are there too often to be PINs, in all parts of a column together."""
    pairs: set[tuple[str, str]] = set()
    counts: Counter[str] = Counter()
    for part in parts:
        pairs |= part.accounts
        counts.update(part.rows)
    counts.update(text for text, _ in pairs)
    return frozenset(text for text, count in counts.items() if count >= _TOO_MANY)


def placeholders(
    column: pd.Series, name: str, accounts: pd.Series, fillers: Collection[str] | None = None
) -> pd.Series:
    """Return the texts of a column that say nothing; missing elsewhere. Secrets are `•••`.

    `fillers` are the PINs that only fill the column (default: as counted in it, with `accounts`).
    """
    if name not in SECRET_FIELDS:
        texts = speechless(column, is_placeholder)
        texts += digitless(column) if name == "account_number" else []
        return column.where(column.isin(texts)) if texts else blank(column.index)
    if fillers is None:
        fillers = too_many([count_fillers(column, accounts)])
    there = {secret.reveal() for secret in column.dropna()}
    silent = [
        Secret(text)
        for text in there
        # A PIN of nothing but digits, as nearly all are, needs no folding.
        if text in fillers or (not text.isdigit() and is_placeholder(text))
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
