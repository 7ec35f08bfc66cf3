"""The marked copy: the analyst's own workbook with marked cells, notes and a `Findings` sheet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import openpyxl
import pandas as pd
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import column_index_from_string

from portops.errors import InputError
from portops.files import put_result
from portops.redaction import KEPT
from portops.results.understood import SHEET as UNDERSTOOD
from portops.results.understood import is_understood
from portops.tables.findings import SEVERITIES
from portops.wording import printable
from portops.workbooks.copying import cells_only, is_large, open_copy, title_of
from portops.workbooks.listing import FILLS, list_findings, list_understood
from portops.workbooks.marked import Marked
from portops.workbooks.masking import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from portops.results.original import Original

#: Rows that are written of a workbook that is too large to be copied whole.
MOST_ROWS = 100_000

SHEET = "Findings"
AUTHOR = "portops"


def _sheet_name(book: Workbook, read: str) -> str:
    """Return the copy's name of a sheet that was read under a name Excel may not take."""
    return read if read in book.sheetnames else title_of(read)


def _parted(cell: str) -> tuple[str, str]:
    """Part `Sheet!D7` in its sheet and its place."""
    sheet_name, _, place = cell.rpartition("!")
    return sheet_name, place


def _is_ours(sheet: Worksheet) -> bool:
    """Tell whether a sheet is one that an earlier check has written."""
    if sheet.title == SHEET:
        return True
    top = tuple(str(cell.value) for cell in sheet[1]) if sheet.max_row else ()
    return is_understood(top)


def _unmark(book: Workbook) -> None:
    """Take the marks of an earlier check away, so that a corrected copy can be checked again."""
    for name in [sheet.title for sheet in book.worksheets if _is_ours(sheet)]:
        del book[name]
    for sheet in book.worksheets:
        # The cells that are there only: going through rows makes every cell up to the farthest.
        for cell in list(sheet._cells.values()):
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
        named, place = _parted(mark.cell)
        sheet_name = _sheet_name(book, named)
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


class Listed(NamedTuple):
    """What a marked copy lists: the findings of its workbook, and its numbers as understood."""

    findings: pd.DataFrame
    understood: pd.DataFrame


def _letters_and_row(cell: str, sheet: str) -> tuple[str, int]:
    """Return column and row of a cell; row 0, which there is not, when it is on another sheet."""
    name, _, at = cell.rpartition("!")
    letters = at.rstrip("0123456789")
    return letters, int(at[len(letters) :]) if name == sheet else 0


def _with_findings(
    original: Original, findings: pd.DataFrame, headers: pd.DataFrame, masked: Collection[str]
) -> Workbook:
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
        sheet = book.create_sheet(title_of(grid.sheet))
        for row in (top, *wanted):
            cells = [column[row - 1] for column in columns]
            plain = [cell.as_py() if hasattr(cell, "as_py") else cell for cell in cells]
            values = [None if value == "" else printable(value) for value in plain]
            sheet.append(["Row" if row == top else row, *values])
        place = {row: at for at, row in enumerate((top, *wanted), start=1)}
        for letters, row in (_letters_and_row(cell, grid.sheet) for cell in masked):
            if row in place:
                sheet.cell(place[row], column_index_from_string(letters) + 1).value = KEPT
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
    original: Original,
    listed: Listed,
    target: Path,
    headers: pd.DataFrame,
    masked: Collection[str] = (),
) -> Marked:
    """Write the marked copy of a workbook to `target`, with a sheet of what was found and understood.

    Everything of the workbook that openpyxl keeps stays as it was. Of a very large one only the
    rows with findings are written, and the note of the result says so. `headers` has `sheet` and `header_row`.
    The PINs in the cells `masked` (`Sheet!D7`) are masked, since the store keeps them.
    Raises InputError when the workbook cannot be copied.
    """
    findings = listed.findings
    if is_large(original):
        made: tuple[tuple[Callable[[], Workbook], str], ...] = (
            (lambda: _with_findings(original, findings, headers, masked), _LARGE_NOTE),
        )
    else:
        made = (
            (lambda: _marked(open_copy(original), findings, masked), ""),
            # What is damaged beside the cells, such as its properties, is left out.
            (lambda: _marked(cells_only(original), findings, masked), _DAMAGED_NOTE),
        )
    for make, note in made:
        try:
            book = make()
            shown = findings.assign(cell=None).head(MOST_ROWS) if note is _LARGE_NOTE else findings
            list_findings(book.create_sheet(SHEET), shown)
            list_understood(book.create_sheet(UNDERSTOOD), listed.understood)
            return Marked(put_result(target, book.save), note)
        except InputError:
            raise
        except Exception as error:  # openpyxl raises anything at a damaged file
            last = error
    raise InputError(
        f"{original} cannot be copied for marking ({last}).", "Use --no-mark, or save it anew."
    ) from last


#: What a reader of a copy has to know that is not the whole workbook.
_LARGE_NOTE = "only the rows with findings: the workbook is too large to be copied whole"
_DAMAGED_NOTE = "only the cells: a part of the workbook is damaged. Save it again in Excel"


def _marked(book: Workbook, findings: pd.DataFrame, masked: Collection[str]) -> Workbook:
    mask(book, {f"{_sheet_name(book, name)}!{at}" for name, at in map(_parted, masked)})
    _unmark(book)
    _mark(book, findings)
    return book
