"""A report of another package: seen, published, listed and made every week like ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import nbformat
import pytest
from tests.conftest import START, event, events

import portops
from portops.reporting.press.index import write_index
from portops.reporting.press.publish import publish
from portops.reporting.report import REPORTS, in_order
from portops.store.database import open_database
from portops.store.history import append, rows_of

_MODULE = '''
"""A report with one figure."""

from dataclasses import replace
from pathlib import Path

from portops.reporting.charts import Chart, canvas
from portops.reporting.report import Report
from portops.results.displays import Card
from portops.results.figures import Figures, Summary


def _figures(sources, *, period, timezone, as_of=None):
    start, end = period.bounds(timezone)
    events = sources.events(("event_id", "request_sid", "occurred_at"))
    requests = int(events["request_sid"].nunique())
    plain = Figures(
        report="request-count",
        week=period.name,
        as_of=(as_of or end).isoformat(),
        timezone=timezone,
        parameters={},
        figures={"requests": requests},
    )
    return replace(
        plain,
        summary=Summary(
            headline=(f"{requests} requests were sent.",),
            cards=(Card("requests", str(requests)),),
            captions={"requests": "How many"},
        ),
    )


def bar(figures):
    with canvas(1.6) as (figure, axes):
        axes.barh(["requests"], [figures["requests"]])
    return Chart(figure, "One bar.")


REPORT = Report(
    name="request-count",
    title="Request count",
    figures=_figures,
    charts={"bar": bar},
    index={"requests": lambda figures: str(figures["requests"])},
    notebook=Path(__file__).with_name("request_count.ipynb"),
)
'''


def _write_package(folder: Path, module: str) -> None:
    folder.mkdir()
    (folder / "request_count.py").write_text(module)
    cells = [
        nbformat.v4.new_markdown_cell("# Request count"),
        nbformat.v4.new_code_cell(
            'week = ""\ntimezone = "America/New_York"', metadata={"tags": ["parameters"]}
        ),
        nbformat.v4.new_code_cell(
            "import portops\n\n"
            'figures = portops.figures("request-count", week, timezone=timezone)\nfigures'
        ),
        nbformat.v4.new_code_cell('portops.draw(figures, "bar")'),
        nbformat.v4.new_code_cell('figures.show("requests")'),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}),
        folder / "request_count.ipynb",
    )
    info = folder / "request_count-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: request-count\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[portops.reports]\nrequest-count = request_count:REPORT\n"
    )


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path in which such a package is installed."""
    folder = tmp_path / "site"
    _write_package(folder, _MODULE)
    monkeypatch.syspath_prepend(str(folder))
    # The kernel is another process.
    paths = (str(folder), os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in paths if path))
    invalidate_caches()
    REPORTS.refresh()
    yield folder
    sys.modules.pop("request_count", None)
    monkeypatch.undo()
    REPORTS.refresh()


@pytest.fixture
def filled(store_url: str) -> str:
    """A store with two requests."""
    history = events(
        event("KW1", "+12125550100", "submitted", START),
        event("KW2", "+12125550101", "submitted", START),
    )
    with open_database(store_url) as database, database.writing() as connection:
        append(connection, rows_of(history))
    return store_url


def _portops(folder: Path, store: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTOPS_")}
    return subprocess.run(
        [sys.executable, "-m", "portops", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**kept, "PORTOPS_STORE": store},
        check=False,
    )


def test_it_is_among_the_reports_and_gives_figures(package: Path, filled: str) -> None:
    """After ours, with its own figures."""
    assert REPORTS.names()[-1] == "request-count"
    reports, broken = in_order()
    assert (reports[-1].title, broken) == ("Request count", {})
    assert portops.figures("request-count", "2026-W41", store=filled)["requests"] == 2


def test_it_is_published_and_in_the_index(package: Path, filled: str, tmp_path: Path) -> None:
    """From its own notebook, with a column of its own."""
    made = publish(
        "request-count",
        tmp_path,
        environment={"PORTOPS_STORE": filled},
        parameters={"week": "2026-W41", "timezone": "America/New_York", "provider": "sandbox"},
    )
    assert made.figures.headline() == ["2 requests were sent."]
    page = made.html.read_text()
    assert "How many" in page
    assert 'alt="One bar."' in page
    index = write_index(tmp_path).read_text()
    assert "<th scope='col'>requests</th>" in index
    assert "<td>2</td>" in index
    assert 'href="2026-W41/request-count.html">request count</a>' in index


def test_it_is_a_choice_of_the_command_and_part_of_the_week(
    package: Path, filled: str, tmp_path: Path
) -> None:
    """`portops report` names it; `portops weekly` makes it after ours."""
    assert "request-count" in _portops(tmp_path, filled, "report", "--help").stdout
    done = _portops(tmp_path, filled, "weekly", "--no-pull", "--week", "2026-W41")
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line)["step"] for line in done.stderr.splitlines() if line[:1] == "{"]
    assert steps == ["weekly-rejections", "turnaround", "scorecard", "request-count", "index"]


def test_a_broken_one_keeps_nobody_from_the_others(
    package: Path, filled: str, tmp_path: Path
) -> None:
    """Its step fails and names the package; everything else of the week is made."""
    (package / "request_count.py").write_text("raise ValueError('half installed')")
    done = _portops(tmp_path, filled, "weekly", "--no-pull", "--week", "2026-W41")
    assert done.returncode == 2
    lines = [json.loads(line) for line in done.stderr.splitlines() if line[:1] == "{"]
    assert {line["step"]: line["status"] for line in lines} == {
        "weekly-rejections": "done",
        "turnaround": "done",
        "scorecard": "done",
        "request-count": "failed",
        "index": "done",
    }
    assert "of the package request-count cannot be loaded" in done.stderr
