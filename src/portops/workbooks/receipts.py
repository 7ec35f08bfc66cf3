"""`<stem>.submitted.xlsx`: the numbers of a workbook with the Request SID of each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from portops.files import put_result
from portops.tables.findings import CSV, defuse
from portops.wording import printable

if TYPE_CHECKING:
    from pathlib import Path

    from portops.results.planned import Planned
    from portops.results.submitted import Submitted

HEADERS = ("Row", "Phone Number", "Request", "Status", "Request SID", "What happened")
_WORDS = {
    "submitted": "submitted",
    "already_submitted": "already submitted",
    "held_back": "held back",
    "failed": "failed",
}


def write_submitted(submitted: Submitted, workbook: str, target: Path) -> Path:
    """Write one workbook's numbers with their Request SIDs; returns the file."""
    outcomes = {outcome.request: outcome for outcome in submitted.outcomes}
    numbers = submitted.planned.numbers
    numbers = numbers[numbers["file"] == workbook].sort_values(["sheet", "row"])
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Submitted"
    sheet.append(HEADERS)
    for row in numbers.itertuples():
        outcome = outcomes.get(str(row.request))
        status = _WORDS[outcome.status] if outcome else ""
        sid, error = (", ".join(outcome.sids) or None, outcome.error) if outcome else (None, None)
        cells = (row.row, row.phone_number, row.request, status, sid, error)
        sheet.append([printable(cell) for cell in cells])
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, width in enumerate((8, 16, 34, 18, 38, 70), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    return put_result(target, book.save)


def write_plan(planned: Planned, target: Path) -> Path:
    """Write REQUESTS as CSV that opens safely in Excel; returns the file."""
    columns = [
        "request",
        "losing_carrier",
        "account_number",
        "customer_name",
        "count",
        "held_back",
        "split",
        "numbers",
    ]
    table = planned.requests[columns].copy()
    table["numbers"] = [" ".join(numbers) for numbers in table["numbers"]]
    return put_result(target, partial(defuse(table).to_csv, **CSV))
