"""How a sheet lies: blocks of labels and values, the header of a table, lists without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from portops.intake.labels import Pair, blocks_of, stacked_of
from portops.intake.lines import Row, filled_in, header_score, holds_data, holds_phone
from portops.intake.staying import forbids


class Start(NamedTuple):
    """Where a table begins: its titles, the headings over each, the header's rows, its first row.

    A table without a header has `last` -1 and blank titles. Rows are counted from 0.
    """

    titles: tuple[str, ...]
    above: tuple[tuple[str, ...], ...]
    header: int
    first: int
    heading: str = ""


class Outline(NamedTuple):
    """A sheet's blocks of labels and values, and where its first table begins (None: nowhere)."""

    pairs: list[Pair]
    start: Start | None


def _above(rows: Sequence[Row], header: int, width: int, taken: set[int]) -> list[tuple[str, ...]]:
    """Give each column the headings over it: a group heading holds for the columns to its right."""
    above: list[tuple[str, ...]] = [()] * width
    upper = header - 1
    if upper < 0 or upper in taken:
        return above
    row, there = rows[upper], filled_in(rows[upper])
    if len(there) < 2 or any(holds_data(row[place]) for place in there):
        return above
    spread = len(there) <= 0.7 * len(filled_in(rows[header]))
    group = ""
    for place in range(min(width, len(row))):
        group = row[place] or (group if spread else "")
        above[place] = (group,) if group else ()
    return above


def _header(rows: Sequence[Row], taken: set[int], given: Mapping[str, str] | None) -> int | None:
    """Find the row that reads most like a header and has data below it; the first of those alike."""
    scores = {}
    for number, row in enumerate(rows):
        if number in taken:
            continue
        score = header_score(row, given)
        if len(filled_in(row)) < 2 or score < 0.9:
            continue
        below = next(
            (n for n in range(number + 1, len(rows)) if n not in taken and filled_in(rows[n])), None
        )
        if below is None or header_score(rows[below]) > score:
            continue
        scores[number] = score
    if not scores:
        # A header with nothing below it, on a sheet that has nothing else.
        last = next((n for n in range(len(rows) - 1, -1, -1) if filled_in(rows[n])), None)
        alone = last is not None and not taken and len(filled_in(rows[last])) >= 3
        return last if alone and header_score(rows[last or 0], given) >= 2.4 else None
    most = max(scores.values())
    return next(number for number, score in scores.items() if score >= 0.75 * most)


def _heading(rows: Sequence[Row], before: int, taken: set[int]) -> str:
    """Return the words that stand alone above a table, nearest first."""
    for number in range(before - 1, max(before - 4, -1), -1):
        there = filled_in(rows[number])
        if number in taken:
            break
        if len(there) == 1:
            return rows[number][there[0]]
        if there:
            break
    return ""


def _over(rows: Sequence[Row], pairs: Sequence[Pair], heading: str) -> str:
    """Return the heading of a table below a block: one above the block may say that nothing moves."""
    first = min((pair.row for pair in pairs), default=0)
    lone = [rows[n][there[0]] for n in range(first) if len(there := filled_in(rows[n])) == 1]
    return next((words for words in lone if forbids(words)), heading)


def _list(rows: Sequence[Row], taken: set[int]) -> Start | None:
    """Find where a list begins that has no header, or a title over its numbers alone."""
    first = next(
        (
            n
            for n, row in enumerate(rows)
            if n not in taken and any(holds_phone(text) for text in row)
        ),
        None,
    )
    if first is None:
        return None
    width = max(map(len, rows))
    titles = [""] * width
    upper = first - 1
    heading = _heading(rows, first, taken)
    header = -1
    if upper >= 0 and upper not in taken and filled_in(rows[upper]):
        places = filled_in(rows[upper])
        phones = [p for p, text in enumerate(rows[first]) if holds_phone(text)]
        if set(places) & set(phones) or len(places) > 1:
            header = upper
            for place in places:
                titles[place] = rows[upper][place]
            if len(places) == 1:
                heading = _heading(rows, upper, taken) or rows[upper][places[0]]
    return Start(tuple(titles), ((),) * width, header, first, heading)


def _with_first(rows: Sequence[Row], start: Start, pairs: list[Pair]) -> tuple[Start, list[Pair]]:
    """Begin a list beside its label: the first number stands where a block has its values."""
    places = [place for place, text in enumerate(rows[start.first]) if holds_phone(text)]
    beside = [
        pair
        for pair in pairs
        if pair.row == start.first - 1 and pair.column in places and holds_phone(pair.value)
    ]
    if start.header >= 0 or not beside:
        return start, [pair for pair in pairs if pair.row < start.first]
    titles = list(start.titles)
    titles[beside[0].column] = beside[0].label
    rest = [pair for pair in pairs if pair.row < start.first - 1]
    return start._replace(titles=tuple(titles), first=start.first - 1), rest


def outline(rows: Sequence[Row], given: Mapping[str, str] | None = None) -> Outline:
    """Read how a sheet lies from its first rows, as texts of even length."""
    if not rows:
        return Outline([], None)
    blocks, stacked = blocks_of(rows), stacked_of(rows)
    if sum(map(len, blocks.values())) >= sum(map(len, stacked.values())):
        stacked = {n: pairs for n, pairs in stacked.items() if not {n, n + 1} & set(blocks)}
    else:
        below = {number + 1 for number in stacked}
        blocks = {n: pairs for n, pairs in blocks.items() if n not in set(stacked) | below}
    taken = set(blocks) | set(stacked) | {number + 1 for number in stacked}
    pairs = [
        pair
        for number in sorted({**blocks, **stacked})
        for pair in (blocks.get(number) or stacked.get(number) or [])
    ]
    header = _header(rows, taken, given)
    if header is None:
        start = _list(rows, taken)
        if start is None:
            return Outline(pairs, None)
        start, pairs = _with_first(rows, start, pairs)
        return Outline(pairs, start._replace(heading=_over(rows, pairs, start.heading)))
    early = _list(rows[:header], taken)
    width = max(map(len, rows))
    if early is not None and early.first < header and not pairs:
        return Outline(pairs, early)
    titles = tuple(rows[header])
    above = _above(rows, header, width, taken)
    heading = _heading(rows, header, taken)
    # What is below the table is no default of it.
    pairs = [pair for pair in pairs if pair.row < header]
    heading = _over(rows, pairs, heading)
    return Outline(pairs, Start(titles, tuple(above), header, header + 1, heading))
