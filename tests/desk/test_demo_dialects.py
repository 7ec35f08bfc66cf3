"""The demo in another provider's dialect."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portops import demo
from portops.desk import Desk
from portops.settings import Settings


def test_the_demo_speaks_telnyx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first two days: requests become orders, one history; the environment is given back."""
    monkeypatch.setattr(demo, "DAYS", 2)
    monkeypatch.setattr(demo, "WAVES", {"clinics-numbers.xlsx": 0})
    monkeypatch.setattr(demo, "REPORTS", ())
    monkeypatch.setenv("TELNYX_API_KEY", "mine")
    before = dict(os.environ)
    made = demo.run_demo(tmp_path / "demo", provider="telnyx")
    assert dict(os.environ) == before
    assert made.waves[0]["submitted"] > 10
    with Desk(Settings(store=made.store)) as desk:
        tracked = desk.status()
    assert set(tracked["provider"]) == {"telnyx"}
    assert len(tracked) >= made.waves[0]["submitted"]
    assert set(tracked["status"]) <= {
        "in_progress",
        "action_required",
        "foc_confirmed",
        "completed",
    }
