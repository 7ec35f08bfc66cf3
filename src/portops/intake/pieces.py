"""Sheets that hold several forms below one another, and sheets that lie on their side."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from portops.intake.cells import even, even_texts
from portops.intake.labels import blocks_of
from portops.intake.lines import header_score, holds_phone, is_title
from portops.tables.columns import simplify

if TYPE_CHECKING:
    from portops.results.original import Grid

#: Sheets of more rows are tables.
_MOST_ROWS = 3_000


def _of(grid: Grid, rows: Sequence[Sequence[Any]]) -> Grid:
    def columns(first: int) -> list[Any]:
        body = rows[first:]
        return list(zip(*body, strict=True)) if body else []

    return replace(grid, head=rows[:60], columns=columns)


def _beside(texts: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """Find the row and the column where the titles of a table begin anew, to the right of it."""
    for number, row in enumerate(texts[:20]):
        there = [(place, simplify(text)) for place, text in enumerate(row) if text]
        if len(there) < 4 or header_score(row) < 1.5:
            continue
        titles = [title for _, title in there]
        for start in range(2, len(titles) - 1):
            rest = titles[start:]
            alike = sum(a == b for a, b in zip(titles, rest, strict=False))
            if titles[0] == rest[0] and alike == len(rest) and len(set(titles[:start])) == start:
                return number, there[start][0]
    return None


def pieces(grid: Grid) -> list[Grid]:
    """Part a sheet of several tables: side by side, or block and numbers again and again."""
    place = _beside(even_texts(grid.head[:20]))
    if place is None or len(grid.rows) > _MOST_ROWS:
        return _below(grid)
    header, column = place
    rows = even(grid.rows)
    # What stands above the tables is said of both, but for the headings right over them.
    left = [
        r if n < header - 1 else r[:column] + [None] * (len(r) - column) for n, r in enumerate(rows)
    ]
    right = [r if n < header - 1 else [None] * column + r[column:] for n, r in enumerate(rows)]
    return [piece for part in (left, right) for piece in _below(_of(grid, part))]


def _below(grid: Grid) -> list[Grid]:
    """Part a sheet in which block and numbers come again and again; rows keep their numbers."""
    if not blocks_of(even_texts(grid.head)):
        return [grid]
    rows = grid.rows
    if len(rows) > _MOST_ROWS:
        return [grid]
    texts = even_texts(rows)
    width = max(map(len, rows), default=0)
    starts: list[int] = []
    before = -1
    for number in sorted(blocks_of(texts)):
        between = texts[before + 1 : number] if before >= 0 else []
        if before < 0 or any(holds_phone(text) for row in between for text in row):
            starts.append(number)
        before = number
    if len(starts) < 2:
        return [grid]
    edges = [0, *(_with_headings(texts, start) for start in starts[1:]), len(rows)]
    blank = [None] * width
    return [
        _of(
            grid,
            [
                [*row, *[None] * (width - len(row))] if first <= number < last else blank
                for number, row in enumerate(rows[:last])
            ],
        )
        for first, last in itertools.pairwise(edges)
    ]


def _with_headings(texts: Sequence[Sequence[str]], start: int) -> int:
    """Return where a piece begins: the headings right above its block belong to it."""
    while start > 0:
        there = [text for text in texts[start - 1] if text]
        if len(there) != 1 or holds_phone(there[0]):
            break
        start -= 1
    return start


def turned(grid: Grid, given: Mapping[str, str] | None = None) -> Grid | None:
    """Turn a sheet whose titles go down its first column, a customer a column; None for others."""
    texts = even_texts(grid.head)
    if len(texts) < 4 or len(texts[0]) < 3 or len(texts) >= 60:
        return None
    upright = max((header_score(row, given) for row in texts), default=0.0)
    for column in range(min(len(texts[0]) - 2, 3)):
        labels = [row[column] for row in texts]
        rest = [row[column + 1 :] for row in texts]
        titled = [place for place, text in enumerate(labels) if is_title(text)]
        wide = sum(sum(map(bool, rest[place])) >= 2 for place in titled)
        score = header_score(labels, given)
        if len(titled) >= 4 and wide >= 0.6 * len(titled) and score > 1.3 * upright:
            rows = grid.rows
            return _of(grid, [list(cells) for cells in zip(*even(rows), strict=True)])
    return None
