"""One table cut out of a sheet as texts: its columns with their fields, and the rows that move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from portops.facts.placeholders import is_ditto, is_error, is_placeholder
from portops.intake.cells import as_text, column_as_text, letter_of
from portops.intake.contents import Contents, look_at
from portops.intake.filling import fill_dittos
from portops.intake.leaving import flagged, forbidden_rows, repeated
from portops.intake.lines import header_score, says_how
from portops.intake.nearness import examples
from portops.intake.parting import answer_titles, join_parts, split_addresses
from portops.intake.scoring import Column
from portops.intake.settling import titles_of
from portops.results.reading import Place
from portops.tables.columns import NUMBER_FIELDS
from portops.texts import spaced

if TYPE_CHECKING:
    import numpy as np

    from portops.intake.notices import Notices
    from portops.intake.recognition import Recognition
    from portops.intake.regions import Region
    from portops.intake.shapes import Start
    from portops.results.original import Grid

_STREET_PARTS = frozenset({"house_suffix", "pre_direction", "street_suffix", "post_direction"})

#: So many rows of a column are looked at to recognize it.
_SAMPLE = 60


@dataclass(slots=True)
class Table:
    """One table of a sheet as texts: `frame` has `row` (Excel's) and a column a field.

    `numbers` are its columns of telephone numbers: field, letter, texts; `places` its columns;
    `spare` its columns that are no field, by title, which may hold the key to another sheet;
    `labels` are those of a table that is labels and values; `again` are rows (Excel's) of a service record with one more feature of a number above.
    """

    file: str
    sheet: str
    frame: pd.DataFrame
    numbers: list[tuple[str, str, pd.Series]]
    places: list[Place]
    spare: dict[int, tuple[str, str, Contents, Callable[[], pd.Series]]] = field(
        default_factory=dict
    )
    contests: list[tuple[tuple[str, ...], list[Place]]] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    shape: str = "table"
    labels: list[Place] = field(default_factory=list)

    @property
    def about(self) -> list[Place]:
        """All places that say what the table's fields are: its columns, or its labels."""
        return [*self.places, *self.labels]


def silent(text: str) -> bool:
    """Tell whether a cell says nothing of its own: it shows an error, or is as the one above."""
    return is_placeholder(text) or is_ditto(text) or is_error(text)


def _sample(cells: Any, places: Sequence[int]) -> list[str]:
    if isinstance(cells, pa.Array):
        return [
            as_text(text) or "" for text in cells.take(pa.array(places, pa.int64())).to_pylist()
        ]
    return [as_text(cells[place]) or "" for place in places]


def _like_the_first(sampled: Sequence[Sequence[str]]) -> list[bool]:
    """Tell which sampled rows are of the table: headings, notes and other headers are not.

    A row counts that fills at least a third of what the fullest row fills, and does not read like
    a header itself.
    """
    rows = list(zip(*sampled, strict=True))
    filled = [sum(map(bool, row)) for row in rows]
    most = max(filled, default=0)
    good = [
        count >= most / 3 and not (most >= 4 and (header_score(row) >= 2.4 or _only_says_how(row)))
        for row, count in zip(rows, filled, strict=True)
    ]
    return good if any(good) else [True] * len(rows)


def _only_says_how(row: Sequence[str]) -> bool:
    """Tell whether a row says under each title how it is filled in: `required`, `optional`."""
    there = [text for text in row if text]
    return says_how(there) and not any(any(letter.isdigit() for letter in text) for text in there)


def columns_of(start: Start, cells: Sequence[Any], places: np.ndarray) -> list[Column]:
    """Make the columns to recognize of a sample of the rows at these places."""
    step = max(len(places) // _SAMPLE, 1)
    some = sorted({*places[: _SAMPLE // 2].tolist(), *places[::step][:_SAMPLE].tolist()})
    sampled = [_sample(column, some) for column in cells]
    like = _like_the_first(sampled)
    columns = []
    for position, texts in enumerate(sampled):
        title = start.titles[position] if position < len(start.titles) else ""
        above = start.above[position] if position < len(start.above) else ()
        contents = look_at([text for text, good in zip(texts, like, strict=True) if good], silent)
        if title or contents.counted:
            columns.append(Column(position, title, above, contents))
    return columns


@dataclass(slots=True)
class Cells:
    """A sheet's cells from its first data row on, and which row of the sheet that is (from 0)."""

    columns: list[Any]
    first: int
    _texts: dict[int, pd.Series] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.columns[0]) if self.columns else 0

    def texts(self, position: int, places: np.ndarray) -> pd.Series:
        """Return a column's texts at these places; a column is made text once."""
        if position not in self._texts:
            self._texts[position] = column_as_text(self.columns[position])
        column = self._texts[position]
        if len(places) == self.height:
            return column
        return column.take(places).reset_index(drop=True)


def cut(
    grid: Grid,
    cells: Cells,
    region: Region,
    start: Start,
    columns: list[Column],
    recognition: Recognition,
) -> Table:
    """Cut one region out as text."""
    first, last = int(region.places[0]), int(region.places[-1])
    titles = titles_of(columns)
    frame = pd.DataFrame({"row": region.places + cells.first + 1})
    table = Table(grid.file, grid.sheet, frame, [], [])
    for column, view in zip(columns, recognition.columns, strict=True):
        letter = letter_of(column.position)
        named = (
            part_of_street(view.field)
            if column.contents.counted or view.how == "given"
            else view.field
        )
        place = Place(
            start.header + 1,
            column.position,
            letter,
            titles[column.position] or f"column {letter}",
            None if view.field == "house_suffix" and not column.contents.counted else named,
            view.how,
            view.confidence,
            view.why,
            next(iter(values := examples(column, view)), ""),
            0,
            first + cells.first + 1,
            last + cells.first + 1,
            values,
            view.near,
        )
        table.places.append(place._replace(field=part_of_street(place.field)))
        texts = partial(cells.texts, column.position, region.places)
        if view.field in NUMBER_FIELDS:
            table.numbers.append((str(view.field), letter, texts()))
        elif view.field is not None:
            more = texts()
            frame[view.field] = spaced(frame[view.field], more) if view.field in frame else more
        elif view.other in {"customer_first_name", "customer_last_name"}:
            frame[view.other.removeprefix("customer_")] = texts()
        else:
            table.spare[column.position] = (
                titles[column.position],
                view.other,
                column.contents,
                texts,
            )
    rows = {column.position: place for column, place in zip(columns, table.places, strict=True)}
    for contest in recognition.contests:
        table.contests.append((contest.fields, [rows[position] for position in contest.positions]))
    return table


def part_of_street(name: str | None) -> str | None:
    """Return the street for its directions and its suffix, which are parts without a name of their own."""
    return "street" if name in _STREET_PARTS else name


def finish(table: Table, notices: Notices) -> None:
    """Leave out the rows that stay, fill dittos, and put the parts of fields together."""
    notices.places = {
        str(place.field): (place.letter, place.header)
        for place in reversed(table.places)
        if place.field
    }
    moving = forbidden_rows(table, flagged(table, notices), notices)
    again = repeated(table) & moving
    table.again = table.frame["row"].to_numpy()[again].tolist()
    moving &= ~again
    table.frame = table.frame[moving].reset_index(drop=True)
    table.numbers = [
        (name, letter, texts[moving].reset_index(drop=True))
        for name, letter, texts in table.numbers
    ]
    table.spare = {
        position: (title, other, contents, partial(_kept, texts, moving))
        for position, (title, other, contents, texts) in table.spare.items()
    }
    frame = fill_dittos(table.frame, notices)
    titles = {str(place.field): place.header for place in table.places if place.field}
    frame = answer_titles(frame, titles)
    starts = bool(table.numbers) and table.numbers[0][0] == "phone_number"
    if "range" in frame and starts:
        frame["phone_number"] = table.numbers[0][2]
    joined = join_parts(frame)
    if "phone_number" in joined:
        table.numbers[0] = ("phone_number", table.numbers[0][1], joined.pop("phone_number"))
    table.frame = split_addresses(joined, notices)


def _kept(texts: Callable[[], pd.Series], moving: np.ndarray) -> pd.Series:
    return texts()[moving].reset_index(drop=True)
