"""An inventory is any export with a column of numbers."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from tests.conftest import rows, write_book

from portops.errors import InputError
from portops.intake.inventory import held_numbers

HELD = {"+12125550100", "+12125550101"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a title of ours.csv", "Phone Number\n2125550100\n2125550101\n"),
        ("a title of theirs.csv", "DID\n+12125550100\n+12125550101\n"),
        ("no title.csv", "+12125550100\n+12125550101\n"),
        ("a list.txt", "(212) 555-0100\n(212) 555-0101\n"),
        ("no title, two columns.csv", "2125550100,active\n2125550101,active\n"),
        ("a strange title.csv", "Friendly Name,Country\n(212) 555-0100,US\n(212) 555-0101,US\n"),
        (
            "an export of an API.csv",
            "sid,friendly_name,phone_number\nPN1,Main,+12125550100\nPN2,Fax,+12125550101\n",
        ),
        ("a status.csv", "Number,Status\n2125550100,Active\n2125550101,Inactive\n"),
        ("what is to be done.csv", "TN,Action\n2125550100,Keep\n2125550101,Port\n"),
        (
            "where calls go.csv",
            "Phone Number,City,Forwarded To\n2125550100,NY,3125550100\n2125550101,NY,3125550101\n",
        ),
        ("several in a cell.csv", 'Numbers\n"2125550100; 2125550101"\n'),
    ],
)
def test_every_number_of_an_export_is_taken(name: str, text: str, tmp_path: Path) -> None:
    """With and without a header, one column alone or among others, whatever a row's state is."""
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert set(held_numbers(path)) == HELD


def test_one_number_alone_is_an_inventory(tmp_path: Path) -> None:
    """A platform that holds one number."""
    (tmp_path / "one.csv").write_text("+12125550100\n", "utf-8")
    assert list(held_numbers(tmp_path / "one.csv")) == ["+12125550100"]


def test_a_workbook_and_its_hidden_sheet(tmp_path: Path) -> None:
    """As a check reads it."""
    path = write_book(tmp_path / "held.xlsx", rows({}, {})[["Phone Number"]])
    assert set(held_numbers(path)) == HELD
    book = openpyxl.load_workbook(path)
    book.create_sheet("Read me", 0).append(["See the other sheet."])
    book["Numbers"].sheet_state = "hidden"
    book.save(path)
    assert set(held_numbers(path)) == HELD


def test_columns_that_nobody_can_tell_apart_are_asked_about(tmp_path: Path) -> None:
    """Which of them the platform holds is not guessed."""
    path = tmp_path / "two.csv"
    path.write_text("Qa,Qb\n2125550100,3125550100\n2125550101,3125550101\n", "utf-8")
    with pytest.raises(InputError, match="several columns of phone numbers: 'Qa', 'Qb'"):
        held_numbers(path)


def test_an_export_without_numbers_says_so(tmp_path: Path) -> None:
    """And what to do."""
    path = tmp_path / "none.csv"
    path.write_text("Name,City\nA,B\n", "utf-8")
    with pytest.raises(InputError, match="holds no telephone numbers"):
        held_numbers(path)
