"""A check as passes over parts of the batch, which need not be in memory at once.

First what only all rows tell is gathered of each part in few bytes: the numbers, what decides about
requests, the lengths of PINs. Then each part is judged with that. The findings are those of one
pass over everything, row for row; a rule that looks at other rows is in `Step.across`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from portops.checks.facts import STEPS, count_fillers, repaired, with_documents, written
from portops.checks.merging import Judged, judge_part
from portops.checks.rules.cell import too_many
from portops.tables.columns import SECRET_FIELDS

if TYPE_CHECKING:
    from portops.checks.rule import Rule
    from portops.checks.step import Given


class Parts(Protocol):
    """NUMBERS as written, in parts: each is a table that is loaded when it is needed.

    The rows of one cell are in one part.
    """

    def __len__(self) -> int:
        """How many parts there are."""

    def load(self, place: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a part, or some of its columns."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Parts that are tables in memory."""

    tables: Sequence[pd.DataFrame]

    def __len__(self) -> int:
        """How many parts there are."""
        return len(self.tables)

    def load(self, place: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a part, or some of its columns."""
        table = self.tables[place]
        return table if columns is None else table[list(columns)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What all parts tell: the secrets that only fill a column, and what each step made of parts."""

    fillers: Mapping[str, frozenset[str]]
    steps: Mapping[str, Sequence[Any]]

    def of(self, place: int) -> Known:
        """Return what one part has to know, as if there were no other."""
        return Known(
            fillers=self.fillers,
            steps={name: [knowledge[place]] for name, knowledge in self.steps.items()},
        )


class Ruling(NamedTuple):
    """How parts are judged: the rules, which columns are there, and whether repairs are listed."""

    rules: Sequence[Rule]
    present: pd.DataFrame
    keep_all: bool = False


#: What each step that looks at other rows has gathered of a part, by its name.
Gathered = dict[str, Any]


class Engine(Protocol):
    """Works on parts, wherever that is; the answers come in the order of the parts."""

    def gather(
        self, parts: Parts, given: Given, fillers: Mapping[str, Collection[str]]
    ) -> Iterator[Gathered]:
        """Give what `gather` returns of each part."""

    def judge(
        self, parts: Parts, given: Given, told: Known, ruling: Ruling
    ) -> Iterator[tuple[list[Judged], pd.DataFrame]]:
        """Give what `judge` returns of each part."""


def _fillers(parts: Parts) -> dict[str, frozenset[str]]:
    columns = ("file", "sheet", "row", "account_number", *SECRET_FIELDS)
    counted = [count_fillers(parts.load(place, columns)) for place in range(len(parts))]
    return {name: too_many(part[name] for part in counted) for name in SECRET_FIELDS}


def _with_documents(parts: Parts, given: Given, folder: Path | None) -> Given:
    """Look at each statement that rows of any part name, once."""
    columns = ["file", "sheet", "row", "statement"]
    named = [
        parts.load(place, columns).drop_duplicates(["file", "statement"])
        for place in range(len(parts))
    ]
    every = pd.concat(named, ignore_index=True).drop_duplicates(["file", "statement"])
    return with_documents(written(every), given, folder)


def gather(numbers: pd.DataFrame, given: Given, fillers: Mapping[str, Collection[str]]) -> Gathered:
    """Return what each step that looks at other rows gathers of a part, by the step's name."""
    facts = written(numbers, fillers)
    gathered = {}
    for step in STEPS:
        if step.across is not None:
            gathered[step.adds[0]] = step.across.gather(facts, given)
        elif set(step.reads) <= set(facts):
            facts = step.run(facts, given)
    return gathered


def numbers_in(facts: pd.DataFrame, given: Given) -> list[str]:
    """Return the distinct telephone numbers (E.164) in facts as `written` gives them."""
    step = next(step for step in STEPS if "phone_number" in step.adds)
    return step.run(facts, given)["phone_number"].dropna().unique().tolist()


def know(parts: Parts, given: Given, folder: Path | None, engine: Engine) -> tuple[Known, Given]:
    """Gather what all parts tell. Returns the statements with it."""
    given = _with_documents(parts, given, folder)
    fillers = _fillers(parts)
    gathered = list(engine.gather(parts, given, fillers))
    steps: dict[str, Sequence[Any]] = {}
    for step in STEPS:
        if step.across is not None:
            name = step.adds[0]
            steps[name] = step.across.together([part.pop(name) for part in gathered], given, steps)
    return Known(fillers=fillers, steps=steps), given


def judge(
    numbers: pd.DataFrame, given: Given, told: Known, place: int, ruling: Ruling
) -> tuple[list[Judged], pd.DataFrame]:
    """Judge a part with what all parts tell; returns what was found, and the part repaired."""
    facts = written(numbers, told.fillers)
    for step in STEPS:
        if step.across is None:
            facts = step.run(facts, given)
        else:
            facts = step.run_part(facts, given, told.steps[step.adds[0]][place])
    judged = judge_part(facts, ruling.present, ruling.rules, keep_all=ruling.keep_all)
    return judged, repaired(facts)


class Here:
    """The engine that works on one part after the other, in this process."""

    def gather(
        self, parts: Parts, given: Given, fillers: Mapping[str, Collection[str]]
    ) -> Iterator[Gathered]:
        """Give what is gathered of each part, in their order."""
        for place in range(len(parts)):
            yield gather(parts.load(place), given, fillers)

    def judge(
        self, parts: Parts, given: Given, told: Known, ruling: Ruling
    ) -> Iterator[tuple[list[Judged], pd.DataFrame]]:
        """Give what each part has, and its NUMBERS repaired, in their order."""
        for place in range(len(parts)):
            yield judge(parts.load(place), given, told, place, ruling)


def cut(numbers: pd.DataFrame, count: int) -> Whole:
    """Cut NUMBERS into so many parts of about equal size; the rows of a cell stay together."""
    cell = numbers[["file", "sheet", "row"]]
    first = ~(cell == cell.shift()).all(axis=1).to_numpy()
    starts = np.flatnonzero(first)
    edges = [round(len(numbers) * place / count) for place in range(1, count)]
    at = np.searchsorted(starts, edges)
    inner = [int(starts[place]) for place in at if place < len(starts)]
    bounds = sorted({0, *inner, len(numbers)})
    return Whole([numbers.iloc[top:end].reset_index(drop=True) for top, end in pairwise(bounds)])
