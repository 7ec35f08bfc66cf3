"""A workbook's package with marks, notes, masks and two sheets more; every other part as it was."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, BinaryIO

from portops.results.understood import SHEET as UNDERSTOOD
from portops.workbooks.earlier import SHEET, written_before
from portops.workbooks.listing import FILLS, findings_sheet, understood_sheet
from portops.workbooks.parts import markup, shapes, strings
from portops.workbooks.parts.archive import Archive, Unpatchable
from portops.workbooks.parts.book import Book
from portops.workbooks.parts.notes import Notes
from portops.workbooks.parts.relations import Relations
from portops.workbooks.parts.rows import Patch, Place
from portops.workbooks.parts.sheet import drawing_of_notes, with_drawing
from portops.workbooks.parts.styles import Styles
from portops.workbooks.work import Marks, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path


class _Patching:
    """One workbook while it is patched; `changed` are its new parts, in the order of writing."""

    def __init__(
        self, archive: Archive, marks: Marks, strays: Mapping[str, frozenset[Place]]
    ) -> None:
        self._archive, self._marks, self._strays = archive, marks, strays
        self._book = Book(archive)
        self._strict = self._book.strict
        self._styles_part, raw = self._book.styles_part()
        self._styles = Styles(raw, strict=self._strict)
        self._ours = written_before(archive, self._book)
        self._patches: dict[str, Patch] = {}
        self._blocks: set[int] | None = None
        self.changed: dict[str, Iterable[bytes]] = {}
        #: What a reader of the copy has to know.
        self.notes: list[str] = []

    def prepare(self) -> None:
        """Say what every new part is."""
        work = self._works()
        notes = {item.part.part: self._notes_of(item) for item in work}
        again = bool(self._ours) or any(own.has_ours for own, _ in notes.values())
        old = frozenset(self._styles.filled(FILLS.values())) if again else frozenset()
        for item in work:
            if item.actions or again:
                self._sheet(item, *notes[item.part.part], old)
        lists = {
            SHEET: findings_sheet(self._marks.findings, self._styles, strict=self._strict),
            UNDERSTOOD: understood_sheet(self._marks.understood, self._styles, strict=self._strict),
        }
        for name, listing in lists.items():
            sheet = self._ours.get(name) or self._book.add_sheet(name)
            self._book.name_filter(sheet, listing.filter)
            self.changed[sheet.part] = listing
        self._leave_out_damaged_properties()
        self._late_parts()

    def _leave_out_damaged_properties(self) -> None:
        """Leave out title, author and the like where they would keep the copy from being opened."""
        package = Relations(self._archive, "")
        for relation in list(package):
            if relation.kind.endswith("-properties") and relation.part in self._archive:
                try:
                    markup.parse(self._archive.read(relation.part))
                except Exception:  # as many kinds as there are ways to be damaged
                    package.drop(relation)
                    self._book.types.drop(relation.part)
                    self.changed[relation.part] = []
        if any(name.startswith("_xmlsignatures/") for name in self._archive.names(".xml")):
            self.notes.append("its digital signature holds for your own file only")
        if package.changed:
            self.changed[package.path] = [package.written()]
            self.notes.append("without the workbook's properties, which are damaged")

    def _works(self) -> list[Work]:
        """Go through all sheets with cells; one that cannot be read is left alone if it may be."""
        own = {sheet.part for sheet in self._ours.values()}
        work = []
        for sheet in self._book.sheets:
            if sheet.kind != "worksheet" or sheet.part in own:
                continue
            needed = self._marks.marks.get(sheet.name) or self._marks.masked.get(sheet.name)
            try:
                work.append(Work(self._archive, sheet, self._marks))
            except Exception:  # as many kinds as there are ways to be damaged
                if needed:
                    raise
        return work

    def _notes_of(self, item: Work) -> tuple[Notes, str]:
        """Return the notes of a sheet, and the name of their part, where it has one."""
        relation = item.relations.of("comments")
        part = relation.part if relation and relation.part in self._archive else ""
        return Notes(self._archive.read(part) if part else None, strict=self._strict), part

    def _sheet(self, item: Work, notes: Notes, notes_part: str, old: frozenset[int]) -> None:
        tail = item.seen.tail
        try:
            tail = self._annotate(item, notes, notes_part)
        except Unpatchable:
            self.notes.append(
                f"no notes on '{item.part.name}': they cannot be added to its drawing"
            )
        strays = self._strays.get(item.part.part, frozenset())
        patch = Patch(item.sheet, self._styles, item.actions, old, strays)
        self._patches[item.part.part] = patch
        self.changed[item.part.part] = item.sheet.patched(patch.rows(), tail)
        if item.relations.changed:
            self._book.types.add_ending("rels", "relations")
            self.changed[item.relations.path] = [item.relations.written()]

    def _annotate(self, item: Work, notes: Notes, notes_part: str) -> bytes:
        """Add the notes of a sheet, and their drawing; returns what follows the sheet's rows."""
        cleared = notes.has_ours
        gone = notes.clear() if cleared else set()
        new = notes.add(item.notes)
        if not item.notes and not cleared:
            return item.seen.tail
        id_ = drawing_of_notes(item.seen)
        drawing = item.relations.part_of(id_) if id_ else ""
        there = drawing in self._archive
        raw = shapes.without(self._archive.read(drawing), gone) if there else None
        tail = item.seen.tail
        if new:
            raw = shapes.with_notes(raw, new, self._taken())
            if not there:
                drawing = self._book.free_part("xl/drawings/vmlDrawing{}.vml")
                id_ = item.relations.add("vmlDrawing", drawing, strict=self._strict)
                self._book.types.add_ending("vml", "vmlDrawing")
                tail = with_drawing(item.seen, id_, strict=self._strict)
        if raw is not None:
            self.changed[drawing] = [raw]
        self._put_notes(item, notes, notes_part)
        return tail

    def _put_notes(self, item: Work, notes: Notes, part: str) -> None:
        relation = item.relations.of("comments")
        if not len(notes):
            if relation is not None:
                item.relations.drop(relation)
                self._book.types.drop(relation.part)
                self.changed[relation.part] = []
            return
        if not part:
            if relation is not None:
                item.relations.drop(relation)
            part = self._book.free_part("xl/comments{}.xml")
            item.relations.add("comments", part, strict=self._strict)
            self._book.types.add(part, "comments")
        self.changed[part] = [notes.written()]

    def _taken(self) -> set[int]:
        """Return the blocks of ids that drawings of the workbook have taken."""
        if self._blocks is None:
            self._blocks = set()
            for name in self._archive.names(".vml"):
                self._blocks |= shapes.blocks(self._archive.read(name))
        return self._blocks

    def _late_parts(self) -> None:
        """Say what is known only when all rows are written; parts are written in this order."""
        texts = self._book.relations.of("sharedStrings")
        if self._marks.masked:
            if texts is not None and texts.part in self._archive:
                self.changed[texts.part] = self._texts(texts.part)
            chain = self._book.relations.of("calcChain")
            if chain is not None and chain.part in self._archive:
                self.changed[chain.part] = self._chain(chain.part)
        book = self._book
        self.changed[self._styles_part] = _later(self._styles.written)
        self.changed[book.part] = _later(book.written)
        self.changed[book.relations.path] = _later(book.relations.written)
        self.changed[book.types.PATH] = _later(book.types.written)

    def _texts(self, part: str) -> Iterator[bytes]:
        """Give the shared texts without those that only masked cells showed."""
        gone = Counter(place for patch in self._patches.values() for place in patch.gone)
        if not gone:
            yield from self._archive.pieces(part)
            return
        own = {sheet.part for sheet in self._ours.values()}
        parts = [
            name for name in self._book.with_cells if name in self._archive and name not in own
        ]
        shown = strings.uses(self._archive, parts, gone)
        unused = {place for place, times in gone.items() if shown[place] <= times}
        yield from strings.without(self._archive, part, unused)

    def strays(self) -> dict[str, frozenset[Place]]:
        """Return the cells that were not in their rows, by part, after all was written."""
        strays = {part: patch.strays() for part, patch in self._patches.items()}
        return {part: places for part, places in strays.items() if places}

    def _chain(self, part: str) -> Iterator[bytes]:
        """Give the order of calculation; it goes when one of its formulas did, and Excel makes it anew."""
        if any(patch.formulas for patch in self._patches.values()):
            self._book.drop("calcChain")
            return
        yield from self._archive.pieces(part)


def _later(make: Callable[[], bytes]) -> Iterator[bytes]:
    yield make()


def patch(file: BinaryIO, marks: Marks, target: Path) -> list[str]:
    """Write the workbook in `file` to `target` with its marks.

    Returns what a reader of the copy has to know. Raises Unpatchable where it is no such package,
    and whatever reading a damaged one raises.
    """
    archive = Archive(file)
    strays: dict[str, frozenset[Place]] = {}
    for _ in range(2):
        patching = _Patching(archive, marks, strays)
        patching.prepare()
        archive.write(target, patching.changed)
        # Only one row in which a cell does not belong is a reason to look into all of them.
        strays = {} if strays else patching.strays()
        if not strays:
            break
    return patching.notes
