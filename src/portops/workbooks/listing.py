"""The sheets that a marked copy has beside the analyst's own: `Findings` and `As understood`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
from openpyxl.utils import get_column_letter

from portops.wording import counted
from portops.workbooks.parts import grid
from portops.workbooks.parts.grid import Column
from portops.workbooks.parts.markup import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portops.workbooks.parts.styles import Styles

#: Fills by severity; they stay apart in grey print and for colour-blind eyes.
FILLS = {"error": "F4A6A0", "warning": "FCE3A6", "fixed": "CFE8D5", "info": "E4E8EE"}

#: Numbers that are listed as understood; `--understood` writes all of them.
MOST_NUMBERS = 20_000

#: Findings that are listed; the file of findings beside the copy has all of them.
MOST_FINDINGS = 100_000

#: Excel takes no more links on a sheet.
_MOST_LINKS = 65_000

_WIDTHS = {
    "code": 26,
    "severity": 10,
    "sheet": 14,
    "row": 7,
    "column": 22,
    "cell": 16,
    "value": 28,
    "message": 70,
    "suggestion": 28,
    "request": 24,
    "phone_number": 16,
}
_TEXT = pa.large_string()


def _headed(name: str, body: pa.Array, more: str | None = None) -> pa.Array:
    """Return a column's contents with its header, and with a last line in the first column."""
    parts = [grid.texts(pa.array([name], _TEXT)), body.cast(_TEXT)]
    if more is not None:
        parts.append(grid.texts(pa.array([more or None], _TEXT)))
    return pa.concat_arrays(parts)


def _array(values: pd.Series) -> pa.Array:
    array = pa.array(values.astype("str"))
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return array.cast(_TEXT)


def _formats(header: int, body: pd.Series | int, count: int, *, more: bool) -> pa.Array:
    """Return the places of a column's formats as texts: of the header, of the rows, of a last line."""
    rows = [str(body)] * count if isinstance(body, int) else body.astype("str").tolist()
    return pa.array([str(header), *rows, *(["0"] if more else [])], _TEXT)


def _tail(columns: int, rows: int, links: str = "") -> tuple[str, str]:
    """Return what follows the cells, and the range of the filter."""
    reference = f"$A$1:${get_column_letter(columns)}${rows}"
    return f'<autoFilter ref="{reference.replace("$", "")}"/>{links}', reference


class Listing:
    """One of the two sheets: its part, and the range of its filter."""

    def __init__(self, columns: list[Column], links: str, rows: int, *, strict: bool) -> None:
        tail, self.filter = _tail(len(columns), rows, links)
        self._columns, self._tail, self._strict = columns, tail, strict

    def __iter__(self) -> Iterator[bytes]:
        return grid.sheet(self._columns, strict=self._strict, tail=self._tail, frozen="A2")


def findings_sheet(findings: pd.DataFrame, styles: Styles, *, strict: bool) -> Listing:
    """List findings, with a link to the cell of each; text stays text, so no cell is a formula."""
    shown = findings.head(MOST_FINDINGS)
    rest = len(findings) - len(shown)
    more = f"… and {counted(rest, 'more finding')}: they are in the file of findings"
    severity = shown["severity"].map({name: styles.plain(color=rgb) for name, rgb in FILLS.items()})
    places = shown["cell"]
    linked = places.notna() & (pd.Series(range(len(shown)), shown.index) < _MOST_LINKS)
    formats: dict[str, pd.Series | int] = {
        "severity": severity,
        "message": styles.plain(wrap=True),
        "cell": linked.map({True: styles.plain(link=True), False: 0}),
    }
    bold, columns = styles.plain(bold=True), []
    for place, name in enumerate(shown.columns):
        numeric = pd.api.types.is_numeric_dtype(shown[name])
        body = grid.numbers(_array(shown[name])) if numeric else grid.texts(_array(shown[name]))
        last = None if not rest else more if place == 0 else ""
        form = _formats(bold, formats.get(name, 0), len(shown), more=bool(rest))
        columns.append(Column(_headed(str(name), body, last), form, _WIDTHS.get(str(name))))
    at = get_column_letter(list(shown.columns).index("cell") + 1)
    rows = (pd.Series(range(2, len(shown) + 2), shown.index)[linked]).astype("str")
    links = [
        f'<hyperlink ref="{at}{row}" location="{quoted(_location(cell))}"/>'
        for row, cell in zip(rows, places[linked], strict=True)
    ]
    all_links = f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else ""
    return Listing(columns, all_links, len(shown) + 1, strict=strict)


def _location(cell: str) -> str:
    name, _, at = cell.rpartition("!")
    return "'{}'!{}".format(name.replace("'", "''"), at)


def understood_sheet(numbers: pd.DataFrame, styles: Styles, *, strict: bool) -> Listing:
    """List numbers with their details as they would be sent, as `as_understood` gives them."""
    shown = numbers.head(MOST_NUMBERS)
    rest = len(numbers) - len(shown)
    more = f"… and {counted(rest, 'more number')}: portops check --understood FILE.csv"
    bold, columns = styles.plain(bold=True), []
    for place, name in enumerate(shown.columns):
        texts = shown[name].head(200).astype("str").fillna("")
        width = min(max(len(name), *texts.str.len(), 0) + 2, 36)
        numeric = pd.api.types.is_numeric_dtype(shown[name])
        body = grid.numbers(_array(shown[name])) if numeric else grid.texts(_array(shown[name]))
        last = None if not rest else more if place == 0 else ""
        form = _formats(bold, 0, len(shown), more=bool(rest))
        columns.append(Column(_headed(str(name), body, last), form, width))
    return Listing(columns, "", len(shown) + 1, strict=strict)
