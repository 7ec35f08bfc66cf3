"""Rules about what Excel shows instead of a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portops.checks.rules.rule import Rule
from portops.tables.columns import REQUEST_FIELDS, SECRET_FIELDS
from portops.texts import matches

if TYPE_CHECKING:
    import pandas as pd

_ERROR = r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|FIELD!|BLOCKED!|CONNECT!)$"
_FIELDS = tuple(name for name in REQUEST_FIELDS if name not in SECRET_FIELDS)


def derive(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `formula_error.<field>` where a cell shows an error; its value counts as absent."""
    for name in _FIELDS:
        column = "number_text" if name == "phone_number" else f"written.{name}"
        if not facts[column].notna().any():
            continue
        wrong = matches(facts[column], _ERROR)
        if wrong.any():
            facts[f"formula_error.{name}"] = wrong
            facts[f"shown.{name}"] = facts[column]
            facts[column] = facts[column].mask(wrong)
    return facts


def _sound(field: str) -> Rule:
    return Rule(
        code="workbook.formula_error",
        field=field,
        holds=lambda facts: (
            ~facts[f"formula_error.{field}"]
            if f"formula_error.{field}" in facts
            else facts["row"] > 0
        ),
        message="The cell shows '{value}'. Mend its formula, or write the value itself.",
    )


RULES = tuple(map(_sound, _FIELDS))
