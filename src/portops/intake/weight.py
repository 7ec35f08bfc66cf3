"""Is a workbook light? Only one that cannot fill the memory is read in the caller's own process."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portops.intake.layout import Layout
    from portops.results.original import Original

#: A light workbook unpacks to no more. One of 100,000 rows and 13 columns has 45 to 70 MB.
MOST_UNPACKED = 96 * 1024**2

#: Cells up to the farthest one, gaps included. A far cell in the midst of others can be up to ten
#: times as far as its scan tells; so many times this number still have room.
MOST_CELLS = 3_000_000

#: Bytes of text when every cell holds the longest shared text: each becomes a copy of its own.
MOST_TEXT = 192 * 1024**2

#: The shortest cell that points to a shared text has so many bytes of XML.
_CELL = 28

_PIECE = 4 * 1024**2
_SCANNED = frozenset({".xlsx", ".xlsm"})


def may_be_light(original: Original) -> bool:
    """Tell whether a workbook is of a kind whose extent is scanned, and does not unpack to much."""
    if original.suffix not in _SCANNED:
        return False
    try:
        with original.open() as content, zipfile.ZipFile(content) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    # Of two parts with one name, readers do not all take the same.
    names = {part.filename.casefold() for part in parts}
    return len(names) == len(parts) and sum(part.file_size for part in parts) <= MOST_UNPACKED


def _longest_text(package: zipfile.ZipFile, name: str) -> int | None:
    """Return the bytes of the longest shared text of a part, None when it is a sheet."""
    longest = since = 0
    shared = False
    with package.open(name) as file:
        tail = b""
        while piece := file.read(_PIECE):
            if b"sheetData" in tail[-16:] + piece:
                return None
            tail = piece
            texts = piece.split(b"si>")
            shared = shared or len(texts) > 1
            longest = max(longest, since + len(texts[0]), *map(len, texts[1:]))
            since = len(texts[-1]) + (since if len(texts) == 1 else 0)
    return longest if shared else 0


def is_light(original: Original, sheets: Mapping[str, Layout]) -> bool:
    """Tell whether reading takes little memory, from what was scanned of its sheets."""
    if not sheets or any(sheet.loose for sheet in sheets.values()):
        return False
    if sum(sheet.rows * sheet.columns for sheet in sheets.values()) > MOST_CELLS:
        return False
    cells = sum(sheet.size for sheet in sheets.values()) // _CELL
    scanned = {sheet.part for sheet in sheets.values()}
    try:
        with original.open() as content, zipfile.ZipFile(content) as package:
            for part in package.infolist():
                if part.filename in scanned or part.filename.startswith("xl/media/"):
                    continue
                longest = _longest_text(package, part.filename)
                if longest is None or longest * cells > MOST_TEXT:
                    return False
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        # A damaged part that is no sheet: the workbook may be read all the same, but not here.
        return False
    return True
