"""REQUESTS: one row per port request."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series  # noqa: TC002 - pandera reads the annotations

from portops.tables.numbers import with_fields

#: Columns of NUMBERS that have one value for the whole request.
DETAILS = (
    "losing_carrier",
    "account_number",
    "customer_type",
    "customer_name",
    "authorized_name",
    "email",
    "billing_number",
    "street",
    "street_2",
    "city",
    "state",
    "postal_code",
    "statement",
    "target_date",
    "notification_emails",
)


class _Planned(pa.DataFrameModel):
    """What the plan says of a request."""

    request: Series[str] = pa.Field(unique=True, description="the planned request's name")
    numbers: Series[object] = pa.Field(description="list of E.164 numbers, sorted")
    count: Series[int] = pa.Field(ge=0, description="how many numbers it has")
    account: Series[str] = pa.Field(
        nullable=True, description="the account it belongs to: carrier and account number, folded"
    )
    held_back: Series[str] = pa.Field(
        nullable=True, description="why it is not submitted; missing when it is"
    )
    part_of: Series[str] = pa.Field(
        nullable=True, description="its name before it was split; missing when it was not"
    )
    split: Series[str] = pa.Field(
        nullable=True, description="how it was split; missing when it was not"
    )
    file: Series[str] = pa.Field(nullable=True, description="the workbook of its first number")


_ASKED = with_fields(_Planned, DETAILS)


class Requests(_ASKED):  # type: ignore[misc, valid-type] # its details are those of columns.toml
    """One row per port request: numbers that share carrier, account, address and person."""

    class Config:
        """The table as a whole."""

        name = "REQUESTS"
        strict = True


REQUESTS = Requests.to_schema()
