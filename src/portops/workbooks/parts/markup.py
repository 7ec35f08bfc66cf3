"""The XML of small parts: parsed without what is dangerous, and written as it was read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lxml import etree

from portops.wording import printable
from portops.workbooks.parts.archive import Unpatchable

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Namespaces of transitional workbooks, and of Strict ones: the same things under other names.
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"

#: What lxml and expat raise at parts that are damaged.
DAMAGED = (etree.LxmlError,)

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def parse(raw: bytes) -> Any:
    """Return the root of a part; raises Unpatchable or one of DAMAGED.

    Entities of the part's own are a way to fill the memory, and no workbook has them.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    root = etree.fromstring(raw, parser)
    if root.getroottree().docinfo.doctype:
        raise Unpatchable("a part declares entities")
    return root


def written(root: Any) -> bytes:
    """Return a part's bytes, in UTF-8."""
    tree = root.getroottree()
    made: bytes = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def namespace(node: Any) -> str:
    """Return the namespace of an element."""
    return str(etree.QName(node).namespace or "")


def name_of(node: Any) -> str:
    """Return an element's name without its namespace; nothing for a comment."""
    return str(etree.QName(node).localname) if isinstance(node.tag, str) else ""


def children(node: Any, name: str) -> list[Any]:
    """Return the children of a name, in the node's own namespace."""
    return list(node.findall(f"{{{namespace(node)}}}{name}"))


def child(node: Any, name: str) -> Any:
    """Return the first child of a name; None where there is none."""
    return node.find(f"{{{namespace(node)}}}{name}")


def add(node: Any, name: str, /, **attributes: str) -> Any:
    """Add a child in the node's own namespace at the end."""
    return etree.SubElement(node, f"{{{namespace(node)}}}{name}", attributes)


def place(node: Any, name: str, order: Sequence[str]) -> Any:
    """Return the child of a name; where there is none, make it at its place in the order.

    `order` are the names of children as the schema orders them.
    """
    there = child(node, name)
    if there is not None:
        return there
    made = etree.Element(f"{{{namespace(node)}}}{name}", nsmap=node.nsmap)
    later = set(order[order.index(name) + 1 :])
    before = next((other for other in node if name_of(other) in later), None)
    if before is None:
        node.append(made)
    else:
        before.addprevious(made)
    return made


def words(node: Any, text: str) -> None:
    """Put a text into an element, its white space kept."""
    node.text = printable(text)
    node.set(_SPACE, "preserve")


def escaped(text: str) -> str:
    """Write a text as it stands in XML."""
    plain = re.sub(r"\r\n?", "\n", printable(text))
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    """Write a text as it stands in an attribute."""
    return escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
