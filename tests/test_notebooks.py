"""Notebooks hold no logic and no outputs, and each runs from top to bottom."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import papermill
import pytest

from portops.store.database import open_database
from tests.conftest import ROOT, SAMPLES, Served

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PARAMETERS = {
    name: {
        "workbook": str(SAMPLES / "clinics-numbers.xlsx"),
        "documents": str(SAMPLES / "statements"),
    }
    for name in ("check-workbook", "submit-batch")
}


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
    path: Path, store_url: str, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With papermill alone, in a folder of its own."""
    open_database(store_url).close()
    monkeypatch.setenv("PORTOPS_STORE", store_url)
    monkeypatch.setenv("PORTOPS_SANDBOX_URL", served.url)
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    papermill.execute_notebook(
        str(path),
        str(tmp_path / "out.ipynb"),
        parameters=PARAMETERS.get(path.stem, {}),
        progress_bar=False,
        cwd=str(tmp_path),
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )


def test_a_batch_is_sent_when_it_is_agreed_to(
    store_url: str, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not before; the same notebook once more sends nothing."""
    monkeypatch.setenv("PORTOPS_SANDBOX_URL", served.url)
    monkeypatch.setenv("PORTOPS_OPERATOR", "tester")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    pages = []
    for run, agree in enumerate((False, True, True)):
        out = tmp_path / f"{run}.ipynb"
        papermill.execute_notebook(
            str(ROOT / "notebooks" / "submit-batch.ipynb"),
            str(out),
            progress_bar=False,
            parameters={**PARAMETERS["submit-batch"], "store": store_url, "agree": agree},
            cwd=str(tmp_path),
            kernel_name="python3",
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )
        cells = nbformat.read(out, as_version=4).cells
        pages.append(
            "".join(
                output["data"].get("text/html", "")
                for cell in cells
                for output in cell.get("outputs", [])
                if "data" in output
            )
        )
        sent = len(served.received())
        assert sent == 0 if run == 0 else sent > 0
    assert "Nothing was sent." in pages[0]
    assert "0 submitted before" in pages[1]
    assert "<b>0 submitted," in pages[2]
