"""Reports: run through papermill, whole or not at all, the same bytes for the same data."""

from __future__ import annotations

import json
import time
from pathlib import Path

import nbformat
import openpyxl
import pypdfium2
import pytest
from tests.conftest import ROOT, START, event

from portops.errors import InputError, ReportError
from portops.reporting.publish import Published, publish
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
    rows = [stamp({k: v for k, v in each.items() if k != "event_id"}, START) for each in history]
    with open_database(store_url) as database, database.writing() as connection:
        append(connection, rows)
    return store_url


def _publish(name: str, store: str, out: Path, week: str = "2026-W47") -> object:
    return publish(
        name,
        NOTEBOOKS / f"{name}.ipynb",
        out,
        environment={"PORTOPS_STORE": store},
        parameters={"week": week, "timezone": "America/New_York"},
    )


@pytest.mark.parametrize("name", ["weekly-rejections", "turnaround"])
def test_a_report_is_five_files_that_agree(name: str, filled: str, tmp_path: Path) -> None:
    """Notebook, page, tables and figures, beside each other in the week's folder."""
    _publish(name, filled, tmp_path)
    folder = tmp_path / "2026-W47"
    assert sorted(each.name for each in folder.iterdir()) == [
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
    a, b = (tmp_path / each / "2026-W47" / "turnaround.json" for each in "ab")
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
    good = {each.name: each.read_bytes() for each in folder.iterdir()}
    broken = nbformat.read(NOTEBOOKS / "turnaround.ipynb", as_version=4)
    broken.cells[2].source = "raise ValueError('the carrier is on strike')"
    path = tmp_path / "broken.ipynb"
    nbformat.write(broken, path)
    with pytest.raises(ReportError, match="on strike") as raised:
        publish(
            "turnaround",
            path,
            tmp_path,
            environment={"PORTOPS_STORE": filled},
            parameters={"week": "2026-W47"},
        )
    assert "turnaround.failed.ipynb" in raised.value.remedy
    now = {each.name: each.read_bytes() for each in folder.iterdir()}
    assert now.pop("turnaround.failed.ipynb")
    assert now == good


def test_an_unknown_report_is_refused(tmp_path: Path) -> None:
    """The known ones are named."""
    with pytest.raises(InputError, match="is no report"):
        publish(
            "weather",
            tmp_path / "x.ipynb",
            tmp_path,
            environment={"PORTOPS_STORE": "sqlite://"},
            parameters={"week": "2026-W47"},
        )


def test_a_killed_kernel_is_an_error_and_not_a_hang(filled: str, tmp_path: Path) -> None:
    """Within seconds, and the failed notebook is kept."""
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
    began = time.monotonic()
    with pytest.raises(ReportError, match="could not be run"):
        publish(
            "turnaround",
            path,
            tmp_path,
            environment={"PORTOPS_STORE": filled},
            parameters={"week": "2026-W47"},
        )
    assert time.monotonic() - began < 40
    assert not list((tmp_path / "2026-W47").glob("turnaround.html"))


def test_the_paper_has_text_pictures_and_its_title(filled: str, tmp_path: Path) -> None:
    """The PDF can be searched, and its pictures have words."""
    made = _publish("weekly-rejections", filled, tmp_path)
    assert isinstance(made, Published)
    paper = next(path for path in made.files if path.suffix == ".pdf")
    book = pypdfium2.PdfDocument(paper)
    text = "".join(book[page].get_textpage().get_text_range() for page in range(len(book)))
    assert "Weekly rejections" in text
    assert "How to read this" in text
    assert made.figures.data().words in text.replace("\r\n", " ")
    book.close()
