"""Labels with their values: beside them, after a colon, or below."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from portops.intake.lines import (
    LONGEST_TITLE,
    Row,
    filled_in,
    header_score,
    holds_data,
    holds_phone,
    is_title,
    says_how,
    title_of,
)

_INLINE = re.compile(r"^([^:]{2,48}):\s*(\S.*)$", re.S)


class Pair(NamedTuple):
    """A label and its value, with the value's cell (row and column counted from 0)."""

    label: str
    value: str
    row: int
    column: int


def _pairs_of_row(row: Row, number: int, columns: Collection[int] = ()) -> list[Pair]:
    """Read a row as labels with their values to the right; empty when it does not read so.

    `columns` are those in which the rows above have their labels: there any words are one.
    """
    there = filled_in(row)
    inline = [_INLINE.match(row[place]) for place in there]
    if there and all(inline) and all(is_title(match[1]) for match in inline if match):
        return [
            Pair(match[1].strip(), match[2].strip(), number, place)
            for place, match in zip(there, inline, strict=True)
            if match
        ]
    if not 1 <= len(there) <= 6:
        return []
    pairs, at = [], 0
    while at < len(there):
        place = there[at]
        label = row[place]
        if not _is_label(label, loose=len(there) == 2 or place in columns):
            return []
        following = there[at + 1] if at + 1 < len(there) else None
        if (
            following is None
            or following - place > 4
            or (following in columns and len(columns) > 1)
            or (row[following].rstrip().endswith(":") and not holds_data(row[following]))
        ):
            pairs.append(Pair(label, "", number, min(place + 1, len(row) - 1)))
            at += 1
            continue
        pairs.append(Pair(label, row[following], number, following))
        at += 2
    return pairs


def _is_label(text: str, *, loose: bool) -> bool:
    """Tell whether a text can be a label; with only one value beside it, any words can."""
    if is_title(text) or (text.rstrip().endswith(":") and len(text) < 60):
        return True
    # `911 / service location` is a label; `215 Mitchell St` is none.
    words = bool(re.match(r"[A-Za-z]|911\b", text)) and len(text) <= LONGEST_TITLE
    return loose and words and not holds_data(text)


def _fields(pairs: Sequence[Pair]) -> set[str]:
    return {title_of(pair.label)[0] for pair in pairs if is_title(pair.label)} - {""}


def blocks_of(rows: Sequence[Row]) -> dict[int, list[Pair]]:
    """Find the rows that are labels with values beside them: runs of three rows and more."""
    by_row: dict[int, list[Pair]] = {}
    run: list[int] = []

    def close() -> None:
        pairs = [pair for number in run for pair in by_row[number]]
        valued = [pair for pair in pairs if pair.value]
        phones = sum(holds_phone(pair.value) for pair in valued)
        labels = [pair.label for pair in pairs]
        colons = len(run) >= 3 and all(label.rstrip().endswith(":") for label in labels)
        good = (
            len(valued) >= 2
            and len(_fields(pairs)) >= (2 if colons else 3)
            and len(_fields(valued)) >= 2
            and sum(is_title(label) or label.endswith(":") for label in labels) >= 0.4 * len(labels)
            and phones <= 0.6 * len(valued)
            # The values of a table's first columns come again; labels do not.
            and len(set(labels)) >= 0.8 * len(labels)
            and sum(is_title(pair.value, 0.75) and not pair.label.endswith(":") for pair in valued)
            <= 0.5 * len(valued)
        )
        if not good:
            for number in run:
                by_row.pop(number, None)
        run.clear()

    for number, row in enumerate(rows):
        there = filled_in(row)
        if not there:
            continue
        before = by_row.get(run[-1], []) if run else []
        pairs = _pairs_of_row(row, number, _label_columns(before, rows))
        below = rows[number + 1] if number + 1 < len(rows) else []
        lonely = len(pairs) == 1 and not pairs[0].value
        if (
            pairs
            and not _goes_on(pairs, row, below)
            and _is_header(row, there, below, lonely=lonely)
        ):
            pairs = []
        if pairs:
            by_row[number] = pairs
            run.append(number)
        elif len(there) > 1 or holds_phone(row[there[0]]):
            close()
    close()
    return _without_headings(by_row, rows)


