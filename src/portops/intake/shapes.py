"""How a sheet lies: blocks of labels and values, the header of a table, lists without one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from portops.intake.contents import kinds
from portops.intake.titles import classes, opinion
from portops.tables.columns import simplify

Row = Sequence[str]

#: What tells a value from a title.
_DATA = frozenset({"phone", "phone_noted", "phones", "phone_range", "email", "file", "zip5", "date",
                   "money", "digits4_8", "mac", "iccid", "imei", "whole_address", "digits10", "digits"})
_PHONES = frozenset({"phone", "phone_noted", "phones", "phone_range"})
_INLINE = re.compile(r"^([^:]{2,48}):\s*(\S.*)$", re.S)
_LONGEST_TITLE = 90


class Pair(NamedTuple):
    """A label and its value, with the value's cell (row and column counted from 0)."""

    label: str
    value: str
    row: int
    column: int


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


@cache
def title_of(text: str) -> tuple[str, float]:
    """Return what a text would be the title of, and how surely; an empty name for a value."""
    text = text.strip()
    if not text or len(text) > _LONGEST_TITLE or not re.search(r"[A-Za-z]", text):
        return "", 0.0
    if kinds(text) & _DATA and not text.endswith((":", "?")):
        return "", 0.0
    view = opinion(text)
    best = int(view.logs.argmax())
    share = float(np.exp(view.logs[best])) * (0.4 + 0.6 * view.known_share)
    return classes()[best], share


def is_title(text: str, least: float = 0.4) -> bool:
    """Tell whether a text reads like a title."""
    return title_of(text)[1] >= least


def holds_data(text: str) -> bool:
    """Tell whether a text is a value by its looks: a number, an address, a file."""
    return bool(kinds(text) & _DATA)


def holds_phone(text: str) -> bool:
    """Tell whether a text is one telephone number or several."""
    return bool(kinds(text) & _PHONES)


def _filled(row: Row) -> list[int]:
    return [place for place, text in enumerate(row) if text]


def header_score(row: Row, given: Mapping[str, str] | None = None) -> float:
    """Say how much a row reads like a header: the sum of its titles' shares; 0 when it is none."""
    there = _filled(row)
    settled = {simplify(title) for title in given or {}}
    if not there:
        return 0.0
    data = sum(holds_data(row[place]) and simplify(row[place]) not in settled for place in there)
    if data > 0.15 * len(there):
        return 0.0
    seen: dict[str, float] = {}
    titles = 0
    for place in there:
        name, share = title_of(row[place])
        if simplify(row[place]) in settled:
            name, share = row[place], 1.0
        if share >= 0.4:
            titles += 1
            seen[name] = max(seen.get(name, 0.0), share) + (0.1 if name in seen else 0.0)
    return sum(seen.values()) if titles >= 0.45 * len(there) else 0.0


