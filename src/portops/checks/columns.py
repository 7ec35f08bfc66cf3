"""Findings about whole columns and sheets: absent ones, unknown ones, rows that do not show."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.tables.columns import FIELDS, NUMBER_FIELDS
from portops.wording import spans

if TYPE_CHECKING:
    from portops.results.reading import Reading


def _hidden(reading: Reading) -> list[dict[str, Any]]:
    """Warn of rows that do not show and hold data, once a sheet."""
    return [
        {
            "code": "workbook.hidden_rows",
            "file": file,
            "sheet": sheet,
            "row": rows[0],
            "cell": f"{sheet}!A{rows[0]}",
            "value": spans(rows),
            "message": f"{len(rows):,} hidden or filtered rows hold data: {spans(rows)}. They are "
            "checked and would be submitted; show them, or delete what is not meant.",
        }
        for file, sheet, rows in reading.hidden
    ]


def _missing(place: dict[str, Any], present: Collection[str]) -> list[dict[str, Any]]:
    """Find required fields without a column on a sheet."""
    return [
        {
            **place,
            "code": "workbook.column_missing",
            "column": field.label,
            "message": f"There is no column for {field.label}. {field.help}",
            "suggestion": f'--map "Their Header={name}" or --set {name}=VALUE',
        }
        for name, field in FIELDS.items()
        if field.needed == "always" and name not in present
    ]


def _unknown(place: dict[str, Any], columns: pd.DataFrame) -> list[dict[str, Any]]:
    """Find columns of a sheet that were not understood."""
    return [
        {
            **place,
            "code": "workbook.column_unknown",
            "column": column.header,
            "cell": f"{column.sheet}!{column.letter}{column.header_row}",
            "value": column.header,
            "message": f"The column '{column.header}' was not understood and is ignored.",
            "suggestion": f'--map "{column.header}=field"',
        }
        for column in columns[columns["field"].isna()].itertuples()
    ]


def column_findings(reading: Reading, filled: Collection[str]) -> pd.DataFrame:
    """Return the findings about columns and sheets; `filled` fields have a value for every row."""
    findings = []
    for (file, sheet), columns in reading.mapping.groupby(["file", "sheet"], sort=False):
        present = set(columns["field"].dropna()) | set(filled)
        if present & set(NUMBER_FIELDS):
            present.add("phone_number")
        if present & {"landline_numbers", "wireless_numbers"}:
            present.add("line_type")
        place = {"file": file, "sheet": sheet, "row": int(columns["header_row"].iloc[0])}
        findings += [*_missing(place, present), *_unknown(place, columns)]
    return pd.DataFrame([*findings, *_hidden(reading)])
