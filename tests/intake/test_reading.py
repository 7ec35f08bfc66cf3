"""Reading: what people send is understood, and every value keeps its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import SAMPLES, rows, write_book

import portops
from portops.errors import InputError
from portops.intake.cells import as_text
from portops.intake.contents import look_at
from portops.intake.recognition import Column, recognize
from portops.intake.splitting import expand, split


def _fields(titles: list[str], given: dict[str, str] | None = None) -> list[str | None]:
    """Read titles over blank columns."""
    columns = [Column(place, title, (), look_at([])) for place, title in enumerate(titles)]
    return [column.field for column in recognize(columns, given).columns]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Phone # to port", "phone_number"),
        ("Acct #", "account_number"),
        ("landline or cell?", "line_type"),
        ("Svc Addr", "street"),
        ("LOA Authorizing Person", "authorized_name"),
        ("Administrative Area", "state"),
        ("main billing #", "billing_number"),
        ("who is it with now", "losing_carrier"),
        ("E-mail Adress", "email"),
        ("ZIP Code *", "postal_code"),
        ("Account Number (required)", "account_number"),
        ("Lunch order", None),
        ("", None),
    ],
)
def test_headers_in_peoples_words(header: str, field: str | None) -> None:
    """Synonyms, punctuation, small misspellings."""
    assert _fields([header]) == [field]


def test_a_given_mapping_goes_before_the_known_words() -> None:
    """`--map` settles a column."""
    assert _fields(["Email", "Contact Mail"], {"Contact Mail": "email"}) == [None, "email"]


def test_the_header_is_found_below_title_rows(tmp_path: Path) -> None:
    """Rows keep Excel's own numbers."""
    book = write_book(tmp_path / "titled.xlsx", rows({}, {}), above=4)
    numbers = portops.read(book)
    assert list(numbers["row"]) == [6, 7]
    assert numbers.attrs["mapping"][0]["header_row"] == 5


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("cp1252", "\t"), ("utf-16", ",")],
)
def test_csv_of_any_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """An export of any program is read."""
    path = tmp_path / "export.csv"
    frame = rows({"Customer Name": "Café Zoë – Übersee"}, {"Customer Name": "Ångström Bäckerei"})
    frame.to_csv(path, index=False, sep=delimiter, encoding=encoding)
    numbers = portops.read(path)
    assert list(numbers["customer_name"]) == ["Café Zoë – Übersee", "Ångström Bäckerei"]


def test_values_are_read_as_excel_keeps_them(tmp_path: Path) -> None:
    """Numbers, floats, dates and texts come out as a person sees them."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Phone Number", "Account Number", "Postal Code", "Target Port Date", "City"])
    page.append([2125550100.0, 1234567890123456.0, 2108, date(2026, 12, 1), " Boston\u00a0"])
    path = tmp_path / "kept.xlsx"
    book.save(path)
    row = portops.read(path).iloc[0]
    assert row["number_text"] == "2125550100"
    assert row["account_number"] == "1.23456789012346E+15"
    assert row["postal_code"] == "2108"
    assert row["target_date"] == "2026-12-01"
    assert row["city"] == "Boston"


def test_one_row_a_request_becomes_one_row_a_number(tmp_path: Path) -> None:
    """Lists, ranges and PINs that stand in the same order."""
    frame = pd.DataFrame(
        [
            {
                "Landline Numbers": "212-555-0100 to 0103; 212-555-0110",
                "Wireless Numbers": "212 555 0120\n212 555 0121",
                "PIN": "AAAA1111\nBBBB2222",
                "Account Number": "77",
            }
        ]
    )
    numbers = portops.check(write_book(tmp_path / "r.xlsx", frame)).numbers
    assert numbers["phone_number"].tolist() == [
        *(f"+1212555010{last}" for last in range(4)),
        "+12125550110",
        "+12125550120",
        "+12125550121",
    ]
    assert numbers["line_type"].tolist() == ["landline"] * 5 + ["wireless"] * 2
    assert [pin.reveal() for pin in numbers["pin"].iloc[5:]] == ["AAAA1111", "BBBB2222"]
    assert set(numbers["row"]) == {2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("212-555-0100, 212-555-0101", ["212-555-0100", "212-555-0101"]),
        ("212-555-0100 and 212-555-0101", ["212-555-0100", "212-555-0101"]),
        ("212-555-0100 / 212-555-0101", ["212-555-0100", "212-555-0101"]),
        ("2125550100\n2125550101\n", ["2125550100", "2125550101"]),
        ("212-555-0100 thru 0102", ["2125550100", "2125550101", "2125550102"]),
        ("212-555-0118 -19", ["2125550118", "2125550119"]),
        ("212.555.0100", ["212.555.0100"]),
        ("212/555-0100", ["212/555-0100"]),
    ],
)
def test_several_numbers_in_a_cell(text: str, expected: list[str]) -> None:
    """People write lists and ranges in many ways."""
    assert [number for number, _ in split(text)] == expected


@given(st.integers(2_000_000_000, 9_999_990_000), st.integers(1, 99))
def test_a_range_has_every_number_from_first_to_last(first: int, more: int) -> None:
    """A range within one exchange is written out completely, in order."""
    last = first + more
    if str(first)[:6] != str(last)[:6]:
        return
    text = str(first)
    written = f"{text[:3]}-{text[3:6]}-{text[6:]} to {str(last)[6:]}"
    assert expand(written) == [str(number) for number in range(first, last + 1)]


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14))
def test_a_number_is_written_without_loss(value: float) -> None:
    """What a cell holds can be read back from its text."""
    text = as_text(value)
    assert text is not None
    assert float(text) == value


def test_sheets_without_a_table_are_skipped_and_said(tmp_path: Path) -> None:
    """An instruction sheet is no fault."""
    path = write_book(tmp_path / "two.xlsx", rows({}))
    book = openpyxl.load_workbook(path)
    book.create_sheet("Read me").append(["Please fill in the other sheet"])
    book.save(path)
    checked = portops.check(path)
    assert checked.rows == 1
    assert "Read me" in checked.skipped[0]


def _encrypted(path: Path) -> Path:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2_000)
    return path


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_what_cannot_be_read_is_said_in_one_line_with_a_remedy(tmp_path: Path) -> None:
    """Unreadable, empty, encrypted, wrong and headless files, each with what to do."""
    bad = [
        tmp_path / "absent.xlsx",
        _bytes(tmp_path / "empty.xlsx", b""),
        _bytes(tmp_path / "noise.xlsx", b"this is no zip file at all"),
        _encrypted(tmp_path / "locked.xlsx"),
        _bytes(tmp_path / "picture.png", b"\x89PNG"),
        _bytes(tmp_path / "binary.csv", bytes(range(256)) * 40),
        write_book(tmp_path / "headless.xlsx", pd.DataFrame({"x": [1], "y": [2]})),
        write_book(tmp_path / "bare.xlsx", rows({}).head(0)),
    ]
    for path in bad:
        with pytest.raises(InputError) as raised:
            portops.check(path)
        assert path.name in str(raised.value)
        assert "\n" not in str(raised.value)
        assert raised.value.remedy.endswith(".")


def test_every_sample_is_read(tmp_path: Path) -> None:
    """The samples of the project are understood without a mapping."""
    for path in SAMPLES.rglob("*.xlsx"):
        checked = portops.check(path, documents=SAMPLES / "statements")
        unknown = checked.findings[checked.findings["code"].str.startswith("workbook.")]
        assert unknown.empty, path.name
