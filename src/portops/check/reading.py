"""Read workbooks (.xlsx and its relatives, .csv, .tsv) into NUMBERS as written.

Every value keeps where it came from: file, sheet, Excel's row, and through the mapping its column.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import python_calamine as calamine
from charset_normalizer import from_bytes

from portops.check.headers import find_header, recognise
from portops.check.splitting import split_cells
from portops.checked import MAPPING_COLUMNS
from portops.columns import FIELDS, NUMBER_FIELDS, SECRET_FIELDS
from portops.errors import InputError
from portops.redaction import Secret

TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
BOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})

_ODD_SPACES = "[\u00a0\u2007\u202f\u200b\ufeff]"
_SMART = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One sheet's cells as the file keeps them; the first row of `rows` is Excel's row 1."""

    file: str
    sheet: str
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """NUMBERS as written, the mapping of columns, data rows counted, sheets without a table."""

    numbers: pd.DataFrame
    mapping: pd.DataFrame
    rows: int
    skipped: tuple[str, ...]


def letter(column: int) -> str:
    """Return Excel's letters of a column counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def as_text(value: Any) -> str | None:
    """Write one cell as a person sees it, None when it is blank.

    Numbers of 15 digits and more come out in scientific notation, as Excel shows them: it has
    lost what follows.
    """
    if value is None or value == "" or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, str):
        return re.sub(_ODD_SPACES, " ", value).translate(_SMART).strip() or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        if abs(value) >= 1e15:
            return f"{value:.15g}".upper()
        return str(int(value)) if float(value).is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def column_as_text(values: Sequence[Any]) -> pd.Series:
    """Write a column as text, NaN for blanks; columns of nothing but text take the quick way."""
    try:
        text = pd.Series(pa.array(values, pa.string()).to_pandas(), dtype="str")
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pd.Series([as_text(value) for value in values], dtype="str")
    if text.str.contains(_ODD_SPACES + "|[\u2018\u2019\u201c\u201d]").any():
        return pd.Series([as_text(value) for value in values], dtype="str")
    text = text.str.strip()
    return text.mask(text == "")


def _grids_of_text(path: Path) -> Iterator[Grid]:
    raw = path.read_bytes()
    if not raw.strip():
        raise InputError(f"{path} is empty.", "Save it again from the program it comes from.")
    wide = raw[:2] in {b"\xff\xfe", b"\xfe\xff"}
    try:
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(raw).best()
        if best is None or b"\x00" in raw[:4096].replace(b"\x00\x00", b""):
            raise InputError(
                f"{path} is not a text file.", "Save it as .xlsx, or as CSV in UTF-8."
            ) from None
        text = str(best)
    if "\x00" in text:
        raise InputError(f"{path} is not a text file.", "Save it as .xlsx, or as CSV in UTF-8.")
    sample = "\n".join(text.splitlines()[:20])
    try:
        dialect: Any = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel_tab if path.suffix.lower() == ".tsv" else csv.excel
    rows = list(csv.reader(io.StringIO(text, newline=""), dialect))
    width = max(map(len, rows), default=0)
    yield Grid(
        file=str(path),
        sheet=path.stem,
        rows=[row + [""] * (width - len(row)) for row in rows],
    )


def _grids_of_book(path: Path, sheet: str | None) -> Iterator[Grid]:
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
    except calamine.PasswordError as error:
        raise InputError(
            f"{path} is protected by a password.", "Open it in Excel and save it without one."
        ) from error
    except (calamine.CalamineError, OSError) as error:
        encrypted = path.read_bytes()[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        if encrypted and path.suffix.lower() in {".xlsx", ".xlsm", ".xlsb"}:
            raise InputError(
                f"{path} is encrypted.", "Open it in Excel and save it without a password."
            ) from error
        raise InputError(
            f"{path} cannot be read as a workbook ({error}).",
            "Open it in Excel and save it again as .xlsx.",
        ) from error
    names = book.sheet_names
    if sheet is not None:
        if sheet not in names:
            raise InputError(
                f"{path} has no sheet '{sheet}'.", f"Its sheets are: {', '.join(names)}."
            )
        names = [sheet]
    for name in names:
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        yield Grid(file=str(path), sheet=name, rows=cells)


def grids(path: Path, sheet: str | None = None) -> list[Grid]:
    """Read every sheet of a file, or one; raises InputError when that cannot be done."""
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise InputError(f"{path} {what}.", "Check the name; it is read from this folder on.")
    suffix = path.suffix.lower()
    if suffix not in TEXT_SUFFIXES | BOOK_SUFFIXES:
        raise InputError(
            f"{path} is neither a workbook nor a CSV file.", "Save it as .xlsx or .csv."
        )
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty.", "Save it again from the program it comes from.")
    try:
        return list(
            _grids_of_text(path) if suffix in TEXT_SUFFIXES else _grids_of_book(path, sheet)
        )
    except PermissionError as error:
        raise InputError(
            f"{path} cannot be opened.", "Close it in Excel, then try again."
        ) from error


def _mapping(grid: Grid, header_row: int, given: Mapping[str, str] | None) -> pd.DataFrame:
    headers = [as_text(cell) or "" for cell in grid.rows[header_row]]
    found = recognise(headers, given)
    rows = [
        (grid.file, grid.sheet, header_row + 1, position, letter(position), each.header,
         each.field, each.how)
        for position, each in enumerate(found)
        if each.header
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(MAPPING_COLUMNS))


def _table(grid: Grid, mapping: pd.DataFrame) -> pd.DataFrame:
    """Cut the rows under the header out as text: one column a field, `row` as Excel counts."""
    header_row = int(mapping["header_row"].iloc[0])
    body = grid.rows[header_row:]
    columns = list(zip(*body, strict=True)) if body else []
    known = mapping[mapping["field"].notna()]
    table = pd.DataFrame(
        {
            field: column_as_text(columns[position] if columns else [])
            for field, position in zip(known["field"], known["column"], strict=True)
        }
    )
    rows = np.arange(header_row + 1, header_row + 1 + len(body))
    table.insert(0, "row", pd.Series(rows, dtype="int64"))
    blank = table.drop(columns="row").isna().all(axis=1)
    return table[~blank].reset_index(drop=True)


def explode(table: pd.DataFrame) -> pd.DataFrame:
    """Make one row a number: split cells with several numbers, pair their PINs, expand ranges."""
    present = [name for name in NUMBER_FIELDS if name in table]
    parts = []
    for field in present:
        filled = table[table[field].notna()]
        if not filled.empty:
            parts.append(split_cells(filled, field))
    written = table[present].notna().any(axis=1)
    without = table[~written].assign(
        number_field=present[0] if present else "phone_number", number_text=np.nan, from_range=False
    )
    parts.append(without)
    whole = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    whole["number_text"] = whole["number_text"].astype("str")
    by_column = whole["number_field"].map(
        {"landline_numbers": "Landline", "wireless_numbers": "Wireless"}
    )
    stated = whole["line_type"] if "line_type" in whole else pd.Series(np.nan, whole.index)
    whole["line_type"] = by_column.where(by_column.notna(), stated).astype("str")
    return whole


def numbers_of(table: pd.DataFrame, file: str, sheet: str, fill: Mapping[str, str]) -> pd.DataFrame:
    """Turn one sheet's table of text into NUMBERS as written (every field is a column)."""
    whole = explode(table)
    whole.insert(0, "file", pd.Series(file, whole.index, dtype="str"))
    whole.insert(1, "sheet", pd.Series(sheet, whole.index, dtype="str"))
    for name in FIELDS:
        if name not in whole:
            whole[name] = pd.Series(np.nan, whole.index, dtype="str")
        if name in fill:
            whole[name] = whole[name].fillna(fill[name])
    for name in SECRET_FIELDS:
        known = whole[name].notna()
        hidden = pd.Series(np.nan, whole.index, dtype=object)
        hidden[known] = [Secret(text) for text in whole.loc[known, name]]
        whole[name] = hidden
    return whole


