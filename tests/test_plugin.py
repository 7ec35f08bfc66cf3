"""Another package's provider, rule and report are like ours, everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import portops
from portops.checks import rulebook
from portops.errors import SettingsError
from portops.providers import PROVIDERS, codes, limits_of, open_provider, service
from portops.settings import Settings
from portops.store.database import open_database
from tests.conftest import rows, write_book
from tests.test_docs import make_docs


def _portops(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTOPS_")}
    return subprocess.run(
        [sys.executable, "-m", "portops", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**kept, **more},
    )


def test_it_is_known_by_name_with_limits_company_and_words(plugin: Path) -> None:
    """Whatever asks the registry has it."""
    assert PROVIDERS.names()[-1] == "example"
    assert limits_of("example").numbers == 2
    assert service("example").company == "Example Telecom Inc."
    assert codes()["example"] == {"E1": "pin"}


def test_without_the_package_it_is_unknown() -> None:
    """The fixture leaves nothing behind."""
    with pytest.raises(SettingsError, match="'example' is not a provider"):
        service("example")


def test_its_credentials_are_its_own(
    plugin: Path, monkeypatch: pytest.MonkeyPatch, store_url: str
) -> None:
    """They come from the environment, and what is missing is named."""
    monkeypatch.delenv("EXAMPLE_KEY")
    settings = Settings(store=store_url, provider="example")
    with (
        pytest.raises(SettingsError, match="credentials of Example") as caught,
        open_provider(settings),
    ):
        pass
    assert "EXAMPLE_KEY" in caught.value.remedy


def test_a_submission_through_it(plugin: Path, statement: Path, store_url: str) -> None:
    """Split by its limits, taken once, pulled and shown in the tracker."""
    settings = Settings(store=store_url, provider="example", operator="tester")
    planned = portops.plan(
        portops.check(rows({}, {}, {}), documents=statement, provider="example"),
        provider="example",
    )
    done = portops.submit(planned, agree=True, settings=settings)
    assert sorted(len(one.numbers) for one in done.outcomes) == [1, 2]
    assert {one.status for one in done.outcomes} == {"submitted"}
    assert {str(one.request_sid)[:2] for one in done.outcomes} == {"EX"}
    again = portops.submit(planned, agree=True, settings=settings)
    assert {one.status for one in again.outcomes} == {"already_submitted"}
    assert portops.pull(settings=settings).new_events == 0
    assert set(portops.status(settings=settings)["provider"]) == {"example"}


def test_the_command_line_offers_it(plugin: Path, statement: Path, tmp_path: Path) -> None:
    """`plan --provider example` splits by its limits; the help names it."""
    book = write_book(tmp_path / "book.xlsx", rows({}, {}, {}))

    done = _portops(
        tmp_path,
        "plan",
        str(book),
        "--documents",
        str(statement),
        "--provider",
        "example",
        "--json",
    )
    assert done.returncode == 0, done.stderr
    requests = json.loads(done.stdout)["requests"]
    assert sorted(len(request["numbers"]) for request in requests) == [1, 2]
    assert "example" in _portops(tmp_path, "plan", "--help").stdout


def test_its_rule_speaks_in_every_check(plugin: Path, statement: Path, tmp_path: Path) -> None:
    """With a code of its own, at its cell, in Python and on the command line."""
    frame = rows({"Account Number": "100200300000"}, {"Account Number": "100200300401"})
    checked = portops.check(frame, documents=statement)
    mine = checked.findings[checked.findings["code"] == "example.account_is_round"]
    assert mine["cell"].tolist() == ["table!D2"]
    assert mine["severity"].tolist() == ["warning"]
    assert "ends in three zeros" in mine["message"].iloc[0]
    book = write_book(tmp_path / "book.xlsx", frame)
    done = _portops(tmp_path, "check", str(book), "--documents", str(statement), "--json")
    codes_typed = [finding["code"] for finding in json.loads(done.stdout)["findings"]]
    assert codes_typed.count("example.account_is_round") == 1


def test_its_rule_is_in_the_schema(plugin: Path) -> None:
    """Whoever takes our schema has it, among the warnings that are asked for."""
    assert "example.account_is_round" in rulebook.codes()
    assert "example.account_is_round" in rulebook.codes_by_cause()["account_number"]


def test_its_rule_provider_and_report_are_in_the_reference(plugin: Path, tmp_path: Path) -> None:
    """`make docs` lists what is installed."""
    pages = {path.name: path.read_text("utf-8") for path in make_docs.write_reference(tmp_path)}
    assert "## `example.account_is_round`" in pages["findings.md"]
    assert "Example" in pages["causes.md"]
    assert "## `example-count`" in pages["reports.md"]


def test_its_report_is_made_every_week_and_in_the_index(
    plugin: Path, store_url: str, tmp_path: Path
) -> None:
    """After ours, from its own notebook."""
    open_database(store_url).close()
    done = _portops(tmp_path, "weekly", "--no-pull", "--week", "2026-W41", PORTOPS_STORE=store_url)
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line)["step"] for line in done.stderr.splitlines() if line[:1] == "{"]
    assert steps == ["weekly-rejections", "turnaround", "scorecard", "example-count", "index"]
    assert "request count</a>" in (tmp_path / "reports" / "index.html").read_text("utf-8")
