"""Pictures: each is drawn for every kind of data, and says its finding in words too."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image
from tests.conftest import event, events

import portops
from portops.figures import Figures
from portops.report.rejections import rejections
from portops.report.turnaround import turnaround

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
    return make(events(*history), week="2026-W47")


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
