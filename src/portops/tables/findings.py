"""FINDINGS: one row per thing that is wrong, repaired or worth knowing.

A rule brings its code; `CODES` has those that no rule makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series  # noqa: TC002 - pandera reads the annotations

if TYPE_CHECKING:
    from collections.abc import Mapping

ERROR, WARNING, FIXED, INFO = SEVERITIES = ("error", "warning", "fixed", "info")

COLUMNS = (
    "code",
    "severity",
    "sheet",
    "row",
    "column",
    "cell",
    "value",
    "message",
    "suggestion",
    "request",
    "phone_number",
)

#: The workbook a finding belongs to stands beside the published columns.
ALL_COLUMNS = ("file", *COLUMNS)

#: Repairs of one code and column are rolled up into one finding above this count.
ROLL_UP_ABOVE = 1_000


@dataclass(frozen=True, slots=True)
class Code:
    """A finding code: its severity and what it says, in one clause."""

    severity: str
    meaning: str


#: Codes that no rule over rows makes; a rule brings its own (`checks.rulebook.codes`).
CODES: Mapping[str, Code] = MappingProxyType(
    {
        "workbook.column_missing": Code(ERROR, "no column for a required field"),
        "workbook.column_unknown": Code(INFO, "a column that was not understood; ignored"),
        "workbook.column_ambiguous": Code(
            ERROR, "two columns may be one field, and nothing settles which"
        ),
        "workbook.not_to_port": Code(
            WARNING, "left out because the workbook says it does not move"
        ),
        "workbook.sheet_skipped": Code(INFO, "a sheet that was not read, and why"),
        "cell.ditto": Code(FIXED, "a ditto mark was filled with the value above it"),
        "workbook.hidden_rows": Code(WARNING, "hidden or filtered rows hold data"),
        "address.unparsed": Code(ERROR, "an address in one cell cannot be split for certain"),
        "number.not_portable": Code(ERROR, "the provider says that it cannot be ported"),
        "request.split": Code(INFO, "split for a provider's limit"),
    }
)


class Findings(pa.DataFrameModel):
    """One row per thing that is wrong, repaired or worth knowing."""

    file: Series[str] = pa.Field(nullable=True, description="the workbook; not in published files")
    # Rules of other packages bring codes of their own.
    code: Series[str] = pa.Field(
        str_matches=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$",
        description="what it is, as its rule says",
    )
    severity: Series[str] = pa.Field(isin=SEVERITIES, description="error, warning, fixed or info")
    sheet: Series[str] = pa.Field(nullable=True, description="the sheet")
    row: Series[pd.Int64Dtype] = pa.Field(
        nullable=True, description="the row number that Excel shows"
    )
    column: Series[str] = pa.Field(nullable=True, description="the column's title in the workbook")
    cell: Series[str] = pa.Field(nullable=True, description="sheet and cell, as Numbers!D7")
    value: Series[str] = pa.Field(nullable=True, description="what the cell holds; never a secret")
    message: Series[str] = pa.Field(nullable=True, description="what is wrong and what to do")
    suggestion: Series[str] = pa.Field(nullable=True, description="what would be right")
    request: Series[str] = pa.Field(nullable=True, description="the planned request")
    phone_number: Series[str] = pa.Field(nullable=True, description="E.164")

    class Config:
        """The table as a whole."""

        name = "FINDINGS"
        strict = True


FINDINGS = Findings.to_schema()


def empty() -> pd.DataFrame:
    """Return a FINDINGS table without rows."""
    frame = pd.DataFrame({name: pd.Series(dtype="str") for name in ALL_COLUMNS})
    return frame.astype({"row": "Int64"})


def tidy(frame: pd.DataFrame, codes: Mapping[str, Code] = CODES) -> pd.DataFrame:
    """Give any table with some of the columns the shape of FINDINGS: errors first, then by place.

    A severity that is missing is the one that `codes` has.
    """
    if frame.empty:
        return empty()
    table = frame.reindex(columns=list(ALL_COLUMNS))
    usual = table["code"].map({code: about.severity for code, about in codes.items()})
    table["severity"] = table["severity"].where(table["severity"].notna(), usual)
    texts = [name for name in ALL_COLUMNS if name != "row"]
    table = table.astype({**dict.fromkeys(texts, "str"), "row": "Int64"})
    rank = table["severity"].map({severity: place for place, severity in enumerate(SEVERITIES)})
    ordered = table.assign(_rank=rank).sort_values(
        ["_rank", "file", "sheet", "row", "code"], kind="stable", ignore_index=True
    )
    return ordered.drop(columns="_rank")


def counts(findings: pd.DataFrame) -> dict[str, int]:
    """Count findings by severity; all four severities are there, also with zero."""
    seen = findings["severity"].value_counts()
    return {severity: int(seen.get(severity, 0)) for severity in SEVERITIES}


def records(findings: pd.DataFrame) -> list[dict[str, object]]:
    """Turn FINDINGS into plain dictionaries for JSON, None where nothing is known."""
    plain = findings.astype(object).where(findings.notna(), None)
    rows: list[dict[Any, Any]] = plain.to_dict("records")
    return [{**row, "row": None if row["row"] is None else int(row["row"])} for row in rows]


#: How a table is written as CSV: the byte order mark makes Excel read UTF-8.
CSV: Mapping[str, Any] = MappingProxyType(
    {"index": False, "encoding": "utf-8-sig", "lineterminator": "\r\n"}
)


def defuse(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with an apostrophe before every cell that Excel would run as a formula."""
    safe = table.copy()
    for name in safe.columns:
        if pd.api.types.is_numeric_dtype(safe[name]):
            continue
        text = safe[name].astype("str")
        risky = text.str.match(r"^[=+\-@\t\r\n]", na=False).astype(bool)
        safe[name] = text.mask(risky, "'" + text)
    return safe
