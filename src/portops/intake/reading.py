"""Grids to NUMBERS as written: every table of every sheet, one row a telephone number.

Every value keeps where it came from: file, sheet, Excel's row, and through the mapping its column;
where another sheet or a block of labels gives it, that cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from portops.errors import InputError
from portops.intake.alike import titles_alike
from portops.intake.joining import join_sheets
from portops.intake.mapping import mapping_rows
from portops.intake.notices import COLUMNS as NOTICE_COLUMNS
from portops.intake.pieces import pieces
from portops.intake.settling import beside
from portops.intake.sheets import SheetRead, leave_out, read_sheet
from portops.intake.splitting import split_cells
from portops.redaction import Secret
from portops.results.checked import MAPPING_COLUMNS
from portops.results.reading import FIELD_COLUMNS, Reading, Sheet
from portops.tables.columns import FIELDS, NUMBER_FIELDS
from portops.texts import blank, constant

if TYPE_CHECKING:
    from portops.intake.cutting import Table
    from portops.results.original import Grid


def explode(table: Table) -> pd.DataFrame:
    """Make one row a number: split cells with several numbers, pair their PINs, expand ranges."""
    frame, parts = table.frame, []
    columns = [column for column in table.numbers if column[2].notna().any()] or table.numbers[:1]
    for name, letter, cells in columns:
        filled = cells.notna()
        if len(columns) == 1 or filled.any():
            rows = frame if len(columns) == 1 else frame[filled]
            parts.append(
                split_cells(rows, name, cells if len(columns) == 1 else cells[filled], letter)
            )
    if len(columns) != 1:
        written = np.zeros(len(frame), dtype=bool)
        for _, _, cells in columns:
            written |= cells.notna().to_numpy()
        name, letter = columns[0][:2] if columns else ("phone_number", "")
        index = frame.index[~written]
        parts.append(
            frame[~written].assign(
                number_field=constant(name, index),
                number_column=constant(letter, index) if letter else blank(index),
                number_text=np.nan,
                from_range=False,
            )
        )
    numbers = parts[0] if len(parts) == 1 else pd.concat(parts).sort_index(kind="stable")
    numbers = numbers.reset_index(drop=True)
    numbers["number_text"] = numbers["number_text"].astype("str")
    if {name for name, _, _ in columns} != {"phone_number"}:
        by_column = numbers["number_field"].map(
            {"landline_numbers": "Landline", "wireless_numbers": "Wireless"}
        )
        stated = numbers.get("line_type", by_column)
        numbers["line_type"] = by_column.where(by_column.notna(), stated).astype("str")
    return numbers


def numbers_of(table: Table, fill: Mapping[str, str]) -> pd.DataFrame:
    """Turn one table of texts into NUMBERS as written (every field is a column)."""
    try:
        exploded = explode(table)
    except InputError as error:
        raise InputError(f"{table.file}: {error}", error.remedy) from error
    index = exploded.index
    columns: dict[str, pd.Series] = {
        "file": constant(table.file, index),
        "sheet": constant(table.sheet, index),
        "row": exploded["row"],
    }
    for name, field in FIELDS.items():
        if field.part_of:
            continue
        column = exploded[name] if name in exploded else blank(index)
        if name in NUMBER_FIELDS:
            column = exploded["number_text"].where(exploded["number_field"] == name)
        if name in fill:
            column = column.fillna(fill[name])
        columns[name] = _hide(column) if field.secret else column
    for name in ("number_field", "number_column", "number_text", "from_range"):
        columns[name] = exploded[name]
    for name in ("details_sheet", "details_row"):
        columns[name] = exploded[name] if name in exploded else blank(index)
    columns["details_row"] = pd.to_numeric(columns["details_row"]).astype("Int64")
    return pd.DataFrame(columns)


def _hide(column: pd.Series) -> pd.Series:
    """Put the secrets of a column into their type."""
    places, texts = pd.factorize(column)
    # A missing text has the place -1: the last one.
    secrets = np.array([*map(Secret, texts), np.nan], dtype=object)
    return pd.Series(secrets[places], index=column.index, dtype=object)


def _with_block(read: SheetRead) -> None:
    """Give the rows of a sheet the values of the block above them, where they have none."""
    values = read.block.frame
    for table in read.tables:
        for name in [str(column) for column in values if column != "row"]:
            value = values[name].iloc[0]
            if pd.isna(value):
                if name not in table.frame:
                    table.frame[name] = blank(table.frame.index)
                continue
            own = table.frame[name] if name in table.frame else blank(table.frame.index)
            table.frame[name] = own.fillna(value).astype("str")


def read_grids(
    sheets: Sequence[Grid],
    *,
    given: Mapping[str, str] | None = None,
    fill: Mapping[str, str] | None = None,
) -> Reading:
    """Read sheets into NUMBERS as written; raises InputError when none of them has numbers."""
    skipped = list(dict.fromkeys(grid.note for grid in sheets if grid.note))
    sheets = [piece for grid in sheets for piece in (pieces(grid) if grid.shown else [grid])]
    reads: dict[int, SheetRead] = {}
    why: dict[int, str] = {}
    for place, grid in enumerate(sheets):
        read = read_sheet(grid, given) if grid.shown else "hidden"
        if isinstance(read, str):
            why[place] = read
        else:
            reads[place] = read
    for place, alike in titles_alike(reads).items():
        read = read_sheet(sheets[place], beside(given, alike))
        if isinstance(read, SheetRead):
            reads[place] = read
    why |= leave_out(reads, sheets)
    for read in reads.values():
        _with_block(read)
    tables = [table for place, read in reads.items() if place >= 0 for table in read.tables]
    join_sheets(tables)
    for place in [place for place, read in reads.items() if place >= 0 and _is_idle(read)]:
        del reads[place]
        why[place] = "no header row"
    return _together(sheets, reads, why, skipped, fill or {})


def _is_idle(read: SheetRead) -> bool:
    """Tell whether a sheet is labels and values that no numbers of another sheet asked for."""
    return any(table.shape == "details" for table in read.tables)


def _fields_of(table: Table) -> list[tuple[object, ...]]:
    """Return the fields that a table gives its numbers, with its header and its rows."""
    if table.frame.empty:
        return []
    header = table.places[0].header_row if table.places else 0
    first, last = int(table.frame["row"].min()), int(table.frame["row"].max())
    names = [str(name) for name in table.frame if name in FIELDS]
    names += [name for name, _, _ in table.numbers]
    return [(table.file, table.sheet, name, header, first, last) for name in names]


def _together(
    sheets: Sequence[Grid],
    reads: dict[int, SheetRead],
    why: dict[int, str],
    skipped: list[str],
    fill: Mapping[str, str],
) -> Reading:
    """Put the tables of all sheets into one reading."""
    numbers, mapping, hidden, about, contests, fields = [], [], [], [], [], []
    for place, grid in enumerate(sheets):
        if place in why:
            if place not in {-key - 1 for key in reads if key < 0}:
                skipped.append(f"sheet '{grid.sheet}' of {Path(grid.file).name}: {why[place]}")
            about.append(
                Sheet(grid.file, grid.sheet, read=False, why=why[place], rows=_height(grid))
            )
            continue
        read = reads[place]
        skipped += read.skipped
        if read.hidden:
            hidden.append((grid.file, grid.sheet, tuple(read.hidden)))
        rows = 0
        mapping += mapping_rows(read, grid.file, grid.sheet)
        shapes = []
        for table in read.tables:
            shapes.append(table.shape)
            contests += [
                (table.file, table.sheet, *contest)
                for contest in table.contests
                # A field that a block or another sheet has given is settled.
                if len(contest[1]) > 1 or not set(contest[0]) & set(map(str, table.frame))
            ]
            if table.shape == "accounts":
                continue
            rows += len(table.frame)
            fields += _fields_of(table)
            numbers.append(numbers_of(table, fill))
        shape = "block" if read.block.places and "form" not in shapes else next(iter(shapes), None)
        about.append(Sheet(grid.file, grid.sheet, read=True, rows=rows, shape=shape))
    notices = _notices(reads)
    where = ", ".join(dict.fromkeys(grid.file for grid in sheets)) or "the file"
    if not numbers:
        raise _nothing(where, sheets)
    filled = [table for table in numbers if len(table)] or numbers[:1]
    if not any(map(len, numbers)):
        raise InputError(
            f"{sheets[0].file}: there is no row under the header.", "Fill in a row a number."
        )
    return Reading(
        numbers=filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True),
        mapping=pd.DataFrame(mapping, columns=list(MAPPING_COLUMNS)).astype({"field": object}),
        rows=sum(sheet.rows for sheet in about if sheet.read),
        skipped=tuple(skipped),
        hidden=tuple(hidden),
        sheets=_once(about),
        notices=notices,
        contests=tuple(contests),
        fields=pd.DataFrame(fields, columns=list(FIELD_COLUMNS)).drop_duplicates(),
    )


def _notices(reads: Mapping[int, SheetRead]) -> pd.DataFrame:
    """Return what all sheets have to tell."""
    told = [read.notices.table() for read in reads.values()]
    return (
        pd.concat(told, ignore_index=True) if told else pd.DataFrame(columns=list(NOTICE_COLUMNS))
    )


def _height(grid: Grid) -> int:
    """Count the rows of a sheet that was not read, from its first row with anything on."""
    first = next(
        (
            place
            for place, row in enumerate(grid.head)
            if any(cell not in {None, ""} for cell in row)
        ),
        None,
    )
    cells = [] if first is None else grid.columns(first)
    return len(cells[0]) if cells else 0


def _once(about: Sequence[Sheet]) -> tuple[Sheet, ...]:
    """Make one line of the pieces of a sheet."""
    sheets: dict[tuple[str, str], Sheet] = {}
    for sheet in about:
        before = sheets.get((sheet.file, sheet.sheet))
        if before is None or (sheet.read and not before.read):
            sheets[(sheet.file, sheet.sheet)] = sheet
        elif sheet.read:
            sheets[(sheet.file, sheet.sheet)] = before._replace(rows=before.rows + sheet.rows)
    return tuple(sheets.values())


def _nothing(where: str, sheets: Sequence[Grid]) -> InputError:
    """Say what was seen where no sheet has numbers."""
    seen = next(
        (
            " | ".join(str(cell) for cell in row if cell not in {None, ""})[:120]
            for grid in sheets
            for row in grid.head
            if any(cell not in {None, ""} for cell in row)
        ),
        "",
    )
    return InputError(
        f"{where}: no row was recognized as a header, and no list of telephone numbers was found"
        + (f"; the first row says '{seen}'." if seen else "."),
        "Name the columns as in `Phone Number`, `Account Number`, `Service Address`, settle them with "
        '--map "Their Header=field", or name the sheet with --sheet.',
    )
