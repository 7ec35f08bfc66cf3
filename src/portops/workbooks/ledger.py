"""The ledger: a reconciliation as a workbook that a person can work through, and as CSV."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import openpyxl
import pandas as pd
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from portops.files import private_folder, put_result
from portops.results.reconciled import CLASSES, COLUMNS
from portops.tables.findings import CSV, defuse
from portops.wording import printable

if TYPE_CHECKING:
    from pathlib import Path

    from portops.results.reconciled import Reconciled

#: Rows of one sheet; what is longer is whole in the CSV.
MOST_ROWS = 50_000

_WIDTHS = {
    "phone_number": 16,
    "class": 24,
    "what": 44,
    "next_step": 44,
    "differences": 60,
    "request": 30,
    "request_sid": 38,
    "provider_request_sid": 38,
    "file": 40,
}
_HEAD = PatternFill("solid", fgColor="C9D7E6")
_LINK = Font(color="0563C1", underline="single")


def write_ledger(
    result: Reconciled, out: Path, *, name: str = "reconciliation.xlsx"
) -> tuple[Path, Path]:
    """Write a workbook `name` (a sheet a class, filters, links) and `reconciliation.csv`."""
    private_folder(out)
    book, table = out / name, out / "reconciliation.csv"
    plain = result.numbers.assign(
        last_event_at=result.numbers["last_event_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    table = put_result(table, partial(defuse(plain).to_csv, **CSV))
    return put_result(book, _workbook(result).save), table


def _workbook(result: Reconciled) -> Any:
    book = openpyxl.Workbook(write_only=True)
    summary = book.create_sheet("Summary")
    for letter, width in zip("ABCD", (30, 12, 52, 60), strict=True):
        summary.column_dimensions[letter].width = width
    _line(summary, ["Reconciliation", None, f"as of {result.as_of:%Y-%m-%d %H:%M} UTC"], bold=True)
    _line(summary, ["Class", "Numbers", "Which", "What to do"], bold=True, fill=_HEAD)
    for name, count in result.counts.items():
        cell = WriteOnlyCell(summary, name)
        if count:
            cell.value, cell.font = f'=HYPERLINK("#\'{name}\'!A1","{name}")', _LINK
        rest = [WriteOnlyCell(summary, value) for value in (count, *CLASSES[name])]
        summary.append([cell, *rest])
    total = sum(result.counts.values())
    _line(summary, ["together", total, f"of {result.total:,} numbers compared"], bold=True)
    if result.inventory_only:
        _line(summary, ["only in the inventory", result.inventory_only, "no port concerns them"])
    for name, count in result.counts.items():
        if count:
            _sheet(book, name, result.of(name))
    return book


def _line(sheet: Any, values: list[Any], *, bold: bool = False, fill: Any = None) -> None:
    cells = []
    for value in values:
        cell = WriteOnlyCell(sheet, value)
        cell.font = Font(bold=bold)
        if fill is not None:
            cell.fill = fill
        cells.append(cell)
    sheet.append(cells)


def _sheet(book: Any, name: str, rows: pd.DataFrame) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "B2"
    for place, column in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(column, 16)
    shown = rows.head(MOST_ROWS)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{len(shown) + 1}"
    _line(sheet, [column.replace("_", " ") for column in COLUMNS], bold=True, fill=_HEAD)
    plain = shown.astype(object).where(shown.notna(), None)
    at = COLUMNS.index("row")
    for row in plain.to_numpy().tolist():
        row[COLUMNS.index("last_event_at")] = _moment(row[COLUMNS.index("last_event_at")])
        cells = [WriteOnlyCell(sheet, printable(value)) for value in row]
        for cell in cells:
            if isinstance(cell.value, str):
                # Nothing that was read from elsewhere may become a formula.
                cell.data_type = "s"
        if row[-1] is not None and row[-3]:
            cells[at].hyperlink = f"{quote(str(row[-3]))}#'{row[-2]}'!A{row[-1]}"
            cells[at].font = _LINK
        sheet.append(cells)
    if len(rows) > len(shown):
        _line(sheet, [f"and {len(rows) - len(shown):,} more: see reconciliation.csv"])


def _moment(value: Any) -> Any:
    return value.tz_localize(None).to_pydatetime() if isinstance(value, pd.Timestamp) else value
