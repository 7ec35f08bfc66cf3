"""What portops writes, it reads again without a doubt."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import SAMPLES

import portops
from portops.intake.contents import look_at
from portops.intake.recognition import recognize
from portops.intake.scoring import Column
from portops.tables.columns import FIELDS, NUMBER_FIELDS, REQUEST_FIELDS
from portops.workbooks.corrections import write_corrections
from portops.workbooks.results import write_results
from portops.workbooks.template import LAYOUTS, fields_of, write_template

BOOKS = sorted(SAMPLES.rglob("*.xlsx"))


def _given(mapping: pd.DataFrame) -> dict[str, str | None]:
    own = mapping[~mapping["derived"].astype(bool)]
    return dict(zip(own["header"], own["field"], strict=True))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_column_of_a_template_is_understood(layout: str, tmp_path: Path) -> None:
    """With its example row, and with nothing but a number in it."""
    path = write_template(layout, tmp_path / "intake.xlsx")
    wanted = {FIELDS[name].label: name for name in fields_of(layout)}
    assert _given(portops.check(path).mapping) == wanted
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    for cell in page[2]:
        if page.cell(1, cell.column).value not in {FIELDS[name].label for name in NUMBER_FIELDS}:
            cell.value = None
    book.save(path)
    assert _given(portops.check(path).mapping) == wanted


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=25)
@given(st.data())
def test_the_columns_of_a_template_are_understood_in_any_order(
    layout: str, data: st.DataObject
) -> None:
    """A person moves columns, and fills in some of them badly."""
    names = data.draw(st.permutations(fields_of(layout)))
    texts = st.sampled_from(["", "12", "nobody", "TBD", "Boston", "x y z", "2127365000", "NY", "?"])
    columns = [
        Column(
            place,
            FIELDS[name].label,
            (),
            look_at([data.draw(texts)] if name not in NUMBER_FIELDS else ["2127365000"]),
        )
        for place, name in enumerate(names)
    ]
    assert [column.field for column in recognize(columns).columns] == names


@pytest.mark.parametrize("book", BOOKS, ids=lambda path: path.stem)
def test_a_marked_copy_gives_the_same_numbers(book: Path, tmp_path: Path) -> None:
    """Marks and the sheet of findings change nothing."""
    checked = portops.check(book)
    write_results(checked, tmp_path)
    again = portops.check(tmp_path / f"{book.stem}.checked.xlsx", documents=book.parent)
    pd.testing.assert_frame_equal(
        again.numbers.drop(columns="file"), checked.numbers.drop(columns="file")
    )
    assert _given(again.mapping) == _given(checked.mapping)


def test_a_workbook_of_corrections_is_understood(tmp_path: Path) -> None:
    """Every field of the request has its column, and comes back as it was."""
    details = dict.fromkeys(REQUEST_FIELDS, "")
    details |= {
        "losing_carrier": "Granite Tel",
        "account_number": "100200300400",
        "customer_type": "Business",
        "customer_name": "Copper Hill Bakery",
        "authorized_name": "Avery Larkspur",
        "email": "avery.larkspur@example.com",
        "street": "12 Mill Road",
        "city": "New York",
        "state": "NY",
        "postal_code": "10001",
        "line_type": "landline",
        "statement": "statement.pdf",
    }
    refused = pd.DataFrame(
        [
            {
                "phone_number": "+12127365000",
                "line_type": "landline",
                "losing_carrier": "Granite Tel",
                "request": "Bakery",
                "request_sid": "KW1",
                "cause": "account_number",
                "reason": "Account number mismatch",
                "occurred_at": pd.Timestamp("2026-11-20", tz="UTC"),
                "details": details,
            }
        ]
    )
    path = write_corrections(refused, tmp_path / "corrections.xlsx")
    numbers = portops.read(path)
    for name, text in details.items():
        if text and name != "line_type":
            assert numbers[name].iloc[0] == text, name
