"""What a check writes for whatever was handed in."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import openpyxl
import pytest
from tests.conftest import rows, write_book

import portops
from portops.errors import InputError
from portops.workbooks.parts.archive import Archive
from portops.workbooks.results import write_results


def _marked_cell(path: Path, cell: str, sheet: str) -> str:
    return openpyxl.load_workbook(path)[sheet][cell].comment.text


def test_a_table_gets_its_files_too(tmp_path: Path) -> None:
    """A DataFrame has no file to copy: its cells are written out and marked."""
    checked = portops.check(rows({}, {"Email": "nobody"}))
    files = [written.path.name for written in write_results(checked, tmp_path)]
    assert files == ["table.findings.csv", "table.checked.xlsx"]
    assert "email.invalid" in _marked_cell(tmp_path / "table.checked.xlsx", "H3", "table")


def test_an_upload_is_copied_from_its_bytes(tmp_path: Path) -> None:
    """Nothing has to be on disk."""
    data = write_book(tmp_path / "mine.xlsx", rows({"Email": "nobody"})).read_bytes()
    write_results(portops.check(data), tmp_path / "out")
    assert "email.invalid" in _marked_cell(
        tmp_path / "out" / "upload.checked.xlsx", "H2", "Numbers"
    )


def test_workbooks_of_one_stem_do_not_overwrite_each_other(tmp_path: Path) -> None:
    """Both have their findings."""
    books = []
    for place, folder in enumerate(("north", "south")):
        (tmp_path / folder).mkdir()
        frame = rows({"Email": "nobody", "Phone Number": f"212736500{place}"})
        books.append(write_book(tmp_path / folder / "sites.xlsx", frame))
    files = write_results(portops.check(books), tmp_path / "out", mark=False)
    assert [written.path.name for written in files] == [
        "sites.findings.csv",
        "sites-2.findings.csv",
    ]
    for written in files:
        with written.path.open(encoding="utf-8-sig", newline="") as file:
            assert "email.invalid" in {row["code"] for row in csv.DictReader(file)}


def test_an_error_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The marked copy that cannot be saved leaves no part of itself."""
    checked = portops.check(write_book(tmp_path / "mine.xlsx", rows({})))

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Archive, "write", full)
    with pytest.raises(InputError, match="no space"):
        write_results(checked, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.findings.csv"]


@pytest.mark.parametrize(
    "part", ["docProps/core.xml", "docProps/app.xml", "xl/styles.xml", "xl/theme/theme1.xml"]
)
def test_a_damaged_part_beside_the_cells_is_no_obstacle(tmp_path: Path, part: str) -> None:
    """A workbook that can be read is checked and marked; what its copy lacks is said."""
    good = write_book(tmp_path / "good.xlsx", rows({"Email": "nobody"}))
    path = tmp_path / "mine.xlsx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<dam<aged" if name == part else old.read(name))
    try:
        checked = portops.check(path)
    except InputError:
        assert part == "xl/styles.xml"
        return
    written = write_results(checked, tmp_path / "out")
    marked = openpyxl.load_workbook(written[1].path)
    place = checked.findings.query("code == 'email.invalid'")["cell"].iloc[0]
    assert marked["Numbers"][place.split("!")[1]].comment is not None


def test_a_csv_with_a_name_that_no_sheet_has_is_marked(tmp_path: Path) -> None:
    """`lines[1].csv` with a control character in a cell."""
    frame = rows({"Email": "none", "Customer Name": "Copper\x01 Hill"})
    frame.to_csv(tmp_path / "lines[1].csv", index=False)
    written = write_results(portops.check(tmp_path / "lines[1].csv"), tmp_path / "out")
    sheet = openpyxl.load_workbook(written[1].path).worksheets[0]
    assert any(cell.comment for cells in sheet.iter_rows() for cell in cells)
