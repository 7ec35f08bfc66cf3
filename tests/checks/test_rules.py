"""Every rule: a row that passes, rows that fail, the cell that is pointed at."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.conftest import GOOD, rows

import portops
from portops.checks.rulebook import codes
from portops.checks.rulebook import rules as rulebook
from portops.errors import InputError
from portops.redaction import MASK
from portops.results.checked import Checked

W = {"Number Type": "Wireless"}

#: What is changed in a good row, and the findings it must bring: code and column.
CASES: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
    ({"Phone Number": None}, {("number.missing", "Phone Number")}),
    ({"Phone Number": "212-555-01"}, {("number.invalid", "Phone Number")}),
    ({"Phone Number": "416 234 5678"}, {("number.not_us", "Phone Number")}),
    ({"Phone Number": "787 234 5678"}, {("number.territory", "Phone Number")}),
    ({"Phone Number": "800 234 5678"}, {("number.toll_free", "Phone Number")}),
    ({"Phone Number": "900 234 5678"}, {("number.premium", "Phone Number")}),
    ({"Phone Number": "212 736 5000 x12"}, {("number.extension", "Phone Number")}),
    ({"Number Type": None}, {("line_type.missing", "Number Type")}),
    ({"Number Type": "carrier pigeon"}, {("line_type.missing", "Number Type")}),
    ({"Number Type": "Cell"}, {("pin.missing", "Wireless PIN")}),
    ({**W, "Wireless PIN": "A1B2C3D4"}, set()),
    ({"Account Number": None}, {("account.missing", "Account Number")}),
    ({"Account Number": "1.23457E+15"}, {("account.digits_lost", "Account Number")}),
    ({"Account Number": 1.234567890123457e15}, {("account.digits_lost", "Account Number")}),
    ({"Customer Type": "Martian"}, {("customer_type.missing", "Customer Type")}),
    ({"Authorized Representative": None}, {("contact.missing", "Authorized Representative")}),
    (
        {"Authorized Representative": "IT Dept"},
        {("contact.incomplete", "Authorized Representative")},
    ),
    ({"Authorized Representative": "Avery"}, {("contact.incomplete", "Authorized Representative")}),
    ({"Email": None}, {("email.missing", "Email")}),
    ({"Email": "avery at example.com"}, {("email.invalid", "Email")}),
    ({"Email": "o'hara+loa@mail.example.co"}, set()),
    ({"Service Address": None}, {("address.missing", "Service Address")}),
    ({"City": None}, {("address.missing", "City")}),
    ({"State": None}, {("address.missing", "State")}),
    ({"Postal Code": None}, {("address.missing", "Postal Code")}),
    ({"Service Address": "PO Box 12"}, {("address.po_box", "Service Address")}),
    ({"Service Address": "P.O. BOX 12"}, {("address.po_box", "Service Address")}),
    ({"Service Address": "12 Boxwood Road"}, set()),
    ({"Service Address": "Mill Road"}, {("address.no_house_number", "Service Address")}),
    ({"Service Address": "3rd St NW"}, {("address.no_house_number", "Service Address")}),
    ({"Service Address": "One Mill Road"}, set()),
    ({"Service Address": "5th Floor, 12 Mill Road"}, set()),
    (
        {"Service Address": "12 Mill Road, New York NY 10001"},
        {("address.parsed", "Service Address")},
    ),
    (
        {"Service Address": "12 Mill Road Boston MA 02110"},
        {("address.conflict", "Service Address")},
    ),
    (
        {"Service Address": "12 Mill Road, New York, NY 10007"},
        {("address.conflict", "Service Address")},
    ),
    ({"Service Address": "12 Mill Road, Newark, NJ"}, {("address.conflict", "Service Address")}),
    ({"Service Address": "12 Washington NE"}, set()),
    ({"Service Address": "12 Old Washington, CT"}, set()),
    ({"State": "Narnia"}, {("state.unknown", "State")}),
    ({"State": "new york"}, {("state.reformatted", "State")}),
    ({"Postal Code": "1000"}, {("postal_code.invalid", "Postal Code")}),
    (
        {"Postal Code": 2108, "State": "MA", "City": "Boston"},
        {("postal_code.restored", "Postal Code")},
    ),
    ({"Postal Code": "10001-1234"}, set()),
    ({"Postal Code": "60602"}, {("postal_code.state_mismatch", "Postal Code")}),
    ({"City": "Buffalo"}, {("postal_code.city_mismatch", "Postal Code")}),
    ({"City": "NEW YORK  CITY"}, set()),
    ({"Billing Statement": None}, {("statement.missing", "Billing Statement")}),
    ({"Billing Statement": "other.pdf"}, {("statement.not_found", "Billing Statement")}),
]

#: Every good number is a fictional one, and its writing is repaired; both are said of each.
USUAL = {"number.fictional", "number.reformatted"}


def _found(checked: Checked) -> set[tuple[str, str]]:
    pairs = zip(checked.findings["code"], checked.findings["column"], strict=True)
    # Statements of the samples are of other accounts: what their text says is tested elsewhere.
    return {
        (code, column)
        for code, column in pairs
        if code not in USUAL and not code.endswith(("_absent", "too_old", "no_text"))
    }


@pytest.mark.parametrize(("change", "expected"), CASES)
def test_one_fault_one_finding(
    change: dict[str, Any], expected: set[tuple[str, str]], statement: Path
) -> None:
    """A fault brings its finding at its cell, and nothing else."""
    assert _found(portops.check(rows(change), documents=statement)) == expected


def test_a_good_row_has_nothing_wrong(statement: Path) -> None:
    """A clean table stays clean."""
    checked = portops.check(rows({}, {}, {}), documents=statement, as_of=date(2026, 10, 5))
    assert checked.counts["error"] == checked.counts["warning"] == 0


def test_no_two_rules_have_one_name() -> None:
    """Code, field and severity tell rules apart, and what they say where one code has two remedies."""
    rules = rulebook()
    names = {(rule.code, rule.field, rule.severity, rule.message) for rule in rules}
    assert len(names) == len(rules)


def test_every_rule_brings_its_code_and_says_what_to_do() -> None:
    """A rule's code and meaning are known, its message is a sentence."""
    for rule in rulebook():
        assert codes()[rule.code].meaning
        assert rule.message.rstrip().endswith((".", "!"))


