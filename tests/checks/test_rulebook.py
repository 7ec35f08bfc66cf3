"""Rules and their codes: ours, and those that an installed package brings."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest
from tests.conftest import rows

import portops
from portops.checks import rulebook
from portops.errors import SettingsError
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


def test_causes_name_the_checks_that_could_have_seen_them() -> None:
    """The table of causes is part of it, cause by cause."""
    assert "account.missing" in rulebook.codes_by_cause()["account_number"]
