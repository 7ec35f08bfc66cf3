"""The notes of a sheet: those of the analyst, and ours beside them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.cell import coordinate_from_string

from portops.workbooks.parts import markup
from portops.workbooks.parts.markup import MAIN, STRICT_MAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

AUTHOR = "portops"

#: What stands between the words of the analyst and ours in one note.
OURS = "\n\n– portops –\n"

#: An author like this one stands for a thread of comments, which is a part of its own.
_THREAD = "tc="

#: A note has no more characters.
_MOST_TEXT = 8_000


class Note(NamedTuple):
    """A note on a cell; row and column are counted from 1."""

    row: int
    column: int
    text: str

    @property
    def place(self) -> tuple[int, int]:
        """Its row and column."""
        return self.row, self.column


def _text(comment: Any) -> str:
    space = markup.namespace(comment)
    return "".join(node.text or "" for node in comment.iter(f"{{{space}}}t"))


def _place(comment: Any) -> tuple[int, int]:
    name, row = coordinate_from_string(comment.get("ref", "").replace("$", "").upper())
    return row, column_index_from_string(name)


class Notes:
    """The part with a sheet's notes; `raw` is None where the sheet has none yet."""

    def __init__(self, raw: bytes | None, *, strict: bool) -> None:
        space = STRICT_MAIN if strict else MAIN
        empty = f'<comments xmlns="{space}"><authors/><commentList/></comments>'.encode()
        self._root: Any = markup.parse(empty if raw is None else raw)
        order = ("authors", "commentList", "extLst")
        self._authors = markup.place(self._root, "authors", order)
        self._list = markup.place(self._root, "commentList", order)
        self._names = [node.text or "" for node in markup.children(self._authors, "author")]

    def __len__(self) -> int:
        return len(self._list)

    def _author_of(self, comment: Any) -> str:
        number = int(comment.get("authorId", "0") or 0)
        return self._names[number] if number < len(self._names) else ""

    @property
    def has_ours(self) -> bool:
        """Tell whether an earlier check has left notes here."""
        return any(
            self._author_of(comment) == AUTHOR or OURS.strip() in _text(comment)
            for comment in self._list
        )

    def clear(self) -> set[tuple[int, int]]:
        """Take our words away; returns the places of notes that went with them."""
        gone = set()
        for comment in list(self._list):
            if self._author_of(comment) == AUTHOR:
                gone.add(_place(comment))
                self._list.remove(comment)
            elif OURS.strip() in (text := _text(comment)):
                self._shorten(comment, len(text.split(OURS.strip())[0].rstrip("\n")))
        return gone

    @staticmethod
    def _shorten(comment: Any, length: int) -> None:
        space = markup.namespace(comment)
        for node in list(comment.iter(f"{{{space}}}t")):
            text = node.text or ""
            if length > 0:
                node.text = text[:length]
                length -= len(text)
                continue
            parent = node.getparent()
            if markup.name_of(parent) == "r":
                parent.getparent().remove(parent)
            else:
                node.text = ""

    def add(self, notes: Sequence[Note]) -> list[Note]:
        """Add notes, behind the words that a cell's own note has; returns those of other cells.

        A cell with a thread of comments keeps it as it is: it can have no note beside it.
        """
        there = {_place(comment): comment for comment in self._list}
        if notes and AUTHOR not in self._names:
            markup.add(self._authors, "author").text = AUTHOR
            self._names.append(AUTHOR)
        new = []
        for note in notes:
            comment = there.get(note.place)
            if comment is None:
                self._add(note)
                new.append(note)
            elif not self._author_of(comment).startswith(_THREAD):
                self._append(comment, note.text)
        return new

    def _add(self, note: Note) -> None:
        comment = markup.add(
            self._list,
            "comment",
            ref=f"{get_column_letter(note.column)}{note.row}",
            authorId=str(self._names.index(AUTHOR)),
        )
        self._run(markup.add(comment, "text"), note.text[:_MOST_TEXT])

    def _append(self, comment: Any, words: str) -> None:
        text = markup.place(comment, "text", ("text", "commentPr", "extLst"))
        first = markup.child(text, "t")
        if first is not None:
            # A plain text becomes a run, since nothing may follow it.
            run = copy.deepcopy(first)
            text.remove(first)
            markup.add(text, "r").append(run)
        room = max(_MOST_TEXT - len(_text(comment)) - len(OURS), 0)
        self._run(text, OURS + words[:room])

    @staticmethod
    def _run(text: Any, words: str) -> None:
        run = markup.add(text, "r")
        looks = markup.add(run, "rPr")
        markup.add(looks, "sz", val="9")
        markup.add(looks, "color", indexed="81")
        markup.add(looks, "rFont", val="Tahoma")
        markup.add(looks, "family", val="2")
        markup.words(markup.add(run, "t"), words)

    def written(self) -> bytes:
        """Return the part."""
        return markup.written(self._root)
