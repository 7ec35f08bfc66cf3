"""Workbooks as people really send them: layouts, damage, hidden things, hostile files."""

from __future__ import annotations

import contextlib
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P
from tests.conftest import FUZZ, GOOD, SAMPLES, rows, write_book

import portops
from portops.errors import InputError, PortopsError
from portops.results.checked import Checked
from portops.workbooks.results import write_results

AS_OF = date(2026, 10, 5)


def _change(path: Path, change: object) -> Path:
    book = openpyxl.load_workbook(path)
    change(book.active)  # type: ignore[operator]
    book.save(path)
    return path


def _codes(checked: Checked) -> set[str]:
    return set(checked.findings["code"])


def test_hidden_rows_that_hold_data_are_warned_of(tmp_path: Path, statement: Path) -> None:
    """Filtered or hidden rows are named; they are checked as well."""

    def hide(page: object) -> None:
        page.row_dimensions[3].hidden = True  # type: ignore[attr-defined]
        page.row_dimensions[4].hidden = True  # type: ignore[attr-defined]

    path = _change(write_book(tmp_path / "h.xlsx", rows({}, {}, {}, {})), hide)
    checked = portops.check(path, documents=statement)
    warned = checked.findings.query("code == 'workbook.hidden_rows'").iloc[0]
    assert (warned["row"], warned["value"]) == (3, "3 to 4")
    assert checked.rows == 4


def _old_excel(path: Path, frame: pd.DataFrame, errors: dict[int, str] | None = None) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("Numbers")
    for row, cells in enumerate([list(frame.columns), *frame.to_numpy().tolist()]):
        for column, value in enumerate(cells):
            if row and errors and column in errors:
                page.row(row).set_cell_error(column, errors[column])
            else:
                page.write(row, column, value)
    page.row(2).hidden = True
    book.save(str(path))


def _open_document(path: Path, frame: pd.DataFrame) -> None:
    book = OpenDocumentSpreadsheet()
    page = Table(name="Numbers")
    for place, cells in enumerate([list(frame.columns), *frame.to_numpy().tolist()]):
        row = TableRow(visibility="filter") if place == 2 else TableRow()
        for value in cells:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=value))
            row.addElement(cell)
        page.addElement(row)
    book.spreadsheet.addElement(page)
    book.save(str(path))


def _binary_excel(path: Path, frame: pd.DataFrame) -> None:
    """Write the least that makes an .xlsb: records of a kind, a length and data."""

    def record(kind: int, data: bytes = b"") -> bytes:
        head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size = len(data)
        length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
        return head + length + data

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    table = [list(frame.columns), *frame.to_numpy().tolist()]
    extent = struct.pack("<IIII", 0, len(table) - 1, 0, len(frame.columns) - 1)
    parts = [record(129), record(148, extent), record(145)]
    for row, cells in enumerate(table):
        parts.append(record(0, struct.pack("<IIHHBI", row, 0, 300, 0, 0, 0)))
        parts += [
            record(6, struct.pack("<II", column, 0) + wide(value))
            for column, value in enumerate(cells)
        ]
    parts += [record(146), record(130)]
    sheet = struct.pack("<II", 0, 1) + wide("rId1") + wide("Numbers")
    book = record(131) + record(143) + record(156, sheet) + record(144) + record(132)
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/worksheet" Target="worksheets/sheet1.bin"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("xl/workbook.bin", book)
        package.writestr("xl/_rels/workbook.bin.rels", relation)
        package.writestr("xl/worksheets/sheet1.bin", b"".join(parts))


@pytest.mark.parametrize(
    ("suffix", "write", "hides"),
    [("xls", _old_excel, True), ("ods", _open_document, True), ("xlsb", _binary_excel, False)],
)
def test_workbooks_of_every_make_are_read(
    tmp_path: Path, statement: Path, suffix: str, write: object, *, hides: bool
) -> None:
    """Old, binary and open workbooks give the same numbers; hidden rows where the file tells."""
    path = tmp_path / f"book.{suffix}"
    write(path, rows({}, {}, {}).astype(object).fillna(""))  # type: ignore[operator]
    checked = portops.check(path, documents=statement)
    assert (checked.rows, checked.counts["error"]) == (3, 0)
    assert checked.numbers["row"].tolist() == [2, 3, 4]
    warned = checked.findings.query("code == 'workbook.hidden_rows'")
    assert warned["row"].tolist() == ([3] if hides else [])
    write_results(checked, tmp_path / "out")


