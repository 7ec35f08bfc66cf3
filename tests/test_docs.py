"""The reference pages say what the code does."""

from __future__ import annotations

import importlib.util
import re

import pytest

from portops.checks.rulebook import codes
from portops.cli import COMMANDS
from portops.facts.causes import CAUSES
from portops.providers import PROVIDERS
from portops.reporting.report import REPORTS
from tests.conftest import ROOT

_SPEC = importlib.util.spec_from_file_location("make_docs", ROOT / "docs" / "make.py")
assert _SPEC
assert _SPEC.loader
make_docs = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(make_docs)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The reference pages by name, made into a folder of their own."""
    folder = tmp_path_factory.mktemp("docs")
    files = make_docs.write_reference(folder)
    return {path.name: path.read_text(encoding="utf-8") for path in files}


def test_the_tutorial_is_what_happens() -> None:
    """Made again, it is as it is kept."""
    kept = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert kept == make_docs.tutorial_page()


def test_reference_pages_are_made_and_not_kept(pages: dict[str, str]) -> None:
    """So that a new rule or code changes its own file alone."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {f"docs/{name}" for name in pages} <= set(ignored)


def test_every_code_is_on_the_page(pages: dict[str, str]) -> None:
    """With its severity and meaning, and what its rules say."""
    page = pages["findings.md"]
    for code, about in codes().items():
        assert f"## `{code}`\n\n**{about.severity}**: {about.meaning}." in page


def test_every_cause_is_on_the_page(pages: dict[str, str]) -> None:
    """With how to fix it and the provider's codes that mean it."""
    page = pages["causes.md"]
    for name, cause in CAUSES.items():
        assert f"## `{name}`\n\n**{cause.label}**" in page
        assert cause.fix in page
    assert "Twilio: `" in page


def test_every_command_is_on_the_page(pages: dict[str, str]) -> None:
    """With its options and its example, those of groups too."""
    page = pages["commands.md"]
    assert [name for name in COMMANDS if f"## `portops {name}`" not in page] == []
    assert "## `portops sandbox serve`" in page
    assert "--as-of" in page


def test_every_report_is_on_the_page(pages: dict[str, str]) -> None:
    """With what it is about and its charts."""
    for name in REPORTS.names():
        about = f"## `{name}`\n\n**{REPORTS[name].title}**. {REPORTS[name].about}"
        assert about in pages["reports.md"]


def test_every_command_is_in_the_readme() -> None:
    """A command that the readme leaves out is found by nobody."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"portops {name}" not in readme] == []


def test_every_picture_of_a_page_is_there() -> None:
    """Links to pictures lead somewhere."""
    for page in (ROOT / "docs").glob("*.md"):
        for name in re.findall(r"!\[[^]]*]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (ROOT / "docs" / name).is_file(), f"{page.name}: {name}"


def test_every_provider_is_on_the_page(pages: dict[str, str]) -> None:
    """Limits, statuses, codes, proofs; one that is not there yet says so."""
    page = pages["providers.md"]
    for provider in PROVIDERS:
        assert f"## {provider.label} (`--provider {provider.name}`)" in page
        words = provider.words()
        if provider.dialect is None:
            assert all(f"| `{code}` | `{cause}` |" in page for code, cause in words.causes.items())
    bandwidth = page.partition("## Bandwidth")[2].partition("\n## ")[0]
    assert "It is not there yet" in bandwidth
    assert "Proven by" not in bandwidth
    for named in re.findall(r"`(tests/[a-z_/]+(?:\.py)?)`", page):
        assert (ROOT / named).exists(), named
