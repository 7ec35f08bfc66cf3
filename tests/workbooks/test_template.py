"""The intake template: filled in, it checks clean."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

import portops
from portops.workbooks.template import LAYOUTS, write_template


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_example_row_checks_clean(layout: str, tmp_path: Path, statement: Path) -> None:
    """Every column is understood and nothing is wrong with the example."""
    path = write_template(layout, tmp_path / "intake.xlsx")
    checked = portops.check(path, documents=statement, as_of=date(2026, 10, 5))
    assert checked.counts["error"] == checked.counts["warning"] == 0
    assert checked.mapping["field"].notna().all()
    assert checked.rows == 1


def test_lists_notes_and_text_cells(tmp_path: Path) -> None:
    """Drop-downs for the choices, a note on each header, cells that Excel leaves alone."""
    page = openpyxl.load_workbook(write_template("numbers", tmp_path / "t.xlsx"))["Numbers"]
    assert len(page.data_validations.dataValidation) == 3
    assert all(cell.comment for cell in page[1])
    assert page["G5"].number_format == "@"
