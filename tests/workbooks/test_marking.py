"""The marked copy: the analyst's own workbook, marked, and nothing else changed."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from tests.conftest import rows, write_book

import portops
from portops.workbooks.listing import FILLS
from portops.workbooks.parts.notes import AUTHOR
from portops.workbooks.results import write_results


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook with two faults, a formula, a drop-down, a note of its own and a format."""
    path = write_book(tmp_path / "mine.xlsx", rows({}, {"Email": "nobody"}, {"State": "new york"}))
    book = openpyxl.load_workbook(path)
    page = book["Numbers"]
    page["P1"], page["P2"] = "Sum", "=1+1"
    page["H3"].comment = Comment("ask Avery", "the analyst")
    page.column_dimensions["A"].width = 33
    page.add_data_validation(DataValidation("list", formula1='"Landline,Wireless"', sqref="B2:B9"))
    page["A2"].number_format = "@"
    book.save(path)
    return path


def test_cells_are_marked_with_a_note_and_listed(book: Path, tmp_path: Path) -> None:
    """A red cell with the message, and a row of the Findings sheet that leads there."""
    checked = portops.check(book)
    write_results(checked, tmp_path / "out")
    marked = openpyxl.load_workbook(tmp_path / "out" / "mine.checked.xlsx")
    cell = marked["Numbers"]["H3"]
    assert cell.fill.fgColor.rgb.endswith(FILLS["error"])
    assert cell.comment.text.startswith("ask Avery")
    assert "email.invalid" in cell.comment.text
    listed = [row[0].value for row in marked["Findings"].iter_rows(min_row=2)]
    assert sorted(listed) == sorted(checked.findings["code"])


def test_everything_else_stays_as_it_was(book: Path, tmp_path: Path) -> None:
    """Values, formulas, formats, widths and drop-downs survive, and the original is untouched."""
    before = book.read_bytes()
    write_results(portops.check(book), tmp_path / "out")
    assert book.read_bytes() == before
    old = openpyxl.load_workbook(book)["Numbers"]
    new = openpyxl.load_workbook(tmp_path / "out" / "mine.checked.xlsx")["Numbers"]
    assert [[cell.value for cell in row] for row in new] == [
        [cell.value for cell in row] for row in old
    ]
    assert new["P2"].value == "=1+1"
    assert new["A2"].number_format == "@"
    assert new.column_dimensions["A"].width == 33
    assert len(new.data_validations.dataValidation) == 1


def test_checking_the_marked_copy_again_marks_it_anew(book: Path, tmp_path: Path) -> None:
    """A corrected cell loses its mark; the Findings sheet is not read as data."""
    out = tmp_path / "out"
    write_results(portops.check(book), out)
    copy = out / "mine.checked.xlsx"
    marked = openpyxl.load_workbook(copy)
    marked["Numbers"]["H3"].value = "avery@example.com"
    marked.save(copy)
    again = portops.check(copy)
    assert "email.invalid" not in set(again.findings["code"])
    write_results(again, tmp_path / "again")
    cell = openpyxl.load_workbook(tmp_path / "again" / "mine.checked.checked.xlsx")["Numbers"]["H3"]
    assert cell.fill.fill_type is None
    assert cell.comment is None or cell.comment.author != AUTHOR


def test_findings_open_safely_in_excel(tmp_path: Path) -> None:
    """No cell of a CSV file can start a formula, and Excel reads it as UTF-8."""
    evil = '=HYPERLINK("http://example.com","x")'
    path = write_book(tmp_path / "evil.xlsx", rows({"Email": evil, "City": "@SUM(1)"}))
    write_results(portops.check(path), tmp_path)
    raw = (tmp_path / "evil.findings.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(raw.decode("utf-8-sig").splitlines()) for cell in row]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}]
    book = openpyxl.load_workbook(tmp_path / "evil.checked.xlsx")
    kinds = {cell.data_type for row in book["Findings"].iter_rows() for cell in row}
    assert "f" not in kinds


def test_a_csv_gets_a_workbook_to_work_in(tmp_path: Path) -> None:
    """Texts of a CSV stay texts: no ZIP code loses its zero."""
    path = tmp_path / "export.csv"
    rows({"Postal Code": "02108", "State": "MA", "City": "Boston"}).to_csv(path, index=False)
    write_results(portops.check(path), tmp_path)
    page = openpyxl.load_workbook(tmp_path / "export.checked.xlsx").worksheets[0]
    assert page["L2"].value == "02108"
