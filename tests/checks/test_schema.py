"""The rules as one pandera schema of NUMBERS: it fails exactly where a check finds errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from pandera.errors import SchemaErrors
from tests.conftest import SAMPLES, SHARED, rows

import portops
from portops.checks.rule import Rule, Say
from portops.checks.schema import RuleError, schema
from portops.errors import InputError, SettingsError
from portops.providers import limits_of
from portops.redaction import MASK
from portops.results.checked import Checked
from portops.tables.columns import FIELDS, NUMBER_FIELDS

AS_OF = date(2026, 11, 23)
LIMITS = limits_of("bandwidth")

BOOKS = [
    *sorted(SAMPLES.rglob("*.xlsx")),
    *(path for kind in ("*.xlsx", "*.csv") for path in sorted(SHARED.rglob(kind))),
]

Place = tuple[str, int, str]

#: Stands for the column of the number, whichever it is.
NUMBER = "number"


def _documents(book: Path) -> Path:
    near = [folder / "statements" for folder in (book.parent, book.parent.parent)]
    return next((folder for folder in near if folder.is_dir()), book.parent)


def _cases(numbers: pd.DataFrame, made: pa.DataFrameSchema) -> pd.DataFrame:
    """Return the failure cases with their sheet and Excel's row."""
    try:
        made.validate(numbers, lazy=True)
    except SchemaErrors as report:
        cases = report.failure_cases
        at = numbers.loc[cases["index"]]
        return cases.assign(sheet=at["sheet"].to_numpy(), row=at["row"].to_numpy())
    return pd.DataFrame(columns=["column", "check", "failure_case", "index", "sheet", "row"])


def _expected(checked: Checked, numbers: pd.DataFrame) -> set[Place]:
    """Return the errors of a check: sheet, row and header (empty where it points at no column).

    A missing column is one finding of a check, and a blank in every row for the schema. A value of
    a block of labels is one finding as well: its row is 0 here. Of columns that nobody can tell
    apart the schema knows nothing.
    """
    places = checked.mapping.drop_duplicates(["sheet", "header", "value_row"])
    phones = checked.mapping[checked.mapping["field"].isin(NUMBER_FIELDS)]
    phones_of = set(zip(phones["sheet"], phones["header"], strict=True))
    blocks = set(zip(places["sheet"], places["header"], places["value_row"], strict=True))
    labels = {field.label: name for name, field in FIELDS.items()}
    errors = checked.findings[checked.findings["severity"] == "error"]
    expected = set()
    for error in errors.itertuples():
        sheet, row = str(error.sheet), int(error.row)
        header = "" if pd.isna(error.column) else str(error.column)
        if error.code == "workbook.column_missing":
            rows = numbers.loc[numbers["sheet"] == sheet, "row"]
            expected |= {(sheet, row, labels[header]) for row in rows}
        elif error.code != "workbook.column_ambiguous":
            name = NUMBER if (sheet, header) in phones_of else header
            expected.add((sheet, 0 if (sheet, header, row) in blocks else row, name))
    return expected


def _found(cases: pd.DataFrame, checked: Checked) -> set[Place]:
    """Return the failure cases as sheet, row and header; without a column it is the number's."""
    first = checked.mapping.dropna(subset="field").drop_duplicates(["sheet", "field"])
    keys = zip(first["sheet"], first["field"], strict=True)
    at = dict(zip(keys, zip(first["header"], first["value_row"], strict=True), strict=True))
    missing = {
        (error.sheet, error.column)
        for error in checked.findings.itertuples()
        if error.code == "workbook.column_missing"
    }
    number = NUMBER if set(checked.mapping["field"]) & set(NUMBER_FIELDS) else ""
    found = set()
    for case in cases.itertuples():
        sheet, row, field = str(case.sheet), int(case.row), str(case.column)
        if (sheet, FIELDS[field].label) in missing:
            found.add((sheet, row, field))
        elif field in NUMBER_FIELDS or (sheet, field) not in at:
            found.add((sheet, row, number))
        else:
            header, block_row = at[sheet, field]
            found.add((sheet, 0 if block_row else row, header))
    return found


@pytest.mark.parametrize("book", BOOKS, ids=lambda path: path.stem)
def test_the_schema_fails_where_the_check_finds_errors(book: Path) -> None:
    """On every sample: the same rows and columns, both ways."""
    documents = _documents(book)
    try:
        numbers = portops.read(book)
    except InputError:
        pytest.skip("no table is found in it")
    checked = portops.check(book, provider="bandwidth", documents=documents, as_of=AS_OF)
    made = portops.schema(provider="bandwidth", documents=documents, as_of=AS_OF)
    findings, expected = _found(_cases(numbers, made), checked), _expected(checked, numbers)
    if not set(checked.mapping["field"].dropna()) & set(NUMBER_FIELDS):
        # Without any column of numbers a check points at rows, and at no cell of them.
        findings = {(sheet, row, "") for sheet, row, _ in findings}
        expected = {(sheet, row, "") for sheet, row, _ in expected}
    assert findings == expected


