"""Grids to NUMBERS as written: the header is found, columns are named, cells are split.

Every value keeps where it came from: file, sheet, Excel's row, and through the mapping its column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from portops.errors import InputError
from portops.intake.cells import as_text, column_as_text
from portops.intake.headers import Header, find_header, recognise
from portops.intake.splitting import split_cells
from portops.redaction import Secret
from portops.results.checked import MAPPING_COLUMNS
from portops.results.reading import Reading, Sheet
from portops.tables.columns import FIELDS, NUMBER_FIELDS, UNSAVED
from portops.texts import blank, constant, contains
from portops.wording import spans

if TYPE_CHECKING:
    from portops.results.original import Grid

_HINT = r"(?i)\b(?:required|optional|mandatory|example|e\.g\.|format|select|choose|enter)\b"
_TOTAL = r"\b(?:sub|grand )?totals?\b|^\W*notes?\b|^\W*end of\b|\bprepared by\b"


def _mapping(grid: Grid, header: Header, given: Mapping[str, str] | None) -> pd.DataFrame:
    columns = recognise(header.texts, given)
    fields = {column.field for column in columns}
    rows = []
    for position, column in enumerate(columns):
        name, how = column.field, column.how
        joint = FIELDS[name].part_of if name else None
        if name and joint:
            # Two columns that make one field: the first of them counts as it.
            parts = [other for other in FIELDS if FIELDS[other].part_of == joint]
            there = [other for other in parts if other in fields]
            if joint in fields:
                name, how = None, f"{FIELDS[joint].label} has a column of its own"
            elif name == there[0] and len(there) > 1:
                name, how = joint, "joined with " + FIELDS[there[1]].label
        if column.header:
            rows.append(
                (
                    grid.file,
                    grid.sheet,
                    header.last + 1,
                    position,
                    get_column_letter(position + 1),
                    column.header,
                    name,
                    how,
                )
            )
    return pd.DataFrame(rows, columns=list(MAPPING_COLUMNS)).astype({"field": object})


def _join_parts(table: pd.DataFrame) -> pd.DataFrame:
    """Join what is in two columns, such as house number and street name."""
    names = [str(column) for column in table]
    for name in [column for column in names if column in FIELDS and FIELDS[column].part_of]:
        joint = str(FIELDS[name].part_of)
        if joint in table:
            rest = table.pop(name)
            both = table[joint].fillna("") + " " + rest.fillna("")
            table[joint] = both.str.strip().mask(both.str.strip() == "")
        else:
            table = table.rename(columns={name: joint})
    return table


def _other_rows(
    table: pd.DataFrame, header: Header, mapping: pd.DataFrame
) -> dict[str, np.ndarray]:
    """Find the rows of a table that are no data: why, and which.

    A row with a number is always data, and so is one with three cells or more.
    """
    fields = [str(column) for column in table if column != "row"]
    numbers = [name for name in NUMBER_FIELDS if name in fields]
    none = np.zeros(len(table), dtype=bool)
    if not numbers or table.empty:
        return {}
    has_number = none.copy()
    for name in numbers:
        # The usual writing is found quickly; the rest is looked at more closely.
        plain = contains(table[name], rf"\d{{3}}[ .)-]{{0,2}}\d{{4}}|^{UNSAVED}$").to_numpy(
            copy=True
        )
        plain[~plain] = contains(table[name][~plain], r"(?:\d\D*){7}").to_numpy()
        has_number |= plain
    few = ~has_number
    if not few.any():
        return {}
    rest = table[few]
    filled = rest[fields].notna().sum(axis=1).to_numpy()
    texts = rest[fields].fillna("")
    words = texts[fields[0]].str.cat(texts[fields[1:]], sep=" ")
    titles = dict(zip(mapping["field"], mapping["header"], strict=True))
    same = np.zeros(len(rest), dtype=int)
    for name in fields:
        title = str(titles.get(name, "")).casefold()
        same += (rest[name].fillna("").str.casefold() == title).to_numpy(dtype=int)
    again = same >= min(3, len(fields))
    hints = (rest["row"] == header.last + 2).to_numpy() & (words.str.count(_HINT).to_numpy() >= 2)
    note = (filled <= 1) | ((filled <= 2) & contains(words, _TOTAL).to_numpy())
    last = np.flatnonzero(has_number)[-1] if has_number.any() else -1
    below = np.flatnonzero(few) > last
    note = (note | (below & (filled <= 2))) & (len(fields) >= 4)
    place, others = np.flatnonzero(few), {}
    for why, mask in (
        ("the header again", again),
        ("hints under the header", hints & ~again),
        ("notes, headings or totals", note & ~again & ~hints),
    ):
        if mask.any():
            others[why] = place[mask]
    return others


class _Cut(NamedTuple):
    table: pd.DataFrame
    skipped: list[str]
    hidden: list[int]


def _table(grid: Grid, header: Header, mapping: pd.DataFrame) -> _Cut:
    """Cut the rows under the header out as text: one column a field, `row` as Excel counts."""
    first = header.last + 1
    columns = grid.columns(first)
    understood = mapping[mapping["field"].notna()]
    height = len(columns[0]) if columns else 0
    table = pd.DataFrame(
        {
            field: column_as_text(columns[position] if columns else [])
            for field, position in zip(understood["field"], understood["column"], strict=True)
        }
    )
    table = _join_parts(table)
    table.insert(0, "row", pd.Series(np.arange(first + 1, first + 1 + height), dtype="int64"))
    blank = np.ones(len(table), dtype=bool)
    for name in table.columns[1:]:
        blank &= table[name].isna().to_numpy()
    if blank.any():
        table = table[~blank].reset_index(drop=True)
    skipped, where = [], f"of sheet '{grid.sheet}' of {Path(grid.file).name}"
    others = _other_rows(table, header, mapping)
    for why, places in others.items():
        rows = table["row"].iloc[places].tolist()
        skipped.append(f"row{'s' if len(rows) > 1 else ''} {spans(rows)} {where}: {why}")
    if others:
        kept = np.ones(len(table), dtype=bool)
        kept[np.concatenate(list(others.values()))] = False
        table = table[kept].reset_index(drop=True)
    hidden = sorted(grid.hidden & set(table["row"])) if grid.hidden else []
    return _Cut(table, skipped, hidden)


def explode(table: pd.DataFrame) -> pd.DataFrame:
    """Make one row a number: split cells with several numbers, pair their PINs, expand ranges."""
    present = [name for name in NUMBER_FIELDS if name in table]
    parts = []
    for name in present:
        filled = table[table[name].notna()] if len(present) > 1 else table
        if len(present) == 1 or not filled.empty:
            parts.append(split_cells(filled, name))
    if len(present) != 1:
        written = table[present].notna().any(axis=1)
        without = table[~written].assign(
            number_field=present[0] if present else "phone_number",
            number_text=np.nan,
            from_range=False,
        )
        parts.append(without)
    numbers = parts[0] if len(parts) == 1 else pd.concat(parts).sort_index(kind="stable")
    numbers = numbers.reset_index(drop=True)
    numbers["number_text"] = numbers["number_text"].astype("str")
    if present != ["phone_number"]:
        by_column = numbers["number_field"].map(
            {"landline_numbers": "Landline", "wireless_numbers": "Wireless"}
        )
        stated = numbers.get("line_type", by_column)
        numbers["line_type"] = by_column.where(by_column.notna(), stated).astype("str")
    return numbers


def numbers_of(table: pd.DataFrame, file: str, sheet: str, fill: Mapping[str, str]) -> pd.DataFrame:
    """Turn one sheet's table of text into NUMBERS as written (every field is a column)."""
    try:
        exploded = explode(table)
    except InputError as error:
        raise InputError(f"{file}: {error}", error.remedy) from error
    index = exploded.index
    columns: dict[str, pd.Series] = {
        "file": constant(file, index),
        "sheet": constant(sheet, index),
        "row": exploded["row"],
    }
    for name, field in FIELDS.items():
        if field.part_of:
            continue
        column = exploded[name] if name in exploded else blank(index)
        if name in fill:
            column = column.fillna(fill[name])
        columns[name] = _hide(column) if field.secret else column
    for name in ("number_field", "number_text", "from_range"):
        columns[name] = exploded[name]
    return pd.DataFrame(columns)


