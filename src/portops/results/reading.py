"""What intake gives: the numbers as written, and how the workbooks were understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.original import Original


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """NUMBERS as written, the mapping of columns, data rows counted.

    `skipped` says which sheets and rows are no data; `hidden` are (file, sheet, Excel rows) that
    do not show and hold data; `originals` are the workbooks as they were handed in; `sheets` is every
    sheet, read or not.
    """

    numbers: pd.DataFrame = field(repr=False)
    mapping: pd.DataFrame = field(repr=False)
    rows: int
    skipped: tuple[str, ...]
    hidden: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    originals: tuple[Original, ...] = ()
    sheets: tuple[Sheet, ...] = ()
