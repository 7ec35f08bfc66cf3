"""What intake gives: the numbers as written, and how the workbooks were understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.original import Original


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """NUMBERS as written, the mapping of columns, data rows counted.

    `skipped` says which sheets and rows are no data; `hidden` are (file, sheet, Excel rows) that
    do not show and hold data; `originals` are the workbooks as they were handed in.
    """

    numbers: pd.DataFrame
    mapping: pd.DataFrame
    rows: int
    skipped: tuple[str, ...]
    hidden: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    originals: tuple[Original, ...] = ()
