"""A rule: what must hold for every row, and what is said where it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from portops.tables.findings import CODES

Holds = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule over whole columns.

    `holds` takes the table of facts (NUMBERS repaired; `written.<field>` beside it) and returns
    a boolean a row. `field` is the column to point at. In `message`, `{value}` is what was
    written, and other names in braces are columns of the facts. `suggest` gives a repair for the
    rows that fail; `absent` marks rules about a blank, which are silent where the whole column is
    missing; `once` says it for the first row of each request only: everywhere when empty, else
    where the column it names is true; `within` are
    the columns that stand for the request there; `each` says it for every number of a row. `grade` is a
    severity other than the code's.
    """

    code: str
    field: str
    holds: Holds
    message: str
    suggest: Holds | None = None
    absent: bool = False
    once: str | None = None
    within: tuple[str, ...] = ("request",)
    each: bool = False
    grade: str | None = None

    @property
    def severity(self) -> str:
        """Severity: the rule's own grade, else from the table of codes."""
        return self.grade or CODES[self.code].severity


def suggestion(column: str) -> Holds:
    """Suggest what stands in another column of the facts."""
    return lambda facts: facts[column]
