"""Portability: the provider is asked first, and what it would not take is held back."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from tests.conftest import START, Served, desk_of, rows, write_book

import portops
from portops.providers.base import Portability
from portops.providers.twilio.adapter import Twilio
from portops.results.planned import Planned
from portops.sandbox import records
from portops.settings import Settings
from portops.workbooks.results import write_results


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts the questions for each number."""
    seen: Counter[str] = Counter()
    ask = Twilio.portability

    def counted(self: Twilio, phone_number: str) -> Portability:
        seen[phone_number] += 1
        return ask(self, phone_number)

    monkeypatch.setattr(Twilio, "portability", counted)
    return seen


def _plan(frame: object, folder: Path) -> Planned:
    return portops.plan(portops.check(frame, documents=folder))  # type: ignore[arg-type]


def test_answers_are_kept_for_a_day(
    statement: Path, settings: Settings, asked: Counter[str]
) -> None:
    """A number is asked about once; the answer shows its age."""
    planned = _plan(rows({}, {}), statement)
    for hours in (0, 23, 25):
        now = START + timedelta(hours=hours)
        _, said = desk_of(settings, clock=lambda now=now: now).portability(planned)
    assert set(asked.values()) == {2}
    assert said["portable"].all()
    assert (said["asked_at"] == START + timedelta(hours=25)).all()


def test_a_no_is_asked_again_after_an_hour(
    statement: Path, settings: Settings, served: Served, asked: Counter[str]
) -> None:
    """A number that is taken elsewhere is a finding at its cell, with the provider's reason."""
    taken = rows({"Account Number": "771-204", "Customer Name": "Somebody"})
    elsewhere = settings.but(store=settings.store.replace("store.db", "other.db"))
    assert (
        desk_of(elsewhere, clock=lambda: START)
        .submit(_plan(taken, statement), agree=True)
        .count("submitted")
        == 1
    )
    asked.clear()
    path = write_book(statement.parent / "book.xlsx", rows({}, {}, {"Account Number": "9"}))
    planned = portops.plan(portops.check(path, documents=statement))
    for minutes in (0, 50, 70):
        now = START + timedelta(minutes=minutes)
        judged, _ = desk_of(settings, clock=lambda now=now: now).portability(planned)
    assert asked == {"+12125550100": 2, "+12125550101": 1, "+12125550102": 1}
    found = judged.findings.query("code == 'number.not_portable'").iloc[0]
    assert (found["severity"], found["cell"], found["row"]) == ("error", "Numbers!A2", 2)
    assert "already in progress (code 22137)" in found["message"]
    assert judged.ready["count"].tolist() == [1]
    assert judged.held_back["held_back"].str.contains("number.not_portable").all()
    done = desk_of(settings, clock=lambda: START).submit(planned, agree=True)
    assert (done.count("submitted"), done.count("held_back")) == (1, 1)
    write_results(done.planned.checked, statement.parent / "out")
    marked = openpyxl.load_workbook(statement.parent / "out" / "book.checked.xlsx")
    assert "cannot port this number" in str(marked["Numbers"]["A2"].comment.text)


def test_a_pin_the_provider_wants_is_missing(
    statement: Path, settings: Settings, served: Served
) -> None:
    """A number said to be a landline, of which the provider knows that it is wireless."""
    known = dict.fromkeys(
        (
            "account_number",
            "customer_name",
            "authorized_name",
            "street",
            "city",
            "state",
            "postal_code",
        ),
        "",
    )
    served.sandbox.records["+12125550100"] = records.Record(
        phone_number="+12125550100",
        losing_carrier="Granite Tel",
        line_type="wireless",
        pin="1",
        status="active",
        **known,
    )
    judged, _ = desk_of(settings, clock=lambda: START).portability(_plan(rows({}), statement))
    found = judged.findings.query("severity == 'error'").iloc[0]
    assert (found["code"], found["cell"]) == ("pin.missing", "table!N2")
    assert len(judged.held_back) == 1


def test_what_is_ours_already_is_not_asked_about(
    statement: Path, settings: Settings, asked: Counter[str]
) -> None:
    """The provider would say that its port is in progress."""
    planned = _plan(rows({}, {}), statement)
    assert desk_of(settings, clock=lambda: START).submit(planned, agree=True)
    asked.clear()
    later = START + timedelta(days=3)
    done = desk_of(settings, clock=lambda: later).submit(planned, agree=True)
    assert done.count("already_submitted") == 1
    assert not asked
