"""The sheets that an earlier check has written into a workbook: `Findings` and `As understood`."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from portops.results.understood import SHEET as UNDERSTOOD
from portops.results.understood import is_understood
from portops.workbooks.parts import strings
from portops.workbooks.parts.sheet import Sheet

if TYPE_CHECKING:
    from portops.workbooks.parts.archive import Archive
    from portops.workbooks.parts.book import Book, SheetPart

SHEET = "Findings"
_TITLES = frozenset({"code", "severity", "message"})
_NAMES = (SHEET.casefold(), UNDERSTOOD.casefold())

_CELL = re.compile(rb"<(?:[\w.-]+:)?c(\s[^>]*)?>(.*?)</(?:[\w.-]+:)?c\s*>", re.DOTALL)
_TEXT = re.compile(rb"<(?:[\w.-]+:)?[tv](?:\s[^>]*)?>([^<]*)<")
_IS_SHARED = re.compile(rb"""\st\s*=\s*["']s["']""")


def _first_titles(archive: Archive, book: Book, sheet: SheetPart) -> tuple[str, ...]:
    """Return the texts of a sheet's first row."""
    cells = _CELL.findall(Sheet(archive, sheet.part).survey(()).first)
    titles: list[str | int] = []
    for about, content in cells:
        words = b"".join(_TEXT.findall(content)).decode()
        shared = _IS_SHARED.search(about) and words.isdigit()
        titles.append(int(words) if shared else html.unescape(words))
    places = [title for title in titles if isinstance(title, int)]
    relation = book.relations.of("sharedStrings")
    texts = strings.texts(archive, relation.part, places) if relation and places else {}
    return tuple(texts.get(title, "") if isinstance(title, int) else title for title in titles)


def written_before(archive: Archive, book: Book) -> dict[str, SheetPart]:
    """Return the sheets that an earlier check has written, by what they are."""
    ours: dict[str, SheetPart] = {}
    for sheet in book.sheets:
        if sheet.kind == "worksheet" and sheet.name.casefold().startswith(_NAMES):
            titles = _first_titles(archive, book, sheet)
            if set(titles) >= _TITLES:
                ours.setdefault(SHEET, sheet)
            elif is_understood(titles):
                ours.setdefault(UNDERSTOOD, sheet)
    return ours
