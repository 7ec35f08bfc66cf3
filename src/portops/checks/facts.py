"""Facts: the table that rules look at, as a declared model, and the steps that derive it.

Beside where a number came from, it has what was written (`written.<field>`), the repaired value of
each field under the field's own name, and everything else that a rule needs to know of a row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from portops.checks import comparing, repeats
from portops.checks.rules import (
    account,
    address,
    cell,
    contact,
    correction,
    number,
    request,
    workbook,
)
from portops.checks.statements import look_at
from portops.facts.placeholders import SHOWN_ERROR
from portops.redaction import is_mask
from portops.tables import NUMBERS
from portops.tables.columns import REQUEST_FIELDS, SECRET_FIELDS
from portops.texts import blank, constant, matches

if TYPE_CHECKING:
    from portops.checks.step import Given, Step


def _text(about: str, alias: str | None = None, *, regex: bool = False) -> Any:
    return pa.Field(nullable=True, description=about, alias=alias, regex=regex)


def _flag(about: str, alias: str | None = None, *, regex: bool = False) -> Any:
    return pa.Field(description=about, alias=alias, regex=regex)


class Facts(pa.DataFrameModel):
    """One row a telephone number: what was written, what it means, and what is wrong with it."""

    file: str = pa.Field(description="the workbook")
    sheet: str = pa.Field(description="its sheet")
    row: int = pa.Field(description="the row that Excel shows", ge=1)
    number_field: str = _text("the field whose cell held the number")
    number_text: str = _text("the number as written; missing where the cell shows an error")
    number_written: str = _text("the number as written")
    number_column: str = _text("the letter of the number's column")
    details_sheet: str = _text("the sheet that gave the details, where it is another")
    details_row: pd.Int64Dtype = pa.Field(nullable=True, description="the row of that sheet")
    from_range: bool = _flag("the number comes from a written range")
    written: str = _text(
        "the field as written", r"^written\.(?!pin$|ssn_last4$)[a-z0-9_]+$", regex=True
    )
    written_secret: object = pa.Field(
        nullable=True,
        description="PIN or SSN digits as written",
        alias=r"^written\.(pin|ssn_last4)$",
        regex=True,
    )
    formula_error: str = _text(
        "the error that the field's cell shows, such as #N/A", r"^formula_error\.", regex=True
    )
    placeholder: str = _text(
        "the word in the field's cell that says nothing", r"^placeholder\.", regex=True
    )
    request_name: str = _text("the request's name in the workbook")
    losing_carrier: str = _text("the losing carrier as written")
    notes: str = _text("notes as written")

    phone_number: str = _text("E.164; missing when it cannot be read")
    kind: str = pa.Field(description="what the number is: one of `facts.nanp.KINDS`")
    readable: str = _text("E.164 of a number that can be read, valid or not")
    line_type: str = _text("landline or wireless")
    billing_number: str = _text("the billing telephone number, E.164 where it can be read")
    twice: str = _text("the cells of a number that is there more than once")
    open_in: str = _text("the open request of another account that has the number")

    account_number: str = _text("the account number; missing where digits are lost")
    digits_lost: bool = _flag("digits of the account number are lost or hidden")
    customer_type: str = _text("Business or Residential")
    usual_shape: str = _text("the carrier's usual account number, where this one is unlike it")
    pin_masked: bool = _flag("the PIN's or the SSN's cell is masked: the kept PIN is meant")
    pin_wanted: str = pa.Field(description="what to say of a PIN that is not there")
    pin: object = pa.Field(nullable=True, description="the PIN, or else the SSN digits; a Secret")
    pin_bad: bool = _flag("the PIN is none")
    ssn_last4_bad: bool = _flag("the SSN digits are not four digits")
    zeros_lost: bool = _flag("the PIN is shorter than nearly all others of its carrier")

    email: str = _text("the e-mail address; missing where it is none")
    email_repair: str = _text("an address that was probably meant")
    notification_emails: str = _text("other addresses, joined by commas")
    authorized_name: str = _text("the authorized representative")
    customer_name: str = _text("the account holder")
    no_person: bool = _flag("the representative is one word, a role or several people")
    person_long: bool = _flag("the representative's name is longer than carriers' fields")
    name_long: bool = _flag("the account holder's name is longer than carriers' fields")

    street: str = _text("street and house number")
    street_2: str = _text("suite or floor")
    city: str = _text("city")
    state: str = _text("two-letter code; missing where it is no state")
    po_box: bool = _flag("the street is a PO box")
    has_house: bool = _flag("the street has a house number, or is missing")
    street_elsewhere: str = _text("the place in the street's cell that is not their own cells'")
    postal_code: str = _text("five digits or ZIP+4; missing where it is none")
    zip_restored: bool = _flag("a lost leading zero of the ZIP code was put back")
    zip_state: str = _text("the state in which the ZIP code lies")
    zip_elsewhere: bool = _flag("the ZIP code lies in another state")
    city_elsewhere: bool = _flag("the ZIP code does not serve the city")

    target_date: str = _text("ISO date; as written where it is none")
    date_fault: str = _text("what is wrong with the target date, in words")
    account: str = pa.Field(description="carrier and account number, folded")
    request: str = pa.Field(description="the planned request")
    differs: bool = _flag(
        "the field differs from its account's usual value", r"^differs\.", regex=True
    )
    unchanged: str = _text("the cause of an earlier rejection whose fields are as they were")
    refused_in: str = _text("the request that was rejected with this number")

    statement: str = _text("the statement's file name")
    statement_fault: str = _text("the code of what is wrong with the file")
    statement_detail: str = _text("what is wrong with it, in words")
    statement_nearest: str = _text("a file with nearly that name")
    statement_age: str = _text("days, where it is older than is taken")
    statement_days: str = _text("how old the provider takes it")
    statement_no_text: bool = _flag("the file has no text that can be read")
    number_absent: bool = _flag("its text does not show the number")
    account_absent: bool = _flag("its text does not show the account number")
    name_absent: bool = _flag("its text does not show the account holder")
    address_absent: bool = _flag("its text does not show the address")
    no_number_shown: bool = _flag("its text shows none of the request's numbers")

    class Config:
        """Nothing undeclared is among the facts."""

        name = "Facts"
        strict = True


#: The steps in their order: each reads what stands in the table or what one before it adds.
STEPS: tuple[Step, ...] = (
    number.NUMBERS,
    number.LINE_TYPES,
    number.BILLING_NUMBERS,
    repeats.REPEATED,
    account.ACCOUNTS,
    account.PINS,
    contact.CONTACTS,
    address.ADDRESSES,
    comparing.NAMES,
    request.DATES,
    request.REQUESTS,
    number.IN_PROGRESS,
    comparing.FILES,
    comparing.TEXTS,
    correction.CORRECTIONS,
)

#: Columns of NUMBERS that are facts as they are.
_SAME = ("file", "sheet", "row")


def written(
    numbers: pd.DataFrame, fillers: Mapping[str, Collection[str]] | None = None
) -> pd.DataFrame:
    """Return the facts that NUMBERS gives by itself, on a new index: what was written, and where.

    Takes NUMBERS as written or repaired, and with columns missing. Where a cell shows an error
    such as #N/A, that is a fact and the value counts as missing. `fillers` are the secrets, by
    field, that only fill a column of the batch (default: as counted here).
    """
    facts = _as_it_stands(numbers)
    accounts = facts["written.account_number"]
    for name in cell.FIELDS:
        source = "number_text" if name == "phone_number" else f"written.{name}"
        some = None if fillers is None else fillers.get(name, ())
        silent = cell.placeholders(facts[source], name, accounts, some)
        facts[f"placeholder.{name}"] = silent
        if silent.notna().any():
            facts[source] = facts[source].mask(silent.notna())
    for name in ("request_name", "losing_carrier", "notes"):
        facts[name] = facts[f"written.{name}"]
    return pd.DataFrame(facts)


def count_fillers(numbers: pd.DataFrame) -> dict[str, cell.Fillers]:
    """Count the secrets of NUMBERS that may only fill their column, by field."""
    facts = _as_it_stands(numbers)
    accounts = facts["written.account_number"]
    return {name: cell.count_fillers(facts[f"written.{name}"], accounts) for name in SECRET_FIELDS}


def _as_it_stands(numbers: pd.DataFrame) -> dict[str, pd.Series]:
    """Return what stands in the cells of NUMBERS; masks and errors are facts, and no values."""
    numbers = numbers.reset_index(drop=True)
    index, nothing = numbers.index, blank(numbers.index)
    facts = {name: numbers[name] for name in _SAME}
    facts["number_field"] = numbers.get("number_field", constant("phone_number", index))
    text = numbers.get("number_text", numbers.get("phone_number", nothing))
    facts["number_text"] = facts["number_written"] = text
    facts["from_range"] = numbers.get("from_range", pd.Series(data=False, index=index))
    facts["number_column"] = numbers.get("number_column", nothing)
    facts["details_sheet"] = numbers.get("details_sheet", nothing)
    facts["details_row"] = numbers.get("details_row", pd.Series(pd.NA, index)).astype("Int64")
    for name in REQUEST_FIELDS:
        facts[f"written.{name}"] = numbers.get(name, nothing)
    masked = np.zeros(len(index), dtype=bool)
    for name in SECRET_FIELDS:
        column = facts[f"written.{name}"]
        hidden, filled = np.zeros(len(index), dtype=bool), column.notna().to_numpy()
        hidden[filled] = [is_mask(secret.reveal()) for secret in column[filled]]
        facts[f"written.{name}"] = column.mask(hidden) if hidden.any() else column
        masked |= hidden
    facts["pin_masked"] = pd.Series(masked, index)
    for name in workbook.FIELDS:
        source = "number_text" if name == "phone_number" else f"written.{name}"
        column = facts[source]
        facts[f"formula_error.{name}"] = nothing
        if not column.notna().any():
            continue
        wrong = matches(column, SHOWN_ERROR)
        if wrong.any():
            facts[f"formula_error.{name}"] = column.where(wrong)
            facts[source] = column.mask(wrong)
    return facts


def with_documents(facts: pd.DataFrame, given: Given, folder: Path | None) -> Given:
    """Return what is given, and the statements that rows name, each looked at once."""
    documents = look_at(
        facts["file"], facts["written.statement"], folder, given.limits, kept=given.kept
    )
    return replace(given, documents=documents)


def derive(facts: pd.DataFrame, given: Given) -> pd.DataFrame:
    """Derive every fact from those that `written` gives, step by step."""
    for step in STEPS:
        facts = step.run(facts, given)
    return facts


def repaired(facts: pd.DataFrame) -> pd.DataFrame:
    """Return NUMBERS, repaired, of the facts."""
    # SSN digits stay as they were: `pin` is the one that is sent.
    own = facts.assign(ssn_last4=facts["written.ssn_last4"])
    numbers: pd.DataFrame = NUMBERS.validate(own[list(NUMBERS.columns)], inplace=True)
    return numbers
