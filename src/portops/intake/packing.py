"""Rows of cells to columns that take little memory: texts, and of which kind each value was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, overload

import pyarrow as pa

#: So many rows of a file, and numbers on them, are checked at once.
MOST_ROWS = 1_500_000

#: So many cells are kept as objects before they are packed.
_CHUNK = 200_000

_TEXT = pa.large_string()

#: How a value of each kind is written, and read again. A kind's place is its number; 0 is text.
_KINDS: tuple[tuple[type, Callable[[Any], str], Callable[[str], Any]], ...] = (
    (str, str, str),
    # A moment is a date and a flag is a number too: the narrower kind comes first.
    (bool, lambda flag: "1" if flag else "", bool),
    (int, str, int),
    (float, repr, float),
    (dt.datetime, dt.datetime.isoformat, dt.datetime.fromisoformat),
    (dt.date, dt.date.isoformat, dt.date.fromisoformat),
    (dt.time, dt.time.isoformat, dt.time.fromisoformat),
    (
        dt.timedelta,
        lambda span: repr(span.total_seconds()),
        lambda text: dt.timedelta(seconds=float(text)),
    ),
)


class TooMuch(Exception):
    """There are more cells, or they hold more text, than is kept."""


class Packed(NamedTuple):
    """One column: its values as texts, and their kinds where not all of them are text."""

    texts: pa.Array
    kinds: pa.Array | None

    def since(self, first: int) -> pa.Array | Mixed:
        """Return the values from a row on (counted from 0)."""
        if self.kinds is None:
            return self.texts.slice(first)
        return Mixed(self.texts.slice(first), self.kinds.slice(first))


class Mixed(Sequence[Any]):
    """A column with numbers, dates and texts, which become objects one by one."""

    def __init__(self, texts: pa.Array, kinds: pa.Array) -> None:
        self._texts, self._kinds = texts, kinds

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> Mixed: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return Mixed(self._texts[place], self._kinds[place])
        return _KINDS[self._kinds[place].as_py()][2](self._texts[place].as_py())

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self), _CHUNK):
            texts = self._texts.slice(start, _CHUNK).to_pylist()
            for text, kind in zip(texts, self._kinds.slice(start, _CHUNK).to_pylist(), strict=True):
                yield _KINDS[kind][2](text)


def _kind_of(value: object) -> int:
    for number, (kind, _, _) in enumerate(_KINDS):
        if isinstance(value, kind):
            return number
    raise TypeError(type(value).__name__)


def _pack(values: Sequence[Any]) -> Packed:
    try:
        return Packed(pa.array(values, _TEXT), None)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        kinds = [_kind_of(value) for value in values]
        texts = [_KINDS[kind][1](value) for value, kind in zip(values, kinds, strict=True)]
        return Packed(pa.array(texts, _TEXT), pa.array(kinds, pa.int8()))


class Packing:
    """Columns that grow by rows, which may be of different lengths: what is missing is blank."""

    def __init__(self, most_cells: int | None = None, most_text: int | None = None) -> None:
        self._most_cells, self._most_text = most_cells, most_text
        self._columns: list[list[Packed]] = []
        self._rows: list[Sequence[Any]] = []
        self._loose = self._height = 0
        self.width = self.text = 0

    @property
    def cells(self) -> int:
        """How many cells there are so far, gaps included."""
        return self.width * self.height

    @property
    def height(self) -> int:
        """How many rows there are so far."""
        return self._height + len(self._rows)

    def add(self, row: Sequence[Any]) -> None:
        """Add a row; raises TooMuch."""
        self._rows.append(row)
        self.width = max(self.width, len(row))
        self._loose += len(row) + 1
        if self._loose >= _CHUNK:
            self._flush()

    def _flush(self) -> None:
        width = self.width
        if self._most_cells is not None and self.cells > self._most_cells:
            raise TooMuch
        rows, self._rows, self._loose = self._rows, [], 0
        even = [row if len(row) == width else [*row, *[""] * (width - len(row))] for row in rows]
        while len(self._columns) < width:
            self._columns.append([_blanks(self._height)] if self._height else [])
        for column, values in zip(self._columns, zip(*even, strict=True), strict=True):
            packed = _pack(values)
            self.text += packed.texts.nbytes
            column.append(packed)
        self._height += len(rows)
        if self._most_text is not None and self.text > self._most_text:
            raise TooMuch

    def columns(self) -> Iterator[Packed]:
        """Give the columns, each made whole and let go of before the next."""
        if self._rows:
            self._flush()
        self._columns.reverse()
        while self._columns:
            chunks = self._columns.pop()
            texts = pa.concat_arrays([chunk.texts for chunk in chunks])
            if all(chunk.kinds is None for chunk in chunks):
                yield Packed(texts, None)
                continue
            kinds = [
                pa.repeat(pa.scalar(0, pa.int8()), len(chunk.texts))
                if chunk.kinds is None
                else chunk.kinds
                for chunk in chunks
            ]
            yield Packed(texts, pa.concat_arrays(kinds))


def _blanks(count: int) -> Packed:
    return Packed(pa.repeat(pa.scalar("", _TEXT), count), None)
