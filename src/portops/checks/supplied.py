"""Findings of a pandera schema that the caller supplies, at the cells that fail it."""

from __future__ import annotations

import re
import warnings
from copy import copy
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrorReason, SchemaErrors, SchemaWarning

from portops.errors import InputError, SettingsError
from portops.redaction import MASK
from portops.results.checked import PLACE_COLUMNS
from portops.tables.columns import FIELDS, UNSHOWN_FIELDS
from portops.tables.findings import ERROR, SEVERITIES, WARNING, Code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandera.errors import SchemaError

#: Our rules as a schema: what a type checker sees of it.
Schema: TypeAlias = pa.DataFrameSchema

#: A schema, or the class of a model.
AnySchema: TypeAlias = pa.DataFrameSchema | type[pa.DataFrameModel]

_PREFIX = "schema."
#: What pandera calls a check of a function that has no name.
_NO_NAMES = ("<lambda>", "partial")
_NULLS = SchemaErrorReason.SERIES_CONTAINS_NULLS
_WRONG_TYPE = SchemaErrorReason.WRONG_DATATYPE
_REPEATS = (SchemaErrorReason.SERIES_CONTAINS_DUPLICATES, SchemaErrorReason.DUPLICATES)

#: What a schema asks of the table's columns, with the code and the words of where it fails.
_COLUMNS = {
    SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME: (
        "column_in_dataframe",
        "NUMBERS has no column {columns}, which your schema requires.",
    ),
    SchemaErrorReason.COLUMN_NOT_IN_SCHEMA: (
        "column_in_schema",
        "Your strict schema lacks columns of NUMBERS: {columns}. Add them, or use `strict=False`.",
    ),
    SchemaErrorReason.COLUMN_NOT_ORDERED: (
        "column_ordered",
        "Your schema has {columns} in another order than NUMBERS. Reorder, or use `ordered=False`.",
    ),
}


def _checks(checks: Sequence[pa.Check]) -> list[pa.Check]:
    """Copy the checks of a column or of the table: ours fail where they would only warn."""
    mine = [copy(check) for check in checks]
    unnamed = [check for check in mine if check.name in _NO_NAMES]
    for number, check in enumerate(unnamed, start=1):
        vars(check)["portops_number"] = number
    for check in mine:
        # pandera passes a check that warns, and then forgets the rows that failed it.
        vars(check)["portops_severity"] = WARNING if check.raise_warning else ERROR
        check.raise_warning = False
    return mine


def _refusing(schema: pa.DataFrameSchema) -> pa.DataFrameSchema:
    """Copy a schema so that it reports the rows that it would drop; the caller's stays as it is."""
    mine = copy(schema)
    mine.columns = {name: copy(column) for name, column in schema.columns.items()}
    mine.index = copy(schema.index)
    for part in (mine, *mine.columns.values(), mine.index):
        if part is not None:
            part.drop_invalid_rows = False
            part.checks = _checks(part.checks)
    return mine


def _as_schema(schema: AnySchema) -> pa.DataFrameSchema:
    if isinstance(schema, pa.DataFrameSchema):
        return _refusing(schema)
    if isinstance(schema, type) and issubclass(schema, pa.DataFrameModel):
        return _refusing(schema.to_schema())
    raise InputError(
        f"schema={schema!r} is no pandera schema.", "Give a DataFrameSchema or a DataFrameModel."
    )


def _label(column: object) -> str:
    return FIELDS[str(column)].label if column in FIELDS else str(column)


def _column(column: object) -> str:
    """Name a column in a sentence of its own."""
    return FIELDS[str(column)].label if column in FIELDS else f"Column '{column}'"


def _slug(text: object) -> str:
    return re.sub(r"[^a-z0-9]+", "_", str(text).casefold()).strip("_")