def test_findings_point_at_excels_own_row(statement: Path) -> None:
    """The second data row under a header in row 1 is row 3."""
    checked = portops.check(rows({}, {"Email": "nobody"}), documents=statement)
    bad = checked.findings.query("code == 'email.invalid'").iloc[0]
    column = chr(ord("A") + list(GOOD).index("Email"))
    assert (bad["row"], bad["cell"]) == (3, f"table!{column}3")


def test_secrets_never_show_in_findings(statement: Path) -> None:
    """A PIN list that is wrong is shown as dots."""
    checked = portops.check(
        rows({**W, "Wireless PIN": "Zebra-4711-Giraffe-Tulip"}), documents=statement
    )
    text = checked.findings.to_csv() + checked.numbers.to_csv() + checked._repr_html_()
    assert "Zebra" not in text
    assert MASK in checked.numbers.to_csv()


def test_a_number_twice_names_all_its_places(statement: Path) -> None:
    """Both cells are named, however the number is written."""
    checked = portops.check(
        rows({"Phone Number": "2127365000"}, {"Phone Number": "+1 (212) 736-5000"}),
        documents=statement,
    )
    twice = checked.findings.query("code == 'number.duplicate'")
    assert list(twice["row"]) == [2, 3]
    assert "table!A2, table!A3" in twice["message"].iloc[0]


def test_a_number_in_thousands_of_rows_names_three_places_and_the_count(
    tmp_path: Path, statement: Path
) -> None:
    """Every place in every row would be 36 million of them."""
    checked = portops.check(rows(*[{"Phone Number": "2127365000"}] * 6_000), documents=statement)
    twice = checked.findings.query("code == 'number.duplicate'")
    assert len(twice) == 6_000
    assert "table!A2, table!A3, table!A4 and 5,997 more" in twice["message"].iloc[0]
    assert twice["message"].str.count("table!").max() == 3
    file = tmp_path / "findings.csv"
    checked.findings.to_csv(file)
    assert file.stat().st_size < 6_000_000


def test_an_account_with_two_addresses_is_a_conflict(statement: Path) -> None:
    """The odd one out is pointed at, not the usual ones."""
    checked = portops.check(
        rows({}, {}, {"Service Address": "99 Other Street"}), documents=statement
    )
    conflict = checked.findings.query("code == 'request.conflict'")
    assert list(conflict["row"]) == [4]
    assert list(conflict["column"]) == ["Service Address"]


def test_a_missing_column_is_said_once_with_the_way_out(statement: Path) -> None:
    """Not once a row; `--map` or `--set` settles it."""
    checked = portops.check(rows({}, {}).drop(columns="Email"), documents=statement)
    errors = checked.findings[checked.findings["severity"] == "error"]
    assert list(errors["code"]) == ["workbook.column_missing"]
    assert "--set email=" in errors["suggestion"].iloc[0]


def test_set_gives_blank_fields_a_value(statement: Path) -> None:
    """`--set customer_type=Business` fills what the workbook does not have."""
    frame = rows({}).drop(columns="Customer Type")
    checked = portops.check(frame, documents=statement, fill={"customer_type": "Business"})
    assert checked.counts["error"] == 0
    assert checked.numbers["customer_type"].iloc[0] == "Business"


def test_repairs_of_many_cells_are_rolled_up(statement: Path) -> None:
    """Above 1,000 cells one finding has the count and three examples, unless all are wanted."""
    numbers = [{"Phone Number": f"(212) 736-{line:04d}"} for line in range(1, 1_102)]
    frame = rows(*numbers)
    rolled = portops.check(frame, documents=statement).findings
    rolled = rolled[rolled["code"] == "number.reformatted"]
    assert len(rolled) == 1
    assert "1,101 cells" in rolled["message"].iloc[0]
    every = portops.check(frame, documents=statement, keep_all=True).findings
    assert (every["code"] == "number.reformatted").sum() == 1_101


def test_the_table_that_is_checked_is_not_changed(statement: Path) -> None:
    """A check gives a new table and leaves the analyst's own alone."""
    frame = rows({}, {"State": "new york"})
    before = frame.copy(deep=True)
    portops.check(frame, documents=statement)
    pd.testing.assert_frame_equal(frame, before)


def test_a_documents_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    """Otherwise every statement would be missing, one by one."""
    with pytest.raises(InputError, match=r"nowhere' does not exist"):
        portops.check(rows({}), documents=tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file"):
        portops.check(rows({}), documents=tmp_path / "file")
