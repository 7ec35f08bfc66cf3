"""The marked copy: the analyst's own workbook with marked cells, notes and two sheets more."""

from __future__ import annotations

import logging
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from openpyxl.utils import column_index_from_string

from portops.errors import InputError
from portops.files import put_result
from portops.tables.findings import SEVERITIES
from portops.wording import printable
from portops.workbooks.copying import copy_cells
from portops.workbooks.listing import FILLS
from portops.workbooks.marked import Marked
from portops.workbooks.patching import patch
from portops.workbooks.work import Mark, Marks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from portops.results.original import Original
    from portops.workbooks.parts.rows import Place

_log = logging.getLogger(__name__)

#: Cells that get a note: more make Excel slow. Every marked cell has its fill.
MOST_NOTES = 20_000

#: Kinds of files that are patched; the others come back as .xlsx with their cells.
_PATCHED = frozenset({".xlsx", ".xlsm"})

_CELLS_NOTE = "as .xlsx, with the values of its cells: a {} file has no room for marks"
_SOME_NOTE = "as .xlsx, only the rows with findings: the file is too large to be copied whole"
_DAMAGED_NOTE = "only the cells: a part of the workbook is damaged. Save it again in Excel"
_FEWER_NOTE = f"notes on the first {MOST_NOTES:,} marked cells; all are marked and listed"


class Listed(NamedTuple):
    """What a marked copy lists: the findings of its workbook, and its numbers as understood."""

    findings: pd.DataFrame
    understood: pd.DataFrame


def _placed(cells: pd.Series) -> pd.DataFrame:
    """Part cells such as `Sheet!D7` into `sheet`, `row` and `column`, the latter two from 1."""
    parts = cells.astype("str").str.extract(r"^(?P<sheet>.*)!(?P<letters>[A-Z]+)(?P<row>[0-9]+)$")
    numbers = {
        letters: column_index_from_string(letters) if len(letters) <= 3 else 0
        for letters in parts["letters"].dropna().unique()
    }
    parts["column"] = parts.pop("letters").map(numbers)
    return parts


def _marks(findings: pd.DataFrame) -> dict[str, dict[Place, Mark]]:
    """Gather the notes of each cell by sheet, the worst severity deciding its fill."""
    located = findings[findings["cell"].notna()]
    suggestions = ("\nSuggestion: " + located["suggestion"].astype("str")).fillna("")
    lines = located["severity"].str.upper() + " " + located["code"] + "\n"
    lines = (lines + located["message"].fillna("") + suggestions).astype("str")
    rank = {severity: position for position, severity in enumerate(SEVERITIES)}
    notes = pd.DataFrame(
        {"cell": located["cell"], "line": lines, "rank": located["severity"].map(rank)}
    )
    several = notes["cell"].duplicated(keep=False)
    joined = notes[several].groupby("cell", sort=False, as_index=False)
    cells = pd.concat(
        [notes[~several], joined.agg({"line": "\n\n".join, "rank": "min"})], ignore_index=True
    ).sort_values("rank", kind="stable")
    cells = pd.concat([cells, _placed(cells["cell"])], axis=1)
    # A cell on its side or above its table may have no place that Excel knows.
    cells = cells[cells["column"].gt(0)].reset_index(drop=True)
    colors = [FILLS[severity] for severity in SEVERITIES]
    marks: dict[str, dict[Place, Mark]] = {}
    columns = cells[["sheet", "row", "column", "line", "rank"]].itertuples(name=None)
    for number, sheet, row, column, line, worst in columns:
        text = printable(str(line)) if number < MOST_NOTES else None
        place = (int(row), int(column))
        marks.setdefault(str(sheet), {})[place] = Mark(colors[int(worst)], text)
    return marks


def _masks(masked: Collection[str]) -> dict[str, frozenset[Place]]:
    cells = _placed(pd.Series(list(masked), dtype="str")).dropna()
    return {
        str(sheet): frozenset(zip(rows["row"].astype(int), rows["column"].astype(int), strict=True))
        for sheet, rows in cells.groupby("sheet")
    }


def _is_whole(marks: Marks) -> bool:
    return all(mark.text is not None for cells in marks.marks.values() for mark in cells.values())


def write_marked(
    original: Original,
    listed: Listed,
    target: Path,
    headers: pd.DataFrame,
    masked: Collection[str] = (),
) -> Marked:
    """Write the marked copy of a workbook to `target`, with a sheet of what was found and understood.

    Everything else of an .xlsx or .xlsm stays as it is, byte for byte. Of a file of another kind the
    values come back in an .xlsx; of a very large one only the rows with findings. The note of the
    result says so. `headers` has `sheet` and `header_row`. The PINs in the cells `masked`
    (`Sheet!D7`) are masked, since the store keeps them. Raises InputError when the workbook cannot
    be copied.
    """
    marks = Marks(_marks(listed.findings), _masks(masked), listed.findings, listed.understood)
    notes = [] if _is_whole(marks) else [_FEWER_NOTE]
    ways: list[Callable[[], Marked]] = [partial(_of_cells, original, marks, target, headers)]
    if original.suffix in _PATCHED:
        ways.insert(0, partial(_patched, original, marks, target))
    for number, write in enumerate(ways):
        try:
            made = write()
        except InputError:
            raise
        except Exception as error:  # lxml, zlib and int() have each their own at a damaged file
            last = error
            _log.debug("%s could not be marked in place", original, exc_info=True)
            continue
        # What is damaged beside the cells, such as its formats, is left out.
        notes = [_DAMAGED_NOTE] if number else [*filter(None, [made.note]), *notes]
        return Marked(made.path, "; ".join(notes))
    raise InputError(
        f"{original} cannot be copied for marking ({last}).", "Use --no-mark, or save it anew."
    ) from last


def _written(open_file: Callable[[], BinaryIO], marks: Marks, target: Path) -> Marked:
    notes: list[str] = []

    def write(beside: Path) -> None:
        with closing(open_file()) as file:
            notes.extend(patch(file, marks, beside))

    return Marked(put_result(target, write), "; ".join(notes))


def _patched(original: Original, marks: Marks, target: Path) -> Marked:
    # Excel opens a workbook with macros under a name of their own only.
    macros = original.suffix == ".xlsm"
    return _written(original.open, marks, target.with_suffix(".xlsm") if macros else target)


def _of_cells(original: Original, marks: Marks, target: Path, headers: pd.DataFrame) -> Marked:
    """Write the cells of a workbook into a new one, and mark that."""
    tops = headers.drop_duplicates("sheet").set_index("sheet")["header_row"]
    wanted = {sheet: {row for row, _ in places} for sheet, places in marks.marks.items()}
    copy = copy_cells(original, wanted, {str(sheet): int(row) for sheet, row in tops.items()})

    def moved(cells: Iterable[Place], sheet: str) -> Mapping[Place, Place]:
        places = {place: copy.place(sheet, place) for place in cells}
        return {place: new for place, new in places.items() if new is not None}

    placed = Marks(
        {
            copy.names[sheet]: {new: cells[old] for old, new in moved(cells, sheet).items()}
            for sheet, cells in marks.marks.items()
            if sheet in copy.names
        },
        {
            copy.names[sheet]: frozenset(moved(cells, sheet).values())
            for sheet, cells in marks.masked.items()
            if sheet in copy.names
        },
        marks.findings,
        marks.understood,
    )
    made = _written(lambda: copy.file, placed, target)  # type: ignore[arg-type,return-value]
    if copy.rows is not None:
        return made._replace(note=_SOME_NOTE)
    return made._replace(note=_CELLS_NOTE.format(original.suffix) if original.suffix else "")
