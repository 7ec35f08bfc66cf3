"""What reading a sheet has to tell: the cells it filled or took apart, the rows it left out."""

from __future__ import annotations

from typing import Any

import pandas as pd
from openpyxl.utils import column_index_from_string, get_column_letter

from portops.redaction import MASK
from portops.tables.columns import SECRET_FIELDS

#: Columns of a notice; `field` is one of ours, `column` their title, where there is one.
COLUMNS = (
    "code",
    "file",
    "sheet",
    "row",
    "field",
    "column",
    "cell",
    "value",
    "message",
    "suggestion",
)


class Notices:
    """Notices of one sheet, gathered while it is read."""

    def __init__(self, file: str, sheet: str, *, aside: bool = False) -> None:
        self._file, self._sheet = file, sheet
        self._parts: list[pd.DataFrame] = []
        #: Where a field's column is: its letter and its title.
        self.places: dict[str, tuple[str, str]] = {}
        # Whether the sheet lies on its side: its rows are columns.
        self._aside = aside

    def add(self, code: str, row: int, message: str, **more: Any) -> None:
        """Add one notice about a row (Excel's number)."""
        line = {"code": code, "row": row, "message": message, **more}
        self._parts.append(pd.DataFrame([line]).assign(file=self._file, sheet=self._sheet))

    def cells(
        self,
        code: str,
        rows: pd.Series,
        field: str,
        values: pd.Series,
        message: str,
        suggestions: pd.Series | None,
    ) -> None:
        """Add a notice for each of these rows of a field's column."""
        if rows.empty:
            return
        letter, title = self.places.get(field, ("", ""))
        secret = field in SECRET_FIELDS
        self._parts.append(
            pd.DataFrame(
                {
                    "code": code,
                    "file": self._file,
                    "sheet": self._sheet,
                    "row": rows.to_numpy(),
                    "field": field,
                    "column": title or None,
                    "cell": [self._cell(letter, row) for row in rows] if letter else None,
                    "value": MASK if secret else values.to_numpy(),
                    "message": message,
                    "suggestion": None
                    if suggestions is None
                    else (MASK if secret else suggestions.to_numpy()),
                }
            )
        )

    def _cell(self, letter: str, row: int) -> str:
        if self._aside:
            return f"{self._sheet}!{get_column_letter(int(row))}{column_index_from_string(letter)}"
        return f"{self._sheet}!{letter}{row}"

    def table(self) -> pd.DataFrame:
        """Return all notices, with every column."""
        parts = [part for part in self._parts if not part.empty]
        if not parts:
            return pd.DataFrame(columns=list(COLUMNS))
        return pd.concat(parts, ignore_index=True).reindex(columns=list(COLUMNS))