def _name(error: SchemaError, column: object) -> str:
    """Name what failed: pandera's or the check's own name, else the column."""
    if error.reason_code is _NULLS:
        return "not_nullable"
    if error.reason_code in _REPEATS:
        return "unique"
    unnamed = getattr(error.check, "portops_number", None)
    about = "table" if column is None else _slug(column) or "column"
    if unnamed:
        slug = about if unnamed == 1 else f"{about}_{unnamed}"
    else:
        name = error.check if isinstance(error.check, str) else getattr(error.check, "name", "")
        # pandera's own text of a type has its argument: dtype('str').
        slug = _slug(re.sub(r"\(.*", "", str(name), flags=re.S)) or about
    return slug if slug[0].isalpha() else f"check_{slug}"


def _unnamed(error: SchemaError, about: str) -> str | None:
    """Point at a check without a name by its place, from 1, among those of its column."""
    number = getattr(error.check, "portops_number", None)
    return f"unnamed check {number} of {about}" if number else None


def _own_words(error: SchemaError) -> str | None:
    """Return the words that the caller, or else pandera, gave the check."""
    check = error.check
    if isinstance(check, str):
        return None
    words = getattr(check, "description", None) or getattr(check, "error", None)
    given = getattr(check, "statistics", None) or {}
    spare = any(value is None for value in given.values())
    if words is None or not (spare and str(words).startswith(f"{check.name}(")):
        return words
    # pandera also writes arguments that nobody gave: str_length(3, None).
    values = (f"{key}={value!r}" for key, value in given.items() if value is not None)
    return f"{check.name}({', '.join(values)})"


def _words(error: SchemaError, name: str, about: str) -> str:
    """Say what is asked for, in the schema's own words where it has any."""
    if name == "not_nullable":
        return "must have a value"
    if name == "unique":
        return "must be there only once"
    if error.reason_code is SchemaErrorReason.DATATYPE_COERCION:
        return f"cannot be read as {error.schema.dtype}, which your schema requires"
    words, unnamed = _own_words(error), _unnamed(error, about)
    if unnamed and not words:
        words = f"{unnamed} (give it `name=` or `error=` to say what is asked for)"
    words = words or getattr(error.check, "name", None) or name
    return f"does not fit your schema: {str(words).rstrip('.')}"


def _rows_of(error: SchemaError, facts: pd.DataFrame) -> list[int]:
    """Return the places of the rows that an error is about; empty where it is about the table."""
    cases = error.failure_cases
    if error.reason_code is _WRONG_TYPE:
        return []
    if not isinstance(cases, pd.DataFrame) or "index" not in cases:
        return []
    places = pd.to_numeric(cases["index"], errors="coerce").dropna().astype("int64").unique()
    return sorted(place for place in places.tolist() if 0 <= place < len(facts))


def _of_table(code: str, severity: str, message: str, facts: pd.DataFrame) -> pd.DataFrame:
    """Make one finding that is about no row."""
    table: dict[str, Any] = {"code": _PREFIX + code, "severity": severity, "message": message}
    table["file"] = facts["file"].iloc[0] if len(facts) else None
    return pd.DataFrame([table]).assign(row=pd.array([pd.NA], dtype="Int64"))


def _column_findings(errors: Sequence[SchemaError], facts: pd.DataFrame) -> list[pd.DataFrame]:
    """Make one finding of all columns that are missing, too many, or out of order."""
    findings = []
    for reason, (code, words) in _COLUMNS.items():
        names = [f"'{error.failure_cases}'" for error in errors if error.reason_code is reason]
        if names:
            message = words.format(columns=", ".join(names))
            findings.append(_of_table(code, ERROR, message, facts))
    return findings


def _missing_findings(
    schema: pa.DataFrameSchema, numbers: pd.DataFrame, facts: pd.DataFrame
) -> list[pd.DataFrame]:
    """Make a warning of the optional columns that a schema wants to be warned of."""
    # Earlier versions of pandera have no such wish.
    asked = getattr(schema, "on_missing_columns", None)
    names = [
        f"'{name}'"
        for name, column in schema.columns.items()
        if not (column.regex or column.required or name in numbers)
        and "warn" in (getattr(column, "on_missing", None), asked)
    ]
    if not names:
        return []
    message = f"NUMBERS has no column {', '.join(names)}, which your schema would like."
    return [_of_table("column_in_dataframe", WARNING, message, facts)]


