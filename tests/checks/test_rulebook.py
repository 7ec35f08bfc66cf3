"""Rules and their codes: ours, and those that an installed package brings."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import invalidate_caches
from pathlib import Path

import pytest
from tests.conftest import event, events, rows

import portops
from portops.checks import rulebook
from portops.errors import SettingsError
from portops.facts.causes import CAUSES
from portops.tables.findings import CODES

PLUGIN = """
from portops.checks.rule import Rule

SHOUTING = Rule(
    code="acme.shouting",
    severity="warning",
    meaning="a customer name in capitals",
    field="customer_name",
    holds=lambda facts: ~facts["customer_name"].str.isupper().fillna(False).astype(bool),
    message="'{value}' is in capitals.",
    causes=("customer_name",),
)
RULES = [SHOUTING]
WRONG = [SHOUTING, "no rule"]
FORESEES = Rule(
    code="acme.frozen",
    severity="warning",
    meaning="a frozen account",
    field="account_number",
    holds=lambda facts: facts["account_number"] != "frozen",
    message="'{value}' is frozen.",
    causes=("port_protection",),
)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package on sys.path that brings a rule; the entry points are the test's to write."""
    (tmp_path / "acme_rules.py").write_text(PLUGIN)
    info = tmp_path / "acme_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield info
    sys.modules.pop("acme_rules", None)
    monkeypatch.undo()
    invalidate_caches()
    rulebook.FAMILIES.refresh()


def _install(info: Path, value: str) -> None:
    (info / "entry_points.txt").write_text(f"[portops.rules]\nacme = {value}\n")
    invalidate_caches()
    rulebook.FAMILIES.refresh()


@pytest.mark.parametrize("value", ["acme_rules:RULES", "acme_rules:SHOUTING"])
def test_an_installed_package_brings_a_rule(package: Path, statement: Path, value: str) -> None:
    """Its code, severity and words are in a check, in the table of codes and in JSON."""
    _install(package, value)
    checked = portops.check(rows({"Customer Name": "COPPER HILL"}), documents=statement)
    finding = checked.findings.query("code == 'acme.shouting'").iloc[0]
    assert (finding["severity"], finding["message"]) == ("warning", "'COPPER HILL' is in capitals.")
    assert rulebook.codes()["acme.shouting"].meaning == "a customer name in capitals"
    assert checked.codes["acme.shouting"].severity == "warning"
    assert "acme.shouting" in rulebook.codes_by_cause()["customer_name"]


def test_a_package_whose_rules_are_none_is_named(package: Path) -> None:
    """The error names the entry point and the package."""
    _install(package, "acme_rules:WRONG")
    with pytest.raises(SettingsError, match=r"acme = acme_rules:WRONG.*str among its rules"):
        rulebook.rules()


def test_every_code_is_declared_once() -> None:
    """A code that a rule makes is in no other table."""
    assert not set(CODES) & {rule.code for rule in rulebook.rules()}


def test_a_code_of_several_rules_has_the_worst_severity() -> None:
    """`pin.shape` is an error for one rule and a warning for another."""
    severities = {rule.severity for rule in rulebook.rules() if rule.code == "pin.shape"}
    assert severities == {"error", "warning"}
    assert rulebook.codes()["pin.shape"].severity == "error"


def test_rules_say_which_causes_they_foresee() -> None:
    """Every cause is there, also those that only a carrier can know."""
    foreseen = rulebook.codes_by_cause()
    assert list(foreseen) == list(CAUSES)
    assert foreseen["account_number"] == ("account.missing", "account.digits_lost")
    assert foreseen["carrier_unresponsive"] == ()
    assert {name for rule in rulebook.rules() for name in rule.causes} == {
        name for name, codes in foreseen.items() if codes
    }


def test_a_rule_of_a_misspelled_cause_is_refused() -> None:
    """The error names the rule, the word, and the causes there are."""
    with pytest.raises(SettingsError, match=r"'acme\.one' foresees 'acount_number'") as caught:
        replace(rulebook.rules()[0], code="acme.one", causes=("acount_number",))
    assert "account_number" in str(caught.value.remedy)


def test_figures_of_events_know_the_causes_of_installed_rules(
    package: Path, tmp_path: Path
) -> None:
    """A rejection that only a package's rule foresees could have been caught."""
    _install(package, "acme_rules:FORESEES")
    history = event(
        "KW1", "+12125550100", "rejected", "2026-11-17T15:00:00Z", cause="port_protection"
    )
    figures = portops.rejections(
        "2026-W47", events=events(history), store=f"sqlite:///{tmp_path / 'portops.db'}"
    )
    assert figures["preventable"] == {"flagged": 0, "checkable": 1, "carrier_side": 0}
