"""Large parts as a stream of UTF-8 in which every `<` begins a tag, cut between elements."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from lxml import etree

from portops.workbooks.parts.archive import MOST_WHOLE, Archive, Unpatchable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DECLARED = re.compile(rb"""^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)["'][^>]*\?>""")
_DECLARATION = re.compile(r"^\s*<\?xml\s[^>]*\?>")
_UTF_8 = frozenset({"utf-8", "ascii"})
_WIDE = {
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\x00": "utf-16-le",
    b"\x00<": "utf-16-be",
}

#: One row or one text is not longer, however many cells it has.
_MOST_ELEMENT = 256 * 1024**2


def _encoding(start: bytes) -> str:
    """Return the encoding that a part declares, by its first bytes."""
    if start[:2] in _WIDE:
        return _WIDE[start[:2]]
    declared = _DECLARED.match(start.removeprefix(codecs.BOM_UTF8))
    try:
        return codecs.lookup(declared[1].decode() if declared else "utf-8").name
    except LookupError as error:
        raise Unpatchable("a part has an unknown encoding") from error


def _as_utf_8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Give a part in UTF-8; one that is has its mark and its declaration kept."""
    first = next(pieces, b"")
    encoding = _encoding(first[:200])
    if encoding in _UTF_8:
        yield first
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    text = decoder.decode(first)
    yield _DECLARATION.sub("", text.removeprefix("\ufeff"), count=1).encode()
    for piece in pieces:
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()


def _odd(piece: bytes) -> bool:
    """Tell whether a piece has comments, CDATA or instructions, in which a `<` is no tag."""
    return b"<!" in piece or piece.find(b"<?", 5) >= 0


def _without_oddities(raw: bytes) -> bytes:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    root = etree.fromstring(raw, parser)
    if root.getroottree().docinfo.doctype:
        raise Unpatchable("a part declares entities")
    made: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
    return made


class Text:
    """A part as pieces of UTF-8, without comments and CDATA, as often as they are asked for."""

    def __init__(self, archive: Archive, part: str) -> None:
        self._archive, self.part = archive, part
        self._is_plain: bool | None = None

    def _check(self) -> bool:
        tail = b""
        for piece in _as_utf_8(self._archive.pieces(self.part)):
            # The declaration at the beginning of the first piece is no oddity.
            if _odd(tail + piece):
                return False
            tail = b"......" + piece[-1:]
        return True

    def pieces(self) -> Iterator[bytes]:
        """Give the pieces.

        Comments are rare, and all of a part that has any is read at once. Raises Unpatchable when
        that is too much, or lxml's errors when it is damaged.
        """
        if self._is_plain is None:
            self._is_plain = self._check()
        if self._is_plain:
            yield from _as_utf_8(self._archive.pieces(self.part))
            return
        if self._archive.size(self.part) > MOST_WHOLE:
            raise Unpatchable(f"{self.part} has comments, and is too large")
        yield _without_oddities(b"".join(self._archive.pieces(self.part)))


def whole_elements(
    pieces: Iterable[bytes], begin: re.Pattern[bytes]
) -> Iterator[tuple[bytes, list[int]]]:
    """Give buffers with whole elements only, and where in them each begins.

    What is in front of the first element is in the first buffer, what follows the last one in the
    last buffer.
    """
    rest = b""
    for piece in pieces:
        buffer = rest + piece
        starts = [match.start() for match in begin.finditer(buffer)]
        if len(starts) < 2:
            # The last one may not be whole yet.
            if len(buffer) > _MOST_ELEMENT:
                raise Unpatchable("one of its rows is too long")
            rest = buffer
            continue
        cut = starts.pop()
        yield buffer[:cut], starts
        rest = buffer[cut:]
    if rest:
        yield rest, [match.start() for match in begin.finditer(rest)]
