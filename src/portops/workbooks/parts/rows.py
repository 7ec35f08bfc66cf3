"""Rows put together anew: cells with another format, masks in place of secrets, cells that were not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from openpyxl.utils import get_column_letter

from portops.redaction import KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from portops.workbooks.parts.sheet import Row, Sheet
    from portops.workbooks.parts.styles import Styles

_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})(\d+)["']""")
_FORMAT = re.compile(rb"""\ss\s*=\s*["'](\d+)["']""")
_SPANS = re.compile(rb"""\sspans\s*=\s*["'][^"']*["']""")
_DROPPED = re.compile(rb"""\s(?:t|cm|vm)\s*=\s*["'][^"']*["']""")
_SHARED = re.compile(rb"""\st\s*=\s*["']s["']""")
_VALUE = re.compile(rb"<(?:[\w.-]+:)?v(?:\s[^>]*)?>\s*([^<]*?)\s*<")
_TEXT = re.compile(rb"<(?:[\w.-]+:)?t(?:\s[^>]*)?>[^<]")
#: A formula that other cells take theirs from, or whose result fills several.
_FOR_OTHERS = re.compile(
    rb"""<((?:[\w.-]+:)?)f\s(?:[^>]*?\s)?t\s*=\s*["'](?:shared|array|dataTable)["'][^>]*"""
    rb"""(?:/>|>[^<]*</(?:[\w.-]+:)?f\s*>)"""
)
_CUSTOM = re.compile(rb"""\scustomFormat\s*=\s*["'](?:1|true)["']""")


#: Row and column of a cell, from 1.
Place = tuple[int, int]


class Action(NamedTuple):
    """What a cell gets: a fill, by its color, and a mask."""

    color: str | None = None
    mask: bool = False


class _Cell(NamedTuple):
    """A cell as it is written: its attributes and what it holds."""

    attributes: bytes
    content: bytes

    @property
    def format(self) -> int:
        """The place of its format."""
        given = _FORMAT.search(self.attributes)
        return int(given[1]) if given else 0

    @property
    def shared(self) -> int | None:
        """The place of its shared text, where it has one."""
        if not _SHARED.search(self.attributes):
            return None
        value = _VALUE.search(self.content)
        return int(value[1]) if value and value[1].isdigit() else None

    @property
    def holds(self) -> bool:
        """Tell whether it shows anything, as far as can be seen without the shared texts."""
        value = _VALUE.search(self.content)
        return bool((value and value[1]) or _TEXT.search(self.content))

    def formatted(self, number: int) -> _Cell:
        """Return it with another format."""
        bare = _FORMAT.sub(b"", self.attributes)
        return self._replace(attributes=bare + b' s="%d"' % number)


