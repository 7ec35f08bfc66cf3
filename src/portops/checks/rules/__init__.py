"""The rules: one module a family, each with what it derives and its `RULES`.

A new rule is one entry in its family's `RULES` and one line in `portops.tables.findings.CODES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portops.checks.rules import (
    account,
    address,
    contact,
    correction,
    number,
    request,
    statement,
    workbook,
)

if TYPE_CHECKING:
    from portops.checks.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *workbook.RULES,
    *number.RULES,
    *account.RULES,
    *contact.RULES,
    *address.RULES,
    *statement.RULES,
    *request.RULES,
    *correction.RULES,
)
