"""Rules about the request as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portops.check.rules.rule import Rule
from portops.grouping import SAME_IN_ACCOUNT, conflicts, request_of

if TYPE_CHECKING:
    import pandas as pd


def derive(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `request` and, for each field that must not differ in an account, `differs.<field>`."""
    facts["request"] = request_of(facts)
    for field, differs in conflicts(facts).items():
        facts[f"differs.{field}"] = differs
    return facts


def _agrees(field: str) -> Rule:
    return Rule(
        code="request.conflict",
        field=field,
        holds=lambda facts: ~facts[f"differs.{field}"],
        message="'{value}' differs from the other rows of account {account_number}. One account "
        "has one name, one representative and one service address.",
    )


RULES = tuple(map(_agrees, SAME_IN_ACCOUNT))
