"""Rules about the billing statement; what the files are like comes from `check.statements`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portops.checks.rules.rule import Rule, suggestion

if TYPE_CHECKING:
    import pandas as pd


def _sound(code: str, message: str, **options: object) -> Rule:
    return Rule(
        code=code,
        field="statement",
        holds=lambda facts: facts["statement_fault"] != code,
        message=message,
        **options,  # type: ignore[arg-type]
    )


def _shows(what: str, words: str, *, once: str = "", each: bool = False) -> Rule:
    return Rule(
        code=f"statement.{what}_absent",
        field="statement",
        holds=lambda facts: ~facts[f"{what}_absent"],
        message="The text of '{value}' does not show " + words + ". Compare the two, or ask for "
        "the statement of this account.",
        once=once,
        each=each,
    )


READS = ("written.statement",)

#: The platform wants a statement no older than this; carriers often ask for 30 days.
OLDEST_DAYS = 90


def derive(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `statement`, the file's name as written."""
    facts["statement"] = facts["written.statement"]
    return facts


RULES = (
    Rule(
        code="statement.missing",
        field="statement",
        holds=lambda facts: facts["written.statement"].notna(),
        message="No billing statement is named. Write the file's name.",
        absent=True,
    ),
    _sound(
        "statement.not_found",
        "'{value}' is not in the documents folder ({statement_detail}).",
        suggest=suggestion("statement_nearest"),
    ),
    _sound("statement.too_large", "'{value}' is too large: {statement_detail}. Save it smaller."),
    _sound("statement.type", "'{value}': {statement_detail}. Send a PDF, JPEG or PNG."),
    Rule(
        code="statement.too_old",
        field="statement",
        holds=lambda facts: facts["statement_age"].isna(),
        message="'{value}' is {statement_age} days old. Ask for one of the last 30 days; 90 days "
        "is the most that is taken.",
        once="",
        within=("file", "statement"),
    ),
    Rule(
        code="statement.no_text",
        field="statement",
        holds=lambda facts: ~facts["statement_no_text"],
        message="'{value}' has no text that could be read, so nothing of it was compared. Look "
        "at it yourself.",
        once="",
        within=("file", "statement"),
    ),
    _shows("number", "the number {phone_number}", once="no_number_shown", each=True),
    _shows("account", "the account number {account_number}"),
    _shows("name", "the customer's name '{customer_name}'"),
    _shows("address", "the service address '{street}'"),
    _sound(
        "statement.unreadable", "'{value}' cannot be read: {statement_detail}. Ask for it again."
    ),
)
