"""The reference pages say what the code does."""

from __future__ import annotations

import importlib.util
import re

import pytest

from portops.checks.rulebook import codes
from portops.cli import COMMANDS
from tests.conftest import ROOT

_SPEC = importlib.util.spec_from_file_location("make_docs", ROOT / "docs" / "make.py")
assert _SPEC
assert _SPEC.loader
make_docs = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(make_docs)


@pytest.mark.parametrize("name", make_docs.PAGES)
def test_made_pages_are_fresh(name: str) -> None:
    """`make docs` changes nothing."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == make_docs.PAGES[name]()


def test_every_code_is_on_the_page() -> None:
    """Findings page lists all codes."""
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    assert all(f"## `{code}`" in page for code in codes())


def test_every_command_is_in_the_readme() -> None:
    """A command that nobody tells of does not exist."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"portops {name}" not in readme] == []


def test_every_picture_of_a_page_is_there() -> None:
    """Links to pictures lead somewhere."""
    for page in (ROOT / "docs").glob("*.md"):
        for name in re.findall(r"!\[[^]]*]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (ROOT / "docs" / name).is_file(), f"{page.name}: {name}"