def _pairs_of_row(row: Row, number: int) -> list[Pair]:
    """Read a row as labels with their values to the right; empty when it does not read so."""
    there = _filled(row)
    inline = [_INLINE.match(row[place]) for place in there]
    if there and all(inline) and all(is_title(match[1]) for match in inline if match):
        return [
            Pair(match[1].strip(), match[2].strip(), number, place)
            for place, match in zip(there, inline, strict=True) if match
        ]
    if not 1 <= len(there) <= 6:
        return []
    pairs, at = [], 0
    while at < len(there):
        place = there[at]
        label = row[place]
        if not _is_label(label, loose=len(there) == 2):
            return []
        following = there[at + 1] if at + 1 < len(there) else None
        if following is None or following - place > 4 or (
            row[following].rstrip().endswith(":") and not holds_data(row[following])
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
    words = bool(re.match(r"[A-Za-z]", text)) and len(text) <= _LONGEST_TITLE
    return loose and words and not holds_data(text)


def _fields(pairs: Sequence[Pair]) -> set[str]:
    return {title_of(pair.label)[0] for pair in pairs if is_title(pair.label)} - {""}


def _blocks(rows: Sequence[Row]) -> dict[int, list[Pair]]:
    """Find the rows that are labels with values beside them: runs of three rows and more."""
    by_row: dict[int, list[Pair]] = {}
    run: list[int] = []

    def close() -> None:
        pairs = [pair for number in run for pair in by_row[number]]
        valued = [pair for pair in pairs if pair.value]
        phones = sum(holds_phone(pair.value) for pair in valued)
        labels = [pair.label for pair in pairs]
        good = (
            len(valued) >= 2
            and len(_fields(pairs)) >= 3
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
        there = _filled(row)
        if not there:
            continue
        pairs = _pairs_of_row(row, number)
        lonely = len(there) == 1 and pairs and not pairs[0].value
        label = row[there[0]].rstrip()
        if lonely and not (label.endswith(":") or title_of(label)[1] >= 0.6):
            pairs = []
        if pairs and header_score(row) >= 2.5 and all(is_title(row[place]) for place in there):
            pairs = []
        if pairs:
            by_row[number] = pairs
            run.append(number)
        elif len(there) > 1:
            close()
    close()
    return _without_headings(by_row, rows)


def _without_headings(by_row: dict[int, list[Pair]], rows: Sequence[Row]) -> dict[int, list[Pair]]:
    """Drop labels without a value that are headings: of a list below them, or far from the block."""
    kept = {}
    for number, pairs in by_row.items():
        if len(pairs) == 1 and not pairs[0].value:
            below = next((row for row in rows[number + 1 :] if _filled(row)), [])
            beside = {number - 1, number + 1} & set(by_row)
            if any(holds_phone(text) for text in below) and number + 1 not in by_row:
                continue
            if not beside:
                continue
        kept[number] = [pair for pair in pairs if pair.value or len(pairs) == 1 or pair.label.endswith(":")]
    return kept


def _stacked(rows: Sequence[Row]) -> dict[int, list[Pair]]:
    """Find rows of labels with their values below them, where a sheet has two such and more."""
    heads: list[int] = []
    for number in range(len(rows) - 1):
        row, below = rows[number], rows[number + 1]
        there = _filled(row)
        if not there or not _filled(below) or header_score(row) < 0.4:
            continue
        titles = sum(is_title(row[place], 0.3) for place in there)
        if titles < 0.5 * len(there) or header_score(below) >= 0.8 * header_score(row):
            continue
        after = rows[number + 2] if number + 2 < len(rows) else []
        ends = not _filled(after) or (
            header_score(after) >= 0.4 and not any(holds_data(text) for text in after if text)
        )
        if ends and set(_filled(below)) <= set(there):
            heads.append(number)
    texts = [text for number in heads for text in rows[number] if text]
    if len(heads) < 2 or len(set(texts)) < 0.8 * len(texts) or len(texts) < 4:
        return {}
    return {
        number: [
            Pair(rows[number][place], rows[number + 1][place], number + 1, place)
            for place in _filled(rows[number])
        ]
        for number in heads
    }


def _above(rows: Sequence[Row], header: int, width: int, taken: set[int]) -> list[tuple[str, ...]]:
    """Give each column the headings over it: a group heading holds for the columns to its right."""
    above: list[tuple[str, ...]] = [()] * width
    upper = header - 1
    if upper < 0 or upper in taken:
        return above
    row, there = rows[upper], _filled(rows[upper])
    if len(there) < 2 or any(holds_data(row[place]) for place in there):
        return above
    spread = len(there) <= 0.7 * len(_filled(rows[header]))
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
        if len(_filled(row)) < 2 or score < 0.9:
            continue
        below = next((n for n in range(number + 1, len(rows)) if n not in taken and _filled(rows[n])), None)
        if below is None or header_score(rows[below]) > score:
            continue
        scores[number] = score
    if not scores:
        # A header with nothing below it, on a sheet that has nothing else.
        last = next((n for n in range(len(rows) - 1, -1, -1) if _filled(rows[n])), None)
        alone = last is not None and not taken and len(_filled(rows[last])) >= 3
        return last if alone and header_score(rows[last or 0], given) >= 2.4 else None
    most = max(scores.values())
    return next(number for number, score in scores.items() if score >= 0.75 * most)


def _heading(rows: Sequence[Row], before: int, taken: set[int]) -> str:
    """Return the words that stand alone above a table, nearest first."""
    for number in range(before - 1, max(before - 4, -1), -1):
        there = _filled(rows[number])
        if number in taken:
            break
        if len(there) == 1:
            return rows[number][there[0]]
        if there:
            break
    return ""


def _list(rows: Sequence[Row], taken: set[int]) -> Start | None:
    """Find where a list begins that has no header, or a title over its numbers alone."""
    first = next(
        (n for n, row in enumerate(rows) if n not in taken and any(holds_phone(text) for text in row)),
        None,
    )
    if first is None:
        return None
    width = max(map(len, rows))
    titles = [""] * width
    upper = first - 1
    heading = _heading(rows, first, taken)
    header = -1
    if upper >= 0 and upper not in taken and _filled(rows[upper]):
        places = _filled(rows[upper])
        phones = [p for p, text in enumerate(rows[first]) if holds_phone(text)]
        if set(places) & set(phones) or len(places) > 1:
            header = upper
            for place in places:
                titles[place] = rows[upper][place]
            if len(places) == 1:
                heading = _heading(rows, upper, taken) or rows[upper][places[0]]
    return Start(tuple(titles), ((),) * width, header, first, heading)


def outline(rows: Sequence[Row], given: Mapping[str, str] | None = None) -> Outline:
    """Read how a sheet lies from its first rows, as texts of even length."""
    if not rows:
        return Outline([], None)
    blocks, stacked = _blocks(rows), _stacked(rows)
    if sum(map(len, blocks.values())) >= sum(map(len, stacked.values())):
        stacked = {}
    else:
        blocks = {}
    taken = set(blocks) | set(stacked) | {number + 1 for number in stacked}
    pairs = [pair for number in sorted({**blocks, **stacked}) for pair in (blocks.get(number) or stacked.get(number) or [])]
    header = _header(rows, taken, given)
    if header is None:
        return Outline(pairs, _list(rows, taken))
    early = _list(rows[:header], taken)
    width = max(map(len, rows))
    if early is not None and early.first < header and not pairs:
        return Outline(pairs, early)
    titles = tuple(rows[header])
    above = _above(rows, header, width, taken)
    heading = _heading(rows, header, taken)
    # What is below the table is no default of it.
    pairs = [pair for pair in pairs if pair.row < header]
    return Outline(pairs, Start(titles, tuple(above), header, header + 1, heading))
