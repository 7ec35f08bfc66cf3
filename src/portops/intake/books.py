"""The sheets of a workbook as rows, one after the other: what the reading library gives, completed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import python_calamine as calamine

from portops.errors import InputError
from portops.intake.layout import MOST_CELLS, Layout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portops.results.original import Original


class Page(NamedTuple):
    """One sheet: its rows, and Excel's numbers of those that do not show.

    A sheet that is not `shown` has no rows here.
    """

    name: str
    rows: Iterator[list[Any]]
    hidden: Collection[int] = ()
    shown: bool = True


def _unreadable(original: Original, error: BaseException) -> InputError:
    encrypted = original.read()[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    if isinstance(error, calamine.PasswordError):
        return InputError(
            f"{original} is protected by a password.", "Open it in Excel and save it without one."
        )
    if encrypted and original.suffix in {".xlsx", ".xlsm", ".xlsb"}:
        return InputError(
            f"{original} is encrypted.", "Open it in Excel and save it without a password."
        )
    words = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
    return InputError(
        f"{original} cannot be read as a workbook ({words}).",
        "Open it in Excel and save it again as .xlsx.",
    )


@contextmanager
def reading(original: Original) -> Iterator[None]:
    """Turn whatever the reading library raises, panics included, into an InputError."""
    try:
        yield
    except (calamine.CalamineError, OSError, ValueError) as error:
        if isinstance(error, PermissionError):
            raise
        raise _unreadable(original, error) from error
    except BaseException as error:
        # The reader's own panics are no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable(original, error) from error


def _size(end: tuple[int, int], layout: Layout) -> tuple[int, int]:
    """Return rows and columns, with the cells that have no value, which the reader leaves out."""
    # A reference further out than the sheet itself is a damaged one.
    places = [place for place in layout.errors if place[0] < layout.rows]
    height = max([end[0] + 1, *(row + 1 for row, _ in places)])
    width = max([end[1] + 1, *(min(column + 1, layout.columns) for _, column in places)])
    return (height, width) if width * height <= MOST_CELLS else (end[0] + 1, end[1] + 1)


class _Merged:
    """The runs of merged rows, whose value shows in all of their cells."""

    def __init__(self, merged: Sequence[Any]) -> None:
        self._runs: dict[int, list[tuple[int, int]]] = {}
        for (top, column), (bottom, _) in merged:
            if bottom > top:
                self._runs.setdefault(top, []).append((column, bottom))
        self._open: dict[int, tuple[int, Any]] = {}

    def __bool__(self) -> bool:
        return bool(self._runs)

    def fill(self, row: int, cells: list[Any]) -> None:
        """Fill a row's cells from above; rows come in their order."""
        for column, (bottom, value) in list(self._open.items()):
            if row > bottom:
                del self._open[column]
            elif cells[column] == "":
                cells[column] = value
        for column, bottom in self._runs.get(row, ()):
            if column < len(cells):
                self._open[column] = (bottom, cells[column])


def _rows(sheet: Any, layout: Layout, merged: _Merged) -> Iterator[list[Any]]:
    """Give the rows of a sheet, with its error cells, and every merged run of rows filled down."""
    start, end = sheet.start, sheet.end
    if end is None:
        start, end = (0, 0), (-1, -1)
    height, width = _size(end, layout)
    left, right = [""] * start[1], [""] * (width - end[1] - 1)
    errors: dict[int, list[tuple[int, str]]] = {}
    for (row, column), text in layout.errors.items():
        errors.setdefault(row, []).append((column, text))
    # The reader begins with the first row, and with the first column that has a value.
    source = sheet.iter_rows() if end[0] >= 0 else iter(())
    plain = not (left or right or merged)
    for row in range(height):
        values = next(source, None)
        if plain and values is not None and row not in errors:
            yield values
            continue
        cells = [""] * width if values is None else [*left, *values, *right]
        for column, text in errors.get(row, ()):
            if column < width and cells[column] == "":
                cells[column] = text
        merged.fill(row, cells)
        yield cells


def pages(original: Original, sheet: str | None, layouts: Mapping[str, Layout]) -> Iterator[Page]:
    """Give every sheet of a workbook that shows, or one; to be used within `reading`."""
    book = (
        calamine.CalamineWorkbook.from_path(str(original.path))
        if original.path
        else calamine.CalamineWorkbook.from_filelike(original.open())
    )
    names = book.sheet_names
    if sheet is not None:
        if sheet not in names:
            raise InputError(
                f"{original} has no sheet '{sheet}'.", f"Its sheets are: {', '.join(names)}."
            )
        names = [sheet]
    else:
        shown = [
            about.name
            for about in book.sheets_metadata
            if about.visible == calamine.SheetVisibleEnum.Visible
            and about.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        unseen = [name for name in names if shown and name not in shown]
        for name in unseen:
            yield Page(name, iter(()), shown=False)
        names = [name for name in names if name not in unseen]
    for name in names:
        cells = book.get_sheet_by_name(name)
        layout = layouts.get(name, Layout())
        # The reader tells of .xlsx and .xls; .xlsb is told by nobody.
        merged = _Merged(cells.merged_cell_ranges or layout.merged)
        rows = _rows(cells, layout, merged)
        del cells
        yield Page(name, rows, layout.hidden)
