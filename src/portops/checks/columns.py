"""Findings about whole columns and sheets: absent ones, unknown ones, rows that do not show."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.tables.columns import FIELDS, NUMBER_FIELDS
from portops.wording import counted, map_option, spans

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


def _missing(
    place: dict[str, Any], tables: dict[int, set[str]], filled: Collection[str]
) -> list[dict[str, Any]]:
    """Find required fields without a column, once where no table of a sheet has one.

    `tables` are the fields of the sheet's tables, by the row of their header. A finding about one
    of several tables points at its header; one about all of them has no cell.
    """
    findings = []
    for name, field in FIELDS.items():
        lacking = [header for header, fields in tables.items() if name not in fields | set(filled)]
        if field.needed != "always" or not lacking:
            continue
        everywhere = len(lacking) == len(tables)
        for header in lacking[:1] if everywhere else lacking:
            where = "" if everywhere else f" in the table below row {header}"
            findings.append(
                {
                    **place,
                    "code": "workbook.column_missing",
                    "row": header or 1,
                    "cell": None if everywhere or not header else f"{place['sheet']}!A{header}",
                    "column": field.label,
                    "message": f"There is no column for {field.label}{where}. {field.help}",
                    "suggestion": _settling(name),
                }
            )
    return findings


def _settling(name: str) -> str:
    """Return the options that would settle a field without a column, to be copied as they are."""
    own = map_option("Their Header", name)
    # A number cannot be the same for every row.
    return own if name in NUMBER_FIELDS else f"{own} or --set {name}=VALUE"


def _unknown(columns: pd.DataFrame, notices: pd.DataFrame) -> list[dict[str, Any]]:
    """Find columns of a sheet that were not understood, with their first values.

    A column that says which rows move is understood: it has a notice of its own.
    """
    findings = []
    told = set(zip(notices["file"], notices["sheet"], notices["column"], strict=True))
    unknown: Any = columns[columns["field"].isna() & (columns["how"] != "given")].itertuples()
    for column in unknown:
        if (column.file, column.sheet, column.header) in told:
            continue
        row = column.value_row or column.header_row or column.first_row
        holds = f" It holds {', '.join(column.examples)}." if column.examples else " It is empty."
        near = column.near if isinstance(column.near, str) else None
        nearest = f" The nearest field is {FIELDS[near].label}." if near else ""
        findings.append(
            {
                "file": column.file,
                "sheet": column.sheet,
                "row": row,
                "code": "workbook.column_unknown",
                "column": column.header,
                "cell": _title_cell(column.sheet, column.letter, row),
                "value": column.header,
                "message": f"The column '{column.header}' is ignored: it is no detail of a port "
                f"request that portops knows.{holds}{nearest}",
                "suggestion": map_option(column.header, near or "field"),
            }
        )
    return findings


def _title_cell(sheet: str, letter: str, row: int) -> str:
    """Return the cell of a column's title; on a sheet that lies on its side, `@5` is row 5."""
    return f"{sheet}!A{letter[1:]}" if letter.startswith("@") else f"{sheet}!{letter}{row}"


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
                "cell": _title_cell(
                    sheet, places[-1].letter, places[-1].header_row or places[-1].first
                ),
                "value": title,
                "message": (
                    f"The column {shown} may be {label}, and nothing else is."
                    if one
                    else f"The columns {shown} may each be {label}, and they differ."
                )
                + " Say which it is.",
                "suggestion": f"{map_option(title, fields[0])} or {map_option(title, 'ignore')}",
            }
        )
    return findings


def column_findings(reading: Reading, filled: Collection[str]) -> pd.DataFrame:
    """Return the findings about columns and sheets; `filled` fields have a value for every row."""
    findings = []
    own = reading.mapping[~reading.mapping["derived"].astype(bool)]
    for (file, sheet), tables in _tables(reading).items():
        findings += _missing({"file": file, "sheet": sheet}, tables, filled)
    findings += [
        *_unknown(own, reading.notices),
        *_contested(reading),
        *_hidden(reading),
        *_skipped(reading),
    ]
    table = pd.DataFrame(findings)
    if reading.notices.empty:
        return table
    return pd.concat([table, reading.notices.drop(columns="field")], ignore_index=True)


def _tables(reading: Reading) -> dict[tuple[str, str], dict[int, set[str]]]:
    """Return the fields that each table gives its numbers: by file and sheet, by header row.

    A table without a number column counts only where its sheet has no other.
    """
    tables: dict[tuple[str, str], dict[int, set[str]]] = {}
    rows = reading.fields[["file", "sheet", "field", "header_row"]]
    for file, sheet, name, header in rows.itertuples(index=False, name=None):
        tables.setdefault((file, sheet), {}).setdefault(header, set()).add(name)
    for place, by_header in tables.items():
        for fields in by_header.values():
            if fields & set(NUMBER_FIELDS):
                fields.add("phone_number")
            if fields & {"landline_numbers", "wireless_numbers"}:
                fields.add("line_type")
        numbered = {header: f for header, f in by_header.items() if "phone_number" in f}
        tables[place] = numbered or by_header
    return tables


def _skipped(reading: Reading) -> list[dict[str, Any]]:
    """Tell of every sheet that was not read, and why; one left out has a finding of its own."""
    notices = reading.notices
    out = notices[notices["code"] == "workbook.not_to_port"]
    left_out = set(zip(out["file"], out["sheet"], out["value"], strict=True))
    return [
        {
            "code": "workbook.sheet_skipped",
            "file": sheet.file,
            "sheet": sheet.sheet,
            "value": counted(sheet.rows, "row") if sheet.rows else None,
            "message": f"The sheet '{sheet.sheet}' "
            + (f"({counted(sheet.rows, 'row')}) " if sheet.rows else "")
            + f"is not read: {sheet.why}.",
        }
        for sheet in reading.sheets
        if not sheet.read and (sheet.file, sheet.sheet, sheet.sheet) not in left_out
    ]
