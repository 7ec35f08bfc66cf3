"""A rule: what must hold for every row, and what is said where it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from portops.findings import CODES

Holds = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule over whole columns.

    `holds` takes the table of facts (NUMBERS repaired; `written.<field>` beside it) and returns
    a boolean a row. `field` is the column to point at. In `message`, `{value}` is what was
    written and `{label}` the column's header. `suggest` gives a repair for the rows that fail;
    `absent` marks rules about a blank, which are silent where the whole column is missing.
    """

    code: str
    field: str
    holds: Holds
    message: str
    suggest: Holds | None = None
    absent: bool = False

    @property
    def severity(self) -> str:
        """Severity, from the table of codes."""
        return CODES[self.code].severity


def suggestion(column: str) -> Holds:
    """Suggest what stands in another column of the facts."""
    return lambda facts: facts[column]


def contains(text: pd.Series, pattern: str) -> pd.Series:
    """Tell where a text holds the pattern (case does not count); blanks do not."""
    found = text.astype("str").str.contains(pattern, case=False, regex=True, na=False)
    return found.astype(bool)


def matches(text: pd.Series, pattern: str) -> pd.Series:
    """Tell where a text begins with the pattern; blanks do not."""
    return text.astype("str").str.match(pattern, na=False).astype(bool)
