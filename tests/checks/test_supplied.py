"""A pandera schema of one's own: its failure cases are findings at their cells."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest
from tests.conftest import rows

import portops
from portops.errors import InputError, SettingsError
from portops.redaction import MASK


def _found(frame: pd.DataFrame, schema: object, documents: Path) -> pd.DataFrame:
    findings = portops.check(frame, documents=documents, schema=schema).findings
    return findings[findings["code"].str.startswith("schema.")].reset_index(drop=True)


def test_a_check_of_a_column_points_at_its_cell(statement: Path) -> None:
    """Code by the check's name, severity error, the value and the column's label in the message."""
    mine = pa.DataFrameSchema({"city": pa.Column("str", pa.Check.isin(["New York"]))})
    findings = _found(rows({}, {"City": "Boston"}), mine, statement)
    assert findings[["code", "severity", "cell", "value", "phone_number"]].to_numpy().tolist() == [
        ["schema.isin", "error", "table!J3", "Boston", "+12125550101"]
    ]
    assert findings["message"][0].startswith("'Boston' in City does not fit your schema:")


def test_a_description_says_what_is_asked_for(statement: Path) -> None:
    """A check's own words and name come first."""
    check = pa.Check(lambda city: city == "New York", name="head_office", description="NY only")
    findings = _found(
        rows({"City": "Boston"}), pa.DataFrameSchema({"city": pa.Column(checks=check)}), statement
    )
    assert list(findings["code"]) == ["schema.head_office"]
    assert findings["message"][0] == "'Boston' in City does not fit your schema: NY only."


def test_a_check_without_a_name_is_called_by_its_column(statement: Path) -> None:
    """A lambda's name says nothing."""
    check = pa.Check(lambda city: city == "New York")
    findings = _found(
        rows({"City": "Boston"}), pa.DataFrameSchema({"city": pa.Column(checks=check)}), statement
    )
    assert list(findings["code"]) == ["schema.city"]


def test_a_model_is_accepted_as_a_schema_is(statement: Path) -> None:
    """Blank where a value is required: the cell of that column."""

    class Mine(pa.DataFrameModel):
        notes: str = pa.Field(nullable=False)

    frame = rows({}, {}).assign(Notes=["ask Avery", None])
    findings = _found(frame, Mine, statement)
    assert findings[["code", "row", "column"]].to_numpy().tolist() == [
        ["schema.not_nullable", 3, "Notes"]
    ]
    assert findings["message"][0] == "Notes must have a value."


def test_a_check_of_the_whole_table_points_at_the_number(statement: Path) -> None:
    """One finding a row that fails, at the number's cell."""
    wide = pa.Check(lambda table: table["city"] == "New York", name="one_city")
    findings = _found(rows({}, {"City": "Boston"}), pa.DataFrameSchema(checks=wide), statement)
    assert findings[["code", "cell"]].to_numpy().tolist() == [["schema.one_city", "table!A3"]]


def test_secrets_stay_dots(statement: Path) -> None:
    """A schema may look at PINs, and its findings never show them."""
    mine = pa.DataFrameSchema(
        {"pin": pa.Column(object, pa.Check(lambda pins: pins.map(lambda _: False), name="never"))}
    )
    frame = rows({"Number Type": "Wireless", "Wireless PIN": "4711"})
    findings = _found(frame, mine, statement)
    assert list(findings["value"]) == [MASK]
    assert "4711" not in findings.to_csv()


def test_a_check_of_a_pin_has_to_reveal_it(statement: Path) -> None:
    """As the words of `check` say, through both doors."""
    frame = rows({"Number Type": "Wireless", "Wireless PIN": "4711"})
    as_shown = pa.Check(lambda pin: str(pin) == "4711", element_wise=True, name="shown")
    revealed = pa.Check(lambda pin: pin.reveal() == "4711", element_wise=True, name="revealed")
    mine = pa.DataFrameSchema({"pin": pa.Column(object, [as_shown, revealed])})
    assert list(_found(frame, mine, statement)["code"]) == ["schema.shown"]
    for step in (portops.check, portops.Desk.check):
        assert ".reveal()" in str(step.__doc__)


