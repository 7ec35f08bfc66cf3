"""A provider of another package is a provider like ours, everywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import rows, write_book

import portops
from portops.errors import SettingsError
from portops.providers import PROVIDERS, codes, limits_of, open_provider, service
from portops.settings import Settings


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

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "portops", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    done = run("plan", str(book), "--documents", str(statement), "--provider", "example", "--json")
    assert done.returncode == 0, done.stderr
    requests = json.loads(done.stdout)["requests"]
    assert sorted(len(request["numbers"]) for request in requests) == [1, 2]
    assert "example" in run("plan", "--help").stdout
