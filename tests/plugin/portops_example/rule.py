"""A rule of somebody else, with a code of its own.

It is not registered yet: a code of its own needs rules that bring their severity and meaning. Then
the entry point is `[portops.rules] example = portops_example.rule:RULE`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

#: What the rule says of itself; the keywords of `portops.checks.rules.rule.Rule`.
ABOUT: dict[str, Any] = {
    "code": "example.account_is_round",
    "severity": "warning",
    "meaning": "the account number ends in three zeros",
    "field": "account_number",
    "message": "{value} ends in three zeros.",
}


def holds(facts: pd.DataFrame) -> pd.Series:
    """Tell for each row whether its account number is not round."""
    return ~facts["account_number"].fillna("").str.endswith("000")
