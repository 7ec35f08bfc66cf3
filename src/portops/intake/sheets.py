"""One sheet to its tables: where they lie, which column is which field, which rows move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from openpyxl.utils import get_column_letter

from portops.facts.placeholders import is_ditto, is_placeholder
from portops.intake.cells import as_text, column_as_text
from portops.intake.contents import Contents, look_at
from portops.intake.filling import fill_dittos
from portops.intake.given import titles_of
from portops.intake.nearness import examples
from portops.intake.notices import Notices
from portops.intake.parting import answer_titles, join_parts, split_addresses
from portops.intake.recognition import Column, Recognition, Recognized, recognize
from portops.intake.regions import Region, examples_among, has_number, part
from portops.intake.shapes import Outline, Pair, Start, outline
from portops.intake.staying import flag, may_be_flag, stays
from portops.results.reading import Place
from portops.results.understood import is_understood
from portops.tables.columns import FIELDS, NUMBER_FIELDS
from portops.wording import counted, spans

if TYPE_CHECKING:
    from portops.results.original import Grid

_STREET_PARTS = frozenset({"house_suffix", "pre_direction", "street_suffix", "post_direction"})

#: So many rows of a column are looked at to recognize it.
_SAMPLE = 60


@dataclass(slots=True)
class Table:
    """One table of a sheet as texts: `frame` has `row` (Excel's) and a column a field.

    `numbers` are its columns of telephone numbers: field, letter, texts; `places` its columns;
    `spare` its columns that are no field, by title, which may hold the key to another sheet.
    """

    file: str
    sheet: str
    frame: pd.DataFrame
    numbers: list[tuple[str, str, pd.Series]]
    places: list[Place]
    spare: dict[int, tuple[str, str, Contents, Callable[[], pd.Series]]] = field(default_factory=dict)
    contests: list[tuple[tuple[str, ...], list[Place]]] = field(default_factory=list)
    shape: str = "table"


@dataclass(slots=True)
class Block:
    """A block of labels and values: its places, and its fields as a frame of one row."""

    places: list[Place]
    frame: pd.DataFrame


@dataclass(slots=True)
class SheetRead:
    """What one sheet gave: its tables, what it has to tell, and the rows that are no data."""

    tables: list[Table]
    notices: Notices
    skipped: list[str]
    hidden: list[int]
    block: Block


def _even(head: Sequence[Sequence[Any]]) -> list[list[str]]:
    rows = [[as_text(cell) or "" for cell in row] for row in head]
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _silent(text: str) -> bool:
    return is_placeholder(text) or is_ditto(text)


def _sample(cells: Any, places: Sequence[int]) -> list[str]:
    if isinstance(cells, pa.Array):
        return [as_text(text) or "" for text in cells.take(pa.array(places, pa.int64())).to_pylist()]
    return [as_text(cells[place]) or "" for place in places]


def _columns(start: Start, cells: Sequence[Any], places: np.ndarray) -> list[Column]:
    """Make the columns to recognize of a sample of the rows at these places."""
    step = max(len(places) // _SAMPLE, 1)
    some = sorted({*places[: _SAMPLE // 2].tolist(), *places[::step][:_SAMPLE].tolist()})
    columns = []
    for position, texts in enumerate(cells):
        title = start.titles[position] if position < len(start.titles) else ""
        above = start.above[position] if position < len(start.above) else ()
        contents = look_at(_sample(texts, some), _silent)
        if title or contents.counted:
            columns.append(Column(position, title, above, contents))
    return columns


class _Cells(NamedTuple):
    """A sheet's cells from its first data row on, and which row of the sheet that is (from 0)."""

    columns: list[Any]
    first: int

    @property
    def height(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def texts(self, position: int, places: np.ndarray) -> pd.Series:
        """Return a column's texts at these places."""
        cells = self.columns[position]
        if len(places) == self.height:
            return column_as_text(cells)
        if isinstance(cells, pa.Array):
            return column_as_text(cells.take(pa.array(places)))
        return column_as_text([cells[place] for place in places.tolist()])


def _table(  # noqa: PLR0913 - one table of a sheet
    grid: Grid, cells: _Cells, region: Region, start: Start, columns: list[Column],
    recognition: Recognition,
) -> Table:
    """Cut one region out as text."""
    first, last = int(region.places[0]), int(region.places[-1])
    titles = titles_of(columns)
    frame = pd.DataFrame({"row": region.places + cells.first + 1})
    table = Table(grid.file, grid.sheet, frame, [], [])
    for column, view in zip(columns, recognition.columns, strict=True):
        letter = get_column_letter(column.position + 1)
        shown = part_of_street(view.field) if column.contents.counted or view.how == "given" else view.field
        place = Place(
            start.header + 1,
            column.position,
            letter,
            titles[column.position] or f"column {letter}",
            None if view.field == "house_suffix" and not column.contents.counted else shown,
            view.how,
            view.confidence,
            view.why,
            next(iter(shown_values := examples(column, view)), ""),
            0,
            first + cells.first + 1,
            last + cells.first + 1,
            shown_values,
            view.near,
        )
        table.places.append(place._replace(field=part_of_street(place.field)))
        texts = partial(cells.texts, column.position, region.places)
        if view.field in NUMBER_FIELDS:
            table.numbers.append((str(view.field), letter, texts()))
        elif view.field is not None:
            more = texts()
            if view.field in frame:
                both = frame[view.field].fillna("") + " " + more.fillna("")
                more = both.str.strip().replace("", np.nan).astype("str")
            frame[view.field] = more
        elif view.other in {"customer_first_name", "customer_last_name"}:
            frame[view.other.removeprefix("customer_")] = texts()
        else:
            table.spare[column.position] = (titles[column.position], view.other, column.contents, texts)
    rows = {column.position: place for column, place in zip(columns, table.places, strict=True)}
    for contest in recognition.contests:
        table.contests.append((contest.fields, [rows[position] for position in contest.positions]))
    return table


def part_of_street(name: str | None) -> str | None:
    """Return the street for its directions and its suffix, which are parts without a name of their own."""
    return "street" if name in _STREET_PARTS else name


def read_sheet(
    grid: Grid, given: Mapping[str, str] | None
) -> SheetRead | str:
    """Read one sheet; returns why it is not read where it is not."""
    texts = _even(grid.head)
    if texts and {"code", "severity", "message"} <= set(texts[0]):
        return "findings of an earlier check"
    if texts and is_understood(tuple(texts[0])):
        return "what an earlier check understood"
    view = outline(texts, given)
    notices = Notices(grid.file, grid.sheet)
    if view.start is None:
        return _read_form(grid, view, notices, given)
    start = view.start
    cells = _Cells(grid.columns(start.first), start.first)
    if not cells.height:
        return "no rows under the header" if start.header >= 0 else "no header row"
    return _read_tables(grid, view, cells, notices, given)


def _read_form(
    grid: Grid, view: Outline, notices: Notices, given: Mapping[str, str] | None
) -> SheetRead | str:
    """Read a sheet that is only labels and values: one row, where it has a telephone number."""
    block = read_block(grid, view.pairs, notices, given)
    phones = [place for place in block.places if place.field in NUMBER_FIELDS]
    if not phones or len({place.field for place in block.places} - {None}) < 3:
        return "no header row"
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


def read_block(
    grid: Grid, pairs: Sequence[Pair], notices: Notices, given: Mapping[str, str] | None
) -> Block:
    """Recognize the labels of a block, and read their values as one row of fields."""
    columns = [
        Column(place, pair.label.rstrip(": "), (), look_at([pair.value], _silent))
        for place, pair in enumerate(pairs)
    ]
    recognition = recognize(columns, given)
    places, frame = [], pd.DataFrame({"row": [0]})
    titles = {}
    for pair, column, view in zip(pairs, columns, recognition.columns, strict=True):
        places.append(
            Place(
                pair.row + 1,
                pair.column,
                get_column_letter(pair.column + 1),
                pair.label,
                view.field,
                "block" if view.field else view.how,
                view.confidence,
                view.why,
                next(iter(shown := examples(column, view)), ""),
                pair.row + 1,
                0,
                0,
                shown,
                view.near,
            )
        )
        if view.field and view.field not in NUMBER_FIELDS:
            frame[view.field] = pd.Series([pair.value or None], dtype="str")
            titles[view.field] = pair.label
            frame["row"] = pair.row + 1
    scratch = Notices(grid.file, grid.sheet)
    frame = answer_titles(frame, titles)
    frame = split_addresses(join_parts(frame), scratch)
    return Block(places, frame)


def _left_out(
    notices: Notices, cells: _Cells, region: Region, numbers: int, sheet: str
) -> None:
    rows = region.places + cells.first + 1
    notices.add(
        "workbook.not_to_port",
        int(region.at) + 1 if region.at >= 0 else int(rows[0]),
        f"{counted(numbers, 'number')} in rows {spans(rows.tolist())} "
        f"{'is' if numbers == 1 else 'are'} left out: the heading says '{region.left_out}'.",
        cell=f"{sheet}!A{int(region.at) + 1 if region.at >= 0 else int(rows[0])}",
        value=region.left_out,
    )


def _mapped(cells: _Cells, columns: Sequence[Column], views: Sequence[Recognized]) -> dict[int, str]:
    return {
        column.position: str(view.field)
        for column, view in zip(columns, views, strict=True)
        if view.field is not None
    }


def _read_tables(
    grid: Grid, view: Outline, cells: _Cells, notices: Notices, given: Mapping[str, str] | None
) -> SheetRead:
    start = view.start
    assert start is not None  # noqa: S101 - the caller has looked
    every = np.arange(cells.height)
    columns = _columns(start, cells.columns, every)
    recognition = recognize(columns, given)
    mapped = _mapped(cells, columns, recognition.columns)
    texts = {position: cells.texts(position, every) for position in mapped}
    phones = [texts[position] for position, name in mapped.items() if name in NUMBER_FIELDS]
    numbered = has_number(phones, cells.height)
    filled = sum(
        (column.notna().to_numpy().astype(int) for column in texts.values()),
        start=np.zeros(cells.height, dtype=int),
    )
    parted = part(cells.columns, numbered, filled if phones else np.where(filled <= 1, filled, -1), start, given)
    block = read_block(grid, view.pairs, notices, given)
    read = SheetRead([], notices, [], [], block)
    where = f"of sheet '{grid.sheet}' of {Path(grid.file).name}"
    for why, rows in parted.others.items():
        numbers = [row + cells.first + 1 for row in rows]
        read.skipped.append(f"row{'s' if len(rows) > 1 else ''} {spans(numbers)} {where}: {why}")
    examples = np.array(parted.examples, dtype=int)
    example_rows = np.flatnonzero(examples_among(phones, numbered)) if phones else examples[:0]
    _tell_examples(notices, cells, np.union1d(examples, example_rows), grid.sheet)
    for region in parted.regions:
        places = region.places[~np.isin(region.places, example_rows)]
        places = places[(filled[places] > 0)]
        if not len(places):
            continue
        if region.left_out:
            _left_out(notices, cells, region, int(numbered[places].sum()), grid.sheet)
            continue
        if region.start is None:
            table = _table(grid, cells, region._replace(places=places), start, columns, recognition)
        else:
            own = _columns(region.start, cells.columns, places)
            table = _table(
                grid, cells, region._replace(places=places), region.start, own, recognize(own, given)
            )
        _finish(table, cells, places, notices)
        read.tables.append(table)
    rows = {int(row) for table in read.tables for row in table.frame["row"]} if grid.hidden else set()
    read.hidden = sorted(grid.hidden & rows)
    return read


def _tell_examples(notices: Notices, cells: _Cells, places: np.ndarray, sheet: str) -> None:
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


def _flags(table: Table, places: np.ndarray, notices: Notices) -> np.ndarray:
    """Tell which rows move, by the columns that say so; what stays is named."""
    moving = np.ones(len(places), dtype=bool)
    for position, (title, other, contents, texts) in table.spare.items():
        if not may_be_flag(title, other, contents):
            continue
        values = texts()
        view = flag(title, values)
        if view is None:
            continue
        letter = get_column_letter(position + 1)
        rows = table.frame["row"].to_numpy()
        out = view.says < 0
        if out.any():
            words = sorted(set(values[out].dropna().unique()))[:4]
            said = ", ".join(f"'{word}'" for word in words) or "nothing"
            first = int(rows[out][0])
            notices.add(
                "workbook.not_to_port",
                first,
                f"{counted(int(out.sum()), 'row')} ({spans(rows[out].tolist())}) "
                f"{'is' if out.sum() == 1 else 'are'} left out: '{title}' says {said}.",
                cell=f"{table.sheet}!{letter}{first}",
                column=title,
                value=", ".join(words),
            )
        moving &= ~out
        unclear = (view.says == 0) & moving
        if view.asks and unclear.any():
            for row, value in zip(rows[unclear], values[unclear], strict=True):
                notices.add(
                    "cell.placeholder",
                    int(row),
                    f"'{title}' does not say whether the number moves. Write yes or no.",
                    cell=f"{table.sheet}!{letter}{row}",
                    column=title,
                    value=None if pd.isna(value) else value,
                )
    return moving


def _finish(table: Table, cells: _Cells, places: np.ndarray, notices: Notices) -> None:
    """Leave out the rows that stay, fill dittos, and put the parts of fields together."""
    notices.places = {
        str(place.field): (place.letter, place.header) for place in reversed(table.places) if place.field
    }
    moving = _flags(table, places, notices)
    table.frame = table.frame[moving].reset_index(drop=True)
    table.numbers = [
        (name, letter, texts[moving].reset_index(drop=True)) for name, letter, texts in table.numbers
    ]
    table.spare = {
        position: (title, other, contents, partial(_kept, texts, moving))
        for position, (title, other, contents, texts) in table.spare.items()
    }
    frame = fill_dittos(table.frame, notices)
    titles = {str(place.field): place.header for place in table.places if place.field}
    frame = answer_titles(frame, titles)
    single = len(table.numbers) == 1 and table.numbers[0][0] == "phone_number"
    if "range" in frame and single:
        frame["phone_number"] = table.numbers[0][2]
    joined = join_parts(frame)
    if "phone_number" in joined:
        table.numbers = [("phone_number", table.numbers[0][1], joined.pop("phone_number"))]
    table.frame = split_addresses(joined, notices)


def _kept(texts: Callable[[], pd.Series], moving: np.ndarray) -> pd.Series:
    return texts()[moving].reset_index(drop=True)
