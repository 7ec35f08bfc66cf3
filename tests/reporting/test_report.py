"""Reports register themselves, carry what they say as data, and load nothing before it is used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.conftest import event, events

import portops
from portops.errors import InputError
from portops.reporting.report import REPORTS, Given, Report, in_order, report_of
from portops.results.figures import MIME, Figures

A = "+12125550100"
HISTORY = events(
    event("KW1", A, "submitted", "2026-11-09T15:00:00Z"),
    event("KW1", A, "rejected", "2026-11-17T15:00:00Z", cause="pin"),
)


def test_reports_come_in_their_order() -> None:
    """The one that leads comes first; every report has its notebook."""
    reports, broken = in_order()
    assert [report.name for report in reports[:4]] == [
        "weekly-rejections",
        "turnaround",
        "scorecard",
        "reconciliation",
    ]
    assert not broken
    assert all(report.file.is_file() for report in reports)
    assert [report.name for report in reports if report.needs_provider] == ["reconciliation"]


def test_each_report_has_the_name_of_its_module() -> None:
    """So that what is asked for by name is what comes."""
    assert {name: REPORTS[name].name for name in REPORTS.names()} == {
        name: name for name in REPORTS.names()
    }


def test_an_unknown_report_is_refused() -> None:
    """Those that exist are named."""
    with pytest.raises(InputError, match="is no report") as raised:
        report_of("weather")
    assert "turnaround" in raised.value.remedy
    with pytest.raises(InputError, match="is no report"):
        portops.figures("weather")


@pytest.mark.parametrize("name", ["weekly-rejections", "turnaround"])
def test_figures_come_back_whole_from_a_notebooks_output(name: str) -> None:
    """As JSON and back: headline, cards, actions, captions and source are data."""
    figures = portops.figures(name, "2026-W47", events=HISTORY)
    output = json.loads(json.dumps(figures._repr_mimebundle_()[MIME]))
    assert Figures.read(output) == figures
    assert figures.summary.headline
    assert len(figures.summary.cards) >= 3
    assert figures.summary.source.startswith("Made of 2 events")


def test_the_json_holds_the_contracts_keys_alone() -> None:
    """What the report says of its figures is no part of it."""
    figures = portops.rejections("2026-W47", events=HISTORY)
    assert set(figures.as_json()) == {
        "report",
        "week",
        "as_of",
        "timezone",
        "parameters",
        "figures",
    }
    assert Figures.read(figures.as_json()).headline() == []


def test_events_alone_cannot_be_reconciled() -> None:
    """There is nothing to compare them with."""
    with pytest.raises(InputError, match="cannot be reconciled"):
        portops.figures("reconciliation", events=HISTORY)


def test_a_notebook_gets_the_parameters_that_it_takes() -> None:
    """And no others, so that papermill has nothing to complain of."""
    report = Report(name="x", title="X", figures=lambda _: None, parameters=("week", "mine"))
    assert report.taken({"week": "2026-W47", "provider": "sandbox"}) == {"week": "2026-W47"}


def test_an_unknown_chart_is_refused() -> None:
    """The report's own charts are named."""
    with pytest.raises(InputError, match="no chart 'pie'") as raised:
        portops.draw(portops.rejections("2026-W47", events=HISTORY), "pie")
    assert "pareto, trend" in raised.value.remedy


def test_given_events_have_no_store_behind_them() -> None:
    """No findings and no requests, as empty tables."""
    given = Given(HISTORY)
    assert given.finding_codes() == {}
    assert given.tracked().empty


_QUIET = """
import sys
from portops.reporting.report import REPORTS
names = REPORTS.names()
heavy = {"matplotlib", "scipy", "papermill", "nbconvert", "fpdf", "openpyxl"}
assert "weekly-rejections" in names, names
assert not [name for name in sys.modules if name.startswith("portops.reporting.reports.")]
from portops.reporting.periods import Period
from portops.reporting.report import Given
from portops.tables.events import shape
# What pandera takes with it is not the figures'.
heavy -= set(sys.modules)
for name in ("weekly-rejections", "turnaround"):
    week = Period.named("2026-W47")
    sources = Given(shape([]))
    REPORTS[name].figures(sources, period=week, timezone="UTC", as_of=None)
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""


def test_figures_alone_load_no_charts_and_no_press() -> None:
    """Names import no report; figures import neither matplotlib nor scipy nor papermill."""
    done = subprocess.run(
        [sys.executable, "-c", _QUIET], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
