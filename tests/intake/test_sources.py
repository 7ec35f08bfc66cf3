"""Whatever can be checked: paths, tables, bytes, open files; and what cannot is said in words."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.conftest import ROOT, SAMPLES, rows, write_book

from portops.errors import InputError
from portops.intake import aside
from portops.intake.sources import ReadOptions, read, read_sources

COLUMNS = ["row", "number_text", "email", "city"]


def test_bytes_and_open_files_are_read_as_the_file_itself(tmp_path: Path) -> None:
    """The same numbers, whichever way the workbook is handed in."""
    path = write_book(tmp_path / "mine.xlsx", rows({}, {"City": "Boston"}))
    expected = read(path)[COLUMNS]
    data = path.read_bytes()
    pd.testing.assert_frame_equal(read(data)[COLUMNS], expected)
    pd.testing.assert_frame_equal(read(io.BytesIO(data))[COLUMNS], expected)
    with path.open("rb") as file:
        pd.testing.assert_frame_equal(read(file)[COLUMNS], expected)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_kind_of_bytes_is_told_by_their_content(tmp_path: Path, suffix: str) -> None:
    """A name is not needed."""
    path = tmp_path / f"mine.{suffix}"
    frame = rows({}, {})
    if suffix == "csv":
        frame.to_csv(path, index=False)
    else:
        write_book(path, frame)
    assert list(read(path.read_bytes())["number_text"]) == list(frame["Phone Number"])


def test_an_upload_is_named_so_and_a_file_by_its_own_name(tmp_path: Path) -> None:
    """Findings say where they belong."""
    path = write_book(tmp_path / "mine.xlsx", rows({}))
    assert set(read(path.read_bytes())["file"]) == {"upload"}
    named = io.BytesIO(path.read_bytes())
    named.name = "theirs.xlsx"
    assert set(read(named)["file"]) == {"theirs.xlsx"}


def test_two_tables_in_one_batch_are_told_apart() -> None:
    """Each has a name of its own, so that no finding points at the other."""
    reading = read_sources([rows({}), rows({"Phone Number": "2127365000"})])
    assert list(reading.numbers["file"]) == ["table", "table 2"]
    assert set(reading.mapping["file"]) == {"table", "table 2"}
    assert [original.name for original in reading.originals] == ["table", "table 2"]


@pytest.mark.parametrize("source", [3, None, 2.5, io.StringIO("Phone Number")])
def test_what_is_no_workbook_is_said(source: Any) -> None:
    """An input error that says what may be given, never a traceback of ours."""
    with pytest.raises(InputError) as caught:
        read(source)
    assert "DataFrame" in caught.value.remedy or "binary mode" in caught.value.remedy


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02" * 50, b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0" * 9]
)
def test_bytes_that_cannot_be_read_are_said(data: bytes) -> None:
    """Empty, noise, cut off."""
    with pytest.raises(InputError, match="upload"):
        read(data)


def test_an_unknown_sheet_names_the_sheets(tmp_path: Path) -> None:
    """For a file and for its bytes."""
    path = write_book(tmp_path / "mine.xlsx", rows({}))
    for source in (path, path.read_bytes()):
        with pytest.raises(InputError, match="no sheet 'Nmubers'") as caught:
            read(source, sheet="Nmubers")
        assert "Numbers" in caught.value.remedy


def test_a_sheet_of_a_table_or_a_text_file_is_an_error(tmp_path: Path) -> None:
    """It would be ignored in silence otherwise."""
    with pytest.raises(InputError, match="has no sheets"):
        read(rows({}), sheet="Numbers")
    rows({}).to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(InputError, match="has no sheet 'Numbers'"):
        read(tmp_path / "mine.csv", sheet="Numbers")


def test_a_workbook_named_twice_is_an_error() -> None:
    """Every number would be a duplicate."""
    book = SAMPLES / "faults" / "clean.xlsx"
    with pytest.raises(InputError, match="named twice"):
        read_sources([book, str(book)])


def test_an_old_workbook_whose_own_reader_fails_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its values are read all the same, and what could not be looked at is named."""
    import xlrd
    import xlwt

    book = xlwt.Workbook()
    page = book.add_sheet("Numbers")
    for row, cells in enumerate([list(rows({}).columns), *rows({}).fillna("").to_numpy().tolist()]):
        for column, value in enumerate(cells):
            page.write(row, column, value)
    book.save(str(tmp_path / "old.xls"))

    def fails(*_: Any, **__: Any) -> None:
        raise xlrd.XLRDError("a record of an unknown kind")

    monkeypatch.setattr(xlrd, "open_workbook", fails)
    question = {"name": "old.xls", "suffix": ".xls", "path": tmp_path / "old.xls", "sheet": None}
    frames: list[bytes] = []
    aside._answer(question, frames.append)
    about = json.loads(frames[0])
    assert (about["sheet"], about["columns"]) == ("Numbers", len(rows({}).columns))
    assert "hidden rows and error cells" in about["note"]
    assert "a record of an unknown kind" in about["note"]


def test_a_type_checker_refuses_what_is_no_source(tmp_path: Path) -> None:
    """`check(3)` does not pass strict mypy; what may be given does."""
    good = "read('a.xlsx')\nread(b'')\nread(open('a', 'rb'))\nimport io\nread(io.BytesIO())\n"
    code = f"from portops.intake.sources import read\n{good}read(3)\n"
    (tmp_path / "use.py").write_text(code)
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(tmp_path / "use.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"MYPYPATH": str(ROOT / "src"), "PATH": "/usr/bin"},
    )
    errors = [line for line in ran.stdout.splitlines() if "use.py" in line]
    assert len(errors) == 1, ran.stdout
    assert 'incompatible type "int"' in errors[0]


def test_read_options_check_field_names() -> None:
    """A field that does not exist is refused with the list of those that do."""
    with pytest.raises(InputError, match="not a field"):
        read_sources([rows({})], ReadOptions(fill={"shoe_size": "9"}))
