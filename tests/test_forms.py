"""The guided form: what a person fills in, checked as it is given, submitted for real."""

from __future__ import annotations

from pathlib import Path

import pytest

import portops
from portops.settings import Settings
from tests.conftest import Served, serving
from tests.submission.test_guided import ANSWERS


@pytest.fixture
def live(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch):
    """Settings that lead to a sandbox whose clock is the real one, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    with serving(tmp_path / "sandbox", start=None) as served:
        yield served, Settings(store=store_url, sandbox_url=served.url, operator="tester")


def _fill(form, statement: Path, **change: str) -> None:
    answers = {
        **ANSWERS,
        "landline_numbers": "2125550100",
        **change,
        "statement": str(statement / "statement.pdf"),
    }
    for name, value in answers.items():
        form.answers[name].value = value


def test_a_customer_is_ported_by_the_form(live: tuple[Served, Settings], statement: Path) -> None:
    """Filled in, ticked, submitted: the Request SID is there to copy, and the draft is gone."""
    served, settings = live
    form = portops.port_in(settings=settings)
    _fill(form, statement)
    form.number.value, form.pin.value = "9175550110", "Zebra4711X"
    form.add.click()
    assert form.pin.value == ""
    assert form.submit.disabled
    assert "Tick each point" in form.review.value
    for each in form.agreed:
        each.value = True
    assert not form.submit.disabled, form.review.value
    assert "Zebra" not in form.review.value + form.listed.value
    assert "Zebra" not in Path(".portops/draft.json").read_text()
    form.submit.click()
    assert form.sid.value.startswith("KW"), form.result.value
    assert [len(each["numbers"]) for each in served.received()] == [2]
    assert not Path(".portops/draft.json").exists()
    form.submit.click()
    assert len(served.received()) == 1


def test_an_error_is_said_at_its_field_and_stops_the_form(
    live: tuple[Served, Settings], statement: Path
) -> None:
    """And a closed browser loses nothing but the PINs."""
    served, settings = live
    form = portops.port_in(settings=settings)
    _fill(form, statement, email="avery")
    for each in form.agreed:
        each.value = True
    assert "not an e-mail address" in form.messages["email"].value
    assert form.submit.disabled
    again = portops.port_in(settings=settings)
    assert again.answers["customer_name"].value == "Copper Hill Bakery"
    again.answers["email"].value = "avery@example.com"
    assert again.messages["email"].value == ""
    assert served.received() == []