def test_error_cells_of_old_workbooks_are_seen(tmp_path: Path, statement: Path) -> None:
    """`#DIV/0!` in an .xls is a formula error at its cell."""
    path = tmp_path / "old.xls"
    _old_excel(path, rows({}).fillna(""), errors={0: "#REF!", 3: "#DIV/0!"})
    findings = portops.check(path, documents=statement).findings.query("severity == 'error'")
    assert set(findings["code"]) == {"workbook.formula_error"}
    assert set(findings["value"]) == {"#DIV/0!", "#REF!"}


def test_formula_errors_are_said_once_at_their_cell(tmp_path: Path, statement: Path) -> None:
    """`#N/A` is no account number, and is not missing either."""

    def damage(page: object) -> None:
        page["D2"] = "#N/A"  # type: ignore[index]
        page["D2"].data_type = "e"  # type: ignore[index]
        page["A3"] = "#REF!"  # type: ignore[index]
        page["A3"].data_type = "e"  # type: ignore[index]

    path = _change(write_book(tmp_path / "e.xlsx", rows({}, {})), damage)
    findings = portops.check(path, documents=statement).findings
    errors = findings[findings["severity"] == "error"]
    assert errors[["code", "cell", "value"]].to_numpy().tolist() == [
        ["workbook.formula_error", "Numbers!D2", "#N/A"],
        ["workbook.formula_error", "Numbers!A3", "#REF!"],
    ]


def test_a_merged_cell_stands_for_all_its_rows(tmp_path: Path, statement: Path) -> None:
    """An account number merged down over its numbers belongs to each of them."""
    frame = rows({}, {"Account Number": None}, {"Account Number": None})
    path = _change(
        write_book(tmp_path / "m.xlsx", frame),
        lambda page: page.merge_cells("D2:D4"),
    )
    checked = portops.check(path, documents=statement)
    assert checked.counts["error"] == 0
    write_results(checked, tmp_path)


def test_merged_cells_of_the_other_makes(tmp_path: Path, statement: Path) -> None:
    """Old and open workbooks tell of them too."""
    frame = rows({}, {}, {}).astype(object).fillna("")
    place = list(frame.columns).index("Account Number")
    book = OpenDocumentSpreadsheet()
    page = Table(name="Numbers")
    for at, cells in enumerate([list(frame.columns), *frame.to_numpy().tolist()]):
        row = TableRow()
        for column, value in enumerate(cells):
            if column == place and at > 1:
                row.addElement(CoveredTableCell())
                continue
            spanned = {"numberrowsspanned": 3} if column == place and at == 1 else {}
            cell = TableCell(valuetype="string", **spanned)
            cell.addElement(P(text=value))
            row.addElement(cell)
        page.addElement(row)
    book.spreadsheet.addElement(page)
    book.save(str(tmp_path / "m.ods"))
    old = xlwt.Workbook()
    sheet = old.add_sheet("Numbers")
    for at, cells in enumerate([list(frame.columns), *frame.to_numpy().tolist()]):
        for column, value in enumerate(cells):
            if column != place or at == 0:
                sheet.write(at, column, value)
    sheet.write_merge(1, 3, place, place, frame["Account Number"].iloc[0])
    old.save(str(tmp_path / "m.xls"))
    for name in ("m.ods", "m.xls"):
        checked = portops.check(tmp_path / name, documents=statement)
        assert (checked.counts["error"], checked.requests) == (0, 1), name


