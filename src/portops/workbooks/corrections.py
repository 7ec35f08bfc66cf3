"""Corrections: a workbook of what was rejected, prefilled, with what to fix and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from portops.facts.causes import CAUSES
from portops.files import put_result
from portops.tables.columns import FIELDS
from portops.wording import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

#: What is written beside the request's own columns; a check ignores them.
TOLD = ("Rejected For", "Carrier's Words", "What To Fix", "Request SID", "Rejected On (UTC)")

_FIELDS = tuple(
    name
    for name, field in FIELDS.items()
    if field.part_of is None and name not in {"landline_numbers", "wireless_numbers"}
)
_FIX, _TOLD_FILL, _HEAD = (
    PatternFill("solid", fgColor=color) for color in ("F8CBAD", "EDEDED", "C9D7E6")
)


def _row(number: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a number's cells by field; PINs stay out of it."""
    details = number["details"]
    plain = {name: details.get(name) for name in _FIELDS if not FIELDS[name].secret}
    line = str(number["line_type"]).capitalize() or None
    return {
        **plain,
        "phone_number": number["phone_number"],
        "line_type": line,
        "request_name": number["request"],
        "losing_carrier": details.get("losing_carrier") or number["losing_carrier"] or None,
    }


def write_corrections(refused: pd.DataFrame, target: Path) -> Path:
    """Write the rejected numbers (see `tracking.state.refused`) as a workbook to correct.

    The cells to fix are marked and say what the carrier said. Correct them, check the workbook
    and submit it: the new requests supersede the old. Returns the file.
    """
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Corrections"
    sheet.append([*TOLD, *(FIELDS[name].label for name in _FIELDS)])
    for number in refused.to_dict("records"):
        cause = CAUSES[str(number["cause"]) or "other"]
        told = [
            cause.label,
            number["reason"],
            cause.fix,
            number["request_sid"],
            f"{number['occurred_at']:%Y-%m-%d %H:%M}",
        ]
        cells = _row(number)
        values = [*told, *(cells.get(name) for name in _FIELDS)]
        sheet.append([printable(value) for value in values])
        row = sheet.max_row
        for place in range(1, len(TOLD) + len(_FIELDS) + 1):
            cell = sheet.cell(row, place)
            cell.number_format = "@"
            if isinstance(cell.value, str):
                # A carrier's words must not become a formula.
                cell.data_type = "s"
            if place <= len(TOLD):
                cell.fill = _TOLD_FILL
        for name in cause.fields:
            cell = sheet.cell(row, len(TOLD) + _FIELDS.index(name) + 1)
            cell.fill = _FIX
            words = printable(number["reason"]) or "The carrier gave no words."
            cell.comment = Comment(f"{words}\n{cause.fix}", "portops", width=320, height=120)
    _dress(sheet)
    return put_result(target, book.save)


def _dress(sheet: Any) -> None:
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(cell.column)].width = max(16, len(cell.value) + 3)
    for place, width in enumerate((24, 44, 54, 38, 18), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    pin = sheet.cell(1, len(TOLD) + _FIELDS.index("pin") + 1)
    pin.comment = Comment(
        "PINs are never written out. Left blank, the one that was submitted is taken, where it is "
        "still kept; a PIN that was refused must be given anew.",
        "portops",
        width=320,
        height=110,
    )
    sheet.freeze_panes = sheet.cell(2, len(TOLD) + 1)
    sheet.auto_filter.ref = sheet.dimensions
