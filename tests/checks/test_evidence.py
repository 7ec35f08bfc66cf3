"""What a statement's text shows, in whatever writing; never a false alarm."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.conftest import SAMPLES, SHARED, rows, write_statement

import portops
from portops.checks import ocr
from portops.checks.evidence import Evidence
from portops.checks.statements import inspect
from portops.providers import limits_of

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(740) 439-8111 voice", True),
        ("740.439.8111", True),
        ("7404398111", True),
        ("+1 740 439 8111", True),
        ("740-439-8110 thru 8119", True),
        ("740-439-8100-8120", True),
        ("(740)\n439-8111", True),
        ("439-8111  local line", True),
        ("740-439-8112", False),
        ("740-439-8112 thru 8119", False),
    ],
)
def test_numbers_in_any_writing(text: str, shown: bool) -> None:
    """Punctuation, ranges, local writing, line breaks."""
    assert Evidence.of(text).numbers(["+17404398111"]) == [shown]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Account number: 4287 9217 4218 0967", True),
        ("Acct 4287-9217-4218-0967", True),
        ("Account ending in 0967", True),
        ("Account ****-****-0967", True),
        ("Account 4287921742180968", False),
    ],
)
def test_account_numbers(text: str, shown: bool) -> None:
    """Grouped and masked ones count."""
    assert Evidence.of(text).account("4287921742180967") is shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SAINT LUKES NORTHLAND HOSPITAL", True),
        ("St. Luke's Northland Hosp", True),
        ("Northland Hospital, Saint Lukes, LLC", True),
        ("SAINT LUKES NORTHLAND HOS", True),
        ("Mercy Clinic of Joplin", False),
    ],
)
def test_customer_names(text: str, shown: bool) -> None:
    """Case, legal suffixes, abbreviations, order and carriers' cuts do not count."""
    assert Evidence.of(text).name("Saint Lukes Northland Hospital Inc.") is shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("5830 NW BARRY RD", True),
        ("5830 N W Barry Road Ste 2", True),
        ("5830 Barry", True),
        ("5832 NW Barry Rd", False),
        ("77 Unrelated Plaza", False),
    ],
)
def test_service_addresses(text: str, shown: bool) -> None:
    """House number and street name; suffix and direction do not count."""
    assert Evidence.of(text).address("5830 N W Barry Road") is shown


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Statement date: October 28, 2026 Due 12/01/2026", date(2026, 10, 28)),
        ("Bill Date 10/28/26", date(2026, 10, 28)),
        ("Invoice date 2026-10-28", date(2026, 10, 28)),
        ("From 28 Sep 2026 to 28 Oct 2026", date(2026, 10, 28)),
        ("no date here", None),
        ("Dated 99/99/2026", None),
    ],
)
def test_dates(text: str, day: date | None) -> None:
    """The labelled date, else the newest that has passed."""
    assert Evidence.of(text).dated(TODAY) == day


def test_a_scanned_statement_is_read_where_the_extra_is_installed(tmp_path: Path) -> None:
    """A picture of a statement shows its account, name, address and numbers."""
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `ocr` is not installed")
    evidence = inspect(SAMPLES / "statements" / "offices-13.png", limits_of("twilio")).evidence
    assert evidence is not None
    assert evidence.readable
    assert evidence.account("149667999278")
    assert evidence.name("Red Barn Architects")
    assert evidence.address("526 Lantern Way")
    assert evidence.numbers(["+13055550114", "+13055550122", "+12125550199"]) == [True, True, False]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the labelled statements do not lie beside")
def test_the_labelled_statements_have_their_faults_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sixty statements: every label found, no false alarm."""
    labels = json.loads((SHARED / "statements.labels.json").read_text())["faults"]
    wanted = {(label["statement"], label["code"]) for label in labels}
    monkeypatch.setattr(ocr, "available", lambda: False)
    findings = portops.check(
        SHARED / "hospital-migration.xlsx", documents=SHARED / "statements", as_of=TODAY
    ).findings
    statements = findings[findings["code"].str.startswith("statement.")]
    assert set(zip(statements["value"], statements["code"], strict=True)) == wanted


@pytest.mark.parametrize(
    ("provider", "days", "too_old"),
    [("twilio", 31, True), ("twilio", 30, False), ("telnyx", 31, False), ("telnyx", 91, True)],
)
def test_how_old_a_statement_may_be_is_the_providers(
    tmp_path: Path, provider: str, days: int, too_old: bool
) -> None:
    """Twilio takes bills of the last 30 days, others of the last 90."""
    bill = write_statement(tmp_path / "statement.pdf", "Statement date: September 1, 2026")
    today = date(2026, 9, 1) + timedelta(days=days)
    checked = portops.check(rows({}), documents=bill.parent, provider=provider, as_of=today)
    old = checked.findings[checked.findings["code"] == "statement.too_old"]
    assert len(old) == int(too_old)
    if too_old:
        assert f"is {days} days old" in old["message"].iloc[0]
