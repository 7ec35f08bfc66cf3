"""Reports: run through papermill, whole or not at all, the same bytes for the same data."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import openpyxl
import pypdfium2
import pytest
from tests.conftest import ROOT, START, event

from portops.errors import InputError, ReportError
from portops.reporting.press.digest import compose
from portops.reporting.press.index import write_index
from portops.reporting.press.publish import Published, publish
from portops.store.database import open_database
from portops.store.history import append, stamp

A, B = "+12125550100", "+12125550101"
NOTEBOOKS = ROOT / "notebooks"


@pytest.fixture
def filled(store_url: str) -> str:
    """A store with one completed and one rejected number in week 47."""
    history = [
        event("KW1", A, "submitted", "2026-11-09T15:00:00Z"),
        event("KW1", A, "completed", "2026-11-18T15:00:00Z"),
        event("KW1", B, "submitted", "2026-11-09T15:00:00Z"),
        event(
            "KW1",
            B,
            "rejected",
            "2026-11-17T15:00:00Z",
            cause="pin",
            reason="<script>alert(1)</script>",
            losing_carrier="<b>Granite</b>",
        ),
    ]
    rows = [stamp({k: v for k, v in row.items() if k != "event_id"}, START) for row in history]
    with open_database(store_url) as database, database.writing() as connection:
        append(connection, rows)
    return store_url


def _publish(name: str, store: str, out: Path, week: str = "2026-W47") -> Published:
    return publish(
        name,
        out,
        environment={"PORTOPS_STORE": store},
        parameters={"week": week, "timezone": "America/New_York"},
    )


@pytest.mark.parametrize("name", ["weekly-rejections", "turnaround", "scorecard"])
def test_a_report_is_five_files_that_agree(name: str, filled: str, tmp_path: Path) -> None:
    """Notebook, page, tables and figures, beside each other in the week's folder."""
    _publish(name, filled, tmp_path)
    folder = tmp_path / "2026-W47"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{name}.{suffix}" for suffix in ("html", "ipynb", "json", "pdf", "xlsx")
    ]
    document = json.loads((folder / f"{name}.json").read_text())
    assert set(document) == {"report", "week", "as_of", "timezone", "parameters", "figures"}
    page = (folder / f"{name}.html").read_text()
    assert 'src="data:image/png;base64,' in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "input_area" not in page
    book = openpyxl.load_workbook(folder / f"{name}.xlsx")
    assert "summary" in book.sheetnames
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_the_same_store_gives_the_same_bytes(filled: str, tmp_path: Path) -> None:
    """Byte for byte, on another day and in another folder."""
    _publish("turnaround", filled, tmp_path / "a")
    _publish("turnaround", filled, tmp_path / "b")
    a, b = (tmp_path / run / "2026-W47" / "turnaround.json" for run in "ab")
    assert a.read_bytes() == b.read_bytes()


@pytest.mark.parametrize("name", ["weekly-rejections", "turnaround"])
def test_a_report_without_data_says_so(name: str, store_url: str, tmp_path: Path) -> None:
    """An empty store still gives a page."""
    open_database(store_url).close()
    _publish(name, store_url, tmp_path)
    assert "No number was" in (tmp_path / "2026-W47" / f"{name}.html").read_text()


def test_a_failed_run_keeps_the_last_good_report(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failed notebook lies beside, with the cell marked; nothing half-written."""
    _publish("turnaround", filled, tmp_path)
    folder = tmp_path / "2026-W47"
    good = {path.name: path.read_bytes() for path in folder.iterdir()}
    broken = nbformat.read(NOTEBOOKS / "turnaround.ipynb", as_version=4)
    broken.cells[2].source = "raise ValueError('the carrier is on strike')"
    path = tmp_path / "broken.ipynb"
    nbformat.write(broken, path)
    with pytest.raises(ReportError, match="on strike") as raised:
        publish(
            "turnaround",
            tmp_path,
            environment={"PORTOPS_STORE": filled},
            parameters={"week": "2026-W47"},
            notebook=path,
        )
    assert "turnaround.failed.ipynb" in raised.value.remedy
    now = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert now.pop("turnaround.failed.ipynb")
    assert now == good


def test_what_is_neither_report_nor_notebook_is_refused(tmp_path: Path) -> None:
    """The reports are named; a notebook that is not there is said to be missing."""
    same = {"environment": {}, "parameters": {"week": "2026-W47"}}
    with pytest.raises(InputError, match="is no report"):
        publish("weather", tmp_path, **same)
    with pytest.raises(InputError, match="does not exist"):
        publish(tmp_path / "weather.ipynb", tmp_path, **same)
    (tmp_path / "text.ipynb").write_text("no notebook")
    with pytest.raises(InputError, match="cannot be read"):
        publish(tmp_path / "text.ipynb", tmp_path, **same)
    assert not list(tmp_path.glob("2026-*"))


def _notebook(path: Path, *cells: str, parameters: str = 'week = ""') -> Path:
    """A notebook of one's own with a heading, parameters and code."""
    made = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# My week"),
            nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
            *(nbformat.v4.new_code_cell(cell) for cell in cells),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )
    nbformat.write(made, path)
    return path