def test_a_column_that_numbers_does_not_have_is_a_finding(statement: Path) -> None:
    """So is a column of another type; both are about the table."""
    mine = pa.DataFrameSchema({"region": pa.Column("str"), "city": pa.Column("int64")})
    findings = _found(rows({}), mine, statement)
    assert set(findings["code"]) == {"schema.column_in_dataframe", "schema.dtype"}
    assert findings["row"].isna().all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("where", ["column", "schema"])
def test_an_optional_column_that_is_missed_is_a_finding(where: str, statement: Path) -> None:
    """In our words; pandera's own warning does not get into the terminal."""
    on_column = {"on_missing": "warn"} if where == "column" else {}
    on_schema = {"on_missing_columns": "warn"} if where == "schema" else {}
    mine = pa.DataFrameSchema({"region": pa.Column(required=False, **on_column)}, **on_schema)
    findings = _found(rows({}), mine, statement)
    assert list(findings["code"]) == ["schema.column_in_dataframe"]
    assert list(findings["severity"]) == ["warning"]
    assert findings["message"].str.contains("NUMBERS has no column 'region'").all()


def test_numbers_that_repeat_can_be_forbidden_for_any_column(statement: Path) -> None:
    """`unique=True` is a check like any other."""
    mine = pa.DataFrameSchema({"email": pa.Column("str", unique=True)})
    findings = _found(rows({}, {}, {"Email": "b@example.com"}), mine, statement)
    assert list(findings["code"]) == ["schema.unique", "schema.unique"]
    assert list(findings["row"]) == [2, 3]


def test_a_schema_that_fits_finds_nothing_and_changes_nothing(statement: Path) -> None:
    """The numbers are those of a check without it."""
    mine = pa.DataFrameSchema({"city": pa.Column("str")}, parsers=pa.Parser(lambda t: t.iloc[::-1]))
    frame = rows({}, {"City": "Boston"})
    with_schema = portops.check(frame, documents=statement, schema=mine)
    without = portops.check(frame, documents=statement)
    pd.testing.assert_frame_equal(with_schema.numbers, without.numbers)
    pd.testing.assert_frame_equal(with_schema.findings, without.findings)


def test_a_broken_check_of_the_schema_is_named(statement: Path) -> None:
    """It is the schema's fault, not the workbook's."""
    check = pa.Check(lambda city: city.no_such_method(), name="head_office")
    mine = pa.DataFrameSchema({"city": pa.Column(checks=check)})
    with pytest.raises(SettingsError, match="head_office of your schema is broken"):
        portops.check(rows({}), documents=statement, schema=mine)


def test_what_is_no_schema_is_refused(statement: Path) -> None:
    """A dictionary is none."""
    with pytest.raises(InputError, match="no pandera schema"):
        portops.check(rows({}), documents=statement, schema={"city": "str"})


def test_codes_of_a_schema_are_explained(statement: Path) -> None:
    """Whoever prints findings finds a meaning for each code."""
    mine = pa.DataFrameSchema({"city": pa.Column("str", pa.Check.isin(["New York"]))})
    checked = portops.check(rows({"City": "Boston"}), documents=statement, schema=mine)
    assert set(checked.findings["code"]) <= set(checked.codes)


@pytest.mark.parametrize("kind", ["schema", "column", "model"])
def test_rows_that_a_schema_would_drop_are_reported(statement: Path, kind: str) -> None:
    """`drop_invalid_rows` hides what a check is for; the caller's schema keeps it."""

    class Mine(pa.DataFrameModel):
        city: str = pa.Field(isin=["New York"])

        class Config:
            drop_invalid_rows = True

    only = pa.Check.isin(["New York"])
    column = pa.Column("str", only, drop_invalid_rows=kind == "column")
    mine = pa.DataFrameSchema({"city": column}, drop_invalid_rows=kind == "schema")
    findings = _found(rows({}, {"City": "Boston"}), Mine if kind == "model" else mine, statement)
    assert findings[["code", "severity", "row"]].to_numpy().tolist() == [
        ["schema.isin", "error", 3]
    ]
    assert mine.drop_invalid_rows == (kind == "schema")
    assert mine.columns["city"].drop_invalid_rows == (kind == "column")
    assert Mine.to_schema().drop_invalid_rows


