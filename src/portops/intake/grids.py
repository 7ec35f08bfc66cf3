"""Files to grids: every sheet's cells as the file keeps them, rows counted as Excel does."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

from portops.errors import InputError
from portops.intake import aside
from portops.intake.books import Page, pages, reading
from portops.intake.layout import layouts
from portops.intake.packing import MOST_ROWS, Packed, Packing
from portops.intake.weight import is_light, may_be_light
from portops.results.original import Grid

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.original import Original

TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
BOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})

#: The header is looked for in so many rows.
HEAD = 60

#: Excel's own limit; a line with more has another delimiter.
_MOST_COLUMNS = 16_384

#: What parts the cells of a line.
_DELIMITERS = (",", ";", "\t", "|")
#: So many rows of a workbook become columns at once.
_ROWS_AT_ONCE = 4_096

#: Bytes of a line that no table has.
_LONG = 1 << 17

#: Text files from this size on are read by Arrow, where they are even.
_LARGE = 256 * 1024


def of_rows(file: str, sheet: str, rows: Sequence[Sequence[Any]], **more: Any) -> Grid:
    """Return rows of even length as a sheet."""

    def columns(first: int) -> list[Any]:
        body = rows[first:]
        return list(zip(*body, strict=True)) if body else []

    return Grid(file=file, sheet=sheet, head=rows[:HEAD], columns=columns, **more)


def of_page(file: str, page: Page, note: str) -> Grid:
    """Return a page of a workbook, whose rows are of even length, as a sheet.

    Rows become columns some thousand at a time, while they are still near in memory. Columns of
    nothing but text are Arrow's, which takes a third of the memory; others keep their values.
    """
    head: list[list[Any]] = []
    chunks: list[list[Any]] = []
    while rows := list(islice(page.rows, _ROWS_AT_ONCE)):
        head += rows[: HEAD - len(head)]
        chunks.append([_text_or_values(cells) for cells in zip(*rows, strict=True)])
    cells_of = [_joined(parts) for parts in zip(*chunks, strict=True)]

    def columns(first: int) -> list[Any]:
        return [
            cells.slice(first) if isinstance(cells, pa.Array) else cells[first:]
            for cells in cells_of
        ]

    return Grid(
        file=file,
        sheet=page.name,
        head=head,
        columns=columns,
        hidden=frozenset(page.hidden),
        shown=page.shown,
        note=note,
    )


def _text_or_values(cells: Sequence[Any]) -> pa.Array | Sequence[Any]:
    # Most columns that are no text say so at once.
    if isinstance(cells[-1], str):
        with suppress(pa.ArrowInvalid, pa.ArrowTypeError):
            return pa.array(cells, pa.large_string())
    return cells


def _joined(parts: Sequence[pa.Array | Sequence[Any]]) -> pa.Array | list[Any]:
    arrays = [part for part in parts if isinstance(part, pa.Array)]
    if len(arrays) == len(parts):
        return pa.concat_arrays(arrays)
    values: list[Any] = []
    for part in parts:
        values += part.to_pylist() if isinstance(part, pa.Array) else part
    return values


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
        # Slow to load, and few files need it.
        from charset_normalizer import from_bytes

        best = None if b"\x00" in raw[:4096] else from_bytes(raw[:200_000]).best()
        text = "\x00" if best is None else raw.decode(best.encoding, "replace")
    if "\x00" in text:
        raise InputError(f"{original} is not a text file.", "Save it as .xlsx, or as CSV in UTF-8.")
    return text


def _dialect(sample: str, suffix: str) -> Any:
    """Return how a text's lines are parted: by what parts most of them into equally many cells."""
    lines = sample.splitlines()

    def alike(delimiter: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            return 0, 0
        widths = Counter(len(row) for row in rows if len(row) > 1)
        width, many = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(0, 0))
        return many, width

    best = max(_DELIMITERS, key=alike)
    if alike(best)[0] < max(1, len([line for line in lines if line.strip()]) / 3):
        best = "\t" if suffix == ".tsv" else ","

    class Dialect(csv.excel):
        delimiter = best

    return Dialect


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
        # Arrow takes the process down with it at a line of millions of columns.
        or max(map(len, io.BytesIO(body))) > _LONG
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


def _fits(original: Original, lines: int, width: int) -> None:
    """Raise InputError when a text file has more lines or columns than can be checked."""
    if lines > MOST_ROWS:
        raise InputError(
            f"{original} has {lines:,} lines, more than the {MOST_ROWS:,} that can be checked at once.",
            "Delete empty lines, or split it into several files.",
        )
    if width > _MOST_COLUMNS or lines * width > aside.MOST_CELLS:
        raise InputError(
            f"{original}: a line has {width:,} columns.",
            "Check the delimiter, or save it as .xlsx.",
        )


def _columns(text: str, dialect: Any, original: Original) -> list[Packed]:
    """Read uneven text line by line, so that it takes little more memory than it has bytes."""
    packing = Packing()
    for lines, row in enumerate(csv.reader(io.StringIO(text, newline=""), dialect), start=1):
        if len(row) > packing.width or not lines % 500:
            _fits(original, lines, max(len(row), packing.width))
        packing.add(row)
    _fits(original, packing.height, packing.width)
    return list(packing.columns())


def _of_text(original: Original) -> Iterator[Grid]:
    raw = original.read()
    if not raw[:4096].strip() and not raw.strip():
        raise InputError(f"{original} is empty.", "Save it again from the program it comes from.")
    large = len(raw) >= _LARGE and raw[:2] not in {b"\xff\xfe", b"\xfe\xff"}
    start = _decode(raw[: raw.rfind(b"\n", 0, _LARGE) + 1] or raw, original) if large else ""
    sample = start if large and b"\x00" not in raw else _decode(raw, original)
    dialect = _dialect("\n".join(sample.splitlines()[:20]), original.suffix)
    csv.field_size_limit(1 << 27)
    _fits(original, raw.count(b"\n"), 1)
    try:
        head = [
            row
            for row, _ in zip(
                csv.reader(io.StringIO(sample, newline=""), dialect), range(HEAD), strict=False
            )
        ]
        _fits(original, raw.count(b"\n"), max(map(len, head)))
        quick = _even(raw, dialect, head) if large else None
        columns = [] if quick else _columns(_decode(raw, original), dialect, original)
    except csv.Error as error:
        raise InputError(
            f"{original} cannot be read as CSV ({error}).", "Open it in Excel and save it as .xlsx."
        ) from error

    def since(first: int) -> list[Any]:
        if quick is not None:
            try:
                return quick(first)
            except pa.ArrowInvalid:
                # Rows of different lengths, or another encoding further down.
                columns[:] = columns or _columns(_decode(raw, original), dialect, original)
        return [column.since(first) for column in columns]

    width = len(columns) if quick is None else 0
    even = [row + [""] * (width - len(row)) for row in head]
    yield Grid(file=original.name, sheet=original.stem, head=even, columns=since)


def _of_book(original: Original, sheet: str | None) -> Iterator[Grid]:
    if original.suffix == ".xls" and original.read()[:4] == b"PK\x03\x04":
        raise InputError(
            f"{original} is named .xls and is of another kind.", "Save it anew as .xlsx from Excel."
        )
    by_sheet, note = layouts(original) if may_be_light(original) else ({}, "")
    if not is_light(original, by_sheet):
        yield from aside.read(original, sheet, HEAD)
        return
    with reading(original):
        for page in pages(original, sheet, by_sheet):
            yield of_page(original.name, page, note)


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
