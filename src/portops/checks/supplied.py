"""Findings of a pandera schema that the caller supplies, at the cells that fail it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrorReason, SchemaErrors

from portops.errors import InputError, SettingsError
from portops.redaction import MASK
from portops.tables.columns import FIELDS, SECRET_FIELDS
from portops.tables.findings import ERROR, Code

if TYPE_CHECKING:
    from pandera.errors import SchemaError

#: Our rules as a schema: what a type checker sees of it.
Schema: TypeAlias = pa.DataFrameSchema

#: A schema, or the class of a model.
AnySchema: TypeAlias = pa.DataFrameSchema | type[pa.DataFrameModel]

_PREFIX = "schema."
_NULLS = SchemaErrorReason.SERIES_CONTAINS_NULLS
_REPEATS = (SchemaErrorReason.SERIES_CONTAINS_DUPLICATES, SchemaErrorReason.DUPLICATES)


def _as_schema(schema: AnySchema) -> pa.DataFrameSchema:
    if isinstance(schema, pa.DataFrameSchema):
        return schema
    if isinstance(schema, type) and issubclass(schema, pa.DataFrameModel):
        return schema.to_schema()
    raise InputError(
        f"schema={schema!r} is no pandera schema.", "Give a DataFrameSchema or a DataFrameModel."
    )


def _label(column: object) -> str:
    return FIELDS[str(column)].label if column in FIELDS else str(column)


def _slug(text: object) -> str:
    return re.sub(r"[^a-z0-9]+", "_", str(text).casefold()).strip("_")


def _name(error: SchemaError, column: object) -> str:
    """Name what failed: pandera's or the check's own name, else the column."""
    if error.reason_code is _NULLS:
        return "not_nullable"
    if error.reason_code in _REPEATS:
        return "unique"
    name = error.check if isinstance(error.check, str) else getattr(error.check, "name", None)
    # What pandera calls a check without a name of its own, and its text of a type: dtype('str').
    plain = re.sub(r"\(.*", "", str(name or ""), flags=re.S)
    named = _slug(plain) if plain and "lambda" not in plain else ""
    slug = named or _slug(column) or "table"
    return slug if slug[0].isalpha() else f"check_{slug}"


def _words(error: SchemaError, name: str) -> str:
    """Say what is asked for, in the schema's own words where it has any."""
    if name == "not_nullable":
        return "must have a value"
    if name == "unique":
        return "must be there only once"
    check = error.check
    own = getattr(check, "description", None) or getattr(check, "error", None)
    if own:
        return f"does not fit your schema: {str(own).rstrip('.')}"
    return f"does not fit your schema: {name.replace('_', ' ')}"


def _rows_of(error: SchemaError, facts: pd.DataFrame) -> list[int]:
    """Return the places of the rows that an error is about; empty where it is about the table."""
    cases = error.failure_cases
    if error.reason_code is SchemaErrorReason.WRONG_DATATYPE:
        return []
    if not isinstance(cases, pd.DataFrame) or "index" not in cases:
        return []
    places = pd.to_numeric(cases["index"], errors="coerce").dropna().astype("int64").unique()
    return sorted(place for place in places.tolist() if 0 <= place < len(facts))


def _findings_of(error: SchemaError, numbers: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    column = error.column_name if error.column_name is not None else error.schema.name
    is_wide = column not in numbers.columns
    field = "phone_number" if is_wide else str(column)
    name = _name(error, None if is_wide else column)
    places = _rows_of(error, facts)
    if not places:
        missing = error.reason_code is SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME
        words = (
            f"NUMBERS has no column '{error.failure_cases}', which your schema requires."
            if missing
            else f"{_label(column) if not is_wide else 'The table'} {_words(error, name)}."
        )
        code = "column_in_dataframe" if missing else name
        table: dict[str, Any] = {"code": _PREFIX + code, "severity": ERROR, "message": words}
        table["file"] = facts["file"].iloc[0] if len(facts) else None
        return pd.DataFrame([table]).assign(row=pd.array([pd.NA], dtype="Int64"))
    rows, mine = facts.iloc[places], numbers.iloc[places]
    value = mine[field] if field in mine else rows["number_written"]
    if field in SECRET_FIELDS:
        value = value.map(lambda _: MASK, na_action="ignore")
    value = value.astype("str")
    shown = ("'" + value + "' ").fillna("")
    subject = shown + ("" if is_wide else f"in {_label(field)} ")
    blank = value.isna()
    label = "The row" if is_wide else _label(field)
    messages = (subject.mask(blank, f"{label} ") + _words(error, name) + ".").astype("str")
    at_number = is_wide or field in {"phone_number", "file", "sheet", "row", "number_text"}
    return pd.DataFrame(
        {
            "code": _PREFIX + name,
            "severity": ERROR,
            "file": rows["file"],
            "sheet": rows["sheet"],
            "row": rows["row"].astype("Int64"),
            "field": rows["number_field"] if at_number else field,
            "number_field": rows["number_field"],
            "value": value,
            "message": messages,
            "request": rows["request"],
            "phone_number": rows["phone_number"],
        }
    )


def supplied_findings(
    schema: AnySchema, numbers: pd.DataFrame, facts: pd.DataFrame
) -> pd.DataFrame:
    """Validate NUMBERS lazily against the caller's schema; each failing row is an error.

    `facts` are those of `numbers`, row by row. A check of the whole table points at the row's
    number. Raises SettingsError when a check of the schema itself fails.
    """
    theirs = _as_schema(schema)
    try:
        theirs.validate(numbers.reset_index(drop=True), lazy=True)
    except SchemaErrors as report:
        for error in report.schema_errors:
            if error.reason_code is SchemaErrorReason.CHECK_ERROR:
                raise SettingsError(
                    f"The check {_name(error, error.column_name)} of your schema is broken: "
                    f"{error.failure_cases}.",
                    "Correct it; it is called with columns of NUMBERS.",
                ) from error
        findings = [_findings_of(error, numbers, facts) for error in report.schema_errors]
        return pd.concat(findings, ignore_index=True)
    return pd.DataFrame()


def supplied_codes(findings: pd.DataFrame) -> dict[str, Code]:
    """Return the codes that a caller's schema has made."""
    made: Any = findings["code"][findings["code"].str.startswith(_PREFIX)].unique()
    return {code: Code(ERROR, "does not fit the schema that was given") for code in made}
