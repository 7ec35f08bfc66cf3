"""The cells of a workbook of another kind, as a new .xlsx: all of them, or the rows with findings."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
from openpyxl.writer.theme import theme_xml

from portops.wording import printable
from portops.workbooks.parts import grid
from portops.workbooks.parts.archive import in_memory
from portops.workbooks.parts.markup import LINKS, MAIN, quoted
from portops.workbooks.parts.styles import Styles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from portops.results.original import Grid, Original
    from portops.workbooks.parts.grid import Column
    from portops.workbooks.parts.rows import Place

#: Cells of a file that is copied whole; of a larger one come the rows with findings.
MOST_CELLS = 3_000_000

#: Kinds whose cells are texts: a number in them is written as it is.
_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class Cells(NamedTuple):
    """A new workbook, the names of its sheets by those that were read, and where its rows are.

    `rows` is given where only some rows were copied: for each sheet the new row of each old one.
    """

    file: IO[bytes]
    names: Mapping[str, str]
    rows: Mapping[str, Mapping[int, int]] | None = None

    def place(self, sheet: str, place: Place) -> Place | None:
        """Return where a cell is in the copy; None where it is not."""
        if sheet not in self.names:
            return None
        if self.rows is None:
            return place if place[0] <= grid.MOST_ROWS else None
        row = self.rows.get(sheet, {}).get(place[0])
        return None if row is None else (row, place[1] + 1)


def title_of(sheet: str) -> str:
    """Return a name that Excel takes for a sheet, such as that of a CSV file."""
    return re.sub(r"[\\*?:/\[\]]", "_", printable(sheet))[:31].strip("'") or "Sheet"


def _unique(names: Iterable[str]) -> dict[str, str]:
    """Return the title of each sheet; those that would be the same are numbered apart."""
    titles: dict[str, str] = {}
    for name in names:
        title, number = title_of(name), 2
        while title.casefold() in {taken.casefold() for taken in titles.values()}:
            title, number = f"{title_of(name)[:26]} ({number})", number + 1
        titles[name] = title
    return titles


def _excerpt(columns: list[Any], rows: list[int]) -> list[Any]:
    """Return some rows of columns (from 1), with their numbers in front under `Row`."""
    numbers: list[Any] = ["Row", *rows[1:]]
    places = [row - 1 for row in rows]
    return [
        numbers,
        *(
            column.take(pa.array(places))
            if isinstance(column, pa.Array)
            else [column[place] for place in places]
            for column in columns
        ),
    ]


def copy_cells(
    original: Original, wanted: Mapping[str, Iterable[int]], headers: Mapping[str, int]
) -> Cells:
    """Write the cells of the shown sheets into a new workbook.

    Of a file with very many cells only the rows `wanted` are written, by sheet, below the row of
    their headers, and each behind its number.
    """
    grids: list[tuple[Grid, list[Any]]] = [
        (page, page.columns(0)) for page in original.grids() if page.shown
    ]
    size = sum(len(column) for _, columns in grids for column in columns)
    names = _unique(page.sheet for page, _ in grids)
    rows: dict[str, dict[int, int]] | None = None
    if size > MOST_CELLS:
        rows = {}
        for page, _ in grids:
            if page.sheet in headers:
                top = headers[page.sheet]
                below = sorted(set(wanted.get(page.sheet, ())) - {top})
                rows[page.sheet] = {row: at for at, row in enumerate((top, *below), start=1)}
        grids = [
            (page, _excerpt(columns, list(rows[page.sheet])))
            for page, columns in grids
            if page.sheet in rows
        ]
        names = {page.sheet: names[page.sheet] for page, _ in grids}
    text = original.suffix in _TEXT_SUFFIXES
    return Cells(_package(grids, names, text=text, excerpt=rows is not None), names, rows)


def _package(
    grids: list[tuple[Grid, list[Any]]], names: Mapping[str, str], *, text: bool, excerpt: bool
) -> IO[bytes]:
    styles = Styles(None, strict=False)
    as_text = styles.marked(0, None, text=True) if text else 0
    parts: dict[str, Iterable[bytes]] = {}
    listed, leads, kinds = [], [], []
    for number, (page, columns) in enumerate(grids, start=1):
        part = f"worksheets/sheet{number}.xml"
        written: list[Column] = [
            grid.mixed(column, styles.time, as_text) for column in columns[: grid.MOST_COLUMNS]
        ]
        parts[f"xl/{part}"] = grid.sheet(written, frozen="B2" if excerpt else "")
        name = quoted(names[page.sheet])
        listed.append(f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>')
        leads.append(f'<Relationship Id="rId{number}" Type="{LINKS}/worksheet" Target="{part}"/>')
        kinds.append(f'<Override PartName="/xl/{part}" ContentType="{_KIND}.worksheet+xml"/>')
    leads.append(f'<Relationship Id="rIdS" Type="{LINKS}/styles" Target="styles.xml"/>')
    leads.append(f'<Relationship Id="rIdT" Type="{LINKS}/theme" Target="theme/theme1.xml"/>')
    sheets = "".join(listed)
    parts["xl/theme/theme1.xml"] = [theme_xml.encode()]
    parts["xl/styles.xml"] = [styles.written()]
    parts["xl/workbook.xml"] = [
        f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{sheets}</sheets></workbook>'.encode()
    ]
    parts["xl/_rels/workbook.xml.rels"] = [_relations("".join(leads))]
    parts["_rels/.rels"] = [
        _relations(
            f'<Relationship Id="rId1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/>'
        )
    ]
    parts["[Content_Types].xml"] = [
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
        '<Override PartName="/xl/theme/theme1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.theme+xml"/>'
        f"{''.join(kinds)}</Types>".encode()
    ]
    return in_memory(parts)


def _relations(listed: str) -> bytes:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'.encode()
