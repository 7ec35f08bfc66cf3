"""The drawing of a sheet's notes: one shape a note, in VML, beside shapes of other kinds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portops.workbooks.parts.archive import Unpatchable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from portops.workbooks.parts.notes import Note

_EMPTY = b"""<xml xmlns:v="urn:schemas-microsoft-com:vml" \
xmlns:o="urn:schemas-microsoft-com:office:office" \
xmlns:x="urn:schemas-microsoft-com:office:excel">\
<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data=""/></o:shapelayout></xml>"""

#: The kind of shape that notes are, under a name of our own in its sheet.
_KIND = """<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" \
path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>\
<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>"""

_SHAPE = """<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;\
margin-left:59.25pt;margin-top:1.5pt;width:320px;height:{height}px;z-index:1;visibility:hidden" \
fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>\
<v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>\
<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>\
<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>\
<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData>\
</v:shape>"""

# Writers have their own prefixes for the same three namespaces.
_BLOCKS = re.compile(rb"""(<(?:\w+:)?idmap\b[^>]*?\bdata\s*=\s*["'])([^"']*)(["'])""")
_BEGIN, _END = re.compile(rb"<(?:\w+:)?shape[\s>]"), re.compile(rb"</(?:\w+:)?shape\s*>")
_ROW, _COLUMN = (
    re.compile(rb"<(?:\w+:)?%b(?:\s[^>]*)?>\s*(\d+)\s*<" % name) for name in (b"Row", b"Column")
)
_ROOT = re.compile(rb"<(?:\w+:)?xml\b[^>]*>")
_NAMESPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}

#: So many ids a block has; a drawing names the blocks that its ids are of.
_BLOCK = 1024


def blocks(raw: bytes) -> set[int]:
    """Return the blocks of ids that a drawing has taken."""
    named = _BLOCKS.search(raw)
    return {int(number) for number in named[2].split(b",") if number.strip()} if named else set()


def _is_note_at(shape: bytes, places: Collection[tuple[int, int]]) -> bool:
    row, column = _ROW.search(shape), _COLUMN.search(shape)
    if row is None or column is None or b'"Note"' not in shape.replace(b"'", b'"'):
        return False
    return (int(row[1]) + 1, int(column[1]) + 1) in places


def without(raw: bytes, places: Collection[tuple[int, int]]) -> bytes:
    """Return a drawing without the notes of these cells."""
    if not places:
        return raw
    kept, done = [], 0
    for opened in _BEGIN.finditer(raw):
        closed = _END.search(raw, opened.end())
        if closed and _is_note_at(raw[opened.start() : closed.end()], places):
            kept.append(raw[done : opened.start()])
            done = closed.end()
    return b"".join([*kept, raw[done:]])


def with_notes(raw: bytes | None, notes: Collection[Note], taken: set[int]) -> bytes:
    """Return a drawing with the shapes of these notes; `taken` are blocks of ids, and grows.

    Raises Unpatchable when the drawing is written in a way that cannot be added to.
    """
    raw = _EMPTY if raw is None else raw
    end, root = raw.rfind(b"</"), _ROOT.search(raw)
    if root is None or end < root.end():
        raise Unpatchable("the drawing of its notes is of an unknown kind")
    declared = "".join(
        f' xmlns:{prefix}="{space}"'
        for prefix, space in _NAMESPACES.items()
        if not re.search(rf"""xmlns:{prefix}\s*=\s*["']{space}["']""".encode(), root[0])
    )
    need = -(-len(notes) // (_BLOCK - 1))
    free = max(taken, default=0) + 1
    fresh = list(range(free, free + need))
    taken.update(fresh)
    pieces = [*([] if b"_x0000_t202" in raw else [_KIND]), *_shapes(notes, fresh)]
    if declared:
        pieces = [re.sub(r"^<v:\w+", rf"\g<0>{declared}", piece) for piece in pieces]
    made = raw[:end] + "".join(pieces).encode() + raw[end:]
    named = _BLOCKS.search(raw)
    if named is None:
        return made
    data = b",".join([*filter(None, [named[2]]), *(b"%d" % block for block in fresh)])
    return made[: named.start(2)] + data + made[named.end(2) :]


def _shapes(notes: Iterable[Note], fresh: list[int]) -> Iterable[str]:
    for place, note in enumerate(notes):
        block, number = divmod(place, _BLOCK - 1)
        height = 60 + 18 * note.text.count("\n") + len(note.text) // 3
        yield _SHAPE.format(
            id=fresh[block] * _BLOCK + number + 1,
            height=min(height, 600),
            row=note.row - 1,
            column=note.column - 1,
        )
