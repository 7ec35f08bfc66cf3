"""The marked copy is the analyst's own file: what it has, how its parts are written, what is damaged."""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openxml_audit import FileFormat, OpenXmlValidator
from python_calamine import CalamineWorkbook
from tests.conftest import rows, write_book
from tests.workbooks.menagerie import (
    everything,
    parts_of,
    prefixed,
    rows_of,
    strict,
    with_parts,
)

import portops
from portops.redaction import KEPT
from portops.workbooks.listing import FILLS
from portops.workbooks.parts.archive import Archive
from portops.workbooks.parts.notes import AUTHOR, OURS
from portops.workbooks.results import write_results

#: An e-mail that cannot be one, where the analyst has a note and a fill of their own.
FAULTS = rows({}, {"Email": "nobody"}, {"State": "new york"}, {"Service Address": "TBD"})

#: Parts that have to change: what lists others, formats, and what a mark touches.
TOUCHED = {
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
    "xl/comments1.xml",
    "xl/drawings/vmlDrawing1.vml",
}


def _marked(path: Path, out: Path) -> Path:
    """Check and mark a workbook; returns the copy."""
    return write_results(portops.check(path), out)[1].path


def _opened(path: Path) -> openpyxl.Workbook:
    """Open a workbook that has more than openpyxl knows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(path)


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm"])
def test_every_other_part_is_byte_for_byte_the_same(tmp_path: Path, suffix: str) -> None:
    """Charts, pivots, images, slicers, threads, macros, properties: as they were."""
    path = everything(tmp_path / f"mine{suffix}", FAULTS)
    copy = _marked(path, tmp_path / "out")
    assert copy.name == f"mine.checked{suffix}"
    before, after = parts_of(path), parts_of(copy)
    assert len(before) > 35
    assert {name for name in before if before[name] != after.get(name)} == TOUCHED
    new = set(after) - set(before)
    assert new == {"xl/worksheets/sheet4.xml", "xl/worksheets/sheet5.xml"}


def test_of_a_sheet_only_the_marked_cells_change(tmp_path: Path) -> None:
    """What stands before and after the rows is the same, and so is every row without a mark."""
    path = everything(tmp_path / "mine.xlsx", FAULTS)
    part = "xl/worksheets/sheet1.xml"
    checked = portops.check(path)
    before = parts_of(path)[part]
    after = parts_of(write_results(checked, tmp_path / "out")[1].path)[part]
    assert before.split(b"<sheetData>")[0] == after.split(b"<sheetData>")[0]
    assert before.split(b"</sheetData>")[1] == after.split(b"</sheetData>")[1]
    cells = checked.findings["cell"].dropna().str.rpartition("!")[2]
    marked = {int(re.sub(r"\D", "", cell)) for cell in cells}
    pairs = list(zip(rows_of(before), rows_of(after), strict=True))
    changed = {number for number, (old, new) in enumerate(pairs, start=1) if old != new}
    assert changed == marked
    assert len(changed) < len(pairs)


def test_a_mark_keeps_the_format_of_its_cell(tmp_path: Path) -> None:
    """Number format, font and border stay; the fill says the severity; others keep their own."""
    path = everything(tmp_path / "mine.xlsx", FAULTS)
    page = _opened(_marked(path, tmp_path / "out"))["Numbers"]
    cell = page["H3"]
    assert (cell.number_format, cell.font.italic) == ("@", True)
    assert cell.fill.fgColor.rgb == "FF" + FILLS["error"]
    assert page["H2"].fill.fgColor.rgb == "FFFFFF00"


def test_notes_stand_beside_those_of_the_analyst(tmp_path: Path) -> None:
    """Their words come first and stay theirs; a thread has none of ours; buttons keep their shape."""
    path = everything(tmp_path / "mine.xlsx", FAULTS)
    copy = _marked(path, tmp_path / "out")
    page = _opened(copy)["Numbers"]
    assert page["H3"].comment.text.startswith("ask Avery" + OURS + "ERROR email.invalid")
    assert page["H3"].comment.author == "the analyst"
    assert page["K2"].comment.text == "checked twice"
    assert page["I3"].comment.text.startswith("[Threaded comment]")
    assert AUTHOR not in page["I3"].comment.text
    drawing = parts_of(copy)["xl/drawings/vmlDrawing1.vml"]
    assert drawing.count(b'ObjectType="Button"') == 1
    ids = re.findall(rb'id="(_x0000_s\d+)"', drawing)
    assert len(ids) == len(set(ids))
    comments = parts_of(copy)["xl/comments1.xml"].count(b"<comment ")
    assert drawing.count(b'ObjectType="Note"') == comments > 3


def test_a_copy_that_is_checked_again_is_marked_anew(tmp_path: Path) -> None:
    """Our words and fills of the first time go, nothing is there twice, and formats do not pile up."""
    path = everything(tmp_path / "mine.xlsx", FAULTS)
    first = _marked(path, tmp_path / "one")
    second = _marked(first, tmp_path / "two")
    third = _marked(second, tmp_path / "three")
    book = _opened(third)
    assert book.sheetnames == _opened(first).sheetnames
    assert book["Numbers"]["H3"].comment.text.count("email.invalid") == 1
    assert parts_of(third)["xl/styles.xml"] == parts_of(second)["xl/styles.xml"]
    fixed = _opened(first)
    fixed["Numbers"]["H3"].value = "avery@example.com"
    fixed.save(tmp_path / "fixed.xlsx")
    page = _opened(_marked(tmp_path / "fixed.xlsx", tmp_path / "four"))["Numbers"]
    assert page["H3"].comment.text == "ask Avery"
    assert page["H3"].fill.fill_type is None


def test_a_sheet_of_the_analyst_named_findings_stays(tmp_path: Path) -> None:
    """Ours has another name then."""
    path = write_book(tmp_path / "mine.xlsx", FAULTS)
    book = _opened(path)
    book.create_sheet("Findings").append(["of", "my", "own"])
    book.save(path)
    names = _opened(_marked(path, tmp_path / "out")).sheetnames
    assert names == ["Numbers", "Findings", "Findings (2)", "As understood"]


def _of_sheet(change: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def changed(parts: dict[str, bytes]) -> dict[str, bytes]:
        name = "xl/worksheets/sheet1.xml"
        return {**parts, name: change(parts[name])}

    return changed


def _without_styles(parts: dict[str, bytes]) -> dict[str, bytes]:
    del parts["xl/styles.xml"]
    for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
        parts[name] = re.sub(rb"<(?:Relationship|Override) [^>]*styles[^>]*/>", b"", parts[name])
    sheet = parts["xl/worksheets/sheet1.xml"]
    return {**parts, "xl/worksheets/sheet1.xml": re.sub(rb' s="\d+"', b"", sheet)}


def _empty_lists(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {**_without_styles(dict(parts)), **_bare_styles(parts)}


def _bare_styles(parts: dict[str, bytes]) -> dict[str, bytes]:
    sheet = re.sub(rb' s="\d+"', b"", parts["xl/worksheets/sheet1.xml"])
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return {
        **parts,
        "xl/styles.xml": b'<styleSheet xmlns="' + main + b'"/>',
        "xl/worksheets/sheet1.xml": sheet,
    }


def _utf_16(part: bytes) -> bytes:
    text = re.sub(r"^<\?xml[^>]*\?>", "", part.decode())
    return ('<?xml version="1.0" encoding="UTF-16"?>' + text).encode("utf-16")


#: Other ways to write the same sheet.
WRITTEN: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "as openpyxl does": lambda parts: parts,
    "strict": strict,
    "with prefixes": lambda parts: {
        name: prefixed(part)
        if name.startswith("xl/worksheets/sheet") or name == "xl/styles.xml"
        else part
        for name, part in parts.items()
    },
    "rows without numbers": _of_sheet(lambda part: re.sub(rb'<row r="\d+"', b"<row", part)),
    "cells without places": _of_sheet(lambda part: re.sub(rb'<c r="[A-Z]+\d+"', b"<c", part)),
    "single quotes": _of_sheet(lambda part: part.replace(b'"', b"'")),
    "a mark of UTF-8": _of_sheet(lambda part: b"\xef\xbb\xbf" + part),
    "spaces between tags": _of_sheet(
        lambda part: part.replace(b"><c ", b">\n  <c ").replace(b"<row", b"\n <row")
    ),
    "comments between rows": _of_sheet(
        lambda part: part.replace(b"</row>", b'</row><!-- <row r="3"><c r="H3"/></row> -->')
    ),
    "texts as CDATA": _of_sheet(
        lambda part: part.replace(b"<t>nobody</t>", b"<t><![CDATA[nobody]]></t>")
    ),
    "no styles": _without_styles,
    "styles without lists": _bare_styles,
}


@pytest.mark.parametrize("way", WRITTEN)
def test_however_a_sheet_is_written_its_cells_are_marked(tmp_path: Path, way: str) -> None:
    """The fault has its fill and its note, the values are what they were."""
    path = write_book(tmp_path / "mine.xlsx", FAULTS.drop(columns="Wireless PIN"))
    with_parts(path, WRITTEN[way])
    written = write_results(portops.check(path), tmp_path / "out")[1]
    assert written.note == ""
    old = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Numbers").to_python()
    new = CalamineWorkbook.from_path(str(written.path))
    assert new.get_sheet_by_name("Numbers").to_python() == old
    assert new.sheet_names == ["Numbers", "Findings", "As understood"]
    if way != "strict":
        cell = _opened(written.path)["Numbers"]["H3"]
        assert cell.value == "nobody"
        assert cell.fill.fgColor.rgb == "FF" + FILLS["error"]
        assert "email.invalid" in cell.comment.text


def test_a_part_in_utf_16_is_patched(tmp_path: Path) -> None:
    """The reading library reads no such sheet, so the patch itself is asked."""
    path = write_book(tmp_path / "mine.xlsx", FAULTS)
    checked = portops.check(path)
    with_parts(path, _of_sheet(_utf_16))
    copy = write_results(checked, tmp_path / "out")[1]
    assert copy.note == ""
    cell = _opened(copy.path)["Numbers"]["H3"]
    assert (cell.value, cell.fill.fgColor.rgb) == ("nobody", "FF" + FILLS["error"])


def test_cells_that_are_not_there_are_made_in_their_place(tmp_path: Path) -> None:
    """A gap in a row, the end of a row, a row without cells, and a row that is missing."""
    path = write_book(tmp_path / "mine.xlsx", FAULTS)
    checked = portops.check(path)
    one = checked.findings.query("code == 'email.invalid'").iloc[[0]]
    places = ["H3", "C3", "Z3", "B5", "D7", "A6"]
    marks = one.loc[one.index.repeat(len(places))].reset_index(drop=True)
    marks["cell"] = [f"Numbers!{place}" for place in places]
    object.__setattr__(checked, "findings", marks)

    def gaps(part: bytes) -> bytes:
        part = re.sub(rb'<c r="C3".*?</c>', b"", part)
        part = re.sub(rb'(<row r="3")', rb'\1 spans="1:14"', part)
        part = re.sub(rb'<row r="5".*?</row>', b'<row r="5" ht="33"/>', part)
        return part.replace(b"</sheetData>", b'<row r="9"><c r="A9"><v>1</v></c></row></sheetData>')

    with_parts(path, _of_sheet(gaps))
    copy = write_results(checked, tmp_path / "out")[1]
    assert copy.note == ""
    page = _opened(copy.path)["Numbers"]
    marked = {
        cell.coordinate
        for cells in page.iter_rows()
        for cell in cells
        if cell.fill.fill_type == "solid"
    }
    assert marked == set(places)
    assert page.row_dimensions[5].height == 33
    part = parts_of(copy.path)["xl/worksheets/sheet1.xml"]
    numbers = [int(number) for number in re.findall(rb'<row r="(\d+)"', part)]
    assert numbers == sorted(set(numbers)) == [1, 2, 3, 4, 5, 6, 7, 9]
    letters = re.findall(rb'r="([A-Z])3"', part)
    assert letters == sorted(letters)
    assert b"spans" not in part, "what a row says of its extent would be wrong"


def test_a_made_cell_has_the_format_of_its_row_or_column(tmp_path: Path) -> None:
    """As it would look in Excel without the mark."""
    path = everything(tmp_path / "mine.xlsx", FAULTS)
    checked = portops.check(path)
    one = checked.findings.query("code == 'email.invalid'").iloc[[0]]
    marks = one.loc[one.index.repeat(2)].assign(cell=["Numbers!C9", "Numbers!O3"])
    object.__setattr__(checked, "findings", marks.reset_index(drop=True))
    page = _opened(write_results(checked, tmp_path / "out")[1].path)["Numbers"]
    assert page["C9"].font.italic
    assert page["C9"].fill.fgColor.rgb == page["O3"].fill.fgColor.rgb == "FF" + FILLS["error"]


def _with_shared(path: Path, pins: list[str], elsewhere: str) -> Path:
    """Write a workbook with shared texts as Excel does."""
    import xlsxwriter

    frame = rows(*({"Wireless PIN": pin} for pin in pins))
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("Numbers")
    page.write_row(0, 0, frame.columns)
    for place, row in enumerate(frame.itertuples(index=False), start=1):
        for column, value in enumerate(row):
            if value is not None:
                page.write_string(place, column, value)
    page.write_string("T1", elsewhere)
    book.add_worksheet("Other").write_string("C3", pins[1])
    book.close()
    return path


@pytest.mark.parametrize("change", ["", "prefixes"])
def test_a_masked_text_leaves_the_shared_texts(tmp_path: Path, change: str) -> None:
    """One that another cell shows stays; all others keep their places."""
    path = _with_shared(tmp_path / "mine.xlsx", ["73519024", "88112233", "73519024"], "the end")
    if change:
        with_parts(
            path,
            lambda parts: {
                name: prefixed(part)
                if name.startswith("xl/worksheets/sheet") or "sharedStrings" in name
                else part
                for name, part in parts.items()
            },
        )
    copy = _marked(path, tmp_path / "out")
    page = _opened(copy)["Numbers"]
    assert [page.cell(row, 14).value for row in (2, 3, 4)] == [KEPT] * 3
    assert page["T1"].value == "the end"
    texts = parts_of(copy)["xl/sharedStrings.xml"]
    assert b"73519024" not in b"".join(parts_of(copy).values())
    assert b"88112233" in texts
    assert _opened(copy)["Other"]["C3"].value == "88112233"
    again = portops.check(copy)
    assert "pin.shape" not in set(again.findings["code"])


def test_a_masked_formula_takes_its_place_in_the_chain_with_it(tmp_path: Path) -> None:
    """Excel makes the chain anew; one that names a cell without formula it would repair."""
    path = everything(tmp_path / "mine.xlsx", rows({"Wireless PIN": "73519024"}, {}))

    def formula(part: bytes) -> bytes:
        cell = b'<c r="N2" t="str"><f>"7351"&amp;"9024"</f><v>73519024</v></c>'
        return re.sub(rb'<c r="N2".*?</c>', cell, part)

    with_parts(path, _of_sheet(formula))
    copy = _marked(path, tmp_path / "out")
    parts = parts_of(copy)
    assert _opened(copy)["Numbers"]["N2"].value == KEPT
    assert "xl/calcChain.xml" not in parts
    assert b"calcChain" not in parts["xl/_rels/workbook.xml.rels"] + parts["[Content_Types].xml"]


def test_marks_in_merged_cells_are_on_the_first(tmp_path: Path) -> None:
    """It alone shows anything, and has the notes of all."""
    path = write_book(tmp_path / "mine.xlsx", rows({"Email": "nobody"}, {"Email": "nobody"}))
    book = _opened(path)
    book["Numbers"].merge_cells("H2:H3")
    book.save(path)
    page = _opened(_marked(path, tmp_path / "out"))["Numbers"]
    assert page["H2"].comment.text.count("email.invalid") == 2
    assert page["H2"].fill.fgColor.rgb == "FF" + FILLS["error"]


@pytest.mark.parametrize("kind", ["csv", "ods", "xls"])
def test_other_kinds_come_back_as_xlsx_and_it_is_said(tmp_path: Path, kind: str) -> None:
    """Values with their types, where such a file has no room for marks."""
    frame = rows({"Email": "nobody", "Postal Code": "02108"})
    path = tmp_path / f"mine.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "xls":
        import xlwt

        book = xlwt.Workbook()
        page = book.add_sheet("Numbers")
        for column, (name, values) in enumerate(frame.items()):
            page.write(0, column, name)
            page.write(1, column, values.iloc[0] or "")
        page.write(1, 20, 12.5)
        book.save(str(path))
    else:
        frame.to_excel(path, engine="odf", index=False, sheet_name="Numbers")
    written = write_results(portops.check(path), tmp_path / "out")[1]
    assert written.path.suffix == ".xlsx"
    assert f"as .xlsx, with the values of its cells: a .{kind} file" in written.note
    page = _opened(written.path).worksheets[0]
    assert page["L2"].value == "02108"
    assert "email.invalid" in page["H2"].comment.text
    if kind == "xls":
        assert page["U2"].value == 12.5


def _broken(path: Path, part: str) -> None:
    """Change bytes of a packed part, so that its sum is wrong."""
    with zipfile.ZipFile(path) as package:
        info = package.getinfo(part)
    raw = bytearray(path.read_bytes())
    at = info.header_offset + 30 + len(part) + info.compress_size // 2
    raw[at : at + 4] = bytes(255 - byte for byte in raw[at : at + 4])
    path.write_bytes(bytes(raw))


def _packed(path: Path, part: str) -> bytes:
    with zipfile.ZipFile(path) as package:
        info = package.getinfo(part)
    start = info.header_offset + 30 + len(part)
    return path.read_bytes()[start : start + info.compress_size]


def test_a_damaged_part_beside_the_cells_is_copied_as_it_is(tmp_path: Path) -> None:
    """An image whose bytes are wrong keeps nobody from marking the rest."""
    path = everything(tmp_path / "mine.xlsx", FAULTS)
    _broken(path, "xl/charts/chart1.xml")
    written = write_results(portops.check(path), tmp_path / "out")[1]
    assert written.note == ""
    assert _packed(written.path, "xl/charts/chart1.xml") == _packed(path, "xl/charts/chart1.xml")


def test_damaged_formats_leave_the_cells(tmp_path: Path) -> None:
    """A copy is made of the values, and it is said."""
    path = everything(tmp_path / "mine.xlsx", FAULTS)
    checked = portops.check(path)
    with_parts(path, lambda parts: {**parts, "xl/styles.xml": b"<dam<aged"})
    object.__setattr__(checked.originals[0], "grids", _grids_of(tmp_path))
    written = write_results(checked, tmp_path / "out")[1]
    assert written.note.startswith("only the cells")
    cell = _opened(written.path)["Numbers"]["H3"]
    assert "email.invalid" in cell.comment.text


def _grids_of(folder: Path) -> Callable[[], object]:
    good = portops.check(write_book(folder / "good.xlsx", FAULTS))
    return good.originals[0].grids


@pytest.mark.parametrize(
    "part", ["xl/styles.xml", "xl/workbook.xml", "xl/comments1.xml", "[Content_Types].xml"]
)
def test_entities_of_a_part_fill_no_memory(tmp_path: Path, part: str) -> None:
    """They are refused, wherever they are: the copy has the cells then."""
    path = everything(tmp_path / "mine.xlsx", FAULTS)
    checked = portops.check(path)
    lol = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%b">' % (98 + number, b"&%c;" % (97 + number) * 10) for number in range(9)
    )
    bomb = lol + b"]>"

    def planted(parts: dict[str, bytes]) -> dict[str, bytes]:
        raw = re.sub(rb"^<\?xml[^>]*\?>\s*", b"", parts[part])
        return {**parts, part: bomb + re.sub(rb"></", b">&j;</", raw, count=1)}

    with_parts(path, planted)
    object.__setattr__(checked.originals[0], "grids", _grids_of(tmp_path))
    written = write_results(checked, tmp_path / "out")[1]
    assert written.note.startswith("only the cells")
    assert written.path.stat().st_size < 100_000


def test_a_package_with_two_parts_of_one_name_is_not_patched(tmp_path: Path) -> None:
    """Readers do not agree on which of them counts, so none is marked in place."""
    path = write_book(tmp_path / "mine.xlsx", FAULTS)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("XL/styles.xml", b"<styleSheet/>")
    assert write_results(portops.check(path), tmp_path / "out")[1].note.startswith("only the cells")


def test_notes_have_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every marked cell has its fill; the first ones have notes, the errors before the rest."""
    from portops.workbooks import marking

    monkeypatch.setattr(marking, "MOST_NOTES", 1)
    path = write_book(tmp_path / "mine.xlsx", FAULTS)
    written = write_results(portops.check(path), tmp_path / "out")[1]
    assert written.note.startswith("notes on the first")
    page = _opened(written.path)["Numbers"]
    cells = [cell for line in page.iter_rows() for cell in line]
    assert sum(cell.comment is not None for cell in cells) == 1
    assert sum(cell.fill.fill_type == "solid" for cell in cells) > 1


