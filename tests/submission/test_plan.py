"""Plan: which numbers go together, which are held back and why."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import rows

import portops
from portops.providers import limits_of
from portops.results.planned import Planned


def _plan(frame: object, statement: Path, **options: object) -> Planned:
    return portops.plan(portops.check(frame, documents=statement), **options)  # type: ignore[arg-type]


def test_numbers_that_share_everything_make_one_request(statement: Path) -> None:
    """Writing that differs in case and punctuation only does not separate."""
    planned = _plan(
        rows({}, {"Account Number": "100-200-300-400"}, {"City": "NEW YORK"}), statement
    )
    assert planned.requests["count"].tolist() == [3]
    assert planned.held_back.empty


def test_each_of_carrier_account_number_and_statement_separates(statement: Path) -> None:
    """One request is one carrier, one account, one BTN, one statement."""
    (statement / "other.pdf").write_bytes((statement / "statement.pdf").read_bytes())
    planned = _plan(
        rows(
            {},
            {"Losing Carrier": "Prairie Cable"},
            {"Account Number": "9"},
            {"Billing Statement": "other.pdf"},
        ),
        statement,
    )
    assert planned.requests["count"].tolist() == [1, 1, 1, 1]
    assert planned.requests["request"].is_unique


def test_an_error_holds_its_account_back_and_nothing_else(statement: Path) -> None:
    """A port that takes some numbers of an account can close it for the rest."""
    planned = _plan(
        rows({}, {"Email": "nobody"}, {"Account Number": "9", "Customer Name": "Red Barn"}),
        statement,
    )
    assert planned.ready["account_number"].tolist() == ["9"]
    held = planned.held_back.iloc[0]
    assert held["account_number"] == "100200300400"
    assert held["count"] == 2
    assert "email.invalid at table!H3" in held["held_back"]


def test_warnings_hold_back_only_when_strict(statement: Path) -> None:
    """`--strict` counts warnings as errors."""
    frame = rows({"Authorized Representative": "IT Dept"})
    assert _plan(frame, statement).held_back.empty
    assert _plan(frame, statement, strict=True).ready.empty


def test_twilios_limit_of_a_thousand_numbers(statement: Path) -> None:
    """2,001 numbers become three requests; none is lost, none is twice; it is said how."""
    frame = rows(*({"Phone Number": f"(212) 736-{each:04d}"} for each in range(2_001)))
    planned = _plan(frame, statement, provider="twilio")
    assert planned.requests["count"].tolist() == [1_000, 1_000, 1]
    flat = [number for each in planned.requests["numbers"] for number in each]
    assert len(flat) == len(set(flat)) == 2_001
    assert limits_of("twilio").numbers == 1_000
    split = planned.findings.query("code == 'request.split'")
    assert len(split) == 3
    assert "2001 numbers in 3 requests" in split["message"].iloc[0]


def test_an_account_without_a_readable_number_does_not_vanish(statement: Path) -> None:
    """It is listed, with no numbers and the reason."""
    planned = _plan(rows({"Phone Number": "unknown"}), statement)
    assert planned.requests["count"].tolist() == [0]
    assert "cell.placeholder" in planned.held_back["held_back"].iloc[0]


def test_a_sheet_without_a_required_column_is_held_back_whole(statement: Path) -> None:
    """The missing column is the reason of every request of the sheet."""
    planned = _plan(rows({}, {"Account Number": "9"}).drop(columns="Email"), statement)
    assert planned.ready.empty
    assert planned.held_back["held_back"].str.contains("workbook.column_missing").all()
