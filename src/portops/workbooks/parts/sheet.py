"""A sheet's part: what stands before and after its rows, and the part put together anew."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.parsers import expat

from openpyxl.utils import range_boundaries

from portops.workbooks.parts.archive import MOST_WHOLE, Unpatchable
from portops.workbooks.parts.markup import LINKS, STRICT_LINKS
from portops.workbooks.parts.text import Text, whole_elements

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from portops.workbooks.parts.archive import Archive

_ROOT = re.compile(rb"""<((?:[\w.-]+:)?)worksheet(\s[^>]*)?>""")
_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
_REFERENCE = re.compile(rb"""<(?:[\w.-]+:)?c\s(?:[^>]*?\s)?r\s*=\s*["'][A-Z]{1,3}(\d+)["']""")
_RANGE = re.compile(rb"""mergeCell\s(?:[^>]*?\s)?ref\s*=\s*["']([A-Z]+\d+(?::[A-Z]+\d+)?)["']""")
_COLUMN = re.compile(rb"<(?:[\w.-]+:)?col(\s[^>]*)/?>")
_ATTRIBUTE = re.compile(rb"""\s([\w.:-]+)\s*=\s*["']([^"']*)["']""")

#: What comes after the drawing of notes in a sheet; some of it may be wrapped for old readers.
_AFTER_NOTES = frozenset(
    {"legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems"}
    | {"tableParts", "extLst"}
)


class Range(NamedTuple):
    """A run of merged cells; rows and columns are counted from 1."""

    left: int
    top: int
    right: int
    bottom: int


class Row(NamedTuple):
    """A row's tag: its number, and where in its buffer the row begins and its tag ends."""

    number: int
    start: int
    attributes: bytes


@dataclass(slots=True)
class Survey:
    """What was seen of a sheet: its head and tail, its merged cells, and which rows it has.

    `prefix` is what the sheet's own names begin with, colon included. `orderly` sheets have their
    rows in their order. `first` is the first row.
    """

    prefix: bytes = b""
    head: bytes = b""
    tail: bytes = b""
    merged: list[Range] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    orderly: bool = True
    first: bytes = b""
    columns: list[tuple[int, int, int]] = field(default_factory=list)


def attributes(raw: bytes) -> dict[bytes, bytes]:
    """Return the attributes of a tag as they are written."""
    return dict(_ATTRIBUTE.findall(raw))


class Sheet:
    """One sheet of a package; `survey` goes through it once, `patched` gives it with other rows."""

    def __init__(self, archive: Archive, part: str) -> None:
        self._text = Text(archive, part)
        self.seen = Survey()

    def _open_tag(self, name: bytes) -> re.Pattern[bytes]:
        return re.compile(rb"<%b%b[\s/>]" % (re.escape(self.seen.prefix), name))

    def _parted(self) -> Iterator[bytes]:
        """Give the pieces between head and tail, which are kept; the head must be whole first."""
        pieces = self._text.pieces()
        head = b""
        inner = None
        for piece in pieces:
            head += piece
            if not self.seen.prefix and (root := _ROOT.search(head)):
                self.seen.prefix = root[1]
            inner = self._data_in(head)
            if inner is not None or len(head) > MOST_WHOLE:
                break
        if inner is None:
            raise Unpatchable("a sheet has no cells")
        begin, end, empty = inner
        self.seen.head = head[:begin]
        if empty:
            self.seen.tail = head[end:] + b"".join(pieces)
            return
        yield from self._until_tail(head[end:], pieces)

    def _data_in(self, head: bytes) -> tuple[int, int, bool] | None:
        """Return where the tag before all rows begins and ends, and whether there are no rows."""
        prefix = re.escape(self.seen.prefix)
        opened = re.search(rb"<%bsheetData(?:\s[^>]*?)?(/?)>" % prefix, head)
        return None if opened is None else (opened.start(), opened.end(), bool(opened[1]))

    def _until_tail(self, rest: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
        end = b"</%bsheetData" % self.seen.prefix
        for piece in pieces:
            at = rest.find(end)
            if at >= 0:
                rest += piece
                break
            # The end may lie across the seam.
            keep = max(len(rest) - len(end), 0)
            yield rest[:keep]
            rest = rest[keep:] + piece
        at = rest.find(end)
        if at < 0:
            raise Unpatchable("a sheet ends in the midst of its cells")
        yield rest[:at]
        tail = [rest[rest.index(b">", at) + 1 :], *pieces]
        if sum(map(len, tail)) > MOST_WHOLE:
            raise Unpatchable("what follows the cells of a sheet is too large")
        self.seen.tail = b"".join(tail)

    def _buffers(self) -> Iterator[tuple[bytes, list[Row]]]:
        """Give whole rows, and where each begins; numbers are counted where they are not given."""
        begin: re.Pattern[bytes] | None = None
        tag: re.Pattern[bytes] | None = None
        pieces = self._parted()
        first = next(pieces, b"")
        prefix = re.escape(self.seen.prefix)
        begin = self._open_tag(b"row")
        tag = re.compile(rb"""<%brow(?:\sr="(\d+)")?([^>]*)>""" % prefix)
        last = 0
        for buffer, starts in whole_elements(_chained(first, pieces), begin):
            rows = []
            for place, start in enumerate(starts):
                opened = tag.match(buffer, start)
                if opened is None:
                    raise Unpatchable("a row has no end")
                digits, rest = opened[1], opened[2]
                if digits is None:
                    given = _NUMBER.search(rest)
                    if given is None:
                        end = starts[place + 1] if place + 1 < len(starts) else len(buffer)
                        given = _REFERENCE.search(buffer, opened.end(), end)
                    digits = given[1] if given else b"%d" % (last + 1)
                last = int(digits)
                rows.append(Row(last, start, rest))
            yield buffer, rows

    def survey(self, wanted: Collection[int]) -> Survey:
        """Go through the sheet once; `wanted` are the rows to look for."""
        seen, last = self.seen, 0
        looked_for = set(wanted)
        for buffer, rows in self._buffers():
            if rows and not last:
                end = rows[1].start if len(rows) > 1 else len(buffer)
                seen.first = buffer[rows[0].start : end]
            numbers = [row.number for row in rows]
            ascending = all(a < b for a, b in pairwise(numbers))
            seen.orderly = seen.orderly and ascending and (not numbers or numbers[0] > last)
            seen.rows |= looked_for.intersection(numbers)
            last = max([last, *numbers])
        ranges = {name.decode() for name in _RANGE.findall(seen.tail)}
        seen.merged = [Range(*range_boundaries(name)) for name in sorted(ranges)]
        for raw in _COLUMN.findall(seen.head):
            about = attributes(raw)
            if about.get(b"style", b"0") != b"0":
                span = (int(about.get(name, b"0")) for name in (b"min", b"max", b"style"))
                seen.columns.append(tuple(span))  # type: ignore[arg-type]
        return seen

    def patched(self, rows: Iterable[bytes], tail: bytes) -> Iterator[bytes]:
        """Give the part with these rows, and this tail."""
        prefix = self.seen.prefix
        yield self.seen.head + b"<%bsheetData>" % prefix
        yield from rows
        yield b"</%bsheetData>" % prefix + tail

    @property
    def buffers(self) -> Iterator[tuple[bytes, list[Row]]]:
        """Whole rows, and where each begins."""
        return self._buffers()


def _chained(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces


def in_merged(
    ranges: Collection[Range], places: Collection[tuple[int, int]]
) -> dict[tuple[int, int], Range]:
    """Return for each of these places (row, column) the merged run it is in, if any."""
    ordered = sorted(places)
    rows = [row for row, _ in ordered]
    inside = {}
    for merged in ranges:
        first, last = bisect_left(rows, merged.top), bisect_right(rows, merged.bottom)
        for place in ordered[first:last]:
            if merged.left <= place[1] <= merged.right:
                inside[place] = merged
    return inside


class _Tail:
    """Where the children of a sheet that follow its rows begin."""

    def __init__(self, seen: Survey) -> None:
        self.at: int | None = None
        self.drawing = ""
        self._depth = 0
        self._begin = 0
        self._top = ""
        root = _ROOT.search(seen.head)
        if root is None:
            raise Unpatchable("a sheet has no root")
        # The root declares the prefixes that the tail uses.
        self._offset = len(root[0])
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.Parse(root[0] + seen.tail, True)  # noqa: FBT003 - expat's order

    def _start(self, name: str, given: dict[str, Any]) -> None:
        local = name.rpartition(" ")[2]
        if self._depth == 1:
            self._begin = self._parser.CurrentByteIndex - self._offset
            self._top = local
        wrapped = self._depth == 3 and self._top == "AlternateContent"
        if self.at is None and (self._depth == 1 or wrapped) and local in _AFTER_NOTES:
            self.at = self._begin
        if self._depth == 1 and local == "legacyDrawing":
            ids = (given.get(f"{links} id", "") for links in (LINKS, STRICT_LINKS))
            self.drawing = next((id_ for id_ in ids if id_), "")
        self._depth += 1

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._depth == 0 and self.at is None:
            self.at = self._parser.CurrentByteIndex - self._offset


def drawing_of_notes(seen: Survey) -> str:
    """Return the id of the relation to the drawing of notes; nothing where there is none."""
    return _Tail(seen).drawing


def with_drawing(seen: Survey, id_: str, *, strict: bool) -> bytes:
    """Return the tail with the drawing of notes at its place."""
    at = _Tail(seen).at or 0
    links = (STRICT_LINKS if strict else LINKS).encode()
    made = b'<%blegacyDrawing xmlns:r="%b" r:id="%b"/>' % (seen.prefix, links, id_.encode())
    return seen.tail[:at] + made + seen.tail[at:]
