"""The facts: a declared table, derived in a declared order."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from tests.conftest import SAMPLES

import portops
from portops.checks.facts import STEPS, Facts, derive, with_documents, written
from portops.checks.step import Given, Step
from portops.providers import limits_of
from portops.results.checked import MAPPING_COLUMNS

GIVEN = Given(
    limits=limits_of("twilio"),
    today=date(2026, 11, 23),
    mapping=pd.DataFrame(columns=list(MAPPING_COLUMNS)),
)


@pytest.mark.parametrize(
    "book", sorted([*SAMPLES.glob("*.xlsx"), *(SAMPLES / "faults").glob("*.xlsx")]), ids=str
)
def test_every_fact_is_declared_and_of_its_type(book: Path) -> None:
    """The derived table fits the strict model: nothing more, nothing less."""
    facts = written(portops.read(book))
    Facts.validate(derive(facts, with_documents(facts, GIVEN, SAMPLES)), lazy=True)


def test_every_fact_says_what_it_means() -> None:
    """Each column of the model has a description."""
    assert all(column.description for column in Facts.to_schema().columns.values())


def test_each_step_reads_what_is_there_and_adds_what_is_new() -> None:
    """The order of the steps is sound, and no fact is written twice."""
    present = set(written(portops.read(SAMPLES / "faults" / "clean.xlsx")))
    for step in STEPS:
        assert set(step.reads) <= present
        assert not set(step.adds) & present
        present |= set(step.adds)


def test_a_step_adds_exactly_what_it_declares() -> None:
    """More or less than that is an error of its author."""
    step = Step(reads=("row",), adds=("twice",), derive=lambda facts, _: {"thrice": facts["row"]})
    with pytest.raises(TypeError, match="thrice"):
        step.run(pd.DataFrame({"row": [1]}), GIVEN)


def test_a_step_sees_only_what_it_reads() -> None:
    """A fact that is not declared to be read cannot be used by accident."""
    step = Step(reads=("row",), adds=("double",), derive=lambda facts, _: {"double": facts["city"]})
    with pytest.raises(KeyError):
        step.run(pd.DataFrame({"row": [1], "city": ["x"]}), GIVEN)


def test_equal_rows_are_worked_on_once() -> None:
    """A step that depends on its own row alone gets each distinct row once."""
    seen: list[int] = []

    def count(facts: pd.DataFrame, _: Given) -> dict[str, pd.Series]:
        seen.append(len(facts))
        return {"double": facts["row"] * 2}

    step = Step(reads=("row",), adds=("double",), derive=count, distinct=True)
    run = step.run(pd.DataFrame({"row": [1, 1, 2, 1, 2, 1]}), GIVEN)
    assert list(run["double"]) == [2, 2, 4, 2, 4, 2]
    assert seen == [2]
