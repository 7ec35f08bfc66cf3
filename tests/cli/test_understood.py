"""What was understood: the first screen of a check and a plan, files of it, options that settle."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from tests.conftest import GOOD, open_to_others, rows, write_book

import portops
from portops import cli
from portops.cli.understood import MOST_COLUMNS, WIDTH
from portops.errors import InputError
from portops.results.understood import HEADERS, SHEET
from portops.workbooks import listing
from portops.workbooks.results import write_results

GOLDEN = Path(__file__).parent / "golden"

#: A block of labels, a flag column, a secret, markup, a formula, a note with a PIN.
LINES: list[list[Any]] = [
    ["Customer", "Copper Lantern Press"],
    ["Carrier", "Lumen"],
    ["Account #", "404555012055"],
    ["Signer e-mail", "pat@example.com"],
    [],
    ["Port?", "TN", "Type", "PIN", "Svc addr", "City", "ST", "ZIP", "Gizmo [red]x[/red]", "Notes"],
    [
        *("Yes", "404-555-0120", "Wireless", "447102", "191 Peachtree St", "Atlanta", "GA"),
        *("30303", "x-1", "PIN 8827 by phone"),
    ],
    [
        *("Yes", "404-555-0121", "Landline", None, "191 Peachtree St", "Atlanta", "GA"),
        *("30303", "\x1b[31m=1+1", None),
    ],
    ["No", "404-555-0122", "Landline", None, "191 Peachtree St", "Atlanta", "GA", "30303"],
]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("PORTOPS_", "TWILIO_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook with labels above its table, rows and a sheet that stay, and a hidden sheet."""
    made = openpyxl.Workbook()
    page = made.active
    page.title = "Lines"
    for row in LINES:
        page.append([str(cell).replace("\x1b", "") if cell else None for cell in row])
    page["I8"].data_type = "s"
    made.create_sheet("Lists").append(["a"])
    made["Lists"].sheet_state = "hidden"
    stays = made.create_sheet("Keep - do not port")
    for cells in (
        ["Phone Number", "Account Number", "Name"],
        ["404-555-0130", "404555012055", "Fax"],
        ["404-555-0131", "404555012055", "Fax"],
    ):
        stays.append(cells)
    made.save(tmp_path / "lines.xlsx")
    return tmp_path / "lines.xlsx"


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]):
    """Run a command in this process; returns its status, stdout and stderr."""

    def call(*arguments: str) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(list(arguments))
        out, err = capfd.readouterr()
        return ended.value.code, out, err

    return call


def _golden(name: str, text: str) -> None:
    """Hold a text against the file that people have read; GOLDEN=1 writes it anew."""
    path = GOLDEN / name
    bare = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    if os.environ.get("GOLDEN"):
        path.write_text(bare, encoding="utf-8", newline="\n")
    assert bare == path.read_text(encoding="utf-8")


def test_the_first_screen_of_a_check(run, book: Path) -> None:
    """Sheets and shapes, a line per column, what is left out, what settles the rest."""
    _, out, _ = run("check", "lines.xlsx", "--as-of", "2026-10-05")
    # How sure it is is measured elsewhere.
    _golden("check.txt", re.sub(r" {1,3}\d+%", "  ##%", out))
    screen = out.split("severity", 1)[0]
    assert max(map(len, screen.splitlines())) <= WIDTH
    assert len(screen.splitlines()) <= 40
    assert "447102" not in out
    assert "8827" not in out


def test_a_plan_begins_with_the_same(run, book: Path) -> None:
    """The columns come before the requests."""
    _, checked, _ = run("check", "lines.xlsx")
    _, planned, _ = run("plan", "lines.xlsx")
    screen = checked.split("severity", 1)[0].strip()
    assert planned.startswith(screen)
    assert "Held back: 1 request" in planned


def test_text_is_text_on_the_screen(run, tmp_path: Path) -> None:
    """Markup and escapes in titles and cells change nothing on a terminal."""
    frame = rows({}, {}).assign(**{"[bold]Gizmo[/bold]\x1b[31m": ["[red]x[/red]", "\x1b]0;x\x07"]})
    frame.to_csv(tmp_path / "odd.csv", index=False)
    _, out, _ = run("check", "odd.csv")
    assert "[bold]Gizmo[/bold]" in out
    assert "\x1b" not in out


