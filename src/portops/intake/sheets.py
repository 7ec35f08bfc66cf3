"""One sheet to its tables: where they lie, which column is which field, which rows move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from portops.intake.blocks import Block, read_block
from portops.intake.cells import column_of, even_texts
from portops.intake.cutting import Cells, Table, columns_of, cut, finish
from portops.intake.notices import Notices
from portops.intake.pieces import turned
from portops.intake.recognition import Recognition, recognize
from portops.intake.regions import Region, examples_among, has_number, part
from portops.intake.shapes import Outline, outline
from portops.intake.staying import is_over, stays
from portops.results.understood import is_understood
from portops.tables.columns import NUMBER_FIELDS
from portops.wording import counted, spans

if TYPE_CHECKING:
    from portops.intake.scoring import Column
    from portops.results.original import Grid


#: So sure is a label, or a title, that says what its value is.
_OUTRIGHT = 0.8


@dataclass(slots=True)
class SheetRead:
    """What one sheet gave: its tables, what it has to tell, and the rows that are no data."""

    tables: list[Table]
    notices: Notices
    skipped: list[str]
    hidden: list[int]
    block: Block


def read_sheet(grid: Grid, given: Mapping[str, str] | None) -> SheetRead | str:
    """Read one sheet; returns why it is not read where it is not."""
    texts = even_texts(grid.head)
    if texts and {"code", "severity", "message"} <= set(texts[0]):
        return "findings of an earlier check"
    if texts and is_understood(tuple(texts[0])):
        return "what an earlier check understood"
    aside = turned(grid, given)
    if aside is not None:
        turned_read = _read_upright(aside, given, aside=True)
        if isinstance(turned_read, SheetRead) and _has_numbers(turned_read):
            return turned_read
        read = _read_upright(grid, given)
        if isinstance(read, SheetRead) and _has_numbers(read):
            return read
        return turned_read if isinstance(turned_read, SheetRead) else read
    return _read_upright(grid, given)


def _has_numbers(read: SheetRead) -> bool:
    return any(texts.notna().any() for table in read.tables for _, _, texts in table.numbers)


def _lay_aside(read: SheetRead) -> None:
    """Name the places of a sheet that was turned: letters become rows, as `@5` for row 5."""
    for table in read.tables:
        table.shape = "columns"
        table.places = [
            place._replace(letter=f"@{place.column + 1}", header_row=place.column + 1)
            for place in table.places
        ]
        table.numbers = [
            (name, f"@{column_of(letter) + 1}", texts) for name, letter, texts in table.numbers
        ]


def _read_upright(
    grid: Grid, given: Mapping[str, str] | None, *, aside: bool = False
) -> SheetRead | str:
    """Read a sheet whose titles go along its rows; `aside` where it was turned for that."""
    texts = even_texts(grid.head)
    view = outline(texts, given)
    notices = Notices(grid.file, grid.sheet, aside=aside)
    if view.start is None:
        if aside:
            # Labels beside their values are read as they stand.
            return "no header row"
        return _read_form(grid, view, notices, given)
    start = view.start
    cells = Cells(grid.columns(start.first), start.first)
    if not cells.height:
        return "no rows under the header" if start.header >= 0 else "no header row"
    read = _read_tables(grid, view, cells, notices, given)
    if aside:
        _lay_aside(read)
    return read


def _read_form(
    grid: Grid, view: Outline, notices: Notices, given: Mapping[str, str] | None
) -> SheetRead | str:
    """Read a sheet that is only labels and values: one row, where it has a telephone number."""
    block = read_block(grid, view.pairs, notices, given)
    phones = [place for place in block.places if place.field in NUMBER_FIELDS]
    details = {place.field for place in block.places} - {None}
    if len(details) < 3:
        return "no header row"
    if not phones:
        # What it says may count for the numbers of other sheets: `join_sheets` looks for them.
        table = Table(
            grid.file, grid.sheet, block.frame, [], [], shape="details", labels=block.places
        )
        return SheetRead([table], notices, [], [], block)
    row = phones[0].row
    values = {(pair.row + 1, pair.column): pair.value for pair in view.pairs}
    numbers = [
        (
            str(place.field),
            place.letter,
            pd.Series([values.get((place.row, place.column)) or None], dtype="str"),
        )
        for place in phones
    ]
    own = [place._replace(row=0, first=row, last=row) for place in phones]
    table = Table(grid.file, grid.sheet, pd.DataFrame({"row": [row]}), numbers, own, shape="form")
    block.places = [place for place in block.places if place.field not in NUMBER_FIELDS]
    return SheetRead([table], notices, [], [], block)


def _left_out(notices: Notices, cells: Cells, region: Region, numbers: int, sheet: str) -> None:
    rows = region.places + cells.first + 1
    notices.add(
        "workbook.not_to_port",
        int(region.at) + 1 if region.at >= 0 else int(rows[0]),
        f"{counted(numbers, 'number')} in rows {spans(rows.tolist())} "
        f"{'is' if numbers == 1 else 'are'} left out: the heading says '{region.left_out}'.",
        cell=f"{sheet}!A{int(region.at) + 1 if region.at >= 0 else int(rows[0])}",
        value=region.left_out,
    )


def _understood_rows(
    cells: Cells, columns: list[Column], recognition: Recognition
) -> tuple[list[pd.Series], np.ndarray, np.ndarray]:
    """Return the columns of numbers, which rows have one, and how many fields each row fills."""
    every = np.arange(cells.height)
    texts = [
        (view.field, cells.texts(column.position, every))
        for column, view in zip(columns, recognition.columns, strict=True)
        if view.field is not None
    ]
    phones = [column for name, column in texts if name in NUMBER_FIELDS]
    filled = np.zeros(cells.height, dtype=int)
    for _, column in texts:
        filled += column.notna().to_numpy()
    return phones, has_number(phones, cells.height), filled


def _read_tables(
    grid: Grid, view: Outline, cells: Cells, notices: Notices, given: Mapping[str, str] | None
) -> SheetRead:
    """Read a sheet of one table or several."""
    start = view.start
    assert start is not None  # noqa: S101 - the caller has looked
    every = np.arange(cells.height)
    columns = columns_of(start, cells.columns, every)
    block = read_block(grid, view.pairs, notices, given)
    first = (columns, _give_way(recognize(columns, given), block))
    phones, numbered, filled = _understood_rows(cells, columns, first[1])
    # In a table without numbers every row is looked at: another may begin below it.
    weight = filled if phones or cells.height <= 2_000 else np.where(filled <= 1, filled, -1)
    parted = part(cells.columns, numbered, weight, start, given)
    block.places = [
        # A number in a block above a table is the customer's own, or a contact's.
        place._replace(
            field=None if place.field in NUMBER_FIELDS else place.field,
            first=start.first + 1,
            last=cells.first + cells.height,
        )
        for place in block.places
    ]
    read = SheetRead([], notices, [], [], block)
    where = f"of sheet '{grid.sheet}' of {Path(grid.file).name}"
    for why, rows in parted.others.items():
        numbers = spans([row + cells.first + 1 for row in rows])
        read.skipped.append(f"row{'s' if len(rows) > 1 else ''} {numbers} {where}: {why}")
    examples = np.array(parted.examples, dtype=int)
    leading = [cells.texts(column.position, every) for column in columns[:2]]
    example_rows = np.flatnonzero(examples_among(phones, numbered, leading) & bool(phones))
    _tell_examples(notices, cells, np.union1d(examples, example_rows), grid.sheet)
    several = any(region.start is not None for region in parted.regions)
    for region in parted.regions:
        places = region.places[~np.isin(region.places, example_rows)]
        places = places[filled[places] > 0]
        if not len(places):
            continue
        if region.left_out:
            _left_out(notices, cells, region, int(numbered[places].sum()), grid.sheet)
            continue
        begins, (own, recognition) = start, first
        if several:
            # Rows of other tables say nothing about this one's columns.
            begins = region.start or start
            own = columns_of(begins, cells.columns, places)
            recognition = recognize(own, given)
            if region.start is None:
                recognition = _give_way(recognition, block)
        table = cut(grid, cells, region._replace(places=places), begins, own, recognition)
        finish(table, notices)
        if table.again:
            word = "rows" if len(table.again) > 1 else "row"
            read.skipped.append(f"{word} {spans(table.again)} {where}: more of a number above")
        read.tables.append(table)
    if grid.hidden:
        read.hidden = sorted(
            grid.hidden & {int(row) for table in read.tables for row in table.frame["row"]}
        )
    return read


def _give_way(recognition: Recognition, block: Block) -> Recognition:
    """Leave a column alone that seems to be what a block above says outright, with its value.

    `Alt e-mail` beside the numbers is not the signer's where the block has `Signer's e-mail`.
    """
    outright = {
        place.field
        for place in block.places
        if place.field and place.value and place.confidence >= _OUTRIGHT
    } - set(NUMBER_FIELDS)
    columns = [
        view._replace(field=None, how="unknown")
        if view.field in outright
        and view.how in {"words", "both", "contents"}
        and (view.confidence < _OUTRIGHT or view.how == "contents")
        else view
        for view in recognition.columns
    ]
    return recognition._replace(columns=columns)


def _tell_examples(notices: Notices, cells: Cells, places: np.ndarray, sheet: str) -> None:
    if len(places):
        rows = (places + cells.first + 1).tolist()
        notices.add(
            "workbook.not_to_port",
            rows[0],
            f"Row{'s' if len(rows) > 1 else ''} {spans(rows)} {'are' if len(rows) > 1 else 'is'} "
            "left out: marked as an example.",
            cell=f"{sheet}!A{rows[0]}",
            value="example",
        )


def _stay_by_name(reads: dict[int, SheetRead], sheets: Sequence[Grid]) -> dict[int, str]:
    """Return the sheets whose names say that they do not move, where others have numbers too."""
    named = {
        place: sheets[place].sheet
        for place in reads
        if stays(sheets[place].sheet) or is_over(sheets[place].sheet)
    }
    rest = [
        place
        for place in reads
        if place not in named and any(t.numbers for t in reads[place].tables)
    ]
    return named if rest else {}


def leave_out(reads: dict[int, SheetRead], sheets: Sequence[Grid]) -> dict[int, str]:
    """Leave sheets out whose names say that they do not move; returns why, by their place."""
    why = {}
    for place, name in _stay_by_name(reads, sheets).items():
        read = reads.pop(place)
        count = sum(
            int(cells.notna().sum()) for table in read.tables for _, _, cells in table.numbers
        )
        why[place] = "its name says that its numbers do not move"
        # Where nothing is left, a heading on the sheet has said it already.
        if count:
            read.notices.add(
                "workbook.not_to_port",
                1,
                f"The sheet '{name}' with {counted(count, 'number')} is left out: its name says "
                "that they do not move.",
                cell=f"{name}!A1",
                value=name,
            )
        reads[-place - 1] = SheetRead([], read.notices, read.skipped, [], read.block)
        reads[-place - 1].block.places.clear()
    return why
