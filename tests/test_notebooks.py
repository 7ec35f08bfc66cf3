"""Notebooks hold no logic and no outputs, and each runs from top to bottom."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import nbformat
import openpyxl
import papermill
import pytest
from nbconvert import HTMLExporter

from portops.store.database import open_database
from tests.conftest import ROOT, SAMPLES, Served

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
READERS = ("check-workbook", "submit-batch")
NOTE, SSN = "gate code QXJ-4471", "123456789"


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """The sample of the clinics, with notes and a second column of SSNs."""
    book = openpyxl.load_workbook(SAMPLES / "clinics-numbers.xlsx")
    page = book["Numbers"]
    width = page.max_column
    for row in range(1, page.max_row + 1):
        page.cell(row, width + 1).value = "Notes" if row == 1 else NOTE
        page.cell(row, width + 2).value = "Social Security Number" if row == 1 else SSN
    book.save(tmp_path / "clinics.xlsx")
    return tmp_path / "clinics.xlsx"


def _run(name: str, folder: Path, **parameters: object) -> str:
    """Execute a notebook; returns its HTML, after the look for notes and secrets in all of it."""
    out = folder / "out.ipynb"
    papermill.execute_notebook(
        str(ROOT / "notebooks" / f"{name}.ipynb"),
        str(out),
        parameters=parameters,
        progress_bar=False,
        cwd=str(folder),
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )
    executed = nbformat.read(out, as_version=4)
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    column = openpyxl.load_workbook(SAMPLES / "clinics-numbers.xlsx")["Numbers"]["K"]
    pins = {str(cell.value) for cell in column[1:] if cell.value is not None}
    assert len(pins) > 5
    # Also as a page that is handed on, whose tables are drawn by scripts of their own.
    page, _ = HTMLExporter().from_notebook_node(executed)
    text = json.dumps(outputs, ensure_ascii=False)
    for hidden in (NOTE, SSN, *pins):
        assert hidden not in text, f"{name} shows {hidden}"
        assert hidden not in page, f"{name} shows {hidden} as a page"
    return "".join(output["data"].get("text/html", "") for output in outputs if "data" in output)


def test_the_names_that_schedulers_rely_on() -> None:
    """The notebooks of this version."""
    names = {path.stem for path in NOTEBOOKS}
    assert names >= {
        "check-workbook",
        "submit-batch",
        "track-requests",
        "weekly-rejections",
        "turnaround",
        "reconciliation",
        "port-in-numbers",
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_only_call_the_library(path: Path) -> None:
    """At most five lines a cell, no definitions and loops, one parameters cell, no outputs."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[0].source.startswith("# ")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == code[:1]
    for cell in code:
        assert not cell.outputs
        assert cell.execution_count is None
        tree = ast.parse(cell.source)
        assert len(tree.body) <= 5
        banned = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Try)
        assert not [node for node in ast.walk(tree) if isinstance(node, banned)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_runs_headless(
    path: Path,
    store_url: str,
    served: Served,
    workbook: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With papermill alone, in a folder of its own; none shows notes, PINs or SSNs."""
    open_database(store_url).close()
    monkeypatch.setenv("PORTOPS_STORE", store_url)
    monkeypatch.setenv("PORTOPS_SANDBOX_URL", served.url)
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    reads = path.stem in READERS
    given = {"workbook": str(workbook), "documents": str(SAMPLES / "statements")} if reads else {}
    shown = _run(path.stem, workbook.parent, **given)
    if reads:
        assert "(123) 456-7890" in shown, "what the table of findings holds can be looked for"


def test_a_batch_is_sent_when_it_is_agreed_to(
    store_url: str, served: Served, workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not before; the same notebook once more sends nothing, and no page shows a secret."""
    monkeypatch.setenv("PORTOPS_SANDBOX_URL", served.url)
    monkeypatch.setenv("PORTOPS_OPERATOR", "tester")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    given = {"workbook": str(workbook), "documents": str(SAMPLES / "statements")}
    pages = []
    for run, agree in enumerate((False, True, True)):
        pages.append(_run("submit-batch", workbook.parent, **given, store=store_url, agree=agree))
        sent = len(served.received())
        assert sent == 0 if run == 0 else sent > 0
    assert "Nothing was sent." in pages[0]
    assert "0 submitted before" in pages[1]
    assert "<b>0 submitted," in pages[2]
    assert "Harbor Communications" in _run("track-requests", workbook.parent, store=store_url)
