"""What stands over, beside and on another sheet settles what a column is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import portops
from portops.results.checked import Checked

DAY = "2026-10-05"
FIRST, SECOND, THIRD, FOURTH = (f"206-555-01{n}" for n in (10, 11, 12, 13))
LINES = (FIRST, SECOND, THIRD, FOURTH)


def _check(folder: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Checked:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
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


def test_an_accounts_sheet_with_two_addresses_of_mail_is_read(tmp_path: Path) -> None:
    """`example.com` is no hint how to fill in a form."""
    lines = [["Dept code", "Tel number", "Room"], ["CLK", FIRST, "112"], ["CLK", SECOND, "114"]]
    lines += [["HWY", THIRD, "Shop"]]
    titles = ["Dept code", "Account holder of record", "Official authorized to sign"]
    titles += ["Official's e-mail", "Vendor's acct", "Building address", "City", "Zip", "IT e-mail"]
    clerk = ["CLK", "County Clerk", "Pat Hale", "ph@example.com", "206 555 0110 337"]
    road = ["HWY", "Highway Dept", "Lee Kirk", "lk@example.com", "00418827"]
    rest = ["Seattle", "98101", "it@example.com"]
    details = [titles, [*clerk, "305 Pine St", *rest], [*road, "12 Elm St", *rest]]
    checked = _check(tmp_path, {"Lines": lines, "Departments": details})
    assert checked.numbers["account_number"].tolist() == [clerk[4], clerk[4], road[4]]
    # A room beside the numbers is no part of the address that the other sheet has.
    assert "street_2" not in _fields(checked).values()


def test_labels_and_values_of_a_sheet_count_for_the_numbers_of_another(tmp_path: Path) -> None:
    lines = [["Asset tag", "DID"], ["IT-1", FIRST], ["IT-2", SECOND]]
    details = [
        ["Provider we are leaving", "Frontier"],
        ["Account no. with them", "3381907"],
        ["Company name on the bill", "Pallas Bearing Supply"],
        ["Who signs the LOA", "Ann Rourke"],
        ["911 / service location", "215 Pine St"],
        ["City", "Seattle"],
        ["Zip", "98101"],
    ]
    checked = _check(tmp_path, {"Handsets": lines, "Carrier": details})
    assert checked.numbers["account_number"].tolist() == ["3381907", "3381907"]
    assert checked.numbers["street"].tolist() == ["215 Pine St", "215 Pine St"]


def test_labels_and_values_that_nobody_asked_for_are_not_read(tmp_path: Path) -> None:
    own = ["206 555 0110 220", "Lantern Cafe", "Ann Rourke", "ann@example.com", "400 Pine St"]
    lines = [
        ["Phone number", "Account number", "Customer name", "Authorized signer", "Email", "Street"],
        [FIRST, *own],
    ]
    about = [["City", "Boise"], ["Account number", "999"], ["Customer name", "Other Co"]]
    checked = _check(tmp_path, {"Lines": lines, "About us": about})
    assert checked.numbers["customer_name"].tolist() == ["Lantern Cafe"]
    assert checked.numbers["city"].isna().all()


def _form(mail: str) -> list[list[Any]]:
    return [
        ["Parish telephone survey"],
        ["Legal title on the bill:", "St. Mark Parish"],
        ["Pastor (may sign for the parish):", "Rev. Tad Wolan"],
        ["Pastor's e-mail:", mail],
        ["Office street:", "431 Pine St"],
        ["City, State, Zip:", "Seattle, WA 98101"],
        ["Telephone company at present:", "Frontier"],
    ]


def test_sheets_of_one_form_help_one_another(tmp_path: Path) -> None:
    """A value with a fault does not tell its field; the same label on another sheet does."""
    good = [*_form("tad@example.com"), [], ["Telephones that are to move"], [FIRST]]
    bad = [*_form("call the office"), [], ["Telephones that are to move"], [SECOND]]
    checked = _check(tmp_path, {"St Mark": good, "St Luke": bad})
    assert _cells(checked, "email.invalid") == ["St Luke!B4"]


def test_a_form_of_two_columns_is_no_table(tmp_path: Path) -> None:
    rows = [
        ["1 YOUR BUSINESS", None, None, "2 WHO YOU USE NOW", None],
        ["Business name on bill", "Palm Dry Goods", None, "Phone company you leave", "AT&T"],
        ["Officer signing", "Eula Pinck", None, "Acct. # with them", "206 555-0110 118"],
        ["Officer's email", "eula@example.com", None, "Main billing number", FIRST],
        ["City", "Seattle", None, "Wireline or wireless?", "Wireline"],
        ["ZIP", "98101", None, "Business or home?", "Business"],
        [],
        ["4 NUMBERS YOU ARE BRINGING"],
        ["A", FIRST, None, "C", THIRD],
        ["B", SECOND, None, "D", None],
        [],
        ["5 NUMBERS YOU ARE LEAVING BEHIND"],
        ["A", FOURTH],
    ]
    checked = _check(tmp_path, {"Form": rows})
    assert sorted(_numbers(checked)) == [FIRST, SECOND, THIRD]
    assert set(checked.numbers["customer_name"]) == {"Palm Dry Goods"}
    assert set(checked.numbers["account_number"]) == {"206 555-0110 118"}


@pytest.mark.parametrize(
    ("person", "mail"), [("Terminal mgr (OK to release)", "Mgr e-mail"), ("Dist. Mgr", "DM Email")]
)
def test_the_signers_mail_is_the_one_that_shares_his_word(
    person: str, mail: str, tmp_path: Path
) -> None:
    rows = [["Phone number", "Account number", person, mail, "Vendor e-mail"]]
    rows += [
        [number, "3381907", "Dell Haug", "dell@example.com", "v@example.com"] for number in LINES
    ]
    fields = _fields(_check(tmp_path, {"Lines": rows}))
    assert fields[person] == "authorized_name"
    assert fields[mail] == "email"


def test_a_heading_over_columns_says_what_moves(tmp_path: Path) -> None:
    groups = ["Store", None, "Moves", None, "Stays", None]
    titles = ["Code", "Account number", "Main no.", "Banquet no.", "Elevator", "Pool phone"]
    rows = [
        ["FLG", "3381907", FIRST, SECOND, "206-555-0120", "206-555-0121"],
        ["PRC", "3381908", THIRD, FOURTH, "206-555-0122", "206-555-0123"],
    ]
    checked = _check(tmp_path, {"Hotels": [groups, titles, *rows]})
    assert sorted(_numbers(checked)) == sorted(LINES)


def test_an_example_that_only_its_first_cell_names_is_left_out(tmp_path: Path) -> None:
    titles = ["Seq", "Porting TN", "LSP acct", "EU listing name"]
    example = ["EXAMPLE", "206-555-0199", "001 5501", "Jane Sample"]
    rows = [[n, number, "3310774421", "Desert Lathe"] for n, number in enumerate(LINES, start=1)]
    checked = _check(tmp_path, {"Intake": [titles, example, *rows]})
    assert _numbers(checked) == list(LINES)
    assert "workbook.not_to_port" in set(checked.findings["code"])


def test_numbers_in_running_text_and_short_second_numbers(tmp_path: Path) -> None:
    rows = [["Office", "Telephone lines we take with us", "Our acct with them"]]
    rows += [["North", f"Main {FIRST}, intake {SECOND} and the fax, {THIRD}.", "505 606R"]]
    rows += [["South", f"{FOURTH} / 0114", "505 607R"]]
    assert _numbers(_check(tmp_path, {"Offices": rows})) == [*LINES, "206-555-0114"]


@pytest.mark.parametrize("words", ["ask AP", "not sure", "will send later", "XXXXXXX"])
def test_an_account_number_of_words_is_none(words: str, tmp_path: Path) -> None:
    rows = [["Phone number", "Account number", "Customer name"]]
    rows += [[FIRST, words, "Lantern Cafe"], [SECOND, "LANTERNCO", "Lantern Cafe"]]
    assert _cells(_check(tmp_path, {"Lines": rows}), "cell.placeholder") == ["Lines!B2"]


def test_a_sheet_of_what_has_moved_is_left_out(tmp_path: Path) -> None:
    titles = ["Phone number", "Account number"]
    now = [titles, [FIRST, "3381907"]]
    before = [titles, [SECOND, "3381907"]]
    checked = _check(tmp_path, {"Wave 2 - now": now, "Wave 1 - completed 2025": before})
    assert _numbers(checked) == [FIRST]
    assert _cells(checked, "workbook.not_to_port") == ["Wave 1 - completed 2025!A1"]


def test_what_an_export_puts_before_its_titles_says_nothing(tmp_path: Path) -> None:
    titles = ["Ticket", "Contact Email", "UDF - TN", "UDF - Prov Acct", "UDF - LOA Signer"]
    titles += ["UDF - Signer Email", "UDF - Req FOC"]
    rows = [
        [n, "it@example.com", number, "616 220 8", "Joan Vand", "joan@example.com", "11/12/2026"]
        for n, number in enumerate(LINES)
    ]
    fields = _fields(_check(tmp_path, {"Tickets": [titles, *rows]}))
    assert fields["UDF - Signer Email"] == "email"
    assert fields["UDF - Req FOC"] == "target_date"
    assert "Contact Email" not in fields


def test_the_only_address_is_the_one_on_record(tmp_path: Path) -> None:
    titles = ["Wireless number", "Account number", "Billing street", "Billing city"]
    titles += ["Billing state", "Billing zip"]
    rows = [[number, "3381907", "400 Pine St", "Seattle", "WA", "98101"] for number in LINES]
    fields = _fields(_check(tmp_path, {"Lines": [titles, *rows]}))
    assert fields["Billing street"] == "street"
    both = [[*titles, "Service street", "City"], *([*row, "12 Elm St", "Seattle"] for row in rows)]
    assert "Billing street" not in _fields(_check(tmp_path, {"Lines": both}))


def test_a_number_that_few_rows_have_is_not_the_list(tmp_path: Path) -> None:
    titles = ["Agent", "Business cell", "Cell company", "Cell acct no.", "Zillow no."]
    rows = [["Bibi", FIRST, "Verizon", "442019887", "206-555-0190"]]
    rows += [["Hal", SECOND, "Verizon", "442019887", None], ["Jo", THIRD, "AT&T", "58820441", None]]
    rows += [["Rico", FOURTH, "AT&T", "58820441", None]]
    assert _numbers(_check(tmp_path, {"Agents": [titles, *rows]})) == list(LINES)


def test_a_store_number_is_no_house_number(tmp_path: Path) -> None:
    rows = [["Str #", "Phone number", "Account number", "Addr", "City", "Zip"]]
    rows += [["1011", FIRST, "3381907", "1414 Pine St", "Seattle", "98101"]]
    rows += [["1024", SECOND, "3381908", "500 Elm St", "Seattle", "98101"]]
    assert _check(tmp_path, {"Stores": rows}).numbers["street"].tolist() == [
        "1414 Pine St",
        "500 Elm St",
    ]
