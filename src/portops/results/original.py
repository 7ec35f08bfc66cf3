"""A workbook as it was handed in: a file, its bytes, or a table."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One sheet.

    `head` are its first rows; `columns(first)` gives the cells from that row on (counted from 0),
    a sequence or an Arrow array a column; `hidden` are Excel's numbers of rows that do not show.
    A sheet that is not `shown` has no cells here: it is read only when it is asked for. `note` says
    what of the file could not be looked at.
    """

    file: str
    sheet: str
    head: Sequence[Sequence[Any]] = field(repr=False)
    columns: Callable[[int], list[Any]]
    hidden: frozenset[int] = field(default=frozenset())
    shown: bool = True
    note: str = ""

    @property
    def rows(self) -> list[list[Any]]:
        """Every row."""
        columns = [
            cells.to_pylist() if isinstance(cells, pa.Array) else cells for cells in self.columns(0)
        ]
        return [list(row) for row in zip(*columns, strict=True)]


def _nothing() -> list[Grid]:
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A workbook as it was handed in.

    `name` is what findings call it (`file`); `suffix` its kind, such as `.xlsx` (empty for a
    table); it is at `path` or in `data`. `grids` reads its cells anew.
    """

    name: str
    suffix: str = ""
    path: Path | None = None
    data: bytes | None = field(default=None, repr=False)
    grids: Callable[[], list[Grid]] = _nothing

    def __str__(self) -> str:
        return self.name

    @property
    def stem(self) -> str:
        """Its name without folders and suffix."""
        return Path(self.name).stem

    @property
    def size(self) -> int:
        """Its bytes; 0 for a table."""
        return self.path.stat().st_size if self.path else len(self.data or b"")

    def open(self) -> BinaryIO:
        """Open its bytes."""
        return self.path.open("rb") if self.path else io.BytesIO(self.data or b"")

    def read(self) -> bytes:
        """Return its bytes."""
        with self.open() as file:
            return file.read()