def read_grids(
    sheets: Sequence[Grid],
    *,
    given: Mapping[str, str] | None = None,
    fill: Mapping[str, str] | None = None,
) -> Reading:
    """Read sheets into NUMBERS as written; raises InputError when none of them has a header."""
    tables, mappings, skipped, rows = [], [], [], 0
    for grid in sheets:
        texts = [[as_text(cell) or "" for cell in row] for row in grid.rows[:40]]
        header_row = find_header(texts, given)
        if header_row is None:
            skipped.append(f"sheet '{grid.sheet}' of {Path(grid.file).name}: no header row")
            continue
        mapping = _mapping(grid, header_row, given)
        table = _table(grid, mapping)
        rows += len(table)
        mappings.append(mapping)
        tables.append(numbers_of(table, grid.file, grid.sheet, fill or {}))
    if not tables:
        where = ", ".join(dict.fromkeys(grid.file for grid in sheets)) or "the file"
        raise InputError(
            f"{where}: no row was recognised as a header.",
            "Name the columns as in `Phone Number`, `Account Number`, `Service Address`, or "
            'settle them with --map "Their Header=field".',
        )
    if not rows:
        raise InputError(
            f"{sheets[0].file}: there is no row under the header.", "Fill in a row a number."
        )
    return Reading(
        numbers=pd.concat(tables, ignore_index=True),
        mapping=pd.concat(mappings, ignore_index=True),
        rows=rows,
        skipped=tuple(skipped),
    )