def test_the_defaults_agree_as_well() -> None:
    """Without a documents folder, both look beside the workbook."""
    book = SAMPLES / "faults" / "statement.xlsx"
    checked = portops.check(book)
    cases = _cases(portops.read(book), portops.schema())
    assert _found(cases, checked) == _expected(checked, portops.read(book))


def test_repaired_numbers_that_are_clean_pass(statement: Path) -> None:
    """What a check gives can be validated, and comes back as it was, without the facts."""
    numbers = portops.check(rows({}, {}), documents=statement).numbers
    made = schema(LIMITS, documents=statement, as_of=AS_OF)
    pd.testing.assert_frame_equal(made.validate(numbers, lazy=True), numbers)


def test_repaired_numbers_with_faults_fail_at_the_same_places(statement: Path) -> None:
    """A value that could not be repaired is missing there, and is still at fault."""
    changes: list[dict[str, Any]] = [{}, {"Email": "nobody"}, {"Phone Number": "12"}]
    numbers = portops.check(rows(*changes), documents=statement).numbers
    cases = _cases(numbers, schema(LIMITS, documents=statement))
    assert set(zip(cases["row"], cases["column"], strict=True)) == {
        (3, "email"),
        (4, "phone_number"),
    }


def test_a_failure_case_has_index_field_code_and_value(statement: Path) -> None:
    """The table's own index is kept; a PIN is shown as dots."""
    frame = rows({}, {"Number Type": "Wireless", "Wireless PIN": "Zebra-4711-Giraffe-Tulip"})
    numbers = portops.read(frame).set_axis(["first", "second"])
    cases = _cases(numbers, schema(LIMITS, documents=statement))
    assert cases[["index", "column", "check", "failure_case"]].to_numpy().tolist() == [
        ["second", "pin", "pin.shape", MASK]
    ]


def test_warnings_fail_only_where_they_are_asked_for(statement: Path) -> None:
    """A table that passes may be submitted; with `severities` warnings fail as well."""
    numbers = portops.read(rows({"Authorized Representative": "Avery"}))
    assert _cases(numbers, schema(LIMITS, documents=statement)).empty
    strict = schema(LIMITS, documents=statement, severities=("error", "warning"))
    assert set(_cases(numbers, strict)["check"]) >= {"contact.incomplete"}


def test_the_public_schema_takes_what_a_check_takes(statement: Path) -> None:
    """Rules of one's own, severities, files and today, as in the module."""
    mine = _rule(lambda facts: facts["city"] != "New York")
    numbers = portops.read(rows({"Authorized Representative": "Avery"}))
    cases = _cases(
        numbers,
        portops.schema(documents=statement, rules=[mine], severities=("error", "warning")),
    )
    assert set(cases["check"]) >= {"house.odd", "contact.incomplete"}
    lost = portops.read(rows({"Billing Statement": "nowhere.pdf"}))
    assert _cases(lost, portops.schema(files=False)).empty
    dated = portops.read(rows({"Target Port Date": "2026-12-15"}))
    assert _cases(dated, portops.schema(files=False, as_of=AS_OF)).empty
    late = _cases(dated, portops.schema(files=False, as_of="2026-12-20"))
    assert set(late["check"]) == {"request.target_date"}


def test_the_public_schema_refuses_what_a_check_refuses() -> None:
    """A folder that is not there, a day that is none; and what is no severity."""
    for wrong in ({"documents": "nodir"}, {"as_of": "soon"}):
        with pytest.raises(InputError) as checked:
            portops.check(rows({}), **wrong)
        with pytest.raises(InputError) as made:
            portops.schema(**wrong)
        assert str(made.value) == str(checked.value)
    for severities in ("error", ["bad"]):
        with pytest.raises(InputError, match="not severities"):
            portops.schema(severities=severities)


def test_no_file_is_looked_at_where_none_shall_be() -> None:
    """`files=False` leaves statements alone."""
    numbers = portops.read(rows({"Billing Statement": "nowhere.pdf"}))
    assert set(_cases(numbers, schema(LIMITS))["check"]) == {"statement.not_found"}
    assert _cases(numbers, schema(LIMITS, files=False)).empty


def test_a_table_changed_in_place_is_judged_anew(statement: Path) -> None:
    """Nothing of an earlier validation is kept."""
    numbers = portops.read(rows({"Email": "nobody"}))
    made = schema(LIMITS, documents=statement)
    with pytest.raises(SchemaErrors):
        made.validate(numbers, lazy=True, inplace=True)
    numbers["email"] = "avery@example.com"
    made.validate(numbers, lazy=True, inplace=True)


def test_the_schema_can_be_extended(statement: Path) -> None:
    """Columns of one's own are added as to any schema of pandera."""
    more = schema(LIMITS, documents=statement).add_columns({"region": pa.Column("str")})
    numbers = portops.read(rows({"Email": "nobody"})).assign(region="north")
    assert set(_cases(numbers, more)["check"]) == {"email.invalid"}
    with pytest.raises(SchemaErrors, match="region"):
        more.validate(numbers.drop(columns="region"), lazy=True)


