"""Workbooks as people send them: shapes and remarks that no template has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

import portops
from portops.results.checked import Checked

DAY = "2026-10-05"
FIRST, SECOND, THIRD, FOURTH = (f"206-555-01{n}" for n in (10, 11, 12, 13))


def _check(folder: Path, *rows: list[Any]) -> Checked:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    path = folder / "book.xlsx"
    workbook.save(path)
    return portops.check(path, as_of=DAY)


def _numbers(checked: Checked) -> list[str]:
    return [f"{n[2:5]}-{n[5:8]}-{n[8:]}" for n in checked.numbers["phone_number"].dropna()]


def _fields(checked: Checked) -> dict[str, str]:
    mapping = checked.mapping[checked.mapping["field"].notna()]
    return dict(zip(mapping["header"], mapping["field"], strict=True))


def _cells(checked: Checked, code: str) -> list[str]:
    return checked.findings.loc[checked.findings["code"] == code, "cell"].tolist()


def test_tables_side_by_side_are_two_tables(tmp_path: Path) -> None:
    titles = ["Telephone no.", "Account no.", "Street", "Town", "Zip"]
    left = [FIRST, "206 555 0110 220", "400 Pine St", "Seattle", "98101"]
    right = [SECOND, "pending", "12 Elm St", "Seattle", "98101"]
    checked = _check(tmp_path, [*titles, None, *titles], [*left, None, *right])
    assert _numbers(checked) == [FIRST, SECOND]
    assert checked.numbers["street"].tolist() == ["400 Pine St", "12 Elm St"]
    # The account that is not there is in the second table's own column.
    assert _cells(checked, "cell.placeholder") == ["Sheet!H2"]


def test_rows_of_hints_below_a_header_are_no_data(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        ["Delete the sample row before uploading"],
        ["Telephone Number to Transfer", "LSP Account ID", "Subscriber Name", "Premise City"],
        ["Required", "Required", "Required", "Required"],
        ["10 digits, no dashes", "As on invoice", "As on invoice", "Text only"],
        [FIRST, "882 110 0045", "Lantern Cafe LLC", "Seattle"],
    )
    assert _numbers(checked) == [FIRST]
    assert checked.numbers["customer_name"].tolist() == ["Lantern Cafe LLC"]


def test_a_list_begins_beside_its_question(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        ["Which company sends you the phone bill?", None, "Lumen"],
        ["What account number is on that bill?", None, "206555011 001"],
        ["Whose name is the bill in?", None, "Lantern Cafe LLC"],
        [],
        ["Please list every number to be moved:", None, FIRST],
        [None, None, SECOND],
        [],
        ["Any number that must stay where it is?", None, THIRD],
    )
    assert _numbers(checked) == [FIRST, SECOND]
    assert _cells(checked, "workbook.not_to_port") == ["Sheet!A8"]


def test_a_remark_that_forbids_is_heeded_and_one_that_waits_is_not(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        ["Phone number", "Company", "Remark"],
        [FIRST, "Lantern Cafe", "fax"],
        [SECOND, "Lantern Cafe", "do not port - elevator"],
        [THIRD, "Lantern Cafe", "do not port before Nov 5"],
    )
    assert _numbers(checked) == [FIRST, THIRD]
    assert _cells(checked, "workbook.not_to_port") == ["Sheet!C3"]


def test_a_column_may_tell_the_fate_of_its_lines_in_any_words(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        ["TN", "Company", "Where we are"],
        [FIRST, "Lantern Cafe", "ready to submit"],
        [SECOND, "Lantern Cafe", "ported 8/14 - done"],
        [THIRD, "Lantern Cafe", "client cancelled"],
    )
    assert _numbers(checked) == [FIRST]


def test_a_heading_over_a_block_speaks_for_the_numbers_below_it(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        ["CLIENT LEFT US - DO NOT MOVE THESE"],
        ["Client", "Lantern Cafe LLC"],
        ["Current carrier", "Lumen"],
        ["Account number", "206555011 001"],
        [],
        ["Phone number", "Kind of line"],
        [FIRST, "landline"],
        ["Numbers to move"],
        ["Phone number", "Kind of line"],
        [SECOND, "landline"],
    )
    assert _numbers(checked) == [SECOND]


def test_a_service_record_has_a_row_a_feature(tmp_path: Path) -> None:
    titles = ["USOC", "Description", "TN", "Rate"]
    checked = _check(
        tmp_path,
        titles,
        ["1FB", "Business line", FIRST, 41.5],
        ["ESX", "Call waiting", FIRST, 6],
        ["1FB", "Business line", SECOND, 41.5],
        ["1FB", "Business line", THIRD, 41.5],
        ["1FB", "Business line", THIRD, 41.5],
    )
    assert _numbers(checked) == [FIRST, SECOND, THIRD, THIRD]
    # The very same row again is a mistake.
    assert _cells(checked, "number.duplicate") == ["Sheet!C5", "Sheet!C6"]
    assert any("row 3" in line and "more of a number" in line for line in checked.skipped)


def test_report_lines_above_semicolons(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        "Report:;Wireless inventory\nRun:;10/01/2026 06:12\n\n"
        f"Wireless Vendor;BAN;CTN\nAT&T Mobility;287301144902;{FIRST}\n",
        "utf-8",
    )
    checked = portops.check(path, as_of=DAY)
    assert _numbers(checked) == [FIRST]
    assert _fields(checked)["BAN"] == "account_number"


def test_titles_in_two_languages(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        [
            "N\u00famero a mover / Number",
            "Compa\u00f1\u00eda / Carrier",
            "Cuenta / Acct",
            "NIP / PIN",
        ],
        [FIRST, "AT&T", "915 555 0110 304", "5518"],
        [SECOND, "\u00eddem", "\u00eddem", "5519"],
    )
    assert set(_fields(checked).values()) == {
        "phone_number",
        "losing_carrier",
        "account_number",
        "pin",
    }
    assert checked.numbers["account_number"].tolist() == ["915 555 0110 304"] * 2


@pytest.mark.parametrize(("accounts", "silent"), [(1, 0), (4, 4)])
def test_a_filler_is_a_pin_of_one_account(tmp_path: Path, accounts: int, silent: int) -> None:
    rows = [
        [number, f"88211004{place % accounts}", "1234", "Wireless"]
        for place, number in enumerate([FIRST, SECOND, THIRD, FOURTH])
    ]
    checked = _check(tmp_path, ["Phone number", "Account number", "PIN", "Number type"], *rows)
    assert len(_cells(checked, "cell.placeholder")) == silent


def test_an_account_that_shows_its_last_digits_only_is_none(tmp_path: Path) -> None:
    checked = _check(tmp_path, ["Phone number", "Account number"], [FIRST, "****4418"])
    assert _cells(checked, "account.digits_lost") == ["Sheet!B2"]


def test_a_block_says_outright_who_signs(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        ["Signer e-mail:", "mara@example.com"],
        ["Account holder:", "Lantern Cafe LLC"],
        ["Current carrier:", "Lumen"],
        [],
        ["Phone number", "Alt email"],
        [FIRST, "front@example.com"],
        [SECOND, "back@example.com"],
    )
    assert set(checked.numbers["email"]) == {"mara@example.com"}


def test_codes_of_five_digits_are_no_zip_codes(tmp_path: Path) -> None:
    checked = _check(
        tmp_path, ["Phone number", "Code"], [FIRST, "00009"], [SECOND, "00017"], [THIRD, "99999"]
    )
    assert _fields(checked).get("Code") != "postal_code"
    assert not checked.mapping["value"].astype("str").str.contains("00009").any()


def test_all_lines_of_a_row_are_numbers_but_for_the_owner_s(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        ["Phone co.", "Counter line", "Catering line", "2nd line", "Owner's cell - NOT moving"],
        ["Xfinity", FIRST, SECOND, THIRD, "206-555-0180"],
        ["Xfinity", FOURTH, "", "", "206-555-0181"],
    )
    assert sorted(_numbers(checked)) == [FIRST, SECOND, THIRD, FOURTH]


def test_the_state_of_a_letter_is_not_that_of_a_line(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        ["Phone number", "Company", "LOA back", "Survey"],
        [FIRST, "Lantern Cafe", "completed", "closed"],
        [SECOND, "Lantern Cafe", "not yet", "closed"],
        [THIRD, "Lantern Cafe", "cancelled", "open"],
    )
    assert _numbers(checked) == [FIRST, SECOND, THIRD]