def test_two_header_rows_make_one(tmp_path: Path) -> None:
    """Group headings stand over the columns to their right; a billing address is no service."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Migration"])
    page.append(
        [
            "Line",
            None,
            "Account",
            None,
            "Service Address",
            None,
            None,
            None,
            "Contact",
            None,
            "Billing Address",
            None,
        ]
    )
    page.append(
        [
            "Phone Number",
            "Type",
            "Number",
            "Holder",
            "Street",
            "City",
            "State",
            "ZIP",
            "Name",
            "Email",
            "City",
            "ZIP",
        ]
    )
    page.append(
        [
            "2127365000",
            "Landline",
            "77",
            "Red Barn",
            "1 Mill Road",
            "New York",
            "NY",
            "10001",
            "Avery Larkspur",
            "a@example.com",
            "Boston",
            "02108",
        ]
    )
    book.save(tmp_path / "two.xlsx")
    numbers = portops.read(tmp_path / "two.xlsx")
    row = numbers.iloc[0]
    assert (row["row"], row["account_number"], row["street"], row["city"], row["postal_code"]) == (
        4,
        "77",
        "1 Mill Road",
        "New York",
        "10001",
    )
    assert (row["authorized_name"], row["email"]) == ("Avery Larkspur", "a@example.com")


def test_notes_totals_and_repeated_headers_are_no_data(tmp_path: Path, statement: Path) -> None:
    """They are skipped and said; a row that only lacks its number is kept."""
    names = list(GOOD)
    other = pd.DataFrame([dict(zip(names, names, strict=True))])
    total = pd.DataFrame([{"Phone Number": "Total", "Account Number": "3 lines"}])
    note = pd.DataFrame([{"Customer Name": "Please call Jordan before the port"}])
    kept = rows({"Phone Number": None})
    frame = pd.concat([rows({}, {}), other, kept, total, note])[names]
    checked = portops.check(write_book(tmp_path / "n.xlsx", frame), documents=statement)
    assert checked.rows == 3
    assert any("header again" in name for name in checked.skipped)
    assert any("rows 6 to 7" in name for name in checked.skipped)
    assert "number.missing" in _codes(checked)


def test_two_columns_for_one_field_are_joined(tmp_path: Path, statement: Path) -> None:
    """First and last name, house number and street name."""
    frame = rows({}).drop(columns=["Authorized Representative", "Service Address"])
    frame = frame.assign(
        **{
            "Authorized First Name": "Avery",
            "Authorized Last Name": "Larkspur",
            "House Number": 12,
            "Street Name": "Mill Road",
        }
    )
    checked = portops.check(write_book(tmp_path / "p.xlsx", frame), documents=statement)
    assert checked.counts["error"] == 0
    row = checked.numbers.iloc[0]
    assert (row["authorized_name"], row["street"]) == ("Avery Larkspur", "12 Mill Road")


def test_hidden_sheets_are_left_out_and_said(tmp_path: Path) -> None:
    """Last year's sheet is not submitted again."""
    path = write_book(tmp_path / "s.xlsx", rows({}))
    book = openpyxl.load_workbook(path)
    old = book.create_sheet("2025")
    old.sheet_state = "hidden"
    old.append(list(GOOD))
    old.append(list(rows({"Phone Number": "2127365001"}).iloc[0]))
    book.save(path)
    checked = portops.check(path)
    assert checked.rows == 1
    assert "sheet '2025' of s.xlsx: hidden" in checked.skipped
    told = [
        (sheet["sheet"], sheet["read"], sheet["why"], sheet["rows"])
        for sheet in checked.as_json()["sheets"]
    ]
    assert sorted(told) == [("2025", False, "hidden", 0), ("Numbers", True, "", 1)]


@pytest.mark.parametrize(
    ("change", "code", "severity"),
    [
        ({"Losing Carrier": "T-Mobile", "Account Number": "12345"}, "account.shape", "warning"),
        ({"Losing Carrier": "AT&T Wireless", "Account Number": "123456789"}, None, None),
        ({"Number Type": "Wireless", "Wireless PIN": "12"}, "pin.shape", "error"),
        ({"Number Type": "Wireless", "Wireless PIN": "12 34!"}, "pin.shape", "error"),
        ({"Number Type": "Wireless", "Last Four SSN": "123"}, "pin.shape", "error"),
        ({"Number Type": "Wireless", "Last Four SSN": "0123"}, None, None),
        (
            {"Authorized Representative": "Maximilian Thistlewood-Brightwater"},
            "contact.too_long",
            "warning",
        ),
        ({"Target Port Date": "2026-10-01"}, "request.target_date", "error"),
        ({"Target Port Date": "10/07/2026"}, "request.target_date", "error"),
        ({"Target Port Date": "2026-11-26"}, "request.target_date", "error"),
        ({"Target Port Date": "someday"}, "request.target_date", "error"),
        ({"Target Port Date": 46343}, None, None),
        ({"Target Port Date": date(2026, 11, 17)}, None, None),
    ],
)
def test_shapes_lengths_and_dates(
    change: dict, code: str | None, severity: str | None, statement: Path
) -> None:
    """What carriers compare, cut or refuse."""
    findings = portops.check(rows(change), documents=statement, as_of=AS_OF).findings
    bad = findings[
        findings["severity"].isin(["error", "warning"]) & ~findings["code"].str.endswith("_absent")
    ]
    assert bad[["code", "severity"]].to_numpy().tolist() == ([[code, severity]] if code else [])