def _rule(holds: Callable[[pd.DataFrame], Any], **options: Any) -> Rule:
    about = {"code": "house.odd", "severity": "error", "meaning": "odd", "field": "city"}
    return Rule(**{**about, "message": "'{value}' is odd.", **options}, holds=holds)


def test_a_rule_of_ones_own_is_applied(statement: Path) -> None:
    """`rules=` adds to ours: its code, severity, words and cell."""
    mine = _rule(lambda facts: facts["city"] != "New York", severity="warning")
    findings = portops.check(rows({}), documents=statement, rules=[mine]).findings
    odd = findings[findings["code"] == "house.odd"].iloc[0]
    assert (odd["severity"], odd["cell"], odd["message"]) == (
        "warning",
        "table!J2",
        "'New York' is odd.",
    )


@pytest.mark.parametrize(
    ("holds", "words"),
    [
        (lambda facts: facts["no such fact"], "raises KeyError"),
        (lambda facts: facts["city"], "Series of str"),
        (lambda _: True, "instead of a column"),
        (lambda _: np.array([True]), "gives 1 answers for 2 rows"),
        (lambda facts: pd.Series(pd.NA, facts.index, dtype="boolean"), "neither true nor false"),
    ],
)
def test_a_broken_rule_is_named(
    statement: Path, holds: Callable[[pd.DataFrame], Any], words: str
) -> None:
    """The error has the code, the module and what to do, in a check and in the schema."""
    broken = _rule(holds)
    with pytest.raises(SettingsError, match=r"house\.odd of tests\.checks\.test_schema") as caught:
        portops.check(rows({}, {}), documents=statement, rules=[broken])
    assert words in str(caught.value)
    assert __name__ in caught.value.remedy
    with pytest.raises(RuleError, match=r"house\.odd"):
        schema(LIMITS, files=False, more=[broken]).validate(portops.read(rows({}, {})), lazy=True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"message": "{nope} is bad."}, "`message` raises KeyError"),
        ({"suggest": lambda facts: facts["nope"]}, "`suggest` raises KeyError"),
        ({"suggest": lambda _: pd.Series(["Boston"], [7])}, "`suggest` raises TypeError"),
        ({"say": Say.GROUP, "within": ("nope",)}, "`within` raises KeyError"),
        ({"say": Say.NUMBER, "gather": "nope"}, "`within` raises KeyError"),
    ],
)
def test_a_rule_that_breaks_where_it_speaks_is_named(
    statement: Path, options: dict[str, Any], words: str
) -> None:
    """A fault in any part of a rule is the rule's, as one in `holds` is."""
    broken = _rule(lambda facts: facts["city"] != "New York", **options)
    with pytest.raises(SettingsError, match=r"house\.odd of tests\.checks\.test_schema") as caught:
        portops.check(rows({}), documents=statement, rules=[broken])
    assert words in str(caught.value)


@pytest.mark.parametrize("rules", [3, [3], "x", None])
def test_what_is_no_rule_is_refused(statement: Path, rules: Any) -> None:
    """Instead of an error of Python's own."""
    with pytest.raises(InputError, match="`rules=` gives "):
        portops.check(rows({}), documents=statement, rules=rules)


def test_one_rule_needs_no_list_and_may_name_any_fact(statement: Path) -> None:
    """Also one with a dot in its name, and a brace that is only a brace."""
    mine = _rule(lambda facts: facts["city"] != "New York", message="{{{written.state}}} is odd.")
    findings = portops.check(rows({}), documents=statement, rules=mine).findings
    assert list(findings.loc[findings["code"] == "house.odd", "message"]) == ["{NY} is odd."]


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Odd"},
        {"severity": "bad"},
        {"field": "shoe_size"},
        {"message": "bad {"},
        {"message": "{} is bad."},
        {"causes": ("nopes",)},
        {"causes": "pin"},
    ],
)
def test_a_rule_that_cannot_be_a_finding_is_refused(wrong: dict[str, Any]) -> None:
    """Code, severity, field, message and causes are checked where the rule is made."""
    with pytest.raises(SettingsError, match=r"cannot be used|is not a cause"):
        _rule(lambda facts: facts["row"] > 0, **wrong)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"say": Say.ROW}, [2, 3, 4]),
        ({"say": Say.NUMBER}, [2, 2, 3, 4]),
        ({"say": Say.GROUP}, [2, 4]),
        ({"say": Say.GROUP, "within": ("file",)}, [2]),
        ({"say": Say.NUMBER, "gather": "from_range"}, [2, 2, 3, 4]),
        ({"say": Say.NUMBER, "gather": "has_house"}, [2, 4]),
    ],
)
def test_a_rule_says_how_often_it_speaks(
    statement: Path, options: dict[str, Any], expected: list[int]
) -> None:
    """Once a row, a number, or a group; `gather` makes one of a group's numbers where it is true."""
    frame = rows(
        {"Phone Number": "(212) 555-0100, (212) 555-0101"}, {}, {"Account Number": "99887766"}
    )
    rule = _rule(lambda facts: facts["row"] < 0, **options)
    findings = portops.check(frame, documents=statement, rules=[rule]).findings
    assert sorted(findings.loc[findings["code"] == "house.odd", "row"]) == expected
