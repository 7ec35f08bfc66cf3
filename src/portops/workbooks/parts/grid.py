"""A sheet written from columns: cells become XML by Arrow's kernels, a column at a time."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from portops.workbooks.parts.markup import LINKS, MAIN, STRICT_LINKS, STRICT_MAIN, escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_TEXT = pa.large_string()

#: Excel's limits: characters of a cell, rows and columns of a sheet.
MOST_TEXT, MOST_ROWS, MOST_COLUMNS = 32_767, 1_048_576, 16_384

#: Rows that are put together at once.
_CHUNK = 50_000

_UNPRINTABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
_OPEN, _CLOSE = ' t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"


class Column(NamedTuple):
    """A column: for each row what its cell's tag ends with and holds, null where there is no cell.

    `formats` are the places of the cells' formats, as one number or as a text a row.
    """

    content: pa.Array
    formats: int | pa.Array = 0
    width: float | None = None


def _joined(*parts: Any, **options: Any) -> pa.Array:
    """Join columns and texts, row by row."""
    alike = [pa.scalar(part, _TEXT) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*alike, pa.scalar("", _TEXT), **options)


def texts(values: pa.Array) -> pa.Array:
    """Return the contents of cells that hold texts, none for a missing or empty one."""
    plain = pc.if_else(pc.equal(values, ""), None, values.cast(_TEXT))
    if not len(plain) or plain.null_count == len(plain):
        return plain
    if pc.any(pc.match_substring_regex(plain, _UNPRINTABLE + "|\r")).as_py():
        plain = pc.replace_substring_regex(plain, _UNPRINTABLE, "")
        plain = pc.replace_substring_regex(plain, "\r\n?", "\n")
    if pc.max(pc.utf8_length(plain)).as_py() > MOST_TEXT:
        plain = pc.utf8_slice_codeunits(plain, 0, MOST_TEXT)
    for mark, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        if pc.any(pc.match_substring(plain, mark)).as_py():
            plain = pc.replace_substring(plain, mark, written)
    return _joined(_OPEN, plain, _CLOSE)


def numbers(values: pa.Array) -> pa.Array:
    """Return the contents of cells that hold numbers."""
    return _joined("><v>", values.cast(_TEXT), "</v></c>")


def _mixed_cell(value: Any, formats: Callable[[str], int]) -> tuple[str | None, str]:
    """Return the content of a cell that holds any value, and its format."""
    if value is None or value == "" or value != value:  # noqa: PLR0124 - NaN alone is not itself
        return None, "0"
    if isinstance(value, bool):
        return f' t="b"><v>{int(value)}</v></c>', "0"
    if isinstance(value, int | float):
        return f"><v>{value!r}</v></c>", "0"
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        kind = "moment" if isinstance(value, dt.datetime | dt.time) else "date"
        kind = "span" if isinstance(value, dt.timedelta) else kind
        bare = value.replace(tzinfo=None) if isinstance(value, dt.datetime | dt.time) else value
        return f"><v>{to_excel(bare)!r}</v></c>", str(formats(kind))
    return f"{_OPEN}{escaped(str(value))[:MOST_TEXT]}{_CLOSE}", "0"


def mixed(values: Sequence[Any], formats: Callable[[str], int], text: int = 0) -> Column:
    """Return a column of any values; `formats` gives those of dates, `text` is that of texts."""
    if not isinstance(values, pa.Array):
        try:
            values = pa.array(values, _TEXT)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            cells = [_mixed_cell(value, formats) for value in values]
            return Column(
                pa.array([content for content, _ in cells], _TEXT),
                pa.array([number for _, number in cells], _TEXT),
            )
    return Column(texts(values), text)


def _rows(columns: Sequence[Column], first: int, count: int) -> bytes:
    """Write some rows; `first` is counted from 0."""
    place = pa.array(range(first + 1, first + count + 1), pa.int32()).cast(_TEXT)
    cells = []
    for number, column in enumerate(columns):
        formats: Any = column.formats
        formats = str(formats) if isinstance(formats, int) else formats.slice(first, count)
        content = column.content.slice(first, count)
        cell = _joined(
            f'<c r="{get_column_letter(number + 1)}', place, '" s="', formats, '"', content
        )
        cells.append(cell)
    row = _joined(
        '<row r="', place, '">', *cells, "</row>", null_handling="replace", null_replacement=""
    )
    offsets = row.buffers()[1]
    size = int.from_bytes(offsets[len(row) * 8 : len(row) * 8 + 8].to_pybytes(), "little")
    return bytes(row.buffers()[2][:size]) if size else b""


def sheet(
    columns: Sequence[Column],
    *,
    strict: bool = False,
    tail: str = "",
    frozen: str = "",
) -> Iterator[bytes]:
    """Give a sheet's part; `tail` is what follows the cells, `frozen` the first cell that scrolls."""
    main, links = (STRICT_MAIN, STRICT_LINKS) if strict else (MAIN, LINKS)
    height = min(len(columns[0].content) if columns else 0, MOST_ROWS)
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{column.width}" customWidth="1"/>'
        for number, column in enumerate(columns, start=1)
        if column.width is not None
    )
    yield (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{main}" xmlns:r="{links}"><sheetViews><sheetView workbookViewId="0">'
        f'{_pane(frozen)}</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f"{f'<cols>{widths}</cols>' if widths else ''}<sheetData>"
    ).encode()
    for first in range(0, height, _CHUNK):
        yield _rows(columns, first, min(_CHUNK, height - first))
    yield f"</sheetData>{tail}</worksheet>".encode()


def _pane(frozen: str) -> str:
    if not frozen:
        return ""
    column, row = re.fullmatch(r"([A-Z])(\d+)", frozen).groups()  # type: ignore[union-attr]
    across, down = ord(column) - ord("A"), int(row) - 1
    pane = "bottomRight" if across else "bottomLeft"
    split = f' xSplit="{across}"' if across else ""
    return (
        f'<pane{split} ySplit="{down}" topLeftCell="{frozen}" activePane="{pane}" state="frozen"/>'
        f'<selection pane="{pane}" activeCell="{frozen}" sqref="{frozen}"/>'
    )
