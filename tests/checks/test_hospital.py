"""The labelled workbook of sixty hospitals: every label is found, and no clean row is blamed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.conftest import SHARED

import portops
from portops.results.checked import Checked

WORKBOOK = SHARED / "hospital-migration.xlsx"

pytestmark = pytest.mark.skipif(
    not WORKBOOK.is_file(), reason="the labelled samples do not lie beside this checkout"
)


@pytest.fixture(scope="module")
def checked() -> Checked:
    """The workbook, checked as of the day its labels were made."""
    return portops.check(WORKBOOK, documents=SHARED / "statements")


@pytest.fixture(scope="module")
def labels() -> list[dict[str, Any]]:
    """The injected faults."""
    return json.loads((SHARED / "hospital-migration.labels.json").read_text())["faults"]


def test_every_labelled_fault_is_found_at_its_cell(
    checked: Checked, labels: list[dict[str, Any]]
) -> None:
    """Sheet, Excel row, column and code agree."""
    columns = ["sheet", "row", "column", "code"]
    places = set(checked.findings[columns].itertuples(index=False, name=None))
    assert [fault for fault in labels if tuple(fault[name] for name in columns) not in places] == []


def test_no_row_without_a_label_gets_an_error(
    checked: Checked, labels: list[dict[str, Any]]
) -> None:
    """Errors stand on labelled rows, but for conflicts and statements that are labelled faulty."""
    statements = json.loads((SHARED / "statements.labels.json").read_text())["faults"]
    faulty = {fault["statement"] for fault in statements}
    rows = {(fault["sheet"], fault["row"]) for fault in labels}
    errors = checked.findings[checked.findings["severity"] == "error"]
    extra = [
        (error.cell, error.code)
        for error in errors.itertuples()
        if (error.sheet, error.row) not in rows
        and error.code != "request.conflict"
        and not (error.code.startswith("statement.") and error.value in faulty)
    ]
    assert extra == []
