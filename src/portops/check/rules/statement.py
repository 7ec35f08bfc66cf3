"""Rules about the billing statement; what the files are like comes from `check.statements`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portops.check.rules.rule import Rule, suggestion

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
    _sound("statement.not_found", "'{value}' is not in the documents folder ({statement_detail}).",
           suggest=suggestion("statement_nearest")),
    _sound("statement.too_large", "'{value}' is too large: {statement_detail}. Save it smaller."),
    _sound("statement.type", "'{value}': {statement_detail}. Send a PDF, JPEG or PNG."),
    _sound("statement.unreadable", "'{value}' cannot be read: {statement_detail}. Ask for it again."),
)  # fmt: skip
