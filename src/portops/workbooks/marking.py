"""The marked copy: the analyst's own workbook with marked cells, notes and a `Findings` sheet."""

from __future__ import annotations

import csv
import re
import zipfile
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

import openpyxl
import pandas as pd
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter

from portops.errors import InputError
from portops.files import put_result
from portops.tables.findings import SEVERITIES
from portops.wording import printable

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from portops.results.original import Original

#: Fills by severity; they stay apart in grey print and for colour-blind eyes.
FILLS = {"error": "F4A6A0", "warning": "FCE3A6", "fixed": "CFE8D5", "info": "E4E8EE"}

#: Bytes, unpacked, above which a workbook is not copied whole; and rows that are written then.
LARGE, MOST_ROWS = 48 * 1024**2, 100_000

SHEET = "Findings"
AUTHOR = "portops"

_WIDTHS = {
    "code": 26,
    "severity": 10,
    "sheet": 14,
    "row": 7,
    "column": 22,
    "cell": 16,
    "value": 28,
    "message": 70,
    "suggestion": 28,
    "request": 24,
    "phone_number": 16,
}


#: Kinds whose cells are texts: a number in them is written as it is.
_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})

#: Kinds that openpyxl can copy.
_COPIED = frozenset({".xlsx", ".xlsm"})


def _open(original: Original) -> Workbook:
    if original.suffix in _COPIED:
        return openpyxl.load_workbook(original.open(), keep_vba=original.suffix == ".xlsm")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in original.grids():
        if not grid.shown:
            continue
        sheet = book.create_sheet(grid.sheet[:31])
        for row in grid.rows:
            sheet.append([None if cell == "" else printable(cell) for cell in row])
        if original.suffix in _TEXT_SUFFIXES:
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


class _Mark(NamedTuple):
    """What one cell gets: its fill and its note."""

    cell: str
    row: int
    fill: PatternFill
    text: str


def _marks(findings: pd.DataFrame) -> list[_Mark]:
    """Gather the notes of each cell, the worst severity deciding its fill."""
    located = findings[findings["cell"].notna()]
    lines = [
        f"{severity.upper()} {code}\n{message}"
        + (f"\nSuggestion: {suggestion}" if isinstance(suggestion, str) else "")
        for severity, code, message, suggestion in located[
            ["severity", "code", "message", "suggestion"]
        ].itertuples(index=False, name=None)
    ]
    rank = {severity: position for position, severity in enumerate(SEVERITIES)}
    notes = pd.DataFrame(
        {
            "cell": located["cell"],
            "row": located["row"],
            "line": lines,
            "rank": located["severity"].map(rank).astype("int64"),
        }
    )
    cells = notes.groupby("cell", sort=False).agg(
        row=("row", "first"), rank=("rank", "min"), text=("line", "\n\n".join)
    )
    fills = [PatternFill("solid", fgColor=FILLS[severity]) for severity in SEVERITIES]
    return [
        _Mark(str(cell), int(row), fills[worst], printable(text))
        for cell, row, worst, text in cells.itertuples(name=None)
    ]


def _mark(book: Workbook, findings: pd.DataFrame) -> None:
    for mark in _marks(findings):
        sheet_name, place = mark.cell.rsplit("!", 1)
        if sheet_name not in book.sheetnames:
            continue
        cell = book[sheet_name][place]
        if isinstance(cell, MergedCell):
            # Only the first cell of a merged run shows anything.
            runs = book[sheet_name].merged_cells.ranges
            run = next(merged for merged in runs if place in merged)
            cell = book[sheet_name].cell(run.min_row, run.min_col)
        cell.fill = mark.fill
        own = cell.comment.text + "\n\n" if cell.comment is not None else ""
        height = 60 + 18 * mark.text.count("\n") + len(mark.text) // 3
        cell.comment = Comment((own + mark.text)[:8_000], AUTHOR, width=320, height=height)


