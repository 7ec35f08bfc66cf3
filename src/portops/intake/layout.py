"""What a workbook says of its sheets beside their values: hidden rows, cells with errors, extent.

The reading library gives values only. The parts of an .xlsx are scanned as bytes, in pieces, so
that a large or hostile one costs no more memory than a small one. Of an .xlsb nothing is known.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING
from xml.etree.ElementTree import ParseError

import xlrd
from defusedxml import DefusedXmlException, ElementTree
from xlrd.compdoc import CompDocError

from portops.errors import InputError
from portops.wording import column_under

if TYPE_CHECKING:
    from portops.results.original import Original

#: A workbook that unpacks to more is refused: an honest one of a million rows has 1 GB.
MOST_UNPACKED = 2 * 1024**3

#: So many cells are read at most, gaps included; each takes some 100 bytes of memory.
MOST_CELLS = 40_000_000

#: So many cells are read where most of them are gaps: where a cell has fewer bytes than this.
MOST_GAPS, _BYTES_OF_CELL = 30_000_000, 4

#: Parts that list the sheets are small; a larger one is not what it says.
_MOST_LIST = 8 * 1024**2

_PIECE = 4 * 1024**2
_OVERLAP = 4 * 1024
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
# The first is scanned for; the second knows where a name begins.
_HIDDEN = re.compile(rb"""hidden=["'](?:1|true)["']""")
_IS_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_ERROR = re.compile(
    rb"""<(?:\w+:)?c\b(?=[^>]*\bt=["']e["'])[^>]*\br=["']([A-Z]+)(\d+)["'][^>]*>"""
    rb"""(?:<(?:\w+:)?f\b[^<]*(?:</(?:\w+:)?f>)?)?<(?:\w+:)?v>([^<]{1,20})</"""
)
# Excel saves an empty text as a result too: such a cell is of the type `str`.
_FORMULA = re.compile(
    rb"""<(?:\w+:)?c\b(?![^>]*\bt=["']str["'])[^>]*?\br=["']([A-Z]+)(\d+)["'][^>]*(?<!/)>\s*"""
    rb"""<(?:\w+:)?f\b(?:[^>]*/>|[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
_LAST = re.compile(rb"""<(?:\w+:)?(?:row|c)\b[^>]*\br=["']([A-Z]*)(\d+)["']""")
# Two patterns that begin with plain bytes are scanned ten times faster than one that does not.
_WIDE = (re.compile(rb"""r="([A-Z]{2,3})\d"""), re.compile(rb"""r='([A-Z]{2,3})\d"""))
# A cell without its place right after its name, where every usual writer puts it. A tag that is cut
# at a seam is looked at in the next piece.
_LOOSE = tuple(
    re.compile(start + rb"""c(?! r=["'][A-Z]{1,3}\d{1,7}["'])[\s/>].{18}""", re.DOTALL)
    for start in (b"<", b":")
)
# A cell with a far longer row number than the last of its piece stands where it does not belong.
_FAR = {
    digits: tuple(
        re.compile(start + rb"""[A-Z]{1,3}(\d{%d,7})["']""" % digits) for start in (b'r="', b"r='")
    )
    for digits in (5, 6, 7)
}
_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_FILLER = 100_000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


#: What the reader of the old format raises at damaged, foreign and encrypted files.
_XLRD_RAISES = (
    xlrd.XLRDError,
    CompDocError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    TypeError,
    ValueError,
    struct.error,
)


@dataclass(slots=True)
class Layout:
    """One sheet: hidden rows (Excel's numbers) and error cells ((row, column) from 0: text).

    `merged` are runs of rows merged into one cell, first and last corner, counted from 0; given
    for OpenDocument, whose reader does not tell. A sheet is `loose` when cells do not say in the
    usual way where they are, so that its extent is not known.
    """

    hidden: set[int] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    rows: int = 0
    columns: int = 0
    part: str = ""
    size: int = 0
    loose: bool = False

    @property
    def reaches_too_far(self) -> bool:
        """Tell whether reading it would fill the memory, most of it with nothing."""
        cells = self.rows * self.columns
        sparse = self.size < cells * _BYTES_OF_CELL
        return cells > (MOST_GAPS if sparse else MOST_CELLS)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Give the part in pieces that overlap, so that no tag is cut at every seam."""
    tail = b""
    while piece := file.read(_PIECE):
        yield tail + piece
        tail = piece[-_OVERLAP:]


def _last_row(piece: bytes, before: int) -> int:
    """Return the farthest row of a piece, or `before` where that is farther."""
    start = max(piece.rfind(b"<row"), 0)
    last = max([before, *(int(match[2]) for match in _LAST.finditer(piece, start))])
    for far in _FAR.get(max(len(str(last)) + 1, 5), ()):
        for match in far.finditer(piece):
            # `r` is the whole name: that of another attribute may end with it.
            if not re.match(rb"\w", piece[max(match.start() - 1, 0) : match.start()]):
                last = max(last, int(match[1]))
    return last


def _hidden_rows(piece: bytes) -> Iterator[int]:
    """Give the hidden rows of a piece."""
    for match in _HIDDEN.finditer(piece):
        start = piece.rfind(b"<", 0, match.start())
        row = _ROW.match(piece, start) if start >= 0 else None
        inside = row is not None and match.end() < row.end()
        if row and inside and _IS_HIDDEN.search(row[1]) and (at := _NUMBER.search(row[1])):
            yield int(at[1])


def scan(file: IO[bytes]) -> Layout:
    """Go through a sheet's part once."""
    # Its package is slow to load, and other kinds of workbooks do not need it.
    from portops.tables.columns import UNSAVED

    scanned = Layout()
    widest = b"Z"
    single = False
    for number, piece in enumerate(_pieces(file)):
        # One writer made the whole part; most use double quotes only.
        single = single or b"='" in (piece if number == 0 else piece[: 64 * 1024])
        scanned.hidden.update(_hidden_rows(piece))
        if b't="e"' in piece or (single and b"t='e'" in piece):
            for letters, row, text in _ERROR.findall(piece):
                place = (int(row) - 1, column_under(letters.decode()) - 1)
                scanned.errors[place] = text.decode("ascii", "replace")
        for pattern in _WIDE[: 1 + single]:
            if pattern.search(piece):
                wide = set(pattern.findall(piece))
                widest = max(widest, *wide, key=lambda letters: (len(letters), letters))
        if b"<f" in piece or b":f" in piece:
            for letters, row in _FORMULA.findall(piece):
                place = (int(row) - 1, column_under(letters.decode()) - 1)
                scanned.errors[place] = UNSAVED
        scanned.rows = _last_row(piece, scanned.rows)
        scanned.loose = scanned.loose or any(pattern.search(piece) for pattern in _LOOSE)
    scanned.columns = column_under(widest.decode())
    return scanned


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Map sheet names to the parts that hold them."""
    listed, relations = (
        ElementTree.fromstring(package.open(name).read(_MOST_LIST))
        for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    )
    targets = {relation.get("Id"): str(relation.get("Target")) for relation in relations}
    parts = {}
    for sheet in listed.iter(f"{_NAMESPACE}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        parts[str(sheet.get("name"))] = part
    return parts


def _of_xls(original: Original) -> tuple[dict[str, Layout], str]:
    """Ask the old format's own reader; the values come from another one, which may still read it."""
    try:
        book = xlrd.open_workbook(
            file_contents=original.read(), formatting_info=True, logfile=io.StringIO()
        )
    except _XLRD_RAISES as error:
        words = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        return (
            {},
            f"the hidden rows and error cells of {original}, which its format does not show ({words})",
        )
    scanned = {}
    for sheet in book.sheets():
        hidden = {row + 1 for row, about in sheet.rowinfo_map.items() if about.hidden}
        errors = {
            (row, column): xlrd.error_text_from_code.get(sheet.cell_value(row, column), "#N/A")
            for row in range(sheet.nrows)
            for column, kind in enumerate(sheet.row_types(row))
            if kind == xlrd.XL_CELL_ERROR
        }
        scanned[sheet.name] = Layout(hidden=hidden, errors=errors)
    return scanned, ""


def _of_ods(package: zipfile.ZipFile) -> dict[str, Layout]:
    """Read which rows an OpenDocument sheet hides and merges; its errors are texts already."""
    scanned: dict[str, Layout] = {}
    row, sheet = 1, Layout()
    with package.open("content.xml") as file:
        for event, node in ElementTree.iterparse(file, events=("start", "end")):
            if event == "start" and node.tag == f"{_TABLE}table":
                row, sheet = 1, scanned.setdefault(str(node.get(f"{_TABLE}name")), Layout())
            elif event == "end" and node.tag == f"{_TABLE}table-row":
                count = int(node.get(f"{_TABLE}number-rows-repeated", "1"))
                # The filler below the data repeats a million times.
                if node.get(f"{_TABLE}visibility", "visible") != "visible" and count < _FILLER:
                    sheet.hidden.update(range(row, row + count))
                column = 0
                for cell in node:
                    span = int(cell.get(f"{_TABLE}number-rows-spanned", "1"))
                    if span > 1:
                        last = (row + span - 2, column)
                        sheet.merged.append(((row - 1, column), last))
                    column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
                row += count
                node.clear()
    return scanned


def layouts(original: Original) -> tuple[dict[str, Layout], str]:
    """Scan a workbook's sheets, by name; empty where the file is of another make.

    Returns as well what could not be looked at, in words, where that is not nothing.
    Raises InputError when the file unpacks to more than can be read, or a sheet reaches too far.
    """
    if original.suffix == ".xls":
        return _of_xls(original)
    with original.open() as start:
        if not zipfile.is_zipfile(start):
            return {}, ""
    try:
        with original.open() as content, zipfile.ZipFile(content) as package:
            size = sum(part.file_size for part in package.infolist())
            if size > MOST_UNPACKED:
                raise InputError(
                    f"{original} unpacks to {size / 1024**3:.1f} GB.",
                    "Split it into several workbooks, or save it as CSV.",
                )
            if original.suffix == ".ods":
                return _of_ods(package), ""
            if original.suffix not in {".xlsx", ".xlsm"}:
                return {}, ""
            scanned = {}
            for name, part in _sheet_parts(package).items():
                if not part.endswith(".xml") or part not in package.namelist():
                    continue
                with package.open(part) as file:
                    scanned[name] = scan(file)
                    scanned[name].part = part
                    scanned[name].size = package.getinfo(part).file_size
    except (
        zipfile.BadZipFile,
        KeyError,
        ParseError,
        DefusedXmlException,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        zlib.error,
    ) as error:
        raise InputError(
            f"{original} cannot be read as a workbook ({type(error).__name__}).",
            "Open it in Excel and save it again as .xlsx.",
        ) from error
    for name, about in scanned.items():
        if about.reaches_too_far:
            raise InputError(
                f"{original}: sheet '{name}' reaches to row {about.rows:,} and column {about.columns:,}.",
                "Delete the empty rows and columns around the table, or save the table as CSV.",
            )
    return scanned, ""
