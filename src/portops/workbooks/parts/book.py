"""The workbook's own part: its sheets by name, and a sheet more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from portops.workbooks.parts import markup
from portops.workbooks.parts.markup import LINKS, STRICT_LINKS, STRICT_MAIN
from portops.workbooks.parts.relations import ContentTypes, Relations, main_part

if TYPE_CHECKING:
    from portops.workbooks.parts.archive import Archive

#: The children of a workbook in the order of the schema, as far as it is needed.
_ORDER = (
    *("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets"),
    *("functionGroups", "externalReferences", "definedNames", "calcPr", "oleSize"),
    *("customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing"),
    *("fileRecoveryPr", "webPublishObjects", "extLst"),
)
_FILTER = "_xlnm._FilterDatabase"

#: Kinds of sheets that hold cells, and so shared texts.
_WITH_CELLS = frozenset({"worksheet", "xlMacrosheet", "xlIntlMacrosheet", "dialogsheet"})


class SheetPart(NamedTuple):
    """A sheet: its name, its place among all sheets, its part, and what kind of sheet it is."""

    name: str
    position: int
    part: str
    kind: str


class Book:
    """The parts that list others: the workbook, its relations and the content types."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.part = main_part(archive)
        self._root: Any = markup.parse(archive.read(self.part))
        self.relations = Relations(archive, self.part)
        self.types = ContentTypes(archive)
        self.strict = markup.namespace(self._root) == STRICT_MAIN
        self._links = STRICT_LINKS if self.strict else LINKS
        self._new: set[str] = set()

    @property
    def sheets(self) -> list[SheetPart]:
        """Every sheet that has a part, in their order."""
        leads = {relation.id: relation for relation in self.relations}
        sheets = []
        for position, node in enumerate(markup.child(self._root, "sheets")):
            relation = leads.get(node.get(f"{{{self._links}}}id", ""))
            if relation is not None and relation.part in self._archive:
                name = node.get("name", "")
                sheets.append(SheetPart(name, position, relation.part, relation.kind))
        return sheets

    @property
    def with_cells(self) -> list[str]:
        """The parts that may hold cells."""
        return [sheet.part for sheet in self.sheets if sheet.kind in _WITH_CELLS]

    def free_part(self, pattern: str) -> str:
        """Return a name like `xl/comments{}.xml` that no part has, old or new."""
        number = 1
        while pattern.format(number) in self._archive or pattern.format(number) in self._new:
            number += 1
        self._new.add(pattern.format(number))
        return pattern.format(number)

    def add_sheet(self, name: str) -> SheetPart:
        """Add a sheet at the end, under a name that is free; its part is yet to be written."""
        sheets = markup.child(self._root, "sheets")
        taken = {str(node.get("name", "")).casefold() for node in sheets}
        title, number = name, 2
        while title.casefold() in taken:
            title, number = f"{name} ({number})", number + 1
        part = self.free_part("xl/worksheets/sheet{}.xml")
        id_ = self.relations.add("worksheet", part, strict=self.strict)
        self.types.add(part, "worksheet")
        ids = [int(node.get("sheetId", "0")) for node in sheets]
        node = markup.add(sheets, "sheet", name=title, sheetId=str(max(ids, default=0) + 1))
        node.set(f"{{{self._links}}}id", id_)
        return SheetPart(title, len(sheets) - 1, part, "worksheet")

    def name_filter(self, sheet: SheetPart, reference: str) -> None:
        """Say where a sheet's filter is, as Excel does with a hidden name."""
        names = markup.place(self._root, "definedNames", _ORDER)
        for node in markup.children(names, "definedName"):
            if node.get("name") == _FILTER and node.get("localSheetId") == str(sheet.position):
                names.remove(node)
        title = sheet.name.replace("'", "''")
        node = markup.add(
            names, "definedName", name=_FILTER, localSheetId=str(sheet.position), hidden="1"
        )
        node.text = f"'{title}'!{reference}"

    def styles_part(self) -> tuple[str, bytes | None]:
        """Return the name of the part of styles and its bytes; a new one has none yet."""
        relation = self.relations.of("styles")
        if relation is not None and relation.part in self._archive:
            return relation.part, self._archive.read(relation.part)
        if relation is not None:
            self.relations.drop(relation)
        # Some readers look for this name only.
        part = "xl/styles.xml"
        part = self.free_part("xl/styles{}.xml") if part in self._archive else part
        self.relations.add("styles", part, strict=self.strict)
        self.types.add(part, "styles")
        return part, None

    def drop(self, kind: str) -> str | None:
        """Take the part of a kind out of the workbook; returns its name, where there was one."""
        relation = self.relations.of(kind)
        if relation is None:
            return None
        self.relations.drop(relation)
        self.types.drop(relation.part)
        return relation.part

    def written(self) -> bytes:
        """Return the workbook's own part."""
        return markup.written(self._root)
