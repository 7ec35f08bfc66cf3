"""Sheets that hold several forms below one another, and sheets that lie on their side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from portops.intake.cells import as_text
from portops.intake.labels import blocks_of
from portops.intake.lines import header_score, holds_phone, is_title
from portops.results.original import Grid

#: Sheets of more rows are tables.
_MOST_ROWS = 3_000


def even(head: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Return rows of cells as texts of even length."""
    rows = [[as_text(cell) or "" for cell in row] for row in head]
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _of(grid: Grid, rows: Sequence[Sequence[Any]]) -> Grid:
    def columns(first: int) -> list[Any]:
        body = rows[first:]
        return list(zip(*body, strict=True)) if body else []

    return replace(grid, head=rows[:60], columns=columns)


def pieces(grid: Grid) -> list[Grid]:
    """Part a sheet in which block and numbers come again and again; rows keep their numbers."""
    if not blocks_of(even(grid.head)):
        return [grid]
    rows = grid.rows
    if len(rows) > _MOST_ROWS:
        return [grid]
    texts = even(rows)
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
        for first, last in zip(edges, edges[1:], strict=False)
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
    texts = even(grid.head)
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
            width = max(map(len, rows))
            square = [[*row, *[None] * (width - len(row))] for row in rows]
            return _of(grid, [list(cells) for cells in zip(*square, strict=True)])
    return None
