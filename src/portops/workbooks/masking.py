"""Masks in place of PINs: which cells of a marked copy hold one that the store keeps sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import range_boundaries

from portops.redaction import KEPT, Secret
from portops.results.checked import cells_of
from portops.tables.columns import SECRET_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from portops.results.checked import Checked


def masked_cells(checked: Checked, kept: Mapping[str, Secret]) -> dict[str, frozenset[str]]:
    """Return the cells to mask (`Sheet!D7`) of each workbook.

    A cell is masked when the PIN of each wireless number of its row is the one that is kept: what
    is masked can be given back.
    """
    numbers = checked.numbers[checked.numbers["line_type"] == "wireless"]
    if not kept or numbers.empty:
        return {}
    parts = []
    for name in SECRET_FIELDS:
        mine = numbers[numbers[name].notna()].reset_index(drop=True)
        field = pd.Series(name, index=mine.index, dtype="str")
        cells = cells_of(mine, checked.mapping, field)["cell"]
        pairs = zip(mine["phone_number"], mine[name], strict=True)
        same = [kept.get(number) == secret for number, secret in pairs]
        parts.append(pd.DataFrame({"file": mine["file"], "cell": cells, "same": same}))
    table = pd.concat(parts).dropna(subset=["cell"])
    whole_row = table.groupby(["file", "cell"], sort=False)["same"].all()
    good = whole_row.index[whole_row].to_frame(index=False)
    return {str(file): frozenset(rows["cell"]) for file, rows in good.groupby("file")}


def mask(book: Workbook, cells: Collection[str]) -> None:
    """Put the mask into these cells, where they hold anything."""
    for place in cells:
        sheet_name, _, at = place.rpartition("!")
        if sheet_name not in book.sheetnames:
            continue
        cell = book[sheet_name][at]
        if isinstance(cell, MergedCell) or cell.value in (None, ""):
            continue
        if _stands_for_others(book[sheet_name], at, cells):
            continue
        cell.value, cell.number_format = KEPT, "@"


def _stands_for_others(sheet: Worksheet, at: str, cells: Collection[str]) -> bool:
    """Tell whether the cell is merged with rows whose PIN is not the kept one."""
    run = next((merged for merged in sheet.merged_cells.ranges if at in merged), None)
    if run is None:
        return False
    letters = at.rstrip("0123456789")
    _, top, _, bottom = range_boundaries(str(run))
    return any(f"{sheet.title}!{letters}{row}" not in cells for row in range(top, bottom + 1))
