"""Texts that cells share: read by their places, and taken out where no cell shows them any more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from lxml import etree

from portops.workbooks.parts import markup
from portops.workbooks.parts.text import Text, whole_elements

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from portops.workbooks.parts.archive import Archive

#: A cell whose value is the place of a shared text.
_SHARED = re.compile(
    rb"""<(?:[\w.-]+:)?c\s(?:[^>]*?\s)?t\s*=\s*["']s["'][^>]*>\s*"""
    rb"""<(?:[\w.-]+:)?v(?:\s[^>]*)?>\s*(\d+)\s*<"""
)
_ITEM = re.compile(rb"<(?:[\w.-]+:)?si[\s/>]")
_PHONETIC = "rPh"


def _items(archive: Archive, part: str) -> Iterator[bytes]:
    """Give the pieces of the part: each text with what stands before the next one."""
    for buffer, starts in whole_elements(Text(archive, part).pieces(), _ITEM):
        ends = [*starts[1:], len(buffer)]
        if not starts or starts[0]:
            yield buffer[: starts[0] if starts else len(buffer)]
        for start, end in zip(starts, ends, strict=True):
            yield buffer[start:end]


def texts(archive: Archive, part: str, places: Collection[int]) -> dict[int, str]:
    """Return the texts at these places, as far as they are there."""
    wanted, last = set(places), max(places, default=-1)
    read: dict[int, str] = {}
    number = -1
    for piece in _items(archive, part):
        if not _ITEM.match(piece):
            continue
        number += 1
        if number in wanted:
            read[number] = _text(piece)
        if number >= last:
            break
    return read


def _text(item: bytes) -> str:
    """Return the text of one item, without hints how to speak it."""
    # The last one is followed by the end of the list, and a prefix is declared at its beginning.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    node = etree.fromstring(item, parser)
    if node is None:
        return ""
    parts = []
    for inner in node.iter():
        name = markup.name_of(inner).rpartition(":")[2]
        parent = inner.getparent()
        spoken = parent is not None and markup.name_of(parent).rpartition(":")[2] == _PHONETIC
        if name == "t" and not spoken:
            parts.append(inner.text or "")
    return "".join(parts)


def uses(archive: Archive, parts: Collection[str], places: Collection[int]) -> dict[int, int]:
    """Count the cells of these parts that show the shared texts at these places."""
    most = max(places)
    counted = np.zeros(most + 1, dtype=np.int64)
    for part in parts:
        for buffer, _ in whole_elements(
            Text(archive, part).pieces(), re.compile(rb"<(?:[\w.-]+:)?row[\s/>]")
        ):
            seen = np.array(_SHARED.findall(buffer), dtype=np.int64)
            counted += np.bincount(seen[seen <= most], minlength=most + 1)
    return {place: int(counted[place]) for place in places}


def without(archive: Archive, part: str, places: Collection[int]) -> Iterator[bytes]:
    """Give the part without the texts at these places, whose items stay as empty ones."""
    gone = set(places)
    number = -1
    for piece in _items(archive, part):
        opened = _ITEM.match(piece)
        number += opened is not None
        if opened is None or number not in gone:
            yield piece
            continue
        name = opened[0][1:-1]
        end = b"</" + name
        at = piece.find(end)
        # Behind the item there may be white space, and after the last one the list's own end.
        rest = b"" if at < 0 else piece[piece.index(b">", at) + 1 :]
        if at < 0:
            yield piece
            continue
        prefix = name[: -len(b"si")]
        yield b"<%b><%bt></%bt></%b>" % (name, prefix, prefix, name) + rest