@pytest.mark.filterwarnings("error")
def test_a_check_that_only_warns_makes_warnings(statement: Path) -> None:
    """They are findings at their cells, and no warnings of Python's."""
    check = pa.Check.isin(["New York"], raise_warning=True)
    wide = pa.Check(lambda table: len(table) > 5, name="many", raise_warning=True)
    mine = pa.DataFrameSchema({"city": pa.Column("str", check)}, checks=wide)
    checked = portops.check(rows({}, {"City": "Boston"}), documents=statement, schema=mine)
    findings = checked.findings[checked.findings["code"].str.startswith("schema.")]
    assert set(zip(findings["code"], findings["severity"], strict=True)) == {
        ("schema.isin", "warning"),
        ("schema.many", "warning"),
    }
    assert findings.loc[findings["code"] == "schema.isin", "cell"].to_list() == ["table!J3"]
    assert checked.codes["schema.isin"].severity == "warning"
    assert check.raise_warning


def test_unnamed_checks_are_counted(statement: Path) -> None:
    """Two of one column or table are two codes, and the words say how to name them."""
    no = pa.Check(lambda values: pd.Series(data=False, index=values.index))
    mine = pa.DataFrameSchema({"city": pa.Column("str", [no, no])}, checks=[no, no])
    findings = _found(rows({}), mine, statement).set_index("code")["message"]
    assert set(findings.index) == {
        "schema.city",
        "schema.city_2",
        "schema.table",
        "schema.table_2",
    }
    assert "unnamed check 2 of City (give it `name=` or `error=`" in findings["schema.city_2"]
    assert "unnamed check 1 of the table (give it" in findings["schema.table"]


def test_a_broken_check_without_a_name_is_pointed_at(statement: Path) -> None:
    """By its place, not as "none"."""
    mine = pa.DataFrameSchema(checks=pa.Check(lambda table: table["nope"] > 0))
    with pytest.raises(SettingsError, match="The unnamed check 1 of the table of your schema is"):
        portops.check(rows({}), documents=statement, schema=mine)


@pytest.mark.parametrize("options", [{"strict": True}, {"ordered": True}])
def test_columns_that_do_not_fit_are_named_once(statement: Path, options: dict[str, bool]) -> None:
    """One finding names all that a strict schema leaves out, or an ordered one has elsewhere."""
    numbers = portops.check(rows({}), documents=statement).numbers.columns
    columns = [name for name in numbers[::-1] if name not in {"city", "state"}]
    if "ordered" in options:
        columns += ["city", "state"]
    mine = pa.DataFrameSchema({name: pa.Column() for name in columns}, **options)
    findings = _found(rows({}), mine, statement)
    wanted = [code for code in findings["code"] if code.startswith("schema.column_")]
    assert len(wanted) == 1
    message = findings.loc[findings["code"] == wanted[0], "message"].iloc[0]
    assert "'city'" in message
    assert "'state'" in message


def test_a_wrong_type_says_which_is_asked_for(statement: Path) -> None:
    """And which one is there; `row` has no label of its own."""
    mine = pa.DataFrameSchema(
        {"row": pa.Column("float64"), "city": pa.Column("int64", coerce=True)}
    )
    findings = _found(rows({}), mine, statement)
    messages = set(findings["message"])
    assert "Column 'row' is of type int64, and your schema requires float64." in messages
    assert "'New York' in City cannot be read as int64, which your schema requires." in messages


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (pa.Check.str_length(20), "str_length(20)"),
        (pa.Check.str_length(min_value=20), "str_length(min_value=20)"),
        (pa.Check.str_length(min_value=20, error="too short"), "too short"),
        (pa.Check(lambda city: city == "", name="City_NE state"), "City_NE state"),
    ],
)
def test_a_check_is_named_as_it_was_written(statement: Path, check: pa.Check, words: str) -> None:
    """Not by the code that is made of it."""
    findings = _found(rows({}), pa.DataFrameSchema({"city": pa.Column("str", check)}), statement)
    assert list(findings["message"]) == [f"'New York' in City does not fit your schema: {words}."]