def test_a_wide_workbook_is_cut_with_a_count(run, tmp_path: Path) -> None:
    """Never more than a screen of columns."""
    frame = rows({}).assign(**{f"Gadget {'x' * n}": "blue" for n in range(1, 41)})
    write_book(tmp_path / "wide.xlsx", frame)
    _, out, _ = run("check", "wide.xlsx")
    screen = out.split("severity", 1)[0]
    assert f"… and {len(frame.columns) - MOST_COLUMNS} more columns" in screen
    assert len(screen.splitlines()) <= 40


def test_json_says_how_columns_and_sheets_were_understood(run, book: Path) -> None:
    """`how` and `field` are null together; skipped sheets are there with their reason."""
    _, out, _ = run("check", "lines.xlsx", "--json", "--map", "Gizmo [red]x[/red]=ignore")
    answer = json.loads(out)
    keys = {"file", "sheet", "column", "header", "field", "how", "confidence"}
    columns = {column["header"]: column for column in answer["columns"]}
    assert all(set(column) == keys for column in answer["columns"])
    assert columns["Port?"]["field"] is None
    assert columns["Port?"]["how"] is None
    assert columns["Gizmo [red]x[/red]"]["how"] == "given"
    assert columns["Customer"]["how"] == "block"
    assert columns["TN"] == {
        **columns["TN"],
        "file": "lines.xlsx",
        "sheet": "Lines",
        "column": "B",
        "field": "phone_number",
    }
    sheets = {sheet["sheet"]: sheet for sheet in answer["sheets"]}
    assert set(sheets["Lines"]) == {"file", "sheet", "shape", "read", "why", "rows"}
    assert (sheets["Lines"]["shape"], sheets["Lines"]["rows"]) == ("block", 2)
    assert (sheets["Lists"]["read"], sheets["Lists"]["why"]) == (False, "hidden")
    assert sheets["Keep - do not port"]["rows"] == 3
    assert answer["rows"] == 2


def test_a_plan_in_json_has_the_details_as_sent(run, book: Path) -> None:
    """Every field of the request as text, its PINs masked."""
    _, out, _ = run("plan", "lines.xlsx", "--json")
    [request] = json.loads(out)["requests"]
    assert request["details"]["pin"] == "•••"
    assert request["details"]["wireless_numbers"] == "+14045550120"
    assert request["details"]["landline_numbers"] == "+14045550121"
    assert request["details"]["customer_name"] == "Copper Lantern Press"
    assert all(isinstance(text, str) for text in request["details"].values())
    assert "447102" not in out


def test_numbers_as_understood_are_a_file(run, tmp_path: Path) -> None:
    """All workbooks of the batch, PINs masked, no formula, its owner's alone."""
    write_book(tmp_path / "one.xlsx", rows({"Number Type": "Wireless", "Wireless PIN": "447102"}))
    write_book(
        tmp_path / "two.xlsx",
        rows({"Phone Number": "212 555 0150", "City": "@SUM", "Account Number": "77"}),
    )
    run("check", "one.xlsx", "two.xlsx", "--understood", "all.csv", "--no-mark")
    text = (tmp_path / "all.csv").read_text(encoding="utf-8-sig")
    _golden("understood.csv", text)
    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}]
    assert "447102" not in text
    assert open_to_others(tmp_path / "all.csv") == []


def test_the_marked_copy_shows_what_was_understood(tmp_path: Path) -> None:
    """One row per number with human headers; the details are those of the plan."""
    path = write_book(tmp_path / "mine.xlsx", rows({}, {"Customer Name": None}, {"City": "@SUM"}))
    checked = portops.check(path)
    write_results(checked, tmp_path / "out")
    page = openpyxl.load_workbook(tmp_path / "out" / "mine.checked.xlsx")[SHEET]
    table = [[cell.value for cell in row] for row in page.iter_rows()]
    assert tuple(table[0]) == HEADERS
    assert [row[HEADERS.index("Phone Number")] for row in table[1:]] == [
        "+12125550100",
        "+12125550101",
        "+12125550102",
    ]
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n"}
    details = portops.plan(checked).details
    for row in table[1:]:
        shown = dict(zip(HEADERS, row, strict=True))
        sent = details[shown["Port Request Name"]]
        assert shown["Customer Name"] == sent.get("customer_name")
        assert shown["City"] == sent.get("city")


