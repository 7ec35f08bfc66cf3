"""No file under 50 MB takes more than 2 GB, or the process with it."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlwt
from tests.conftest import rows, write_book

import portops
from portops.errors import InputError
from portops.intake import aside, grids, weight
from portops.intake.sources import read_sources
from portops.results.original import Original

#: A cell has no time zone.
NOON = datetime(2026, 1, 2, 12, 4)  # noqa: DTZ001

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHARED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"

LIMIT = 2 * 1024**3

#: Reads one file and tells what came of it, and the peaks of this process and of its own ones.
PROBE = """
import json, resource, sys
import portops
try:
    what = str(len(portops.read(sys.argv[1])))
except portops.PortopsError as error:
    what = str(error)
peaks = [resource.getrusage(who).ru_maxrss * 1024
         for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([what, peaks]))
"""


def _sheet(path: Path, cells: str, strings: tuple[str, ...] = ()) -> Path:
    """Write a good workbook with more rows in its XML, and shared texts."""
    good = write_book(path.with_name("good.xlsx"), rows({}))
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(b"</sheetData>", cells.encode() + b"</sheetData>")
            if name == "xl/_rels/workbook.xml.rels":
                relation = b'<Relationship Id="texts" Target="sharedStrings.xml" Type="%s"/>'
                part = part.replace(b"</Rel", relation % SHARED.encode() + b"</Rel")
            new.writestr(name, part)
        texts = "".join(f"<si><t>{text}</t></si>" for text in strings)
        new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{texts}</sst>')
    return path


def _without_places(path: Path) -> Path:
    wide = "<row>" + "<c><v>1</v></c>" * 16_384 + "</row>"
    return _sheet(path, wide + "<row><c><v>1</v></c></row>" * 200_000)


def _in_lower_case(path: Path) -> Path:
    return _sheet(path, '<row r="3"><c r="xfd1048576"><v>1</v></c></row>')


def _one_long_text(path: Path) -> Path:
    cells = (f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(3, 60_003))
    return _sheet(path, "".join(cells), ("x" * 100_000,))


def _record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(data), b""
    while True:
        low, size = size & 0x7F, size >> 7
        length += bytes([low | (0x80 if size else 0)])
        if not size:
            return head + length + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16le")


def _far_xlsb(path: Path) -> Path:
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def relation(kind: str, target: str) -> str:
        return (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{office}/{kind}" Target="{target}"/></Relationships>'
        )

    def row(number: int) -> bytes:
        return _record(0, struct.pack("<IIHHBB", number, 0, 300, 0, 0, 0) + b"\0" * 7)

    def text(column: int, value: str) -> bytes:
        return _record(6, struct.pack("<II", column, 0) + _wide(value))

    sheet = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("S")
    cells = row(0) + b"".join(text(at, name) for at, name in enumerate(rows({}).columns))
    cells += row(1_048_575) + text(16_383, "x")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
        book.writestr("_rels/.rels", relation("officeDocument", "xl/workbook.bin"))
        book.writestr("xl/_rels/workbook.bin.rels", relation("worksheet", "worksheets/sheet1.bin"))
        book.writestr(
            "xl/workbook.bin",
            b"".join(map(_record, (0x83, 0x8F)))
            + _record(0x9C, sheet)
            + b"".join(map(_record, (0x90, 0x84))),
        )
        extent = _record(0x94, struct.pack("<IIII", 0, 1_048_575, 0, 16_383))
        body = _record(0x81) + extent + _record(0x91) + cells + _record(0x92) + _record(0x82)
        book.writestr("xl/worksheets/sheet1.bin", body)
    return path


def _far_ods(path: Path) -> Path:
    names = ("office", "table", "text")
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names
    )
    cell = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    gap = '<table:table-cell table:number-columns-repeated="90"/>'
    body = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="S"><table:table-row>{cell}</table:table-row>'
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/>'
        f"</table:table-row><table:table-row>{gap}{cell}</table:table-row>"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", body)
    return path


def _far_xls(path: Path) -> Path:
    book = xlwt.Workbook()
    for number in range(40):
        page = book.add_sheet(f"S{number}")
        for at, name in enumerate(rows({}).columns):
            page.write(0, at, name)
        page.write(65_535, 255, "x")
    book.save(str(path))
    return path


def _text(content: Callable[[], Iterator[bytes]]) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        with path.open("wb") as file:
            file.write(b"Phone Number,Account Number,Customer Name,State\n")
            file.writelines(content())
        return path

    return write


#: Ways to fill the memory, each with the kind of file; and what is told of it.
HOSTILE: dict[str, tuple[str, Callable[[Path], Path], str]] = {
    "cells without places": (".xlsx", _without_places, "memory"),
    "a place in lower case": (".xlsx", _in_lower_case, "memory"),
    "a long text in every cell": (".xlsx", _one_long_text, "memory"),
    "a far cell of .xlsb": (".xlsb", _far_xlsb, "memory"),
    "a far cell of .ods": (".ods", _far_ods, "memory|holds more|cannot be read"),
    "far cells of .xls": (".xls", _far_xls, "memory|holds more"),
    "nothing but commas": (".csv", _text(lambda: iter([b"," * 30_000_000])), "columns"),
    "a wide line": (".csv", _text(lambda: iter([b"2,3\n" * 9000, b"," * 11_000])), "columns"),
    "nothing but lines": (".csv", _text(lambda: iter([b"\n" * 30_000_000])), "lines"),
    "ranges": (
        ".csv",
        _text(lambda: iter([b"212-736-0000 to 9999,A,B,NY\n"] * 2_000)),
        "come to",
    ),
    "ranges beside a long text": (
        ".csv",
        _text(lambda: iter([b"212-736-0000 to 9999,A," + b"x" * 30_000 + b",NY\n"])),
        "come to",
    ),
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells no peak of memory")
@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_file_takes_no_more_than_two_gigabytes(name: str, tmp_path: Path) -> None:
    """It is refused in words; neither this process nor the one that reads it grows further."""
    suffix, write, expected = HOSTILE[name]
    path = write(tmp_path / f"hostile{suffix}")
    assert path.stat().st_size < 50_000_000
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(path)], capture_output=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()[-500:]
    what, peaks = json.loads(done.stdout)
    assert max(peaks) < LIMIT
    assert any(word in what for word in expected.split("|")), what
    assert path.name in what


def test_a_workbook_reads_the_same_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values keep their kind, and hidden rows, merged cells and errors are seen."""
    path = write_book(tmp_path / "mixed.xlsx", rows({}, {}, {}, {}))
    book = openpyxl.load_workbook(path)
    page = book.active
    for at, value in enumerate((1, 2.5, True, False, "text", date(2026, 1, 2), NOON, time(5, 6))):
        page.cell(2 + at % 4, 14 + at // 4, value)
    page["C6"] = "=1"
    page.merge_cells("D3:D5")
    page.row_dimensions[4].hidden = True
    book.create_sheet("Notes").sheet_state = "hidden"
    book.save(path)
    original = Original(name="mixed.xlsx", suffix=".xlsx", path=path)
    here = grids.grids(original)
    monkeypatch.setattr(weight, "MOST_UNPACKED", 0)
    asked: list[str] = []
    start = aside.apart.start
    monkeypatch.setattr(
        aside.apart, "start", lambda *given, **more: asked.append("") or start(*given, **more)
    )
    there = grids.grids(original)
    sent = grids.grids(Original(name="mixed.xlsx", suffix=".xlsx", data=path.read_bytes()))
    assert len(asked) == 2
    for other in (there, sent):
        assert [grid.sheet for grid in other] == [grid.sheet for grid in here]
        for mine, theirs in zip(here, other, strict=True):
            assert theirs.rows == mine.rows
            kinds = [[type(cell) for cell in row] for row in mine.rows]
            assert [[type(cell) for cell in row] for row in theirs.rows] == kinds
            assert (theirs.hidden, theirs.shown) == (mine.hidden, mine.shown)
            assert [list(row) for row in theirs.head] == [list(row) for row in mine.head]
    pd.testing.assert_frame_equal(
        portops.read(path), read_sources([path]).numbers, check_dtype=True
    )


def test_a_reader_that_dies_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal, an abort or the system's own limit is told as what the file does."""
    path = write_book(tmp_path / "dies.xlsx", rows({}))
    monkeypatch.setattr(weight, "MOST_UNPACKED", 0)
    start = aside.apart.start

    def killed(*given: object, **more: object) -> object:
        process = start(*given, **more)  # type: ignore[arg-type]
        process.kill()
        return process

    monkeypatch.setattr(aside.apart, "start", killed)
    with pytest.raises(InputError, match=r"dies\.xlsx takes too much memory to read") as told:
        portops.check(path)
    assert "save it as CSV" in told.value.remedy


def test_a_reader_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time has a bound as memory has."""
    path = write_book(tmp_path / "slow.xlsx", rows({}))
    monkeypatch.setattr(weight, "MOST_UNPACKED", 0)
    monkeypatch.setattr(aside, "PATIENCE", -1.0)
    with pytest.raises(InputError, match=r"slow\.xlsx takes more than"):
        portops.check(path)
