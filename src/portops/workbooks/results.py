"""What a check writes: findings and the marked copy of each workbook, and what was understood."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from portops.files import private_folder, put_result
from portops.results.understood import WORKBOOK, as_understood
from portops.tables.findings import CSV, defuse
from portops.workbooks.marked import Marked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd

    from portops.redaction import Secret
    from portops.results.checked import Checked
    from portops.results.original import Original


def write_results(
    checked: Checked,
    out: Path,
    *,
    mark: bool = True,
    kept: Mapping[str, Secret] | None = MappingProxyType({}),
) -> list[Marked]:
    """Write `<stem>.findings.csv` and `<stem>.checked.xlsx` for each workbook; returns the files.

    The copy of a workbook with macros is `<stem>.checked.xlsm`. `kept` are the PINs by number that
    are sealed in the store: their cells are masked in the marked copy, as are secrets that no
    request needs; None masks nothing. Workbooks of one stem are numbered apart. No file is ever
    half there. Raises InputError when a workbook cannot be copied for marking, or a file cannot be
    written.
    """
    private_folder(out)
    written: list[Marked] = []
    stems = checked.stems
    # The library that writes workbooks is slow to load, and not wanted for a table of findings.
    copy_of = _copies(checked, kept) if mark else None
    for original in checked.originals:
        stem = stems[original.name]
        mine = checked.findings[checked.findings["file"] == original.name].drop(columns="file")
        target = out / f"{stem}.findings.csv"
        written.append(Marked(put_result(target, partial(defuse(mine).to_csv, **CSV))))
        if copy_of is not None:
            written.append(copy_of(original, mine, out / f"{stem}.checked.xlsx"))
    return written


def _copies(
    checked: Checked, kept: Mapping[str, Secret] | None
) -> Callable[[Original, pd.DataFrame, Path], Marked]:
    """Return what writes the marked copy of a workbook, given its findings."""
    from portops.workbooks.marking import Listed, write_marked
    from portops.workbooks.masking import masked_cells

    masked = {} if kept is None else masked_cells(checked, kept)
    understood = as_understood(checked)

    def copy(original: Original, findings: pd.DataFrame, target: Path) -> Marked:
        headers = checked.mapping.loc[checked.mapping["file"] == original.name]
        own = understood[understood[WORKBOOK] == original.name].drop(columns=WORKBOOK)
        listed = Listed(findings, own)
        return write_marked(original, listed, target, headers, masked.get(original.name, ()))

    return copy


def write_understood(checked: Checked, target: Path) -> Path:
    """Write every number with its details as they would be sent, as CSV; returns the file.

    All workbooks of the batch are in it, PINs show as `•••`, and it opens safely in Excel. Raises
    InputError when it cannot be written.
    """
    table = as_understood(checked)
    return put_result(target, partial(defuse(table).to_csv, **CSV))
