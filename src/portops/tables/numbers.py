"""NUMBERS: one row per telephone number, with where it came from and its request's details."""

from __future__ import annotations

from collections.abc import Iterable
from types import new_class
from typing import Any, cast

import pandas as pd  # noqa: TC002 - pandera reads the annotations
import pandera.pandas as pa
from pandera.typing import Series

from portops.tables.columns import FIELDS, REQUEST_FIELDS

#: Columns of NUMBERS that say where a number came from.
SOURCE_COLUMNS = (
    "file",
    "sheet",
    "row",
    "number_field",
    "number_text",
    "number_column",
    "details_sheet",
    "details_row",
)

LINE_TYPES = ("landline", "wireless")

#: Fields that a row of NUMBERS has in another form: its own number and its line type.
_RESHAPED = {"phone_number", "line_type", "landline_numbers", "wireless_numbers"}


class _Source(pa.DataFrameModel):
    """Where a number came from."""

    file: Series[str] = pa.Field(description="the workbook")
    sheet: Series[str] = pa.Field(description="its sheet")
    row: Series[int] = pa.Field(ge=1, description="the row number that Excel shows")
    number_field: Series[str] = pa.Field(
        nullable=True, description="the field whose cell held the number"
    )
    number_text: Series[str] = pa.Field(nullable=True, description="the number as written")
    number_column: Series[str] = pa.Field(
        nullable=True, description="the letter of the column whose cell held the number"
    )
    details_sheet: Series[str] = pa.Field(
        nullable=True, description="the sheet that gave the request's details, where it is another"
    )
    details_row: Series[pd.Int64Dtype] = pa.Field(
        nullable=True, description="the row of that sheet, as Excel shows it"
    )


def with_fields(model: type[pa.DataFrameModel], names: Iterable[str]) -> type[pa.DataFrameModel]:
    """Return the model with these columns of `columns.toml` behind its own.

    Texts are missing where nothing was written; secrets are objects that do not show themselves.
    """
    fields = [FIELDS[name] for name in names]
    types = {field.name: Series[object] if field.secret else Series[str] for field in fields}
    body: dict[str, Any] = {
        field.name: pa.Field(nullable=True, description=field.help) for field in fields
    }
    body |= {"__annotations__": types, "__module__": __name__, "__doc__": model.__doc__}
    return cast(
        "type[pa.DataFrameModel]",
        new_class(model.__name__, (model,), {}, lambda names: names.update(body)),
    )


_ASKED = with_fields(_Source, [name for name in REQUEST_FIELDS if name not in _RESHAPED])


class Numbers(_ASKED):  # type: ignore[misc, valid-type] # its fields are those of columns.toml
    """One row per telephone number: where it came from, and its request's details."""

    phone_number: Series[str] = pa.Field(
        nullable=True,
        str_matches=r"^\+1[2-9]\d{9}\Z",
        description="E.164; missing when the row has none",
    )
    line_type: Series[str] = pa.Field(
        nullable=True, isin=LINE_TYPES, description="landline or wireless"
    )
    request: Series[str] = pa.Field(nullable=True, description="the planned request")

    class Config:
        """The table as a whole."""

        name = "NUMBERS"
        strict = True


NUMBERS = Numbers.to_schema()
