"""Rules about the billing statement; what the files are like comes from `checks.statements`."""

from __future__ import annotations

from typing import Any

from portops.checks.rule import Rule, Say, suggestion


def _sound(code: str, meaning: str, message: str, **options: Any) -> Rule:
    return Rule(
        code=code,
        severity="error",
        meaning=meaning,
        field="statement",
        holds=lambda facts: facts["statement_fault"] != code,
        message=message,
        **options,
    )


def _shows(what: str, words: str, *, say: Say = Say.GROUP, gather: str | None = None) -> Rule:
    return Rule(
        code=f"statement.{what}_absent",
        severity="warning",
        meaning=f"the statement does not show the {what}",
        field="statement",
        holds=lambda facts: ~facts[f"{what}_absent"],
        message="The text of '{value}' does not show " + words + ". Compare the two, or ask for "
        "the statement of this account.",
        say=say,
        gather=gather,
    )


RULES = (
    Rule(
        code="statement.missing",
        causes=("document",),
        severity="error",
        meaning="no billing statement named",
        field="statement",
        holds=lambda facts: facts["written.statement"].notna(),
        message="No billing statement is named. Write the file's name.",
        absent=True,
    ),
    _sound(
        "statement.not_found",
        "the file is not in the documents folder",
        "'{value}' is not in the documents folder ({statement_detail}).",
        suggest=suggestion("statement_nearest"),
        causes=("document",),
    ),
    _sound(
        "statement.too_large",
        "larger than the provider takes",
        "'{value}' is too large: {statement_detail}. Save it smaller.",
        causes=("document",),
    ),
    _sound(
        "statement.type",
        "neither PDF nor image, or not what its name says",
        "'{value}': {statement_detail}. Send a PDF, JPEG or PNG.",
        causes=("document",),
    ),
    Rule(
        code="statement.too_old",
        severity="warning",
        meaning="dated before what the provider takes: 30 days at Twilio, else 90",
        field="statement",
        holds=lambda facts: facts["statement_age"].isna(),
        message="'{value}' is {statement_age} days old. Ask for one of the last 30 days; the "
        "provider takes none older than {statement_days} days.",
        say=Say.GROUP,
        within=("file", "statement"),
    ),
    Rule(
        code="statement.no_text",
        severity="info",
        meaning="an image, or a PDF without text: not compared",
        field="statement",
        holds=lambda facts: ~facts["statement_no_text"],
        message="'{value}' has no text that could be read, so nothing of it was compared. Look "
        "at it yourself.",
        say=Say.GROUP,
        within=("file", "statement"),
    ),
    _shows("number", "the number {phone_number}", say=Say.NUMBER, gather="no_number_shown"),
    _shows("account", "the account number {account_number}"),
    _shows("name", "the customer's name '{customer_name}'"),
    _shows("address", "the service address '{street}'"),
    _sound(
        "statement.unreadable",
        "empty, cut off or password-protected",
        "'{value}' cannot be read: {statement_detail}. Ask for it again.",
        causes=("document",),
    ),
)
