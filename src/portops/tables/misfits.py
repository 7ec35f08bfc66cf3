"""What in a table does not fit its model, row by row, in words."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

COLUMNS = ("row", "column", "value", "problem")

#: How much of a value is shown.
_SHOWN = 60

_TABLE = {
    "column_in_schema": "is not a column of {}",
    "column_in_dataframe": "is missing; {} has it",
}
_ANY = {
    "field_uniqueness": "is there more than once, with different contents",
    "not_nullable": "is missing",
}


def misfits(
    schema: pa.DataFrameSchema, table: pd.DataFrame, written: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return what does not fit, one row per cell: `row, column, value, problem`.

    `row` is the table's own index; it is missing where a column as a whole does not fit. `value`
    is taken from `written`, the table before its texts became instants. Columns say in their
    metadata, as `problem`, what is wrong with a value that does not fit.
    """
    try:
        schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return pd.DataFrame(columns=list(COLUMNS))
    of_table = cases["schema_context"] == "DataFrameSchema"
    cases["column"] = cases["column"].mask(of_table, cases["failure_case"])
    cases = cases.drop_duplicates(["index", "column"])
    told = pd.DataFrame(
        {
            "row": cases["index"],
            "column": cases["column"],
            "value": cases["failure_case"].astype("str").mask(of_table, ""),
            "problem": [
                _problem(schema, column, check)
                for column, check in zip(cases["column"], cases["check"], strict=True)
            ],
        }
    )
    if written is not None:
        there = told["row"].notna()
        rows = written.index.get_indexer(pd.Index(told.loc[there, "row"]))
        told.loc[there, "value"] = [
            str(written[column].iloc[row])
            for row, column in zip(rows, told.loc[there, "column"], strict=True)
        ]
    told["value"] = told["value"].str.slice(stop=_SHOWN)
    return told.sort_values("row", kind="stable", na_position="first", ignore_index=True)


def _problem(schema: pa.DataFrameSchema, column: str, check: str) -> str:
    if check in _TABLE:
        return _TABLE[check].format(schema.name)
    if check == "field_uniqueness":
        return _ANY[check]
    about = schema.columns[column].metadata or {}
    return str(about.get("problem") or _ANY.get(check) or f"does not fit: {check}")