def _list(sheet: Worksheet, findings: pd.DataFrame) -> None:
    names = list(findings.columns)
    sheet.append(names)
    plain = findings.astype(object).where(findings.notna(), None)
    for row in plain.itertuples(index=False, name=None):
        sheet.append([printable(cell) for cell in row])
    bold = Font(bold=True)
    for cell in sheet[1]:
        cell.font = copy(bold)
    for number, name in enumerate(names, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS[name]
    severity, cell_at, message = (names.index(name) + 1 for name in ("severity", "cell", "message"))
    fills = {name: PatternFill("solid", fgColor=rgb) for name, rgb in FILLS.items()}
    wrapped = Alignment(wrap_text=True, vertical="top")
    for row in sheet.iter_rows(min_row=2):
        row[severity - 1].fill = fills[str(row[severity - 1].value)]
        row[message - 1].alignment = wrapped
        for cell in row:
            # Text stays text: no cell of this sheet may start a formula.
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
        place = row[cell_at - 1]
        if place.value:
            name, _, at = str(place.value).rpartition("!")
            place.hyperlink = f"#'{name}'!{at}"
            place.font = Font(color="0563C1", underline="single")
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


class Marked(NamedTuple):
    """A file that was written, and what a reader of it has to know."""

    path: Path
    note: str = ""


def _is_large(original: Original) -> bool:
    """Tell whether openpyxl would take minutes to copy this file."""
    if original.suffix not in _COPIED:
        return original.size > LARGE // 6
    with original.open() as content:
        if not zipfile.is_zipfile(content):
            return original.size > LARGE // 6
        with zipfile.ZipFile(content) as package:
            return sum(part.file_size for part in package.infolist()) > LARGE


def _with_findings(original: Original, findings: pd.DataFrame, headers: pd.DataFrame) -> Workbook:
    """Copy the rows with findings only, below their header; `Row` keeps Excel's number."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in original.grids():
        mine = findings[(findings["sheet"] == grid.sheet) & findings["row"].notna()]
        header = headers.loc[headers["sheet"] == grid.sheet, "header_row"]
        if header.empty:
            continue
        top = int(header.iloc[0])
        wanted = sorted(set(mine["row"].astype(int)) - {top})[:MOST_ROWS]
        columns = grid.columns(0)
        sheet = book.create_sheet(grid.sheet[:31])
        for row in (top, *wanted):
            cells = [column[row - 1] for column in columns]
            plain = [cell.as_py() if hasattr(cell, "as_py") else cell for cell in cells]
            values = [None if value == "" else printable(value) for value in plain]
            sheet.append(["Row" if row == top else row, *values])
        place = {row: at for at, row in enumerate((top, *wanted), start=1)}
        for mark in _marks(mine[mine["row"].isin(list(place))]):
            letters = re.sub(r"\d+$", "", mark.cell.rsplit("!", 1)[1])
            cell = sheet.cell(place[mark.row], column_index_from_string(letters) + 1)
            cell.fill = mark.fill
            cell.comment = Comment(mark.text[:2_000], AUTHOR, width=320, height=120)
        for cells in sheet.iter_rows():
            for cell in cells:
                cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
        sheet.freeze_panes = "B2"
    return book


def write_marked(
    original: Original, findings: pd.DataFrame, target: Path, headers: pd.DataFrame
) -> Marked:
    """Write the marked copy of a workbook to `target`.

    Everything of the workbook that openpyxl keeps stays as it was. Of a very large one only the
    rows with findings are written, and the note of the result says so. `headers` has `sheet` and `header_row`.
    Raises InputError when the workbook cannot be copied.
    """
    note = ""
    try:
        if _is_large(original):
            book = _with_findings(original, findings, headers)
            note = "only the rows with findings: the workbook is too large to be copied whole"
            findings = findings.assign(cell=None).head(MOST_ROWS)
        else:
            book = _open(original)
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise InputError(
            f"{original} cannot be copied for marking ({error}).", "Use --no-mark, or save it anew."
        ) from error
    if not note:
        _unmark(book)
        _mark(book, findings)
    _list(book.create_sheet(SHEET), findings)
    return Marked(put_result(target, book.save), note)
