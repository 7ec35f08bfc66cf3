"""A rule of somebody else, with a code of its own."""

from __future__ import annotations

import pandas as pd

from portops.checks.rule import Rule


def _holds(facts: pd.DataFrame) -> pd.Series:
    """Tell for each row whether its account number is not round."""
    return ~facts["account_number"].fillna("").str.endswith("000").astype(bool)


RULE = Rule(
    code="example.account_is_round",
    severity="warning",
    meaning="the account number ends in three zeros",
    causes=("account_number",),
    field="account_number",
    holds=_holds,
    message="{value} ends in three zeros. Compare it with the statement.",
)