def _hide(column: pd.Series) -> pd.Series:
    """Put the secrets of a column into their type."""
    secrets = {text: Secret(text) for text in column.dropna().unique()}
    hidden = np.array([secrets.get(text, np.nan) for text in column], dtype=object)
    return pd.Series(hidden, index=column.index, dtype=object)


def _header_of(grid: Grid, given: Mapping[str, str] | None) -> tuple[Header | None, str]:
    """Return a sheet's header, or None and why the sheet is not read."""
    if not grid.shown:
        return None, "hidden"
    texts = [[as_text(cell) or "" for cell in row] for row in grid.head]
    if texts and {"code", "severity", "message"} <= set(texts[0]):
        return None, "findings of an earlier check"
    header = find_header(texts, given)
    return header, "" if header else "no header row"


def read_grids(
    sheets: Sequence[Grid],
    *,
    given: Mapping[str, str] | None = None,
    fill: Mapping[str, str] | None = None,
) -> Reading:
    """Read sheets into NUMBERS as written; raises InputError when none of them has a header."""
    tables, mappings, hidden, rows = [], [], [], 0
    skipped = list(dict.fromkeys(grid.note for grid in sheets if grid.note))
    about: list[Sheet] = []
    for grid in sheets:
        header, why = _header_of(grid, given)
        if header is None:
            skipped.append(f"sheet '{grid.sheet}' of {Path(grid.file).name}: {why}")
            about.append(Sheet(grid.file, grid.sheet, read=False, why=why))
            continue
        mapping = _mapping(grid, header, given)
        sheet = _table(grid, header, mapping)
        skipped += sheet.skipped
        if sheet.hidden:
            hidden.append((grid.file, grid.sheet, tuple(sheet.hidden)))
        rows += len(sheet.table)
        about.append(Sheet(grid.file, grid.sheet, read=True, rows=len(sheet.table)))
        mappings.append(mapping)
        tables.append(numbers_of(sheet.table, grid.file, grid.sheet, fill or {}))
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
    filled = [table for table in tables if len(table)] or tables[:1]
    return Reading(
        numbers=filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True),
        mapping=pd.concat(mappings, ignore_index=True),
        rows=rows,
        skipped=tuple(skipped),
        hidden=tuple(hidden),
        sheets=tuple(about),
    )
