"""Files to grids: every sheet's cells as the file keeps them, rows counted as Excel does."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import python_calamine as calamine
from charset_normalizer import from_bytes
from pyarrow import csv as arrow_csv

from portops.errors import InputError
from portops.intake.layout import MOST_CELLS, Layout, layouts
from portops.results.original import Grid

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.original import Original

TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
BOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})

#: The header is looked for in so many rows.
HEAD = 60

#: Text files from this size on are read by Arrow, where they are even.
_LARGE = 256 * 1024


def of_rows(file: str, sheet: str, rows: Sequence[Sequence[Any]], **more: Any) -> Grid:
    """Return rows of one length as a grid."""

    def columns(first: int) -> list[Any]:
        body = rows[first:]
        return list(zip(*body, strict=True)) if body else []

    return Grid(file=file, sheet=sheet, head=rows[:HEAD], columns=columns, **more)


def even(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return rows as long as the longest of them."""
    width = max(map(len, rows), default=0)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def of_table(table: pd.DataFrame) -> Grid:
    """Return a DataFrame as a grid; its headers are row 1."""
    cells = table.astype(object).where(table.notna(), None)
    rows = [list(map(str, table.columns)), *cells.to_numpy().tolist()]
    return of_rows("table", "table", rows)


def _decode(raw: bytes, original: Original) -> str:
    wide = raw[:2] in {b"\xff\xfe", b"\xfe\xff"}
    try:
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        best = None if b"\x00" in raw[:4096] else from_bytes(raw[:200_000]).best()
        text = "\x00" if best is None else raw.decode(best.encoding, "replace")
    if "\x00" in text:
        raise InputError(f"{original} is not a text file.", "Save it as .xlsx, or as CSV in UTF-8.")
    return text


def _dialect(sample: str, suffix: str) -> Any:
    try:
        dialect = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        return csv.excel_tab if suffix == ".tsv" else csv.excel
    # The sniffer takes an apostrophe in a name for a quote.
    dialect.quotechar, dialect.doublequote = '"', True
    return dialect