def _label_columns(pairs: Sequence[Pair], rows: Sequence[Row]) -> set[int]:
    """Return the columns in which a row of labels and values has its labels."""
    return {
        place
        for pair in pairs
        for place, text in enumerate(rows[pair.row])
        if text == pair.label and place <= pair.column
    }


def _goes_on(pairs: Sequence[Pair], row: Row, below: Row) -> bool:
    """Tell whether labels beside labels have labels under them: a form of two columns, no header."""
    if len(pairs) < 2 or not all(pair.value and pair.label in row for pair in pairs):
        return False
    places = [row.index(pair.label) for pair in pairs]
    return all(
        place < len(below)
        and is_title(below[place])
        and pair.column < len(below)
        and not is_title(below[pair.column], 0.75)
        for place, pair in zip(places, pairs, strict=True)
    )


def _is_header(row: Row, there: Sequence[int], below: Row, *, lonely: bool) -> bool:
    """Tell whether a row that could be labels and values is a header or a heading after all."""
    label = row[there[0]].rstrip()
    if lonely and len(there) == 1 and not (label.endswith(":") or title_of(label)[1] >= 0.6):
        return True
    if there[0] < len(below) and holds_phone(below[there[0]]):
        # A title right above numbers is the header of their list.
        return True
    if len(there) >= 3 and not any(holds_data(row[place]) for place in there):
        data = [place for place in there if place < len(below) and below[place]]
        # Titles side by side above values are a header.
        if len(data) >= 0.6 * len(there) and any(holds_data(below[place]) for place in data):
            return True
    return header_score(row) >= 2.5 and all(is_title(row[place]) for place in there)


def _without_headings(by_row: dict[int, list[Pair]], rows: Sequence[Row]) -> dict[int, list[Pair]]:
    """Drop labels without a value that are headings: of a list below them, or far from the block."""
    kept = {}
    for number, pairs in by_row.items():
        if len(pairs) == 1 and not pairs[0].value:
            below = next((row for row in rows[number + 1 :] if filled_in(row)), [])
            beside = {number - 1, number + 1} & set(by_row)
            if any(holds_phone(text) for text in below) and number + 1 not in by_row:
                continue
            if not beside:
                continue
        kept[number] = [
            pair for pair in pairs if pair.value or len(pairs) == 1 or pair.label.endswith(":")
        ]
    return kept


def stacked_of(rows: Sequence[Row]) -> dict[int, list[Pair]]:
    """Find rows of labels with their values below them, where a sheet has two such and more."""
    heads: list[int] = []
    for number in range(len(rows) - 1):
        row, below = rows[number], rows[number + 1]
        there = filled_in(row)
        if not there or not filled_in(below) or header_score(row) < 0.4 or says_how(row):
            continue
        titles = sum(is_title(row[place], 0.3) for place in there)
        if titles < 0.5 * len(there) or header_score(below) >= 0.8 * header_score(row):
            continue
        after = rows[number + 2] if number + 2 < len(rows) else []
        ends = not filled_in(after) or (
            header_score(after) >= 0.4 and not any(holds_data(text) for text in after if text)
        )
        if ends and set(filled_in(below)) <= set(there):
            heads.append(number)
    texts = [text for number in heads for text in rows[number] if text]
    if len(heads) < 2 or len(set(texts)) < 0.8 * len(texts) or len(texts) < 4:
        return {}
    return {
        number: [
            Pair(rows[number][place], rows[number + 1][place], number + 1, place)
            for place in filled_in(rows[number])
        ]
        for number in heads
    }
