"""Rules about the account, its PIN and the kind of customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portops.check.rules.rule import Rule, matches

if TYPE_CHECKING:
    import pandas as pd

_CUSTOMER_WORDS = dict.fromkeys(
    ("business", "bus", "biz", "b", "commercial", "company", "corporate", "corporation",
     "government", "enterprise", "soho"), "Business",
) | dict.fromkeys(
    ("residential", "res", "resi", "r", "residence", "individual", "consumer", "personal", "home"),
    "Residential",
)  # fmt: skip

_SCIENTIFIC = r"^\s*\d(?:[.,]\d+)?\s*[eE]\s*\+?\d+\s*$"


def derive(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `account_number` (missing where digits are lost), `customer_type` and one `pin`."""
    written = facts["written.account_number"]
    facts["digits_lost"] = matches(written, _SCIENTIFIC)
    facts["account_number"] = written.where(~facts["digits_lost"])
    words = facts["written.customer_type"].str.lower().str.strip().str.rstrip(".")
    facts["customer_type"] = words.map(_CUSTOMER_WORDS).astype("str")
    facts["pin"] = facts["written.pin"].where(
        facts["written.pin"].notna(), facts["written.ssn_last4"]
    )
    return facts


RULES = (
    Rule(
        code="account.missing",
        field="account_number",
        holds=lambda facts: facts["written.account_number"].notna(),
        message="There is no account number. It stands on the billing statement.",
        absent=True,
    ),
    Rule(
        code="account.digits_lost",
        field="account_number",
        holds=lambda facts: ~facts["digits_lost"],
        message="'{value}': Excel has dropped digits of this account number and they cannot be "
        "restored. Format the column as text and type the number again from the statement.",
    ),
    Rule(
        code="pin.missing",
        field="pin",
        holds=lambda facts: (facts["line_type"] != "wireless") | facts["pin"].notna(),
        message="A wireless number needs its transfer PIN or the last four digits of the SSN. "
        "Ask the customer for it.",
    ),
    Rule(
        code="customer_type.missing",
        field="customer_type",
        holds=lambda facts: facts["customer_type"].notna(),
        message="Neither Residential nor Business (found: '{value}'). Write one of the two.",
        absent=True,
    ),
)
