"""The numbers that a platform holds: any export with a column of them, whatever else it has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from portops.errors import InputError
from portops.facts.nanp import classify
from portops.intake.cells import column_as_text
from portops.intake.grids import grids
from portops.intake.opening import every_sheet
from portops.intake.sources import read_sources
from portops.intake.titles import classes, opinion
from portops.results.original import Grid, Original
from portops.tables.columns import NUMBER_FIELDS

if TYPE_CHECKING:
    from portops.results.reading import Reading

#: From this share of its filled cells on, a column holds telephone numbers.
MOST = 0.5

#: Titles whose odds for a telephone number lie closer than this name it alike.
CLOSE = 0.7


class _Numbers(NamedTuple):
    """A column of telephone numbers: its title, and each that could be read."""

    title: str
    numbers: pd.Series


def held_numbers(source: str | Path) -> pd.Series:
    """Return the telephone numbers (E.164) of an export, read as a check reads a workbook.

    Every row counts, whatever another column says of it: an export lists what is there. A list
    without a header is read as well. Raises InputError when there is no number, or when several
    columns of numbers look alike.
    """
    path = Path(source)
    original = Original(name=str(source), suffix=path.suffix.lower(), path=path)
    sheets = grids(original)
    try:
        reading = read_sources([path])
    except InputError:
        parts = []
    else:
        sheets = reading.originals[0].grids()
        parts = _understood(reading, sheets)
    if not any(map(len, parts)):
        parts = _by_contents(path, [grid for grid in sheets if grid.shown])
    if not any(map(len, parts)):
        parts = _by_contents(path, every_sheet(original, sheets))
    if not any(map(len, parts)):
        raise InputError(
            f"{source} holds no telephone numbers.", "Name the column 'Phone Number' there."
        )
    return pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)


def _valid(texts: pd.Series) -> pd.Series:
    return classify(texts)["phone_number"].dropna()


def _understood(reading: Reading, sheets: list[Grid]) -> list[pd.Series]:
    """Return the numbers that were read, and those of rows that a check leaves out."""
    mapping = reading.mapping
    own = mapping[mapping["field"].isin(NUMBER_FIELDS) & mapping["value_row"].eq(0)]
    parts = [_valid(reading.numbers["number_text"])]
    by_name = {grid.sheet: grid for grid in sheets}
    for name, column, header in own[["sheet", "column", "header_row"]].itertuples(
        index=False, name=None
    ):
        cells = by_name[name].columns(int(header))
        parts.append(_valid(column_as_text(cells[int(column)])))
    return parts


def _by_contents(path: Path, sheets: list[Grid]) -> list[pd.Series]:
    """Return the numbers of the column of each sheet that holds them, by its contents alone."""
    parts = []
    for grid in sheets:
        columns = [_numbers_of(cells) for cells in grid.columns(0)]
        candidates = [column for column in columns if column is not None]
        if candidates:
            parts.append(_chosen(path, candidates).numbers)
    return parts


def _numbers_of(cells: object) -> _Numbers | None:
    texts = column_as_text(cells)
    read = classify(texts)["phone_number"]
    filled = int(texts.notna().sum())
    first = int(np.argmax(read.notna().to_numpy())) if len(read) else 0
    below = int(texts.iloc[first:].notna().sum())
    if not filled or not read.notna().any() or read.notna().sum() < MOST * below:
        return None
    above = texts.iloc[:first].dropna()
    return _Numbers(str(above.iloc[-1]) if len(above) else "", read.dropna())


def _chosen(path: Path, candidates: list[_Numbers]) -> _Numbers:
    """Return the column whose title names the numbers; raises InputError where several do alike."""
    slot = classes().index("phone_number")
    ranked = sorted(candidates, key=lambda one: -opinion(one.title).logs[slot])
    if len(ranked) > 1:
        odds = [float(opinion(one.title).logs[slot]) for one in ranked[:2]]
        if odds[0] - odds[1] < CLOSE and not ranked[0].numbers.equals(ranked[1].numbers):
            titles = ", ".join(repr(one.title or "no title") for one in ranked)
            raise InputError(
                f"{path} has several columns of phone numbers: {titles}.",
                "Keep the one with the numbers your platform holds, or name it 'Phone Number'.",
            )
    return ranked[0]
