"""Formats of cells: those that a workbook has, and ours, made from them."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from lxml import etree

from portops.workbooks.parts import markup
from portops.workbooks.parts.archive import Unpatchable
from portops.workbooks.parts.markup import MAIN, STRICT_MAIN

if TYPE_CHECKING:
    from collections.abc import Collection

_ORDER = (
    *("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"),
    *("tableStyles", "colors", "extLst"),
)

#: What a workbook without styles gets: Excel's own first ones.
_EMPTY = (
    '<styleSheet xmlns="{0}">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)

#: Excel takes no more formats; a workbook that has nearly as many gets no new ones.
_MOST_FORMATS = 64_000

#: The number of the format that keeps what is typed as text.
_TEXT = "49"
_DATES = {"date": "yyyy\\-mm\\-dd", "moment": "yyyy\\-mm\\-dd\\ hh:mm:ss", "span": "[h]:mm:ss"}
_FIRST_OWN = 164


def _bare(node: Any) -> bytes:
    """Return what an element says, to tell equal ones."""
    twin = copy.deepcopy(node)
    twin.tail = None
    made: bytes = etree.tostring(twin, method="c14n")
    return re.sub(rb">\s+<", b"><", made)


class Styles:
    """The part of styles; every format is a place among `cellXfs`.

    Formats are added at the end, so that those of the workbook's own cells stay what they are.
    """

    def __init__(self, raw: bytes | None, *, strict: bool) -> None:
        empty = _EMPTY.format(STRICT_MAIN if strict else MAIN).encode()
        self._root: Any = markup.parse(empty if raw is None else raw)
        bare = markup.parse(empty)
        self._lists = {}
        for name in ("fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles"):
            nodes = markup.place(self._root, name, _ORDER)
            if not len(nodes):
                for first in markup.child(bare, name):
                    own = copy.deepcopy(first)
                    self._adopt(own)
                    nodes.append(own)
            self._lists[name] = nodes
        self._places: dict[tuple[str, bytes], int] = {}
        self._items: dict[str, list[Any]] = {}
        for name, nodes in self._lists.items():
            self._items[name] = [node for node in nodes if isinstance(node.tag, str)]
            for number, node in enumerate(self._items[name]):
                self._places.setdefault((name, _bare(node)), number)
        self._made: dict[tuple[Any, ...], int] = {}

    def _adopt(self, node: Any) -> None:
        """Put an element of the empty styles into the namespace of these."""
        for part in node.iter():
            part.tag = f"{{{markup.namespace(self._root)}}}{markup.name_of(part)}"

    def _entered(self, name: str, node: Any) -> int:
        """Return the place of an element in its list; it is added where there is none like it."""
        key = (name, _bare(node))
        if key not in self._places:
            if len(self._items[name]) >= _MOST_FORMATS:
                raise Unpatchable("it has too many formats")
            self._places[key] = len(self._items[name])
            self._items[name].append(node)
            self._lists[name].append(node)
        return self._places[key]

    def _new(self, name: str, xml: str) -> int:
        node = markup.parse(f'<x xmlns="{markup.namespace(self._root)}">{xml}</x>'.encode())[0]
        return self._entered(name, node)

    def _fill(self, color: str) -> int:
        return self._new(
            "fills",
            f'<fill><patternFill patternType="solid"><fgColor rgb="FF{color}"/>'
            '<bgColor indexed="64"/></patternFill></fill>',
        )

    def _font(self, *, link: bool) -> int:
        """Return our bold font, or that of links; both are the workbook's first font beside that."""
        first = self._items["fonts"][0]
        font = markup.parse(f'<font xmlns="{markup.namespace(self._root)}"/>'.encode())
        markup.add(font, "u" if link else "b")
        for name in ("sz", "color", "name", "family", "scheme"):
            if link and name == "color":
                markup.add(font, name, rgb="FF0563C1")
            elif (own := markup.child(first, name)) is not None:
                markup.add(font, name, **own.attrib)
        return self._entered("fonts", font)

    def _based(self, base: int) -> Any:
        formats = self._items["cellXfs"]
        node = copy.deepcopy(formats[base if base < len(formats) else 0])
        node.tail = None
        return node

    def marked(self, base: int, color: str | None, *, text: bool = False) -> int:
        """Return the format that is `base` with our fill, with none (""), or with its own (None).

        `text` keeps what is typed into the cell as text.
        """
        key = ("marked", base, color, text)
        if key not in self._made:
            node = self._based(base)
            if color is not None:
                node.set("fillId", str(self._fill(color)) if color else "0")
                node.set("applyFill", "1" if color else "0")
            if text:
                node.set("numFmtId", _TEXT)
                node.set("applyNumberFormat", "1")
            self._made[key] = self._entered("cellXfs", node)
        return self._made[key]

    def plain(
        self, *, color: str = "", bold: bool = False, link: bool = False, wrap: bool = False
    ) -> int:
        """Return a format for a sheet of ours."""
        key = ("plain", color, bold, link, wrap)
        if key not in self._made:
            fill = self._fill(color) if color else 0
            font = self._font(link=link) if bold or link else 0
            node = self._based(0)
            for name in list(node.attrib):
                del node.attrib[name]
            for part in list(node):
                node.remove(part)
            for name, number in (("numFmt", 0), ("font", font), ("fill", fill), ("border", 0)):
                node.set(f"{name}Id", str(number))
                if number:
                    node.set(f"apply{name.capitalize()}", "1")
            node.set("xfId", "0")
            if wrap:
                node.set("applyAlignment", "1")
                markup.add(node, "alignment", vertical="top", wrapText="1")
            self._made[key] = self._entered("cellXfs", node)
        return self._made[key]

    def time(self, kind: str) -> int:
        """Return the format of a `date`, a `moment` or a `span` of time."""
        key = ("time", kind)
        if key not in self._made:
            own = markup.place(self._root, "numFmts", _ORDER)
            number = max([_FIRST_OWN - 1, *(int(node.get("numFmtId", 0)) for node in own)]) + 1
            markup.add(own, "numFmt", numFmtId=str(number), formatCode=_DATES[kind])
            self._lists["numFmts"] = own
            self._made[key] = self._new(
                "cellXfs",
                f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0"'
                ' applyNumberFormat="1"/>',
            )
        return self._made[key]

    def filled(self, colors: Collection[str]) -> list[int]:
        """Return the formats whose fill is one of these colors."""
        fills = set()
        for number, node in enumerate(self._items["fills"]):
            colored = node.find(f".//{{{markup.namespace(self._root)}}}fgColor")
            # Excel writes the two digits in front as FF, others as 00.
            if colored is not None and str(colored.get("rgb", ""))[-6:].upper() in colors:
                fills.add(str(number))
        formats = self._items["cellXfs"]
        return [place for place, node in enumerate(formats) if node.get("fillId") in fills]

    def written(self) -> bytes:
        """Return the part."""
        for nodes in self._lists.values():
            nodes.set("count", str(len(nodes)))
        return markup.written(self._root)
