"""The tables of a report as a workbook: a sheet a figure, filterable, first row frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from portops.results.labels import SHARES, label

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from portops.results.figures import Figures


def write_tables(figures: Figures, target: Path) -> None:
    """Write every figure to `target` as a workbook."""
    book = openpyxl.Workbook()
    summary = book.active
    summary.title = "summary"
    summary.append(("Figure", "Value"))
    for name in ("report", "week", "as_of", "timezone"):
        summary.append((_header(name), getattr(figures, name)))
    for name, value in figures.figures.items():
        if not isinstance(value, list | dict):
            summary.append((_header(name), _plain(value)))
            if name in SHARES:
                summary.cell(summary.max_row, 2).number_format = "0%"
        else:
            table = figures.table(name)
            sheet = book.create_sheet(name[:31])
            sheet.append([_header(str(column)) for column in table.columns])
            for row in table.astype(object).where(table.notna(), None).itertuples(index=False):
                sheet.append([_plain(value) for value in row])
            for place, column in enumerate(table.columns, start=1):
                if column in SHARES:
                    for (cell,) in sheet.iter_rows(min_row=2, min_col=place, max_col=place):
                        cell.number_format = "0%"
    for sheet in book.worksheets:
        for number, cells in enumerate(sheet.iter_cols(), start=1):
            cells[0].font = Font(bold=True)
            widest = max(_width(cell) for cell in cells)
            sheet.column_dimensions[get_column_letter(number)].width = min(widest + 3, 60)
            for cell in cells:
                cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = sheet.dimensions
    book.save(target)


def _header(name: str) -> str:
    """Return what a column is called, as a title."""
    words = label(name)
    return words[:1].upper() + words[1:]


def _width(cell: Any) -> int:
    """Return how many characters a cell shows: a share is shown as a percentage."""
    return 4 if cell.number_format == "0%" else len(str("" if cell.value is None else cell.value))


def _plain(value: Any) -> Any:
    """Return text without the control characters that a workbook cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
