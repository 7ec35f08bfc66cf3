"""A batch that is checked in parts gives what a check of all of it gives, row for row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from tests.conftest import SAMPLES, rows, write_statement

from portops.checks.examining import CheckOptions, examine, examine_parts
from portops.checks.passes import Here, cut
from portops.intake.sources import read_sources
from portops.providers import limits_of
from portops.results.reading import Reading
from portops.tables.findings import ROLL_UP_ABOVE


def options_of(documents: Path | None = None) -> CheckOptions:
    """Return how these batches are checked."""
    return CheckOptions(limits=limits_of("twilio"), documents=documents, as_of=date(2026, 11, 25))


def hard_batch(folder: Path, count: int = ROLL_UP_ABOVE + 20) -> Reading:
    """Read a batch in which nearly every answer depends on rows that are far away.

    A number twice, one account with two addresses and carriers whose PINs have one length, PINs
    that only fill their column, an account whose own PIN is `1234` on all its lines, statements
    that show some numbers or none, and more repairs than are listed one by one.
    """
    wireless = {"Number Type": "Wireless", "Losing Carrier": "Lumen"}
    write_statement(folder / "statement.pdf", "Statement date: October 28, 2026", "212-736-0000")
    write_statement(folder / "none.pdf", "Statement date: October 28, 2026", "212-736-5000")
    changes: list[dict[str, object]] = [{} for _ in range(count)]
    for place, change in enumerate(changes):
        change["Phone Number"] = f"212 736 {place:04d}"
        change["Account Number"] = f"1002003{place // 6:05d}"
        if place % 4 == 1:
            change |= {**wireless, "Wireless PIN": f"{400_000 + place}"}
        if place % 6 == 2:
            change["Billing Statement"] = "none.pdf"
    for place in (5, count // 3, count - 20):
        changes[place]["Phone Number"] = "2127365999"
    for place in (13, count // 5 * 2 // 4 * 4 + 1, count // 2 // 4 * 4 + 1, count - 31):
        changes[place]["Wireless PIN"] = "1234"
    for place in (12, 14, 15):
        changes[place]["Wireless PIN"] = "0000"
    changes[37]["Wireless PIN"] = "4821"
    changes[count - 1]["Service Address"] = "1 Other Way"
    changes[count // 2]["Account Number"] = None
    return read_sources([rows(*changes)])


def _same(reading: Reading, options: CheckOptions, count: int) -> pd.DataFrame:
    """Check in one piece and in parts; both must agree. Returns the findings."""
    at_once = examine(reading, options)
    kept: list[pd.DataFrame] = []
    parts = cut(reading.numbers, count)
    answer = examine_parts(parts, reading, options, kept.append, Here())
    assert len(kept) == len(parts) > 1
    pd.testing.assert_frame_equal(answer["findings"], at_once.findings)
    pd.testing.assert_frame_equal(pd.concat(kept, ignore_index=True), at_once.numbers)
    assert answer["documents"] == at_once.documents
    assert answer["codes"] == at_once.codes
    return at_once.findings


@pytest.mark.parametrize("count", [2, 7])
def test_parts_give_the_findings_of_the_whole(tmp_path: Path, count: int) -> None:
    """Whatever a part has to know of the others it is told."""
    findings = _same(hard_batch(tmp_path), options_of(tmp_path), count)
    expected = {
        "number.duplicate",
        "cell.placeholder",
        "request.conflict",
        "statement.number_absent",
        "pin.shape",
        "number.reformatted",
    }
    assert expected <= set(findings["code"]), sorted(set(findings["code"]))


def test_the_order_of_the_rows_makes_no_difference(tmp_path: Path) -> None:
    """Rows of one account may be in all parts."""
    reading = hard_batch(tmp_path)
    shuffled = reading.numbers.sample(frac=1, random_state=1).reset_index(drop=True)
    _same(replace(reading, numbers=shuffled), options_of(tmp_path), 7)


def test_sample_workbooks_are_the_same_in_parts() -> None:
    """Several workbooks, with the faults that people make."""
    workbooks = sorted(SAMPLES.glob("*.xlsx"))
    _same(read_sources([*map(str, workbooks)]), options_of(), 3)


def test_an_accounts_own_pin_is_counted_once_in_all_parts(tmp_path: Path) -> None:
    """`1234` on the lines of one account in two parts is a PIN; on four accounts it is none."""
    one = [{"Number Type": "Wireless", "Wireless PIN": "1234"} for _ in range(8)]
    findings = _same(read_sources([rows(*one)]), options_of(tmp_path), 2)
    assert "cell.placeholder" not in set(findings["code"])
    four = [{**row, "Account Number": f"10020030040{place % 4}"} for place, row in enumerate(one)]
    findings = _same(read_sources([rows(*four)]), options_of(tmp_path), 2)
    assert "cell.placeholder" in set(findings["code"])