def test_ids_of_shapes_are_unique_in_the_workbook(tmp_path: Path) -> None:
    """Excel repairs a workbook in which two drawings have taken one block of ids."""
    path = write_book(tmp_path / "mine.xlsx", rows(*({"Email": "nobody"} for _ in range(1_100))))
    book = _opened(path)
    for line in book.copy_worksheet(book["Numbers"]).iter_rows(min_row=2):
        line[0].value = str(line[0].value).replace("(212)", "(646)")
    book.save(path)
    parts = parts_of(_marked(path, tmp_path / "out"))
    drawings = [part for name, part in parts.items() if name.endswith(".vml")]
    assert len(drawings) == 2
    ids = [int(id_) for part in drawings for id_ in re.findall(rb'id="_x0000_s(\d+)"', part)]
    assert len(ids) == len(set(ids)) > 2_200
    for part in drawings:
        blocks = set(re.search(rb'data="([^"]*)"', part)[1].split(b","))  # type: ignore[index]
        own = {b"%d" % (int(id_) // 1024) for id_ in re.findall(rb'id="_x0000_s(\d+)"', part)}
        assert own == blocks


def test_raw_copies_of_every_way_to_pack(tmp_path: Path) -> None:
    """Stored, packed, with sizes behind the bytes, and in the form of very large archives."""
    path = write_book(tmp_path / "mine.xlsx", FAULTS)
    parts = parts_of(path)
    with (tmp_path / "mine.xlsx").open("wb") as file:
        # A file that cannot be sought makes the writer put sizes behind the bytes.
        file.seekable = lambda: False  # type: ignore[method-assign]
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
            for number, (name, content) in enumerate(parts.items()):
                info = zipfile.ZipInfo(name)
                info.compress_type = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)[number % 2]
                with package.open(info, "w", force_zip64=number % 3 == 0) as part:
                    part.write(content)
    with path.open("rb") as source:
        Archive(source).write(tmp_path / "copy.xlsx", {"new.xml": [b"<new/>"]})
    assert parts_of(tmp_path / "copy.xlsx") == {**parts, "new.xml": b"<new/>"}


def _complaints(path: Path) -> list[str]:
    """Return what a validator by the rules of the Open XML SDK says of a workbook."""
    result = OpenXmlValidator(file_format=FileFormat.MICROSOFT_365).validate(path)
    return [error.description for error in result.errors if error.severity.name == "ERROR"]


def test_a_validator_of_the_format_finds_nothing(tmp_path: Path) -> None:
    """As little as in the analyst's own file; of a small one and of one with everything."""
    path = everything(tmp_path / "mine.xlsx", FAULTS)
    first = _marked(path, tmp_path / "out")
    second = _marked(first, tmp_path / "again")
    table = FAULTS.to_csv(tmp_path / "lines.csv", index=False) or tmp_path / "lines.csv"
    copies = [first, second, _marked(table, tmp_path / "csv")]
    assert [_complaints(copy) for copy in (path, *copies)] == [[], [], [], []]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_copies(tmp_path: Path) -> None:
    """Each is converted as it is, and has its notes and fills there."""
    everything(tmp_path / "all.xlsx", FAULTS)
    everything(tmp_path / "macros.xlsm", FAULTS)
    everything(tmp_path / "strict.xlsx", FAULTS)
    with_parts(tmp_path / "strict.xlsx", strict)

    def convert(kind: str, paths: list[Path]) -> None:
        command = [
            *("soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"),
            *("--convert-to", kind, "--outdir", str(tmp_path / "lo"), *map(str, paths)),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=240)

    convert("xlsx", [tmp_path / "all.xlsx"])
    (tmp_path / "lo" / "all.xlsx").replace(tmp_path / "theirs.xlsx")
    copies = [_marked(path, tmp_path / "out") for path in sorted(tmp_path.glob("*.xls?"))]
    copies.append(_marked(copies[0], tmp_path / "again"))
    convert("ods", copies)
    for copy in copies:
        with zipfile.ZipFile(tmp_path / "lo" / f"{copy.stem}.ods") as package:
            content = package.read("content.xml").decode()
        assert content.count("email.invalid") >= 2
        assert f'fo:background-color="#{FILLS["error"].lower()}"' in content
        assert 'table:name="As understood"' in content


def test_a_cell_in_a_row_that_is_not_its_own_is_masked_and_marked_there(tmp_path: Path) -> None:
    """Excel writes none, but the reading library takes them; a PIN must not stay in one."""
    path = write_book(
        tmp_path / "mine.xlsx", rows({"Wireless PIN": "73519024", "Email": "nobody"}, {})
    )

    def moved(part: bytes) -> bytes:
        cells = b"".join(re.findall(rb'<c r="[HN]2".*?</c>', part))
        part = re.sub(rb'<c r="[HN]2".*?</c>', b"", part)
        return re.sub(rb'(<row r="3"[^>]*>)', rb"\g<1>" + cells, part)

    with_parts(path, _of_sheet(moved))
    copy = _marked(path, tmp_path / "out")
    part = parts_of(copy)["xl/worksheets/sheet1.xml"]
    assert b"73519024" not in part
    assert part.count(b'r="H2"') == part.count(b'r="N2"') == 1


def test_a_signed_workbook_says_that_the_copy_is_not(tmp_path: Path) -> None:
    """The signature is of what the analyst's own file holds."""
    path = write_book(tmp_path / "mine.xlsx", FAULTS)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("_xmlsignatures/sig1.xml", b"<Signature/>")
    assert "signature" in write_results(portops.check(path), tmp_path / "out")[1].note


def test_parts_that_say_nothing_of_relations_are_told_what_they_are(tmp_path: Path) -> None:
    """A new part with relations has its kind of content, however the others are listed."""
    path = write_book(tmp_path / "mine.xlsx", FAULTS)
    ending = rb"<Default [^>]*rels[^>]*/>"

    def without(parts: dict[str, bytes]) -> dict[str, bytes]:
        types = re.sub(ending, b"", parts["[Content_Types].xml"])
        return {**parts, "[Content_Types].xml": types}

    with_parts(path, without)
    types = parts_of(_marked(path, tmp_path / "out"))["[Content_Types].xml"]
    assert len(re.findall(ending, types)) == 1
