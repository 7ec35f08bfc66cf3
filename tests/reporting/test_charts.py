"""Pictures: each is drawn for every kind of data, and says its finding in words too."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image
from tests.conftest import event, events

import portops
from portops.reporting.reports.reconciliation import classes
from portops.reporting.reports.turnaround import turnaround
from portops.reporting.reports.weekly_rejections import rejections
from portops.results.figures import Figures

A, B = "+12125550100", "+12125550101"
HISTORIES = {
    "nothing": [],
    "all open": [event("KW1", A, "submitted", "2026-11-09T15:00:00Z")],
    "all rejected": [
        event("KW1", A, "submitted", "2026-11-09T15:00:00Z"),
        event("KW1", A, "rejected", "2026-11-17T15:00:00Z", cause="pin"),
    ],
    "one week": [
        event("KW1", A, "submitted", "2026-11-16T15:00:00Z"),
        event("KW1", A, "completed", "2026-11-18T15:00:00Z"),
        event("KW1", B, "submitted", "2026-11-16T15:00:00Z"),
    ],
}


def _figures(name: str, history: list[dict]) -> Figures:
    make = rejections if name in {"pareto", "trend"} else turnaround
    return make(events(*history), period="2026-W47")


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("name", ["pareto", "trend", "turnaround_curve", "stages"])
def test_every_picture_of_every_history(name: str, history: str) -> None:
    """A real picture with an alternative text."""
    shown = portops.draw(_figures(name, HISTORIES[history]), name)._repr_html_()
    data = shown.split("base64,")[1].split('"')[0]
    picture = Image.open(io.BytesIO(base64.b64decode(data)))
    assert picture.width > 800
    assert 'alt="' in shown
    assert 'alt=""' not in shown


def _reconciled(before: int | None, **counts: int) -> Figures:
    names = ("status_stale", "stuck", "agreed")
    return Figures(
        report="reconciliation",
        week="2026-W47",
        as_of="2026-11-20T12:00:00Z",
        timezone="America/New_York",
        parameters={},
        figures={
            "total": sum(counts.values()),
            "differing": sum(counts.values()) - counts.get("agreed", 0),
            "earlier": None if before is None else {"as_of": "2026-11-13T12:00:00Z"},
            "classes": [
                {"class": name, "numbers": counts.get(name, 0), "before": before} for name in names
            ],
        },
    )


@pytest.mark.parametrize(
    ("figures", "title"),
    [
        (_reconciled(None), "There is nothing to compare."),
        (_reconciled(None, agreed=1200), "All 1,200 numbers agree."),
        (_reconciled(0, agreed=5), "All 5 numbers agree."),
        (_reconciled(7, agreed=5), "0 of 5 numbers do not agree"),
        (_reconciled(None, stuck=3, agreed=5), "3 of 8 numbers do not agree, all of them stuck"),
        (
            _reconciled(2, stuck=3, status_stale=9),
            "12 of 12 numbers do not agree, most of them status stale",
        ),
    ],
)
def test_the_picture_of_a_reconciliation(figures: Figures, title: str) -> None:
    """It says its finding whether or not anything differs, or was known before."""
    axes = classes(figures).figure.axes[0]
    assert title in (axes.get_title(loc="left"), *(text.get_text() for text in axes.texts))
    assert "<img" in portops.draw(figures, "classes")._repr_html_()
