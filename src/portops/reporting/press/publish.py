"""The press: runs a notebook through papermill and publishes what it shows."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillException, PapermillExecutionError

from portops.errors import InputError, ReportError
from portops.files import cannot_write, make_private, private_folder, takes_nothing
from portops.reporting.periods import Period
from portops.reporting.press.leftovers import making
from portops.reporting.press.page import to_html
from portops.reporting.press.paper import to_pdf
from portops.reporting.press.workbook import write_tables
from portops.reporting.report import REPORTS, Report, report_of
from portops.results.figures import MIME, Figures
from portops.results.published import NO_FIGURES, Published

#: Seconds that one cell may take before the run is given up.
CELL_TIMEOUT = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A notebook to run, under which name and title, with which parameters."""

    name: str
    title: str
    notebook: Path
    parameters: dict[str, Any]
    needs_figures: bool


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


def _figures(notebook: nbformat.NotebookNode) -> Figures | None:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                try:
                    return Figures.read(output["data"][MIME])
                except (AttributeError, KeyError, TypeError) as error:
                    raise ReportError(
                        f"The figures that the notebook shows cannot be read ({error}).",
                        "Let its cell end with what portops.figures or a report returned.",
                    ) from error
    return None


def _execute(
    source: Path, target: Path, parameters: dict[str, Any], environment: Mapping[str, str]
) -> None:
    with _environment({**environment, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}):
        papermill.execute_notebook(
            str(source),
            str(target),
            parameters=parameters,
            kernel_name="python3",
            # A notebook of one's own may not say so.
            language="python",
            progress_bar=False,
            cwd=str(source.parent),
            execution_timeout=CELL_TIMEOUT,
            # The kernel talks to this process alone; its advice on encryption is for others.
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )


def _job(what: Report | str | Path, parameters: dict[str, Any], notebook: Path | None) -> _Job:
    """Say what is to be run: a report by its name, or a notebook of one's own by its path."""
    if not isinstance(what, Report):
        own = Path(what)
        # A path is one by its suffix, so that a mistyped name is told from a missing file.
        if own.suffix == ".ipynb":
            return _own(own, parameters)
        what = report_of(str(what))
    return _Job(
        name=what.name,
        title=what.title,
        notebook=notebook or what.file,
        parameters=what.taken(parameters),
        needs_figures=True,
    )


def _own(notebook: Path, parameters: dict[str, Any]) -> _Job:
    if not notebook.is_file():
        what = "is a folder" if notebook.is_dir() else "does not exist"
        raise InputError(f"{notebook} {what}.", "Check the name.")
    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise InputError(
            f"{notebook} cannot be read as a notebook ({error}).",
            "Open it in JupyterLab and save it again.",
        ) from error
    tagged = (cell for cell in cells if "parameters" in cell.metadata.get("tags", []))
    taken = _assigned(next((cell.source for cell in tagged), ""))
    headings = (re.match(r"# (.+)", cell.source) for cell in cells if cell.cell_type == "markdown")
    heading = next((match[1].strip() for match in headings if match), notebook.stem)
    title = REPORTS[notebook.stem].title if notebook.stem in REPORTS else heading
    mine = {name: value for name, value in parameters.items() if name in taken}
    return _Job(
        name=notebook.stem,
        title=title,
        notebook=notebook,
        parameters=mine,
        needs_figures=False,
    )


def _assigned(source: str) -> set[str]:
    """Return the names that a cell gives values to; none when it is no plain Python."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return set()
    targets: list[ast.expr] = []
    for line in body:
        if isinstance(line, ast.Assign):
            targets += line.targets
        elif isinstance(line, ast.AnnAssign):
            targets.append(line.target)
    return {target.id for target in targets if isinstance(target, ast.Name)}


def publish(
    what: Report | str | Path,
    out: Path,
    *,
    environment: Mapping[str, str],
    parameters: dict[str, Any],
    notebook: Path | None = None,
) -> Published:
    """Run a report's notebook and write `<out>/<week>/<name>.ipynb`, `.html`, `.pdf`, ….

    `what` is a report, its name, or the path of a notebook of one's own, which is published under
    its stem. Of the `parameters` a notebook gets those that it takes; `week` (an ISO week or an
    interval of days) names the folder. `notebook` stands in for a report's own. `.xlsx` and `.json`
    are written where the notebook shows figures. `environment` is set for the kernel: where store
    and provider are. All of it is made in a folder beside and moved into place at the end. When
    the notebook fails, the failed copy is kept as `<name>.failed.ipynb`, the last good report
    stays, and ReportError is raised. Raises InputError for what is neither report nor notebook,
    PortopsError when the disk is full or can't be written to; the last good report stays then too.
    """
    job = _job(what, parameters, notebook)
    week = parameters.get("week")
    folder = out / Period.named(week).folder if week else out
    private_folder(folder)
    failed = folder / f"{job.name}.failed.ipynb"
    with making(folder, job.name) as work:
        _run(job, work, failed, environment)
        node = nbformat.read(work / f"{job.name}.ipynb", as_version=4)
        figures = _print(job, node, work)
        if not week and figures is not None:
            folder = out / Period.named(figures.week).folder
            private_folder(folder)
        files = []
        for suffix in (".ipynb", ".html", ".pdf", ".xlsx", ".json"):
            made, target = work / f"{job.name}{suffix}", folder / f"{job.name}{suffix}"
            if made.exists():
                make_private(made).replace(target)
                files.append(target)
            else:
                # What an earlier run left would not belong to these.
                target.unlink(missing_ok=True)
    failed.unlink(missing_ok=True)
    return Published(name=job.name, title=job.title, shown=figures, files=tuple(files))


def _run(job: _Job, work: Path, failed: Path, environment: Mapping[str, str]) -> None:
    """Execute the notebook into `work`; raises ReportError, with the failed copy kept."""
    executed = work / f"{job.name}.ipynb"
    try:
        _execute(job.notebook, executed, job.parameters, environment)
    except PapermillExecutionError as error:
        shutil.move(make_private(executed), failed)
        raise ReportError(
            f"The notebook {job.notebook.name} failed: {error.evalue or error.ename}",
            f"Open {failed}: the cell that stopped is marked.",
        ) from error
    except (PapermillException, OSError, RuntimeError, ValueError) as error:
        if isinstance(error, OSError) and takes_nothing(error):
            # What was written of the copy is cut off, so it is of no use.
            raise cannot_write(failed.parent, error) from error
        if executed.is_file():
            shutil.move(make_private(executed), failed)
        raise ReportError(
            f"The notebook {job.notebook.name} could not be run: {error}",
            "Check that the kernel starts: python -m ipykernel --version.",
        ) from error


def _print(job: _Job, node: nbformat.NotebookNode, work: Path) -> Figures | None:
    """Write what an executed notebook shows into `work`; return its figures."""
    figures = _figures(node)
    if figures is None and job.needs_figures:
        raise ReportError(*NO_FIGURES)
    title = f"{job.title} {figures.week}" if figures else job.title
    (work / f"{job.name}.html").write_text(to_html(node, title), encoding="utf-8")
    (work / f"{job.name}.pdf").write_bytes(to_pdf(node, title))
    if figures is not None:
        text = json.dumps(figures.as_json(), indent=2, sort_keys=True, ensure_ascii=False)
        (work / f"{job.name}.json").write_text(text + "\n", encoding="utf-8", newline="\n")
        write_tables(figures, work / f"{job.name}.xlsx")
    return figures
