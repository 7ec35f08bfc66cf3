"""Every example that people copy runs: docstrings, and the Python of README."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import portops
from tests.conftest import ROOT, rows, serving, write_book

_MODULES = [
    module.name
    for module in pkgutil.walk_packages(portops.__path__, "portops.")
    if "migrations" not in module.name and not module.name.endswith("__main__")
]


@pytest.fixture
def desk_folder(statement: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder as the examples assume it: a workbook, statements, a provider that answers."""
    write_book(tmp_path / "migration.xlsx", rows({}, {"Account Number": "9"}))
    monkeypatch.chdir(tmp_path)
    with serving(tmp_path / "sandbox", start=None) as served:
        for name in ("PORTOPS_SANDBOX_URL", "PORTOPS_TWILIO_URL", "PORTOPS_TWILIO_UPLOAD_URL"):
            monkeypatch.setenv(name, served.url)
        monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001")
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", "sandbox-admin")
        monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        yield tmp_path


def _tests() -> Iterator[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    for name in ["portops", *_MODULES]:
        module = importlib.import_module(name)
        yield from (test for test in finder.find(module, name) if test.examples)


def test_the_packages_own_example_is_among_them() -> None:
    """The first example that `help(portops)` shows is one that runs."""
    assert {"portops", "portops.desk.Desk"} <= {test.name for test in _tests()}


def test_examples_in_docstrings_run(desk_folder: Path) -> None:
    """What a docstring shows is what happens."""
    runner = doctest.DocTestRunner()
    for test in _tests():
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_the_python_of_the_readme_runs(desk_folder: Path) -> None:
    """One block after the other, as a reader would."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) >= 2
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
