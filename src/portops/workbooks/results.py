"""What a check writes: findings and the marked copy of each workbook, and what was understood."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from portops.files import private_folder, put_result
from portops.results.understood import WORKBOOK, as_understood
from portops.tables.findings import CSV, defuse
from portops.workbooks.marking import Listed, Marked, write_marked
from portops.workbooks.masking import masked_cells

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from portops.redaction import Secret
    from portops.results.checked import Checked


def write_results(
    checked: Checked,
    out: Path,
    *,
    mark: bool = True,
    kept: Mapping[str, Secret] | None = MappingProxyType({}),
) -> list[Marked]:
    """Write `<stem>.findings.csv` and `<stem>.checked.xlsx` for each workbook; returns the files.

    `kept` are the PINs by number that are sealed in the store: their cells are masked in the marked
    copy, as are secrets that no request needs; None masks nothing. Workbooks of one stem are numbered apart. No file is ever half there. Raises InputError when a
    workbook cannot be copied for marking, or a file cannot be written.
    """
    private_folder(out)
    written: list[Marked] = []
    stems, masked = checked.stems, {} if kept is None else masked_cells(checked, kept)
    understood = as_understood(checked) if mark else None
    for original in checked.originals:
        stem = stems[original.name]
        mine = checked.findings[checked.findings["file"] == original.name].drop(columns="file")
        target = out / f"{stem}.findings.csv"
        written.append(Marked(put_result(target, partial(defuse(mine).to_csv, **CSV))))
        if understood is not None:
            headers = checked.mapping.loc[checked.mapping["file"] == original.name]
            copy = out / f"{stem}.checked.xlsx"
            own = understood[understood[WORKBOOK] == original.name].drop(columns=WORKBOOK)
            listed = Listed(mine, own)
            written.append(
                write_marked(original, listed, copy, headers, masked.get(original.name, ()))
            )
    return written


def write_understood(checked: Checked, target: Path) -> Path:
    """Write every number with its details as they would be sent, as CSV; returns the file.

    All workbooks of the batch are in it, PINs show as `•••`, and it opens safely in Excel. Raises
    InputError when it cannot be written.
    """
    table = as_understood(checked)
    return put_result(target, partial(defuse(table).to_csv, **CSV))
