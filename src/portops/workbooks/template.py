"""`portops template`: an empty intake workbook that checks clean once it is filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from portops.facts.places import STATES
from portops.files import replacing
from portops.tables.columns import FIELDS

if TYPE_CHECKING:
    from pathlib import Path

LAYOUTS = ("numbers", "requests")

#: The example row: invented people, a number set aside for fiction.
_EXAMPLE = {
    "request_name": "Main office",
    "customer_type": "Business",
    "customer_name": "Copper Hill Bakery",
    "authorized_name": "Avery Larkspur",
    "email": "avery.larkspur@example.com",
    "losing_carrier": "Granite Tel",
    "account_number": "100200300400",
    "billing_number": "+12125550100",
    "phone_number": "+12125550100",
    "line_type": "Landline",
    "landline_numbers": "+12125550100, +12125550101",
    "wireless_numbers": None,
    "pin": None,
    "ssn_last4": None,
    "street": "12 Mill Road",
    "street_2": None,
    "city": "New York",
    "state": "NY",
    "postal_code": "10001",
    "statement": "statement.pdf",
    "target_date": None,
    "notification_emails": None,
    "notes": "Example: replace this row",
}
_ROWS = 20_000


def fields_of(layout: str) -> list[str]:
    """Name the fields of a layout, in the order people fill them in."""
    absent = {
        "numbers": {"landline_numbers", "wireless_numbers"},
        "requests": {"phone_number", "line_type"},
    }[layout]
    return [name for name, field in FIELDS.items() if field.part_of is None and name not in absent]


def write_template(layout: str, target: Path) -> Path:
    """Write the workbook: headers with notes, drop-downs, texts kept as texts, an example row."""
    names = fields_of(layout)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Numbers" if layout == "numbers" else "Requests"
    sheet.append([FIELDS[name].label for name in names])
    sheet.append([_EXAMPLE[name] for name in names])
    lists = book.create_sheet("Lists")
    lists.sheet_state = "hidden"
    for row, code in enumerate(STATES, start=1):
        lists.cell(row, 1, code)
    choices = {
        "customer_type": '"Business,Residential"',
        "line_type": '"Landline,Wireless"',
        "state": f"Lists!$A$1:$A${len(STATES)}",
    }
    for place, name in enumerate(names, start=1):
        letter, field = get_column_letter(place), FIELDS[name]
        head = sheet.cell(1, place)
        needed = field.needed == "always"
        head.font = Font(bold=True, color="FFFFFF" if needed else "1F2933")
        head.fill = PatternFill("solid", fgColor="1F4E79" if needed else "C9D7E6")
        head.alignment = Alignment(wrap_text=True, vertical="top")
        words = field.help + ("" if not needed else " Required.")
        if field.needed == "wireless":
            words += " Required for wireless numbers."
        head.comment = Comment(words, "portops", width=300, height=110)
        sheet.column_dimensions[letter].width = max(14, len(field.label) + 3)
        for row in range(2, 1_002):
            # Text cells: Excel would change account numbers, ZIP codes and PINs.
            sheet.cell(row, place).number_format = "@"
        if name in choices:
            allowed = DataValidation("list", formula1=choices[name], allow_blank=True)
            allowed.error, allowed.errorTitle = "Choose one of the list.", field.label
            allowed.add(f"{letter}2:{letter}{_ROWS}")
            sheet.add_data_validation(allowed)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}1"
    with replacing(target) as beside:
        book.save(beside)
    return target
