"""FINDINGS: one row a thing that is wrong, repaired or worth knowing.

`CODES` lists every code with its severity, the field it points at and its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series  # noqa: TC002 - pandera reads the annotations

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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


CODES: Mapping[str, Code] = MappingProxyType(
    {
        "workbook.column_missing": Code(ERROR, "no column for a required field"),
        "workbook.column_unknown": Code(INFO, "a column that was not understood; ignored"),
        "workbook.hidden_rows": Code(WARNING, "hidden or filtered rows hold data"),
        "workbook.formula_error": Code(ERROR, "the cell shows #N/A, #REF! or the like"),
        "number.missing": Code(ERROR, "no telephone number"),
        "number.invalid": Code(ERROR, "not a valid number of the numbering plan"),
        "number.not_us": Code(ERROR, "a valid number of another country"),
        "number.territory": Code(WARNING, "a number of a US territory"),
        "number.toll_free": Code(ERROR, "toll-free numbers move by another process"),
        "number.premium": Code(ERROR, "premium and personal numbers cannot be moved here"),
        "number.fictional": Code(INFO, "555-0100 to 555-0199 is set aside for fiction"),
        "number.extension": Code(ERROR, "an extension cannot be ported"),
        "number.reformatted": Code(FIXED, "rewritten as +1NPANXXXXXX"),
        "number.range_expanded": Code(FIXED, "a range became its numbers"),
        "number.duplicate": Code(ERROR, "the same number more than once in the batch"),
        "number.in_progress": Code(ERROR, "already in an open request of the store"),
        "number.not_portable": Code(ERROR, "the provider says that it cannot be ported"),
        "correction.unchanged": Code(ERROR, "resubmitted with the refused field as it was"),
        "line_type.missing": Code(ERROR, "neither landline nor wireless"),
        "account.missing": Code(ERROR, "no account number"),
        "account.digits_lost": Code(ERROR, "Excel has dropped digits of the account number"),
        "account.shape": Code(WARNING, "unlike the losing carrier's account numbers"),
        "pin.missing": Code(ERROR, "a wireless number without PIN or last four SSN digits"),
        "pin.shape": Code(ERROR, "neither a PIN of 4 to 15 characters nor four SSN digits"),
        "customer_type.missing": Code(ERROR, "neither Residential nor Business"),
        "contact.missing": Code(ERROR, "no authorized representative"),
        "contact.incomplete": Code(WARNING, "one word only, or a role instead of a person"),
        "contact.too_long": Code(WARNING, "longer than the carriers' field"),
        "email.missing": Code(ERROR, "no e-mail address"),
        "email.invalid": Code(ERROR, "not an e-mail address"),
        "address.missing": Code(ERROR, "street, city, state or postal code absent"),
        "address.po_box": Code(ERROR, "a PO box is no service address"),
        "address.no_house_number": Code(WARNING, "a street without a house number"),
        "state.unknown": Code(ERROR, "not a state"),
        "state.reformatted": Code(FIXED, "rewritten as the two-letter code"),
        "postal_code.invalid": Code(ERROR, "not a ZIP code"),
        "postal_code.restored": Code(FIXED, "a lost leading zero put back"),
        "postal_code.state_mismatch": Code(ERROR, "the ZIP code lies in another state"),
        "postal_code.city_mismatch": Code(WARNING, "the ZIP code does not serve that city"),
        "statement.missing": Code(ERROR, "no billing statement named"),
        "statement.not_found": Code(ERROR, "the file is not in the documents folder"),
        "statement.too_large": Code(ERROR, "larger than the provider takes"),
        "statement.type": Code(ERROR, "neither PDF nor image, or not what its name says"),
        "statement.unreadable": Code(ERROR, "empty, cut off or password-protected"),
        "statement.too_old": Code(WARNING, "dated more than 90 days ago"),
        "statement.number_absent": Code(WARNING, "the statement does not show the number"),
        "statement.account_absent": Code(WARNING, "the statement does not show the account"),
        "statement.name_absent": Code(WARNING, "the statement does not show the name"),
        "statement.address_absent": Code(WARNING, "the statement does not show the address"),
        "statement.no_text": Code(INFO, "an image, or a PDF without text: not compared"),
        "request.conflict": Code(ERROR, "one account with two addresses, names or persons"),
        "request.split": Code(INFO, "split for a provider's limit"),
        "request.target_date": Code(ERROR, "a date in the past, too near or on no business day"),
    }
)


def codes() -> Collection[str]:
    """Return every code that a finding may have, asked for whenever a table is validated."""
    return CODES.keys()


class Findings(pa.DataFrameModel):
    """One row per thing that is wrong, repaired or worth knowing."""

    file: Series[str] = pa.Field(nullable=True, description="the workbook; not in published files")
    code: Series[str] = pa.Field(description="what it is, as `CODES` lists it")
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

    @pa.check("code", name="is a known code")
    def _is_known(cls, code: pd.Series) -> pd.Series:  # noqa: N805 - pandera passes the model
        return code.isin(list(codes()))

    class Config:
        """The table as a whole."""

        name = "FINDINGS"
        strict = True


FINDINGS = Findings.to_schema()


def empty() -> pd.DataFrame:
    """Return a FINDINGS table without rows."""
    frame = pd.DataFrame({name: pd.Series(dtype="str") for name in ALL_COLUMNS})
    return frame.astype({"row": "Int64"})


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Give any table with some of the columns the shape of FINDINGS, sorted by place."""
    if frame.empty:
        return empty()
    whole = frame.reindex(columns=list(ALL_COLUMNS))
    usual = whole["code"].map({code: each.severity for code, each in CODES.items()})
    whole["severity"] = whole["severity"].where(whole["severity"].notna(), usual)
    texts = [name for name in ALL_COLUMNS if name != "row"]
    whole = whole.astype({**dict.fromkeys(texts, "str"), "row": "Int64"})
    return whole.sort_values(["file", "sheet", "row", "code"], kind="stable", ignore_index=True)


def counts(findings: pd.DataFrame) -> dict[str, int]:
    """Count findings by severity; all four severities are there, also with zero."""
    seen = findings["severity"].value_counts()
    return {severity: int(seen.get(severity, 0)) for severity in SEVERITIES}


def records(findings: pd.DataFrame) -> list[dict[str, object]]:
    """Turn FINDINGS into plain dictionaries for JSON, None where nothing is known."""
    plain = findings.astype(object).where(findings.notna(), None)
    return [
        {**row, "row": None if row["row"] is None else int(row["row"])}
        for row in plain.to_dict("records")
    ]


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
