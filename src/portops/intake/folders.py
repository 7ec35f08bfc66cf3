"""A folder as one batch: which of its files are workbooks that somebody sent."""

from __future__ import annotations

from pathlib import Path

from portops.errors import InputError
from portops.intake.grids import BOOK_SUFFIXES

#: What is taken from a folder; a `.txt` in it is mostly a note, and is read when it is named.
SUFFIXES = BOOK_SUFFIXES | {".csv", ".tsv"}

#: What portops itself writes beside or instead of a workbook.
_OURS = (
    ".findings.csv",
    ".checked.xlsx",
    ".plan.csv",
    ".submitted.xlsx",
    ".corrections.xlsx",
    "reconciliation.xlsx",
    "reconciliation.csv",
)


def _is_workbook(path: Path) -> bool:
    # Excel keeps `~$name.xlsx` beside a workbook that is open.
    own = path.name.casefold().endswith(_OURS) or path.name.startswith((".", "~$"))
    return path.suffix.lower() in SUFFIXES and not own and path.is_file()


def workbooks_in(folder: Path) -> list[Path]:
    """Return the workbooks of a folder by name; sub-folders and what portops wrote are not taken.

    Raises InputError when there is none.
    """
    workbooks = sorted(path for path in folder.iterdir() if _is_workbook(path))
    if not workbooks:
        kinds = ", ".join(sorted(SUFFIXES))
        raise InputError(
            f"The folder '{folder}' has no workbook in it.",
            f"Put the workbooks right into it ({kinds}), or name them one by one.",
        )
    return workbooks