def _even(raw: bytes, dialect: Any, head: list[list[str]]) -> Callable[[int], list[Any]] | None:
    """Return a reader by Arrow for a large file, None where its rows may not be even."""
    body = raw.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
    lines_in_head = sum(line.count("\n") for row in head for line in row)
    if (
        len(raw) < _LARGE
        or b"\n\n" in body
        or b"\n\r\n" in body
        or lines_in_head
        or (b"\r" in body and body.count(b"\r") != body.count(b"\r\n"))
        or any(not row for row in head)
    ):
        return None

    def columns(first: int) -> list[Any]:
        width = len(head[min(first, len(head) - 1)])
        names = [str(place) for place in range(width)]
        table = arrow_csv.read_csv(
            pa.BufferReader(body),
            # One block makes one chunk a column, which need not be joined.
            read_options=arrow_csv.ReadOptions(
                column_names=names, skip_rows=first, block_size=min(len(body) + 1, 2**31 - 2)
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                newlines_in_values=b'"' in body,
                ignore_empty_lines=False,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
        return [column.combine_chunks() for column in table.columns]

    return columns


def _of_text(original: Original) -> Iterator[Grid]:
    raw = original.read()
    if not raw[:4096].strip() and not raw.strip():
        raise InputError(f"{original} is empty.", "Save it again from the program it comes from.")
    large = len(raw) >= _LARGE and raw[:2] not in {b"\xff\xfe", b"\xfe\xff"}
    start = _decode(raw[: raw.rfind(b"\n", 0, _LARGE) + 1] or raw, original) if large else ""
    sample = start if large and b"\x00" not in raw else _decode(raw, original)
    dialect = _dialect("\n".join(sample.splitlines()[:20]), original.suffix)
    csv.field_size_limit(1 << 27)
    try:
        head = [
            row
            for row, _ in zip(
                csv.reader(io.StringIO(sample, newline=""), dialect), range(HEAD), strict=False
            )
        ]
        quick = _even(raw, dialect, head) if large else None
        rows: list[list[str]] = []
        if quick is None:
            text = _decode(raw, original)
            rows = list(csv.reader(io.StringIO(text, newline=""), dialect))
    except csv.Error as error:
        raise InputError(
            f"{original} cannot be read as CSV ({error}).", "Open it in Excel and save it as .xlsx."
        ) from error

    def slow() -> Grid:
        lines = rows or list(csv.reader(io.StringIO(_decode(raw, original), newline=""), dialect))
        width = max(map(len, lines), default=0)
        if width * len(lines) > 100_000_000:
            raise InputError(
                f"{original}: a line has {width:,} columns.",
                "Check the delimiter, or save it as .xlsx.",
            )
        return of_rows(original.name, original.stem, even(lines))

    if quick is None:
        yield slow()
        return
    reader = quick

    def columns(first: int) -> list[Any]:
        try:
            return reader(first)
        except pa.ArrowInvalid:
            # Rows of different lengths, or another encoding further down.
            return slow().columns(first)

    yield Grid(file=original.name, sheet=original.stem, head=head, columns=columns)


def _fill_down(rows: list[list[Any]], merged: Sequence[Any] | None) -> None:
    """Give every cell of a merged run of rows the value that shows across it."""
    for (top, left), (bottom, _) in merged or ():
        if bottom > top and top < len(rows) and left < len(rows[top]):
            value = rows[top][left]
            for below in range(top + 1, min(bottom + 1, len(rows))):
                if rows[below][left] == "":
                    rows[below][left] = value


def _reach(rows: list[list[Any]], layout: Layout) -> None:
    """Make the rows long enough for cells that have no value, which the reader leaves out."""
    if not layout.errors:
        return
    # A reference further out than the sheet itself is a damaged one.
    places = [place for place in layout.errors if place[0] < layout.rows]
    height = max((row + 1 for row, _ in places), default=0)
    width = max([*map(len, rows[:1]), *(min(column + 1, layout.columns) for _, column in places)])
    if width * height > MOST_CELLS:
        return
    for cells in rows:
        cells.extend([""] * (width - len(cells)))
    rows += [[""] * width for _ in range(height - len(rows))]


def _read_sheet(book: Any, original: Original, name: str, layout: Layout) -> Grid:
    sheet = book.get_sheet_by_name(name)
    rows = sheet.to_python(skip_empty_area=False)
    _reach(rows, layout)
    for (row, column), text in layout.errors.items():
        if row < len(rows) and column < len(rows[row]) and rows[row][column] == "":
            rows[row][column] = text
    # The reader tells of .xlsx and .xls; .xlsb is told by nobody.
    _fill_down(rows, sheet.merged_cell_ranges or layout.merged)
    return of_rows(original.name, name, rows, hidden=frozenset(layout.hidden))


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


def _of_book(original: Original, sheet: str | None) -> Iterator[Grid]:
    if original.suffix == ".xls" and original.read()[:4] == b"PK\x03\x04":
        raise InputError(
            f"{original} is named .xls and is of another kind.", "Save it anew as .xlsx from Excel."
        )
    by_sheet, note = layouts(original)
    try:
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
                yield of_rows(original.name, name, [], shown=False)
            names = [name for name in names if name not in unseen]
        for name in names:
            yield replace(
                _read_sheet(book, original, name, by_sheet.get(name, Layout())), note=note
            )
    except (calamine.CalamineError, OSError, ValueError) as error:
        if isinstance(error, PermissionError):
            raise
        raise _unreadable(original, error) from error
    except BaseException as error:
        # The reader's own panics are no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable(original, error) from error


def grids(original: Original, sheet: str | None = None) -> list[Grid]:
    """Read every sheet of a file that shows, or one; raises InputError when that cannot be done."""
    if original.path and not original.path.is_file():
        what = "is a folder" if original.path.is_dir() else "does not exist"
        raise InputError(f"'{original}' {what}.", "Check the name; it is read from this folder on.")
    suffix = original.suffix
    if suffix not in TEXT_SUFFIXES | BOOK_SUFFIXES:
        raise InputError(
            f"{original} is neither a workbook nor a CSV file.", "Save it as .xlsx or .csv."
        )
    if original.size == 0:
        raise InputError(f"{original} is empty.", "Save it again from the program it comes from.")
    if sheet is not None and suffix in TEXT_SUFFIXES and sheet != original.stem:
        raise InputError(
            f"{original} has no sheet '{sheet}'.",
            f"It is a text file with one sheet, '{original.stem}': leave the sheet out.",
        )
    try:
        return list(_of_text(original) if suffix in TEXT_SUFFIXES else _of_book(original, sheet))
    except PermissionError as error:
        raise InputError(
            f"{original} cannot be opened.", "Close it in Excel, then try again."
        ) from error