def _findings_of(error: SchemaError, numbers: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    column = error.column_name if error.column_name is not None else error.schema.name
    is_wide = column not in numbers.columns
    field = "phone_number" if is_wide else str(column)
    name = _name(error, None if is_wide else column)
    about = "the table" if is_wide else _column(column)
    severity = getattr(error.check, "portops_severity", ERROR)
    places = _rows_of(error, facts)
    if not places:
        says = _words(error, name, about)
        if error.reason_code is _WRONG_TYPE and not is_wide:
            kind = numbers[column].dtype
            says = f"is of type {kind}, and your schema requires {error.schema.dtype}"
        start = "The table" if is_wide else about
        return _of_table(name, severity, f"{start} {says}.", facts)
    rows, mine = facts.iloc[places], numbers.iloc[places]
    value = mine[field] if field in mine else rows["number_written"]
    if field in UNSHOWN_FIELDS:
        value = value.map(lambda _: MASK, na_action="ignore")
    value = value.astype("str")
    shown = ("'" + value + "' ").fillna("")
    subject = shown + ("" if is_wide else f"in {_label(field)} ")
    blank = value.isna()
    label = "The row" if is_wide else _label(field)
    messages = (subject.mask(blank, f"{label} ") + _words(error, name, about) + ".").astype("str")
    at_number = is_wide or field in {"phone_number", "file", "sheet", "row", "number_text"}
    return pd.DataFrame(
        {
            "code": _PREFIX + name,
            "severity": severity,
            "file": rows["file"],
            "sheet": rows["sheet"],
            "row": rows["row"].astype("Int64"),
            "field": rows["number_field"] if at_number else field,
            "number_field": rows["number_field"],
            **{name: rows[name] for name in PLACE_COLUMNS},
            "value": value,
            "message": messages,
            "request": rows["request"],
            "phone_number": rows["phone_number"],
        }
    )


def supplied_findings(
    schema: AnySchema, numbers: pd.DataFrame, facts: pd.DataFrame
) -> pd.DataFrame:
    """Validate NUMBERS lazily against the caller's schema; each failing row is a finding.

    `facts` are those of `numbers`, row by row. A check of the whole table points at the row's
    number. A check that only warns makes warnings, and rows that the schema would drop are
    reported. Raises SettingsError when a check of the schema itself fails.
    """
    theirs = _as_schema(schema)
    findings = _missing_findings(theirs, numbers, facts)
    try:
        with warnings.catch_warnings():
            # pandera would print them into the caller's terminal; they are findings here.
            warnings.simplefilter("ignore", SchemaWarning)
            theirs.validate(numbers.reset_index(drop=True), lazy=True)
    except SchemaErrors as report:
        errors = report.schema_errors
        for error in errors:
            if error.reason_code is SchemaErrorReason.CHECK_ERROR:
                column = error.column_name
                about = "the table" if column is None else _column(column)
                check = _unnamed(error, about) or f"check {_name(error, column)}"
                raise SettingsError(
                    f"The {check} of your schema is broken: {error.failure_cases}.",
                    "Correct it; it is called with columns of NUMBERS.",
                ) from error
        findings += _column_findings(errors, facts)
        others = (error for error in errors if error.reason_code not in _COLUMNS)
        findings += (_findings_of(error, numbers, facts) for error in others)
    return pd.concat(findings, ignore_index=True) if findings else pd.DataFrame()


def supplied_codes(findings: pd.DataFrame) -> dict[str, Code]:
    """Return the codes that a caller's schema has made."""
    made = findings[findings["code"].str.startswith(_PREFIX)]
    return {
        str(code): Code(
            min(severities, key=SEVERITIES.index), "does not fit the schema that was given"
        )
        for code, severities in made.groupby("code")["severity"]
    }
