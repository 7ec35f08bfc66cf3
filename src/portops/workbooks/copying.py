"""Copies of workbooks, with what openpyxl keeps or with their cells only."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

import openpyxl

from portops.wording import printable

if TYPE_CHECKING:
    from openpyxl import Workbook

    from portops.results.original import Original

#: Bytes, unpacked, above which a workbook is not copied whole.
LARGE = 48 * 1024**2

#: Kinds whose cells are texts: a number in them is written as it is.
_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})

#: Kinds that openpyxl can copy.
_COPIED = frozenset({".xlsx", ".xlsm"})


def open_copy(original: Original) -> Workbook:
    """Open a workbook with everything that openpyxl keeps, or write its cells into a new one."""
    if original.suffix in _COPIED:
        return openpyxl.load_workbook(original.open(), keep_vba=original.suffix == ".xlsm")
    return cells_only(original)


def cells_only(original: Original) -> Workbook:
    """Write the cells of the shown sheets into a new workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in original.grids():
        if not grid.shown:
            continue
        sheet = book.create_sheet(title_of(grid.sheet))
        for row in grid.rows:
            sheet.append([None if cell == "" else printable(cell) for cell in row])
        if original.suffix in _TEXT_SUFFIXES:
            for cells in sheet.iter_rows():
                for cell in cells:
                    cell.number_format = "@"
                    cell.data_type = "s" if cell.value is not None else cell.data_type
    return book


def title_of(sheet: str) -> str:
    """Return a name that Excel takes for a sheet, such as that of a CSV file."""
    return re.sub(r"[\\*?:/\[\]]", "_", printable(sheet))[:31] or "Sheet"


def is_large(original: Original) -> bool:
    """Tell whether openpyxl would take minutes to copy this file."""
    if original.suffix not in _COPIED:
        return original.size > LARGE // 6
    with original.open() as content:
        if not zipfile.is_zipfile(content):
            return original.size > LARGE // 6
        with zipfile.ZipFile(content) as package:
            return sum(part.file_size for part in package.infolist()) > LARGE
