"""What intake gives: the numbers as written, and how the workbooks were understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.original import Original
    from portops.results.profile import ProfileUse


#: Columns of the table that says which fields a table gives its numbers, and which rows these are.
FIELD_COLUMNS = ("file", "sheet", "field", "header_row", "first_row", "last_row")


class Sheet(NamedTuple):
    """One sheet of a workbook: whether it was read, why it was not, and its rows of data.

    `shape` names how its table lies, None where that was not looked at.
    """

    file: str
    sheet: str
    read: bool
    why: str = ""
    rows: int = 0
    shape: str | None = None


class Place(NamedTuple):
    """One column, or one label of a block, and how it was understood.

    `row` is Excel's number of a block's value, 0 for a column; `first` and `last` are the rows
    (Excel's) for which it holds. `examples` are its first values, secrets as `•••`; `near` is the
    field that a column without one comes nearest to.
    """

    header_row: int
    column: int
    letter: str
    header: str
    field: str | None
    how: str
    confidence: float
    why: str
    value: str
    row: int
    first: int
    last: int
    examples: tuple[str, ...] = ()
    near: str = ""


class FileRead(str):
    """The name of a workbook that was read, with how far the batch has come.

    `files` of `of` workbooks are read, with `rows` rows of data in them.
    """

    files: int
    of: int
    rows: int

    def __new__(cls, name: str, files: int, of: int, rows: int) -> FileRead:
        """Make the word; the counts go with it."""
        word = super().__new__(cls, name)
        word.files, word.of, word.rows = files, of, rows
        return word


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """NUMBERS as written, the mapping of columns, data rows counted.

    `skipped` says which sheets and rows are no data; `hidden` are (file, sheet, Excel rows) that
    do not show and hold data; `originals` are the workbooks as they were handed in; `sheets` is every
    sheet, read or not. `notices` are what reading filled, took apart or left out (`code, file, sheet,
    row, field, column, cell, value, message, suggestion`); `contests` are columns that nobody can
    tell apart: file, sheet, fields, places; `fields` (`FIELD_COLUMNS`) are those that each table gives
    its numbers; `profiles` say which sender's profile was used, or came near.
    """

    numbers: pd.DataFrame = field(repr=False)
    mapping: pd.DataFrame = field(repr=False)
    notices: pd.DataFrame = field(repr=False)
    fields: pd.DataFrame = field(repr=False)
    rows: int
    skipped: tuple[str, ...]
    hidden: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    originals: tuple[Original, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    contests: tuple[tuple[str, str, tuple[str, ...], list[Place]], ...] = ()
    profiles: tuple[ProfileUse, ...] = ()
