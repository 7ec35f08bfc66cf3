"""Workbooks of senders nobody has met: their columns are understood, and nothing moves that stays.

`senders.layout(seed)` makes the workbooks; here they are read through the public door. CI reads
200 of them, `make fuzz` 2,000. The named layouts of `sender_cases.py` are drawn by hand.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from tests.intake.sender_cases import CASES, drawn
from tests.intake.senders import SHAPES, Label, Layout, layout

import portops
from portops.errors import PortopsError

#: Seeds are read in groups, so that several workers can share them.
GROUP = 50
COUNT = 2_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 200
AS_OF = date(2026, 10, 5)


@dataclass
class Reading:
    """What was understood of layouts: columns right of all, and numbers that should not be there."""

    columns: int = 0
    right: int = 0
    expected: int = 0
    present: int = 0
    wrong: list[str] = field(default_factory=list)
    staying: list[str] = field(default_factory=list)
    by_field: Counter[str] = field(default_factory=Counter)

    def add(self, sent: Layout, mapping: pd.DataFrame, numbers: set[str]) -> None:
        """Hold one reading against its labels."""
        for label in sent.labels:
            taken = _taken(label, mapping)
            self.columns += 1
            if taken in label.fields:
                self.right += 1
                continue
            self.wrong.append(f"{sent.name} {label.header!r}: {taken}, is {label.fields[0]}")
            self.by_field[f"{label.fields[0]} read as {taken}"] += 1
        moving = {f"+1{number}" for number in sent.moving}
        self.expected += len(moving)
        self.present += len(moving & numbers)
        self.staying += [f"{sent.name} {number}" for number in sorted(numbers - moving)]

    def __str__(self) -> str:
        shares = f"{self.right:,} of {self.columns:,} columns ({self.right / self.columns:.1%})"
        common = "; ".join(f"{count} {what}" for what, count in self.by_field.most_common(12))
        return f"{shares}, {self.present:,} of {self.expected:,} numbers, {len(self.staying)} that stay. {common}"


def _bare(header: object) -> str:
    return re.sub(r"[\s:*]+", " ", str(header)).strip().casefold()


def _taken(label: Label, mapping: pd.DataFrame) -> str | None:
    """Which field a column was taken for; under a group heading its header may be longer."""
    wanted = _bare(label.header)
    headers = mapping["header"].map(_bare)
    fits = mapping[(headers == wanted) | headers.str.endswith(f" {wanted}")]
    if not wanted:
        fits = mapping
    if label.letter:
        # A label's value lies beside it, and its letter is the value's.
        fits = fits[(fits["letter"] == label.letter) | (fits["value_row"] > 0)]
    fields = fits["field"].dropna()
    return str(fields.iloc[0]) if len(fields) else None


def _write(folder: Path, sent: Layout, *, as_text: bool) -> Path:
    """Write the grid as a workbook, or as the CSV that a system would export."""
    if as_text:
        path = folder / f"{sent.name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(sent.grid)
        return path
    path = folder / f"{sent.name}.xlsx"
    book = openpyxl.Workbook()
    sheets = {book.active.title: sent.grid, **sent.more} if sent.grid else sent.more
    if not sent.grid:
        book.remove(book.active)
    for title, grid in sheets.items():
        page = book[title] if title in book.sheetnames else book.create_sheet(title)
        for row in grid:
            page.append(row)
    book.save(path)
    return path


def _read(path: Path) -> tuple[pd.DataFrame, set[str]]:
    """Check a workbook; one in which no table is seen gives nothing."""
    try:
        checked = portops.check(path, as_of=AS_OF)
    except PortopsError:
        return pd.DataFrame({"letter": [], "header": [], "field": []}, dtype=object), set()
    numbers = checked.numbers["phone_number"].dropna().astype(str)
    return checked.understood, set(numbers[numbers.str.fullmatch(r"\+1\d{10}")])


@pytest.mark.parametrize("first", range(0, COUNT, GROUP))
def test_workbooks_of_unknown_senders_are_understood(first: int, tmp_path: Path) -> None:
    """97% of the columns, those to be ignored included, and of the numbers; none that stays."""
    reading = Reading()
    for seed in range(first, first + GROUP):
        sent = layout(seed)
        path = _write(tmp_path, sent, as_text=seed % 6 == 0)
        reading.add(sent, *_read(path))
    enough = reading.right >= 0.97 * reading.columns and reading.present >= 0.97 * reading.expected
    if reading.staying or not enough:
        pytest.fail("\n".join([str(reading), *reading.staying[:20], *reading.wrong[:60]]))


@pytest.mark.parametrize("name", CASES)
def test_a_layout_drawn_by_hand(name: str, tmp_path: Path) -> None:
    """Every column is right, all numbers that move are there and no other."""
    sent = drawn(name)
    summary = Reading()
    summary.add(sent, *_read(_write(tmp_path, sent, as_text=False)))
    if summary.staying or summary.wrong or summary.present < summary.expected:
        pytest.fail("\n".join([str(summary), *summary.staying, *summary.wrong]))


def test_a_seed_is_always_the_same_sender() -> None:
    """A layout that fails can be made again."""
    assert [layout(seed) for seed in range(20)] == [layout(seed) for seed in range(20)]


def test_senders_differ() -> None:
    """The layouts reach every shape and many words."""
    sent = [layout(seed) for seed in range(200)]
    headers = {_bare(label.header) for one in sent for label in one.labels}
    assert {one.name.split("-")[1] for one in sent} == set(SHAPES)
    assert len(headers) > 700
    assert all(one.moving and not one.moving & one.staying for one in sent)
