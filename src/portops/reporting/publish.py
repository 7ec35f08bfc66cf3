"""The shell of report: runs a notebook through papermill and publishes what it shows."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillException, PapermillExecutionError

from portops.errors import InputError, ReportError
from portops.reporting.page import to_html
from portops.reporting.paper import to_pdf
from portops.reporting.spreadsheet import write_tables
from portops.results.figures import MIME, Figures

#: Reports that can be made, with the title of their page.
TITLES = {
    "weekly-rejections": "Weekly rejections",
    "turnaround": "Turnaround",
    "reconciliation": "Reconciliation",
}

#: Seconds that one cell may take before the run is given up.
CELL_TIMEOUT = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Where a report was written, and its figures."""

    name: str
    figures: Figures
    files: tuple[Path, ...]

    @property
    def html(self) -> Path:
        """The page."""
        return next(path for path in self.files if path.suffix == ".html")


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the kernel; the store's address may hold a password, so it goes here."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _figures(notebook: nbformat.NotebookNode) -> Figures:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                return Figures(**output["data"][MIME])
    raise ReportError(
        "The notebook shows no figures.", "Let one of its cells end with the figures."
    )


def _execute(
    source: Path, target: Path, parameters: dict[str, Any], environment: Mapping[str, str]
) -> None:
    with _environment({**environment, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}):
        papermill.execute_notebook(
            str(source),
            str(target),
            parameters=parameters,
            kernel_name="python3",
            progress_bar=False,
            cwd=str(source.parent),
            execution_timeout=CELL_TIMEOUT,
            # The kernel talks to this process alone; its advice on encryption is for others.
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )


def publish(
    name: str,
    notebook: Path,
    out: Path,
    *,
    environment: Mapping[str, str],
    parameters: dict[str, Any],
) -> Published:
    """Run `notebook` and write `<out>/<week>/<name>.ipynb`, `.html`, `.pdf`, `.xlsx`, `.json`.

    `environment` is set for the kernel: where store and provider are. All of it is made in a
    folder beside and moved into place at the end. When the notebook fails, the failed copy is kept
    as `<name>.failed.ipynb`, the last good report stays, and ReportError is raised.
    """
    if name not in TITLES:
        raise InputError(f"'{name}' is no report.", f"Choose one of: {', '.join(TITLES)}.")
    folder = out / str(parameters["week"])
    folder.mkdir(parents=True, exist_ok=True)
    failed = folder / f"{name}.failed.ipynb"
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{name}-") as beside:
        work = Path(beside)
        executed = work / f"{name}.ipynb"
        try:
            _execute(notebook, executed, parameters, environment)
        except PapermillExecutionError as error:
            shutil.move(executed, failed)
            raise ReportError(
                f"The notebook {notebook.name} failed: {error.evalue or error.ename}",
                f"Open {failed}: the cell that stopped is marked.",
            ) from error
        except (PapermillException, OSError, RuntimeError, ValueError) as error:
            if executed.is_file():
                shutil.move(executed, failed)
            raise ReportError(
                f"The notebook {notebook.name} could not be run: {error}",
                "Check that the kernel starts: python -m ipykernel --version.",
            ) from error
        node = nbformat.read(executed, as_version=4)
        figures = _figures(node)
        title = f"{TITLES[name]} {figures.week}"
        (work / f"{name}.html").write_text(to_html(node, title), encoding="utf-8")
        text = json.dumps(figures.as_json(), indent=2, sort_keys=True, ensure_ascii=False)
        (work / f"{name}.json").write_text(text + "\n", encoding="utf-8", newline="\n")
        write_tables(figures, work / f"{name}.xlsx")
        (work / f"{name}.pdf").write_bytes(to_pdf(node, title))
        files = []
        for suffix in (".ipynb", ".html", ".pdf", ".xlsx", ".json"):
            target = folder / f"{name}{suffix}"
            (work / f"{name}{suffix}").replace(target)
            files.append(target)
    failed.unlink(missing_ok=True)
    return Published(name=name, figures=figures, files=tuple(files))