def test_a_marked_copy_is_read_without_what_was_written(tmp_path: Path) -> None:
    """The numbers of `As understood` are not numbers to port once more."""
    path = write_book(tmp_path / "mine.xlsx", rows({}, {}))
    write_results(portops.check(path), tmp_path / "out")
    copy = tmp_path / "out" / "mine.checked.xlsx"
    again = portops.check(copy)
    assert len(again.numbers) == 2
    assert {sheet.sheet for sheet in again.sheets if not sheet.read} == {"Findings", SHEET}
    write_results(again, tmp_path / "again")
    names = openpyxl.load_workbook(tmp_path / "again" / "mine.checked.checked.xlsx").sheetnames
    assert names == ["Numbers", "Findings", SHEET]


def test_a_large_copy_lists_the_first_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not listed is counted."""
    monkeypatch.setattr(listing, "MOST_NUMBERS", 2)
    path = write_book(tmp_path / "mine.xlsx", rows({}, {}, {}))
    write_results(portops.check(path), tmp_path)
    page = openpyxl.load_workbook(tmp_path / "mine.checked.xlsx")[SHEET]
    assert page.max_row == 4
    assert str(page["A4"].value).startswith("… and 1 more number")


def test_errors_come_first(tmp_path: Path) -> None:
    """In the table, in the files and in what a plan adds."""
    path = write_book(tmp_path / "mine.xlsx", rows({}, {"Email": "nobody at all"}, {}))
    checked = portops.check(path)
    rank = {"error": 0, "warning": 1, "fixed": 2, "info": 3}
    for findings in (checked.findings, portops.plan(checked).findings):
        assert findings["severity"].map(rank).is_monotonic_increasing
        errors = findings[findings["severity"] == "error"]
        assert errors["row"].is_monotonic_increasing
    write_results(checked, tmp_path)
    page = openpyxl.load_workbook(tmp_path / "mine.checked.xlsx")["Findings"]
    assert [cell.value for cell in page["B"]][1] == "error"


@pytest.mark.parametrize("title", ["Gizmo", 'The "big" one', "Cost $", "It's `so`", "Two\nlines"])
def test_what_settles_a_column_can_be_copied(tmp_path: Path, title: str) -> None:
    """A shell takes a suggestion apart into the option that a check takes."""
    path = write_book(tmp_path / "mine.xlsx", rows({}).assign(**{title: "blue"}))
    findings = portops.check(path).findings
    unknown = findings[findings["code"] == "workbook.column_unknown"]
    [suggestion] = unknown["suggestion"]
    option, pair = shlex.split(suggestion)
    assert option == "--map"
    named = pair.rpartition("=")[0]
    again = portops.check(path, given={named: "notes"})
    assert not (again.findings["code"] == "workbook.column_unknown").any()


def test_unknown_columns_are_named_with_values_and_the_nearest_field() -> None:
    """What helps to settle it is in the finding; what may be a secret is not."""
    table = rows({}, {}).assign(
        **{"Other mail": ["a@example.com", "b@example.com"], "Code": ["447102", "8827"]}
    )
    findings = portops.check(table).findings
    by_column = findings[findings["code"].str.startswith("workbook.column_")].set_index("column")
    text = " ".join(map(str, by_column.to_numpy().ravel()))
    assert "a@example.com" in text
    assert "447102" not in text
    assert "8827" not in text


def test_two_columns_for_one_field_are_an_error(run, tmp_path: Path) -> None:
    """It names both, and what to write instead; parts are named as parts."""
    table = rows({}).assign(**{"Other mail": "a@example.com", "House": "12"})
    with pytest.raises(InputError, match="'Email' and 'Other mail' are both mapped to Email"):
        portops.check(table, given={"Email": "email", "Other mail": "email"})
    with pytest.raises(InputError) as refused:
        portops.check(table, given={"House": "street", "Service Address": "street"})
    assert '--map "House=street_name"' in refused.value.remedy
    table.to_csv(tmp_path / "mine.csv", index=False)
    options = ("--map", "Email=email", "--map", "Email=notes")
    status, _, err = run("check", "mine.csv", *options)
    assert status == 2
    assert "the column 'Email' is named twice" in err


def test_columns_of_one_title_are_named_by_their_letters(tmp_path: Path) -> None:
    """`column P` is the column with that letter."""
    table = rows({}).assign(Mail="a@example.com")
    table.columns = [*table.columns[:-1], "Email"]
    with pytest.raises(InputError, match="'column H' and 'column O'"):
        portops.check(table, given={"Email": "email"})
    given = {"column O": "ignore", "column H": "email"}
    checked = portops.check(table, given=given)
    assert checked.numbers["email"].tolist() == [GOOD["Email"]]


def _two_tables(tmp_path: Path, second: list[str]) -> Path:
    """Write two tables below each other; the second has other columns and another account."""
    made = openpyxl.Workbook()
    page = made.active
    page.title = "Numbers"
    first = [name for name in GOOD if name != "Wireless PIN"]
    page.append(first)
    for place in range(2):
        page.append([f"(212) 555-010{place}", *(GOOD[name] for name in first[1:])])
    page.append([])
    page.append(second)
    for place in range(2, 5):
        own = {**GOOD, "Phone Number": f"(212) 555-010{place}", "Account Number": "300200300400"}
        page.append([own[name] for name in second])
    path = tmp_path / "two.xlsx"
    made.save(path)
    (tmp_path / "statement.pdf").write_bytes(b"")
    return path


def test_a_missing_column_is_one_finding_a_table(tmp_path: Path) -> None:
    """A table that lacks it has one, at its header; only its own numbers are held back for it."""
    names = [name for name in GOOD if name not in {"Email", "Customer Type", "Wireless PIN"}]
    checked = portops.check(_two_tables(tmp_path, names))
    missing = checked.findings[checked.findings["code"] == "workbook.column_missing"]
    assert missing["cell"].tolist() == ["Numbers!A5", "Numbers!A5"]
    assert missing["column"].tolist() == ["Customer Type", "Email"]
    assert not checked.findings["code"].isin(["email.missing", "customer_type.missing"]).any()
    held = portops.plan(replace(checked, findings=missing)).requests.set_index("account_number")[
        "held_back"
    ]
    assert pd.isna(held["100200300400"])
    assert "column_missing" in held["300200300400"]


def test_a_missing_column_of_all_tables_is_one_finding(tmp_path: Path) -> None:
    """And so it is under a block of labels; `--set` and `--map` are named."""
    made = openpyxl.Workbook()
    page = made.active
    for row in LINES:
        page.append([str(cell).replace("\x1b", "") if cell else None for cell in row])
    made.save(tmp_path / "lines.xlsx")
    findings = portops.check(tmp_path / "lines.xlsx").findings
    missing = findings[findings["code"] == "workbook.column_missing"]
    assert not missing["column"].duplicated().any()
    wanted = '--map "Their Header=customer_type" or --set customer_type=VALUE'
    assert wanted in missing["suggestion"].tolist()
    lacking = {"statement.missing", "customer_type.missing", "contact.missing"}
    assert not lacking & set(findings["code"])


def test_a_sheet_that_was_not_read_is_told(book: Path) -> None:
    """Why, and how many rows it has; one that is left out has its own finding instead."""
    findings = portops.check(book).findings
    skipped = findings[findings["code"] == "workbook.sheet_skipped"]
    assert skipped["sheet"].tolist() == ["Lists"]
    assert skipped["severity"].tolist() == ["info"]
    left_out = findings[findings["code"] == "workbook.not_to_port"]
    assert "Keep - do not port" in left_out["value"].tolist()


def test_rows_of_a_skipped_sheet_are_counted(tmp_path: Path) -> None:
    """Where it has any."""
    path = write_book(tmp_path / "mine.xlsx", rows({}))
    made = openpyxl.load_workbook(path)
    page = made.create_sheet("Readme")
    for line in ("Please fill in", "Thank you", "Avery"):
        page.append([line])
    made.create_sheet("Sheet3")
    made.save(path)
    checked = portops.check(path)
    skipped = checked.findings[checked.findings["code"] == "workbook.sheet_skipped"]
    assert skipped["value"].fillna("").tolist() == ["3 rows", ""]
    assert skipped["message"].tolist()[0].startswith("The sheet 'Readme' (3 rows) is not read")
    assert checked.rows == 1
    assert pd.isna(skipped["cell"]).all()


def test_a_sheet_on_its_side_is_shown_and_marked(run, tmp_path: Path) -> None:
    """Its titles go down a column: one table, and cells that Excel has."""
    frame = rows({}, {}).drop(columns="Wireless PIN").assign(Gizmo=["x-1", "x-2"])
    made = openpyxl.Workbook()
    for name in frame:
        made.active.append([name, *frame[name]])
    made.save(tmp_path / "side.xlsx")
    status, out, err = run("check", "side.xlsx")
    assert status in {0, 1}, err
    assert "a table on its side" in out
    assert "Below row" not in out
    assert (tmp_path / "reports" / "side.checked.xlsx").exists()
