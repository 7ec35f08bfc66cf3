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


def _unknown(columns: pd.DataFrame) -> list[dict[str, Any]]:
    """Find columns of a sheet that were not understood."""
    names = ["file", "sheet", "letter", "header", "header_row", "first_row"]
    places = columns.loc[columns["field"].isna(), names].itertuples(index=False, name=None)
    return [
        {
            "file": file,
            "sheet": sheet,
            "row": header_row or first_row,
            "code": "workbook.column_unknown",
            "column": header,
            "cell": f"{sheet}!{letter}{header_row or first_row}",
            "value": header,
            "message": f"The column '{header}' is ignored: it is no detail of a port request"
            " that portops knows.",
            "suggestion": f'--map "{header}=field"',
        }
        for file, sheet, letter, header, header_row, first_row in places
    ]


def _contested(reading: Reading) -> list[dict[str, Any]]:
    """Find columns of which nobody can tell which is the field."""
    findings = []
    for file, sheet, fields, places in reading.contests:
        label = " or ".join(FIELDS[name].label for name in fields)
        secret = any(FIELDS[name].secret for name in fields)
        shown = ", ".join(
            f"'{place.header}'" + ("" if secret or not place.value else f" ({place.value})")
            for place in places
        )
        one = len(places) == 1
        title = places[-1].header
        findings.append(
            {
                "file": file,
                "sheet": sheet,
                "row": places[0].header_row or places[0].first,
                "code": "workbook.column_ambiguous",
                "column": places[-1].header,
                "cell": f"{sheet}!{places[-1].letter}{places[-1].header_row or places[-1].first}",
                "value": title,
                "message": (
                    f"The column {shown} may be {label}, and nothing else is."
                    if one
                    else f"The columns {shown} may each be {label}, and they differ."
                )
                + " Say which it is.",
                "suggestion": f'--map "{title}={fields[0]}" or --map "{title}=ignore"',
            }
        )
    return findings


def column_findings(reading: Reading, filled: Collection[str]) -> pd.DataFrame:
    """Return the findings about columns and sheets; `filled` fields have a value for every row."""
    findings = []
    own = reading.mapping[~reading.mapping["derived"].astype(bool)]
    places = own.groupby(["file", "sheet"], sort=False)["header_row"].first()
    for (file, sheet), fields in _fields(reading).items():
        present = fields | set(filled)
        if present & set(NUMBER_FIELDS):
            present.add("phone_number")
        if present & {"landline_numbers", "wireless_numbers"}:
            present.add("line_type")
        row = int(places.get((file, sheet), 1)) or 1
        findings += _missing({"file": file, "sheet": sheet, "row": row}, present)
    findings += [*_unknown(own), *_contested(reading), *_hidden(reading)]
    table = pd.DataFrame(findings)
    if reading.notices is None or reading.notices.empty:
        return table
    return pd.concat([table, reading.notices.drop(columns="field")], ignore_index=True)


def _fields(reading: Reading) -> dict[tuple[str, str], set[str]]:
    """Return the fields that each sheet with numbers gives them, whatever sheet they come from."""
    source = reading.mapping if reading.fields is None else reading.fields
    fields: dict[tuple[str, str], set[str]] = {}
    for file, sheet, name in source[["file", "sheet", "field"]].itertuples(index=False, name=None):
        fields.setdefault((file, sheet), set())
        if isinstance(name, str):
            fields[(file, sheet)].add(name)
    return fields
