"""Pull: the provider's word becomes history, once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from tests.conftest import Served, rows

import portops
from portops import api, tables
from portops.errors import Unavailable
from portops.providers import open_provider, sandbox_call
from portops.settings import Settings


@pytest.fixture
def submitted(statement: Path, settings: Settings, served: Served) -> str:
    """One submitted request of two numbers; gives its SID."""
    planned = portops.plan(portops.check(rows({}, {}), documents=statement))
    done = api.submit(planned, agree=True, settings=settings, clock=served.sandbox.clock.now)
    return str(done.outcomes[0].request_sid)


def _pull(settings: Settings, served: Served) -> int:
    return api.pull(settings=settings, clock=served.sandbox.clock.now).new_events


def test_the_history_of_a_port(submitted: str, settings: Settings, served: Served) -> None:
    """Every step that was pulled is there with its own time, and pulling twice adds nothing."""
    for day in range(40):
        sandbox_call(settings, "/sandbox/advance", {"days": 1})
        if day == 2:
            _pull(settings, served)
            sandbox_call(settings, f"/sandbox/sign/{submitted}", {})
        _pull(settings, served)
        assert _pull(settings, served) == 0
    history = portops.history(settings=settings)
    mine = history[history["phone_number"] == "+12125550100"]
    assert mine["status"].tolist() == [
        "submitted", "in_review", "waiting_for_signature", "in_progress", "foc_confirmed",
        "completed",
    ]  # fmt: skip
    assert mine["occurred_at"].is_monotonic_increasing
    row = portops.status(settings=settings).iloc[0]
    assert (row["status"], row["completed"]) == ("completed", 2)


def test_ended_requests_are_asked_for_only_when_full(
    submitted: str, settings: Settings, served: Served
) -> None:
    """An incremental pull leaves what has ended alone."""
    sandbox_call(settings, "/sandbox/advance", {"days": 31})
    _pull(settings, served)
    assert portops.status(settings=settings)["status"].tolist() == ["expired"]
    assert api.pull(settings=settings).asked == 0
    assert api.pull(settings=settings, full=True).asked == 1


def test_a_canceled_request_is_history_too(
    submitted: str, settings: Settings, served: Served
) -> None:
    """Cancelling at the provider shows at the next pull."""
    with open_provider(settings) as provider:
        provider.cancel(submitted)
    _pull(settings, served)
    assert portops.status(settings=settings)["status"].tolist() == ["canceled"]


def test_a_provider_that_is_down_is_said(submitted: str, settings: Settings) -> None:
    """Which address, and what to do."""
    with pytest.raises(Unavailable) as raised:
        api.pull(settings=settings.but(sandbox_url="http://127.0.0.1:9"))
    assert "portops sandbox serve" in raised.value.remedy


def test_the_store_gives_back_what_events_are(
    submitted: str, settings: Settings, served: Served
) -> None:
    """EVENTS out of the store fits its model."""
    history = portops.history(settings=settings)
    tables.EVENTS.validate(history)
    assert isinstance(history["occurred_at"].iloc[0].to_pydatetime(), datetime)
    assert pd.api.types.is_string_dtype(history["cause"])
