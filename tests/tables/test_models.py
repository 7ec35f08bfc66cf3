"""The four models: strict, described, and what our own stages make."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest
from tests.conftest import events, rows

import portops
from portops import tables
from portops.tables import findings
from portops.tables.columns import FIELDS, REQUEST_FIELDS

SCHEMAS = (tables.NUMBERS, tables.FINDINGS, tables.REQUESTS, tables.EVENTS)
MODELS = (tables.Numbers, tables.Findings, tables.Requests, tables.Events)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_every_column_is_described_and_no_other_is_let_in(schema: pa.DataFrameSchema) -> None:
    """The model is the documentation of its table."""
    assert schema.description
    assert all(column.description for column in schema.columns.values())
    assert not any(column.coerce for column in schema.columns.values())
    empty = pd.DataFrame({name: [] for name in schema.columns}).assign(surprise="")
    with pytest.raises(pa.errors.SchemaErrors, match="surprise"):
        schema.validate(empty, lazy=True)


@pytest.mark.parametrize(("model", "schema"), list(zip(MODELS, SCHEMAS, strict=True)))
def test_a_model_is_a_class_of_its_own(
    model: type[pa.DataFrameModel], schema: pa.DataFrameSchema
) -> None:
    """People extend it like any pandera model."""
    assert issubclass(model, pa.DataFrameModel)
    assert model.to_schema().columns.keys() == schema.columns.keys()


def test_numbers_have_the_fields_of_the_columns_file() -> None:
    """A new field there is a column here, with its help."""
    own = {"phone_number", "line_type", "landline_numbers", "wireless_numbers"}
    asked = [name for name in REQUEST_FIELDS if name not in own]
    start = len(tables.SOURCE_COLUMNS)
    assert list(tables.NUMBERS.columns)[:start] == list(tables.SOURCE_COLUMNS)
    assert list(tables.NUMBERS.columns)[start : start + len(asked)] == asked
    assert all(tables.NUMBERS.columns[name].description == FIELDS[name].help for name in asked)


def test_what_the_stages_make_fits(statement: Path) -> None:
    """A check's numbers and findings, a plan's requests, and events."""
    checked = portops.check(rows({}, {"State": "New York"}, {"City": None}), documents=statement)
    tables.NUMBERS.validate(checked.numbers, lazy=True)
    tables.FINDINGS.validate(checked.findings, lazy=True)
    tables.REQUESTS.validate(portops.plan(checked).requests, lazy=True)
    tables.EVENTS.validate(events(), lazy=True)


def test_a_code_is_a_family_and_a_name() -> None:
    """A rule from another package may bring a code of its own; nonsense is refused."""
    table = findings.tidy(
        pd.DataFrame({"code": ["mine.own"], "severity": ["warning"], "message": ["Look here."]})
    )
    tables.FINDINGS.validate(table, lazy=True)
    with pytest.raises(pa.errors.SchemaErrors):
        tables.FINDINGS.validate(table.assign(code="no code"), lazy=True)