def test_a_pin_shorter_than_all_others_has_probably_lost_zeros(statement: Path) -> None:
    """A warning, without showing any PIN."""
    pins = ["123456", "234567", "345678", "456789", "567891", "678912", "7891"]
    frame = rows(*({"Number Type": "Wireless", "Wireless PIN": pin} for pin in pins))
    findings = portops.check(frame, documents=statement, as_of=AS_OF).findings
    lost = findings[findings["code"] == "pin.shape"]
    assert lost[["row", "severity"]].to_numpy().tolist() == [[8, "warning"]]
    assert "7891" not in findings.drop(columns=["phone_number"]).to_csv()


def test_duplicates_across_workbooks_name_the_workbook(tmp_path: Path) -> None:
    """Two workbooks of a batch."""
    paths = [write_book(tmp_path / f"{name}.xlsx", rows({})) for name in "ab"]
    duplicate = portops.check(paths).findings.query("code == 'number.duplicate'")
    assert "a.xlsx Numbers!A2, b.xlsx Numbers!A2" in duplicate["message"].iloc[0]


def test_a_large_csv_is_read_as_a_small_one(tmp_path: Path) -> None:
    """The quick way and the plain way give the same table, also with quotes and uneven rows."""
    frame = rows(
        *(
            {"Phone Number": f"(212) 736-{line:04d}", "Customer Name": 'Bob "B" Smith, Inc'}
            for line in range(4_000)
        )
    )
    path = tmp_path / "big.csv"
    frame.to_csv(path, index=False)
    assert path.stat().st_size > 300_000
    content = portops.read(path)
    small = tmp_path / "small.csv"
    frame.head(5).to_csv(small, index=False)
    drop = ["file", "sheet"]
    pd.testing.assert_frame_equal(
        content.head(5).drop(columns=drop), portops.read(small).drop(columns=drop)
    )
    with path.open("a") as file:
        file.write("2127369999,Landline\n\n2127369998,Landline\n")
    assert portops.read(path)["row"].tolist()[-2:] == [4_002, 4_004]


def test_a_far_away_cell_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    """One cell at the end of the sheet would make a table of seventeen thousand million cells."""
    path = write_book(tmp_path / "far.xlsx", rows({}))
    _change(path, lambda page: page.cell(1_048_576, 16_384, "x"))
    with pytest.raises(InputError, match="reaches to row 1,048,576"):
        portops.check(path)


