"""What leads from one part to another, and what kind of content each part has."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from portops.workbooks.parts import markup
from portops.workbooks.parts.markup import LINKS, STRICT_LINKS

if TYPE_CHECKING:
    from portops.workbooks.parts.archive import Archive

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_EMPTY = f'<Relationships xmlns="{_PACKAGE}/relationships"/>'.encode()

#: Content types by what they are of.
TYPES = {
    "worksheet": "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
    "styles": "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml",
    "comments": "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
    "relations": "application/vnd.openxmlformats-package.relationships+xml",
    "vmlDrawing": "application/vnd.openxmlformats-officedocument.vmlDrawing",
}


class Relation(NamedTuple):
    """What leads to another part: its id, the last word of its type, and the part's name."""

    id: str
    kind: str
    part: str


def _path(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


class Relations:
    """The relations of one part, read when they are asked for."""

    def __init__(self, archive: Archive, part: str) -> None:
        self.part, self.path = part, _path(part)
        there = self.path in archive
        self._root: Any = markup.parse(archive.read(self.path) if there else _EMPTY)
        self.changed = False

    def __iter__(self) -> Any:
        for node in markup.children(self._root, "Relationship"):
            if node.get("TargetMode") != "External":
                target = unquote(node.get("Target", ""))
                folder = posixpath.dirname(self.part)
                part = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                yield Relation(node.get("Id", ""), node.get("Type", "").rpartition("/")[2], part)

    def of(self, kind: str) -> Relation | None:
        """Return the first relation of a kind, such as `comments`."""
        return next((relation for relation in self if relation.kind == kind), None)

    def part_of(self, id_: str) -> str:
        """Return the part that an id leads to; nothing where it leads nowhere."""
        return next((relation.part for relation in self if relation.id == id_), "")

    def add(self, kind: str, part: str, *, strict: bool) -> str:
        """Add a relation to a part; returns its id."""
        ids = {node.get("Id") for node in self._root}
        number = len(ids) + 1
        while f"rId{number}" in ids:
            number += 1
        markup.add(
            self._root,
            "Relationship",
            Id=f"rId{number}",
            Type=f"{STRICT_LINKS if strict else LINKS}/{kind}",
            Target=f"/{part}",
        )
        self.changed = True
        return f"rId{number}"

    def drop(self, relation: Relation) -> None:
        """Take a relation away."""
        for node in markup.children(self._root, "Relationship"):
            if node.get("Id") == relation.id:
                self._root.remove(node)
                self.changed = True

    def written(self) -> bytes:
        """Return the part that lists them."""
        return markup.written(self._root)


class ContentTypes:
    """What kind of content each part has."""

    PATH = "[Content_Types].xml"

    def __init__(self, archive: Archive) -> None:
        self._root: Any = markup.parse(archive.read(self.PATH))

    def add(self, part: str, kind: str) -> None:
        """Say what a new part is."""
        self.drop(part)
        node = markup.add(
            self._root, "Override", PartName=f"/{part}", ContentType=TYPES.get(kind, kind)
        )
        node.tail = None

    def add_ending(self, ending: str, kind: str) -> None:
        """Say what parts with this ending are, where nothing says so yet."""
        endings = {node.get("Extension", "").casefold() for node in self._root}
        if ending not in endings:
            node = markup.add(self._root, "Default", Extension=ending, ContentType=TYPES[kind])
            # The standard asks for no order, and Excel writes these first.
            self._root.insert(0, node)

    def drop(self, part: str) -> None:
        """Say nothing of a part any more."""
        for node in markup.children(self._root, "Override"):
            if node.get("PartName", "").casefold() == f"/{part}".casefold():
                self._root.remove(node)

    def written(self) -> bytes:
        """Return the part that lists them."""
        return markup.written(self._root)


def main_part(archive: Archive) -> str:
    """Return the name of the part that is the workbook; raises KeyError where there is none."""
    relation = Relations(archive, "").of("officeDocument")
    if relation is None:
        raise KeyError("officeDocument")
    return relation.part
