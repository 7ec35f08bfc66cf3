"""The sheets that a marked copy has beside the analyst's own: `Findings` and `As understood`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from portops.wording import counted, printable

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl.worksheet.worksheet import Worksheet

#: Fills by severity; they stay apart in grey print and for colour-blind eyes.
FILLS = {"error": "F4A6A0", "warning": "FCE3A6", "fixed": "CFE8D5", "info": "E4E8EE"}

#: Numbers that are listed as understood; `--understood` writes all of them.
MOST_NUMBERS = 20_000

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


def _fill(sheet: Worksheet, table: pd.DataFrame) -> None:
    """Write a table, its headers bold and in view; text stays text, so no cell starts a formula."""
    sheet.append(list(table.columns))
    plain = table.astype(object).where(table.notna(), None)
    for row in plain.itertuples(index=False, name=None):
        sheet.append([printable(cell) for cell in row])
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    bold = Font(bold=True)
    for cell in sheet[1]:
        cell.font = bold
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def list_findings(sheet: Worksheet, findings: pd.DataFrame) -> None:
    """List findings, with a link to the cell of each."""
    names = list(findings.columns)
    _fill(sheet, findings)
    for number, name in enumerate(names, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS[name]
    severity, cell_at, message = (names.index(name) + 1 for name in ("severity", "cell", "message"))
    fills = {name: PatternFill("solid", fgColor=rgb) for name, rgb in FILLS.items()}
    wrapped = Alignment(wrap_text=True, vertical="top")
    for row in sheet.iter_rows(min_row=2):
        row[severity - 1].fill = fills[str(row[severity - 1].value)]
        row[message - 1].alignment = wrapped
        place = row[cell_at - 1]
        if place.value:
            name, _, at = str(place.value).rpartition("!")
            place.hyperlink = f"#'{name}'!{at}"
            place.font = Font(color="0563C1", underline="single")


def list_understood(sheet: Worksheet, numbers: pd.DataFrame) -> None:
    """List numbers with their details as they would be sent, as `as_understood` gives them."""
    _fill(sheet, numbers.head(MOST_NUMBERS))
    for place, name in enumerate(numbers.columns, start=1):
        texts = numbers[name].head(200).astype("str").fillna("")
        width = min(max(len(name), *texts.str.len(), 0) + 2, 36)
        sheet.column_dimensions[get_column_letter(place)].width = width
    rest = len(numbers) - MOST_NUMBERS
    if rest > 0:
        more = f"… and {counted(rest, 'more number')}: portops check --understood FILE.csv"
        sheet.append([more])
