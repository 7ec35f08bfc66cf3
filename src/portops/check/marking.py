"""The marked copy: the analyst's own workbook with marked cells, notes and a `Findings` sheet."""

from __future__ import annotations

import csv
from copy import copy
from typing import TYPE_CHECKING

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from portops.check.grids import TEXT_SUFFIXES, grids
from portops.errors import InputError
from portops.findings import SEVERITIES

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

#: Fills by severity; they stay apart in grey print and for colour-blind eyes.
FILLS = {"error": "F4A6A0", "warning": "FCE3A6", "fixed": "CFE8D5", "info": "E4E8EE"}

SHEET = "Findings"
AUTHOR = "portops"

_WIDTHS = {"code": 26, "severity": 10, "sheet": 14, "row": 7, "column": 22, "cell": 16,
           "value": 28, "message": 70, "suggestion": 28, "request": 24, "phone_number": 16}  # fmt: skip


def _open(path: Path) -> Workbook:
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return openpyxl.load_workbook(path, keep_vba=path.suffix.lower() == ".xlsm")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in grids(path):
        sheet = book.create_sheet(grid.sheet[:31])
        for row in grid.rows:
            sheet.append([None if cell == "" else cell for cell in row])
        if path.suffix.lower() in TEXT_SUFFIXES:
            for cells in sheet.iter_rows():
                for cell in cells:
                    cell.number_format = "@"
                    cell.data_type = "s" if cell.value is not None else cell.data_type
    return book


def _unmark(book: Workbook) -> None:
    """Take the marks of an earlier check away, so that a corrected copy can be checked again."""
    if SHEET in book.sheetnames:
        del book[SHEET]
    for sheet in book.worksheets:
        for cells in sheet.iter_rows():
            for cell in cells:
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    cell.comment = None
                    if cell.fill.fgColor.rgb in {f"00{rgb}" for rgb in FILLS.values()}:
                        cell.fill = PatternFill()


def _note(rows: pd.DataFrame) -> str:
    lines = []
    for each in rows.itertuples():
        line = f"{each.severity.upper()} {each.code}\n{each.message}"
        if isinstance(each.suggestion, str):
            line += f"\nSuggestion: {each.suggestion}"
        lines.append(line)
    return "\n\n".join(lines)


def _mark(book: Workbook, findings: pd.DataFrame) -> None:
    rank = {severity: position for position, severity in enumerate(SEVERITIES)}
    located = findings[findings["cell"].notna()]
    for cell_name, rows in located.groupby("cell", sort=False):
        sheet_name, place = str(cell_name).rsplit("!", 1)
        if sheet_name not in book.sheetnames:
            continue
        cell = book[sheet_name][place]
        worst = min(rows["severity"], key=lambda severity: rank[severity])
        cell.fill = PatternFill("solid", fgColor=FILLS[worst])
        text = _note(rows)
        own = cell.comment.text + "\n\n" if cell.comment is not None else ""
        note = Comment(
            own + text, AUTHOR, width=320, height=60 + 18 * text.count("\n") + len(text) // 3
        )
        cell.comment = note


def _list(sheet: Worksheet, findings: pd.DataFrame) -> None:
    names = list(findings.columns)
    sheet.append(names)
    plain = findings.astype(object).where(findings.notna(), None)
    for row in plain.itertuples(index=False, name=None):
        sheet.append(row)
    bold = Font(bold=True)
    for cell in sheet[1]:
        cell.font = copy(bold)
    for number, name in enumerate(names, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS[name]
    severity, cell_at, message = (names.index(name) + 1 for name in ("severity", "cell", "message"))
    for number in range(2, sheet.max_row + 1):
        fill = FILLS[str(sheet.cell(number, severity).value)]
        sheet.cell(number, severity).fill = PatternFill("solid", fgColor=fill)
        sheet.cell(number, message).alignment = Alignment(wrap_text=True, vertical="top")
        for each in sheet[number]:
            # Text stays text: no cell of this sheet may start a formula.
            each.data_type = "s" if isinstance(each.value, str) else each.data_type
        place = sheet.cell(number, cell_at)
        if place.value:
            name, _, at = str(place.value).rpartition("!")
            place.hyperlink = f"#'{name}'!{at}"
            place.font = Font(color="0563C1", underline="single")
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def write_marked(source: Path, findings: pd.DataFrame, target: Path) -> Path:
    """Write the marked copy of `source` to `target` and return it.

    Everything of the workbook that openpyxl keeps stays as it was. Raises InputError when the
    source cannot be copied.
    """
    try:
        book = _open(source)
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise InputError(
            f"{source} cannot be copied for marking ({error}).", "Use --no-mark, or save it anew."
        ) from error
    _unmark(book)
    _mark(book, findings)
    _list(book.create_sheet(SHEET), findings)
    beside = target.with_name(target.name + ".part")
    book.save(beside)
    beside.replace(target)
    return target