def _with_sheet(source: Path, path: Path, change: Callable[[bytes], bytes]) -> Path:
    """Copy a workbook with its first sheet's XML changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part) if name == "xl/worksheets/sheet1.xml" else part)
    return path


@pytest.mark.parametrize("reference", [b"XFD1048576", b"A1048576"])
def test_a_far_cell_in_the_middle_is_seen(tmp_path: Path, reference: bytes) -> None:
    """Cells need not be in their order: one in an early row may be the farthest."""
    path = _with_sheet(
        write_book(tmp_path / "good.xlsx", rows({}, {}, {})),
        tmp_path / "far.xlsx",
        lambda part: part.replace(b'r="A2"', b'r="' + reference + b'"').replace(
            b'r="B3"', b'r="AZ3"'
        ),
    )
    with pytest.raises(InputError, match="reaches to row 1,048,576"):
        portops.check(path)


def test_a_far_cell_is_marked_without_the_rows_between(tmp_path: Path, statement: Path) -> None:
    """The marked copy has the cells that are there, not the millions between."""
    path = write_book(tmp_path / "far.xlsx", rows({"Email": "none"}))
    _change(path, lambda page: page.cell(200_000, 15, "x"))
    checked = portops.check(path, documents=statement)
    write_results(checked, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "far.checked.xlsx")
    assert len(book["Numbers"]._cells) < 100
    assert (tmp_path / "far.checked.xlsx").stat().st_size < 100_000


def test_a_small_file_that_unpacks_to_much_is_read(tmp_path: Path) -> None:
    """A workbook of a million rows that repeat is a small file: reading it may take its memory."""
    path = write_book(tmp_path / "repeats.xlsx", rows({}))
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package,
        package.open("xl/worksheets/more.xml", "w") as part,
    ):
        for _ in range(300):
            part.write(b" " * 1024 * 1024)
    assert portops.read(path)["phone_number"].notna().all()


def test_formulas_without_a_saved_value_are_errors(tmp_path: Path, statement: Path) -> None:
    """A program that saves no results leaves rows that look empty: each is told with its cell."""
    frame = rows({}, {}, {}, {}, {}, {})
    path = write_book(tmp_path / "f.xlsx", frame)

    def calculate(page: object) -> None:
        for row in (3, 6, 7):
            for column in range(1, len(frame.columns) + 1):
                page.cell(row, column, f"=Other!A{row}")  # type: ignore[attr-defined]
        page["E4"] = "=1"  # type: ignore[index]

    checked = portops.check(_change(path, calculate), documents=statement)
    assert checked.rows == 6
    findings = checked.findings.query("code == 'workbook.formula_error'")
    assert {"Numbers!A3", "Numbers!D6", "Numbers!A7", "Numbers!E4"} <= set(findings["cell"])
    assert findings["message"].str.contains("Open the workbook in Excel and save it").all()
    write_results(checked, tmp_path)


def test_an_empty_text_that_a_formula_gives_is_a_saved_value(
    tmp_path: Path, statement: Path
) -> None:
    """`=IF(A2="","",…)` is no error where its result was saved."""
    path = _with_sheet(
        write_book(tmp_path / "good.xlsx", rows({})),
        tmp_path / "text.xlsx",
        lambda part: part.replace(
            b"</row></sheetData>",
            b'<c r="N2" t="str"><f>IF(1,"","")</f><v></v></c></row></sheetData>',
        ),
    )
    assert portops.check(path, documents=statement).counts["error"] == 0


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    """A file that unpacks to gigabytes is not unpacked."""
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(2_200):
            part.write(b" " * 1024 * 1024)
    with pytest.raises(InputError, match="unpacks to"):
        portops.check(path)


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    """Entities in the list of sheets are not expanded."""
    source = write_book(tmp_path / "good.xlsx", rows({}))
    path = tmp_path / "lol.xlsx"
    bomb = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, bomb if name == "xl/workbook.xml" else old.read(name))
    with pytest.raises(InputError):
        portops.check(path)


def test_wide_and_long_cells_are_taken_calmly(tmp_path: Path) -> None:
    """16,384 columns, and a cell of a million characters in a CSV."""
    wide = rows({}, {})
    path = _change(
        write_book(tmp_path / "wide.xlsx", wide), lambda page: page.cell(1, 16_384, "last")
    )
    assert portops.check(path).rows == 2
    long = tmp_path / "long.csv"
    rows({"Customer Name": "x" * 1_000_000}).to_csv(long, index=False)
    assert portops.check(long).findings["value"].str.len().max() < 300


HOSTILE = st.sampled_from(
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "@SUM(A1)",
        "-2",
        "\x00",
        "'; DROP TABLE",
        "{value}",
        "%s",
        "…",
        "<script>",
        "1e999",
        "9" * 400,
        "NaN",
        "None",
        "\u202e",
        "🦆",
        "#REF!",
        "=1/0",
        " ",
        "\t",
    ]
)


@settings(
    max_examples=FUZZ, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(list(GOOD)), HOSTILE | st.text(max_size=30)),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_stands_in_the_cells_is_a_finding_or_fine(
    tmp_path: Path, changes: list[dict[str, str]]
) -> None:
    """Any text in any field: a result, and files that start no formula."""
    try:
        checked = portops.check(rows(*changes), as_of=AS_OF)
    except PortopsError:
        return
    portops.plan(checked)
    assert checked.findings["message"].notna().all()


@settings(
    max_examples=FUZZ, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_damaged_workbooks_are_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    """Bytes flipped or cut anywhere: a result or an error of ours, never another."""
    source = SAMPLES / "faults" / data.draw(st.sampled_from(["number.xlsx", "clean.xlsx"]))
    raw = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(raw) // 2, len(raw)))
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(bytes(raw[:cut]))
    with contextlib.suppress(PortopsError):
        portops.check(path, documents=SAMPLES / "statements", as_of=AS_OF)
