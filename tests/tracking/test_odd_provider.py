"""A provider whose answers make no sense, through submit, pull and reconcile."""

from __future__ import annotations

import contextlib
import copy
import os
import random
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Served, desk_of, rows

from portops.errors import PortopsError
from portops.providers.transport import Transport
from portops.settings import Settings

#: Runs with odd answers: few here, many by `make fuzz`.
RUNS = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 6

_ODD = [None, True, 0, -1, 1e300, "", "x", "\x00", "\ud800", "9" * 400, [], {}, [None], {"a": None}]


def _places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below: list[tuple[Any, ...]] = []
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            below += _places(value[key], (*way, key))
    return [way, *below]


def _changed(document: Any, chance: random.Random) -> Any:
    """Put something odd in one place of an answer, or take the place away."""
    way = chance.choice(_places(document))
    odd = copy.deepcopy(chance.choice(_ODD))
    if not way:
        return odd
    changed = inner = copy.deepcopy(document)
    for key in way[:-1]:
        inner = inner[key]
    if chance.random() < 0.7:
        inner[way[-1]] = odd
    else:
        del inner[way[-1]]
    return changed


@pytest.mark.parametrize("seed", range(RUNS))
def test_odd_answers_end_in_an_error_of_ours(
    statement: Path,
    settings: Settings,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    """Each step ends well or with plain words, and no number is created twice."""
    chance, judge = random.Random(seed), Transport._judge

    def odd(self: Transport, answer: Any, **options: Any) -> Any:
        value = judge(self, answer, **options)
        return _changed(value, chance) if chance.random() < 0.4 else value

    monkeypatch.setattr(Transport, "_judge", odd)
    desk = desk_of(settings)
    changes = [{"Account Number": f"9{account}"} for account in range(3)]
    checked = desk.check(rows(*changes), documents=statement)
    for step in (
        lambda: desk.submit(desk.plan(checked), agree=True, concurrency=1),
        lambda: desk.pull(full=True),
        lambda: desk.reconcile(desk.plan(checked)),
        lambda: desk.submit(desk.plan(checked), agree=True, concurrency=1),
        lambda: desk.pull(full=True),
    ):
        with contextlib.suppress(PortopsError):
            step()
    created = [tuple(row["numbers"]) for row in served.received() if row["accepted"]]
    assert len(created) == len(set(created))
