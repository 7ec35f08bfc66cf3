"""Numbers that are there more than once, in one part of a batch or in several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from portops.checks.step import Across, Columns, Given, Step
from portops.results.checked import cells_of
from portops.texts import arrow, blank

#: So many places of a number are named; a number in every row would name them all in every row.
_NAMED = 3


def _listed(cells: pd.Series) -> str:
    """Name the first places, and count the rest."""
    named = ", ".join(cells.iloc[:_NAMED])
    return named if len(cells) <= _NAMED else f"{named} and {len(cells) - _NAMED:,} more"


def _repeated(facts: pd.DataFrame, given: Given) -> Columns:
    """Name the cells of each number that is there more than once."""
    numbers = _as_integers(facts)
    again = numbers.duplicated(keep=False) & (numbers != 0)
    if not again.any():
        return {"twice": blank(facts.index)}
    return _with_places(facts, _places_of(facts[again], facts["file"].iloc[0], given))


def _as_integers(facts: pd.DataFrame) -> pd.Series:
    """Return the telephone numbers as integers, 0 for none: they take little memory."""
    digits = pc.utf8_slice_codeunits(arrow(facts["phone_number"]), 1)
    return pd.Series(np.asarray(pc.fill_null(pc.cast(digits, pa.int64()), 0)), facts.index)


def _places_of(rows: pd.DataFrame, first_file: str, given: Given) -> pd.Series:
    """Name the cells of each number of these rows, by the number; the file where there are several."""
    cells = cells_of(rows, given.mapping, rows["number_field"])["cell"]
    cells = cells.fillna("row " + rows["row"].astype("str"))
    if (rows["file"] != first_file).any():
        cells = rows["file"].map(lambda file: Path(file).name) + " " + cells
    return cells.groupby(rows["phone_number"]).agg(_listed)


def _with_places(facts: pd.DataFrame, named: pd.Series | None) -> Columns:
    if named is None:
        return {"twice": blank(facts.index)}
    return {"twice": facts["phone_number"].map(named).astype("str")}


#: What names the cell of a number; nearly the same in every row.
_CELL = ["number_field", "number_column", "file", "sheet"]


def _numbers_of(facts: pd.DataFrame, _: Given) -> pd.DataFrame:
    """Gather the numbers with their cells, in few bytes a row."""
    compact = facts[[*_CELL, "row"]].astype(dict.fromkeys(_CELL, "category"))
    return compact.assign(number=_as_integers(facts)).reset_index(drop=True)


def _repeats(
    parts: Sequence[pd.DataFrame], given: Given, _: Mapping[str, Sequence[Any]]
) -> list[pd.Series | None]:
    """Find the numbers that are in any parts more than once; each part is told of its own."""
    numbers = np.concatenate([part["number"].to_numpy() for part in parts])
    distinct, counts = np.unique(numbers[numbers != 0], return_counts=True)
    twice = distinct[counts > 1]
    own = [part[part["number"].isin(twice)] for part in parts]
    rows = pd.concat([some.astype(dict.fromkeys(_CELL, "str")) for some in own], ignore_index=True)
    if rows.empty:
        return [None] * len(parts)
    first = next(str(part["file"].iloc[0]) for part in parts if len(part))
    numbered = rows.assign(phone_number="+" + rows["number"].astype("str"))
    named = _places_of(numbered, first, given)
    mine = [("+" + some["number"].astype("str")).unique() for some in own]
    return [named[named.index.isin(some)] for some in mine]


#: Where each number is, if it is there more than once.
REPEATED = Step(
    reads=("phone_number", "number_field", "number_column", "file", "sheet", "row"),
    adds=("twice",),
    derive=_repeated,
    across=Across(_numbers_of, _repeats, lambda facts, _, named: _with_places(facts, named)),
)