def test_a_notebook_of_ones_own_is_published_under_its_stem(filled: str, tmp_path: Path) -> None:
    """With page, paper, tables and figures, where it shows some; it gets what it takes alone."""
    mine = _notebook(
        tmp_path / "my-week.ipynb",
        "import portops\nportops.rejections(week)",
    )
    made = publish(
        mine,
        tmp_path / "out",
        environment={"PORTOPS_STORE": filled},
        parameters={"week": "2026-11-16/2026-11-18", "provider": "sandbox"},
    )
    folder = tmp_path / "out" / "2026-11-16--2026-11-18"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"my-week.{suffix}" for suffix in ("html", "ipynb", "json", "pdf", "xlsx")
    ]
    assert (made.title, made.figures.week) == ("My week", "2026-11-16/2026-11-18")
    assert "provider =" not in (folder / "my-week.ipynb").read_text()
    index = write_index(tmp_path / "out").read_text()
    assert "2026-11-16/2026-11-18" in index
    assert 'href="2026-11-16--2026-11-18/my-week.html">my week</a>' in index


def test_a_notebook_without_figures_is_page_and_paper(tmp_path: Path) -> None:
    """Nothing else can be made of it; tables of an earlier run do not stay."""
    mine = _notebook(tmp_path / "notes.ipynb", "6 * 7", parameters="color = 1")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.json").write_text("{}")
    made = publish(str(mine), tmp_path / "out", environment={}, parameters={})
    assert [path.name for path in made.files] == ["notes.ipynb", "notes.html", "notes.pdf"]
    assert made.shown is None
    assert not (tmp_path / "out" / "notes.json").exists()
    with pytest.raises(ReportError, match="shows no figures"):
        _ = made.figures
    message = compose([made], "a@example.com", ["b@example.com"])
    assert [part.get_filename() for part in message.iter_attachments()] == ["notes.pdf"]


def test_a_report_that_shows_no_figures_is_an_error(tmp_path: Path) -> None:
    """Its tables and figures would be missing."""
    mine = _notebook(tmp_path / "empty.ipynb", "6 * 7")
    with pytest.raises(ReportError, match="shows no figures"):
        publish("turnaround", tmp_path, environment={}, parameters={}, notebook=mine)
    assert not list(tmp_path.glob("turnaround.*"))


def test_a_killed_kernel_is_an_error_and_not_a_hang(filled: str, tmp_path: Path) -> None:
    """A kernel that dies ends the run, and nothing half-written is left."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("week = ''", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )
    path = tmp_path / "turnaround.ipynb"
    nbformat.write(notebook, path)
    with pytest.raises(ReportError, match="could not be run"):
        publish(
            "turnaround",
            tmp_path,
            environment={"PORTOPS_STORE": filled},
            parameters={"week": "2026-W47"},
            notebook=path,
        )
    assert not list((tmp_path / "2026-W47").glob("turnaround.html"))


def test_the_paper_has_text_pictures_and_its_title(filled: str, tmp_path: Path) -> None:
    """The PDF can be searched, and its pictures have words."""
    made = _publish("weekly-rejections", filled, tmp_path)
    paper = next(path for path in made.files if path.suffix == ".pdf")
    book = pypdfium2.PdfDocument(paper)
    text = "".join(book[page].get_textpage().get_text_range() for page in range(len(book)))
    assert "Weekly rejections" in text
    assert "How to read this" in text
    assert made.figures.data().words in text.replace("\r\n", " ")
    book.close()
