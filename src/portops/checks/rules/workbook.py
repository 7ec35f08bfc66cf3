"""Rules about what Excel shows instead of a value."""

from __future__ import annotations

from portops.checks.rule import Rule
from portops.tables.columns import REQUEST_FIELDS, SECRET_FIELDS, UNSAVED

#: Fields whose cells are looked at for errors.
FIELDS = tuple(name for name in REQUEST_FIELDS if name not in SECRET_FIELDS)


def _sound(field: str) -> Rule:
    return Rule(
        code="workbook.formula_error",
        severity="error",
        meaning="the cell shows #N/A, #REF! or the like",
        field=field,
        holds=lambda facts: (
            facts[f"formula_error.{field}"].isna() | (facts[f"formula_error.{field}"] == UNSAVED)
        ),
        message="The cell shows '{value}'. Fix its formula, or write the value itself.",
    )


def _saved(field: str) -> Rule:
    return Rule(
        code="workbook.formula_error",
        severity="error",
        meaning="the cell shows #N/A, #REF! or the like",
        field=field,
        holds=lambda facts: (facts[f"formula_error.{field}"] != UNSAVED).fillna(value=True),
        message="The cell holds a formula without a saved value. Open the workbook in Excel and "
        "save it.",
    )


RULES = (*map(_sound, FIELDS), *map(_saved, FIELDS))