def _column_of(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


class Patch:
    """The rows of one sheet with what is done to its cells (row, then column, from 1).

    `ours` are formats of an earlier marking, which are taken away. After `rows` was gone through,
    `gone` has the places of shared texts that masked cells showed, once a cell, and `formulas` tells
    whether a formula went with one. `strays` are cells that stand in a row that is not theirs.
    """

    def __init__(
        self,
        sheet: Sheet,
        styles: Styles,
        actions: Mapping[int, Mapping[int, Action]],
        ours: frozenset[int] = frozenset(),
        strays: frozenset[Place] = frozenset(),
    ) -> None:
        self._sheet, self._styles, self._actions = sheet, styles, actions
        self._ours, self._strays = ours, strays
        self._met: set[Place] = set()
        self._made: set[Place] = set()
        self.gone: list[int] = []
        self.formulas = False

    def rows(self) -> Iterator[bytes]:
        """Give the rows; those that are missing are made."""
        seen = self._sheet.seen
        prefix = re.escape(seen.prefix)
        self._cell = re.compile(
            rb"<%bc((?:\s[^>]*?)?)(?:/>|>(.*?)</%bc\s*>)" % (prefix, prefix), re.DOTALL
        )
        ours = b"|".join(b"%d" % number for number in self._ours)
        marked = re.compile(rb"""\ss\s*=\s*["'](?:%b)["']""" % ours) if ours else None
        missing = sorted(set(self._actions) - seen.rows, reverse=True)
        missing = [row for row in missing if self._colors(row)]
        for buffer, rows in self._sheet.buffers:
            done = 0
            for place, row in enumerate(rows):
                while seen.orderly and missing and missing[-1] < row.number:
                    yield buffer[done : row.start] + self._made_row(missing.pop())
                    done = row.start
                end = rows[place + 1].start if place + 1 < len(rows) else len(buffer)
                again = self._strays or (marked and marked.search(buffer, row.start, end))
                if row.number in self._actions or again:
                    raw = buffer[row.start : end]
                    quick = None if again else self._quick(row.number, raw)
                    yield buffer[done : row.start]
                    yield self._row(row, raw) if quick is None else quick
                    done = end
            yield buffer[done:]
        while missing:
            yield self._made_row(missing.pop())

    def _colors(self, row: int) -> dict[int, str]:
        """Return the cells of a row that get a fill."""
        actions = self._actions.get(row, {})
        return {
            column: action.color
            for column, action in actions.items()
            if action.color is not None and (row, column) not in self._strays
        }

    def strays(self) -> frozenset[Place]:
        """Return cells that were looked for in their rows, and stand in others.

        Excel writes none, and takes none, but the reading library does.
        """
        wanted = {(row, column) for row, cells in self._actions.items() for column in cells}
        unmet = (wanted - self._met) | (self._made & self._met)
        if not unmet:
            return frozenset()
        columns = {get_column_letter(column).encode() for _, column in unmet}
        reference = re.compile(rb"""\sr\s*=\s*["'](%b)(\d+)["']""" % b"|".join(columns))
        places = set()
        for buffer, _ in self._sheet.buffers:
            places |= {(int(row), _column_of(name)) for name, row in reference.findall(buffer)}
        return frozenset(unmet & places)

    def _made_row(self, row: int) -> bytes:
        cells = b"".join(self._made_cell(row, column, b"") for column in sorted(self._colors(row)))
        name = self._sheet.seen.prefix + b"row"
        return b'<%b r="%d">%b</%b>' % (name, row, cells, name)

    def _made_cell(self, row: int, column: int, row_attributes: bytes) -> bytes:
        """Make a cell without value, with the format of its row or else of its column."""
        self._made.add((row, column))
        base = 0
        for first, last, number in self._sheet.seen.columns:
            base = number if first <= column <= last else base
        if _CUSTOM.search(row_attributes) and (given := _FORMAT.search(row_attributes)):
            base = int(given[1])
        number = self._styles.marked(base, self._colors(row)[column])
        place = f"{get_column_letter(column)}{row}".encode()
        return b'<%bc r="%b" s="%d"/>' % (self._sheet.seen.prefix, place, number)

    def _quick(self, row: int, raw: bytes) -> bytes | None:
        """Return a row whose cells are all there, and written as most are; None for another one."""
        matches, done = [], 0
        for column in sorted(self._actions[row]):
            name = get_column_letter(column).encode()
            start = raw.find(b'<%bc r="%b%d"' % (self._sheet.seen.prefix, name, row), done)
            match = self._cell.match(raw, start) if start >= 0 else None
            if match is None:
                return None
            matches.append((column, match))
            done = match.end()
        out, done = [], 0
        for column, match in matches:
            cell = _Cell(match[1], match[2] or b"")
            out += [raw[done : match.start()], self._changed(row, column, cell, match[0])]
            done = match.end()
        return b"".join([*out, raw[done:]])

    def _row(self, row: Row, raw: bytes) -> bytes:
        """Return a row with its cells changed, and those made that get a fill and are missing."""
        tag = raw.index(b">") + 1
        opened, body = raw[:tag], raw[tag:]
        wanted = sorted(self._colors(row.number), reverse=True)
        close = b"</%brow" % self._sheet.seen.prefix
        if opened.endswith(b"/>"):
            if not wanted:
                return raw
            # It has no cells yet.
            opened, body = opened[:-2].rstrip() + b">", close + b">" + body
        out: list[bytes] = []
        done = column = 0
        for match in self._cell.finditer(body):
            given = _REFERENCE.search(match[1])
            column = _column_of(given[1]) if given else column + 1
            number = int(given[2]) if given else row.number
            out.append(body[done : match.start()])
            while wanted and wanted[-1] < column:
                out.append(self._made_cell(row.number, wanted.pop(), row.attributes))
            out.append(self._changed(number, column, _Cell(match[1], match[2] or b""), match[0]))
            if wanted and wanted[-1] == column:
                wanted.pop()
            done = match.end()
        if wanted:
            end = body.rindex(close)
            out.append(body[done:end])
            out += [
                self._made_cell(row.number, place, row.attributes) for place in reversed(wanted)
            ]
            done = end
            # What a row says of its extent is a hint, which would be wrong now.
            opened = _SPANS.sub(b"", opened)
        return opened + b"".join(out) + body[done:]

    def _changed(self, row: int, column: int, cell: _Cell, raw: bytes) -> bytes:
        action = self._actions.get(row, {}).get(column, Action())
        self._met.add((row, column))
        color = action.color
        if color is None and cell.format in self._ours:
            color = ""
        mask = action.mask and cell.holds
        if color is None and not mask:
            return raw
        number = self._styles.marked(cell.format, color, text=mask)
        cell = cell.formatted(number)
        return self._written(self._masked(cell) if mask else cell)

    def _masked(self, cell: _Cell) -> _Cell:
        """Return a cell with the mask in place of its value."""
        prefix = self._sheet.seen.prefix
        bare = cell._replace(attributes=_DROPPED.sub(b"", cell.attributes))
        if (place := cell.shared) is not None:
            self.gone.append(place)
        formula = _FOR_OTHERS.search(cell.content)
        if formula is not None:
            # Other cells need the formula; only what it gave is masked.
            content = b"%b<%bv>%b</%bv>" % (formula[0], prefix, KEPT.encode(), prefix)
            return _Cell(bare.attributes + b' t="str"', content)
        self.formulas = self.formulas or b"f>" in cell.content or b"<f" in cell.content
        content = b"<%bis><%bt>%b</%bt></%bis>" % (prefix, prefix, KEPT.encode(), prefix, prefix)
        return _Cell(bare.attributes + b' t="inlineStr"', content)

    def _written(self, cell: _Cell) -> bytes:
        name = self._sheet.seen.prefix + b"c"
        if not cell.content:
            return b"<%b%b/>" % (name, cell.attributes.rstrip())
        return b"<%b%b>%b</%b>" % (name, cell.attributes.rstrip(), cell.content, name)
