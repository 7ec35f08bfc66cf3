"""Two providers in one store: one tracker, one history, one list of causes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import desk_of, rows, serving
from tests.sandbox.test_openapi import RECORD

import portops
from portops.settings import Settings

ADMIN = ("AC00000000000000000000000000000001", "sandbox-admin")
NUMBERS = ("+12125550100", "+12125550101")


def test_both_are_in_the_tracker_and_the_causes(
    tmp_path: Path, statement: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same fault, told in the words of two providers, is one cause; each reconciles its own."""
    file = tmp_path / "records.csv"
    wrong = {**dict.fromkeys(RECORD, ""), "status": "active", "account_number": "77"}
    wrong |= {"line_type": "landline", "losing_carrier": "Granite Tel"}
    records = [{**wrong, "phone_number": number} for number in NUMBERS]
    lines = [",".join(RECORD), *(",".join(row[name] for name in RECORD) for row in records)]
    file.write_text("\n".join(lines) + "\n")
    with serving(tmp_path / "sandbox", carrier_records=file) as served:
        monkeypatch.setenv("PORTOPS_TELNYX_URL", f"{served.url}/v2")
        monkeypatch.setenv("TELNYX_API_KEY", "sandbox-admin")
        desks: dict[str, Any] = {}
        for provider, number in zip(("sandbox", "telnyx"), NUMBERS, strict=True):
            settings = Settings(store=store_url, provider=provider, sandbox_url=served.url)
            desks[provider] = desk_of(settings, clock=served.sandbox.clock.now)
            checked = portops.check(
                rows({"Phone Number": number}), documents=statement, provider=provider
            )
            done = desks[provider].submit(portops.plan(checked, provider=provider), agree=True)
            assert done.count("submitted") == 1
        for days in (1, 20):
            httpx.post(f"{served.url}/sandbox/advance", json={"days": days}, auth=ADMIN)
            for desk in desks.values():
                desk.pull()
            waiting = desks["sandbox"].status(status="waiting_for_signature")
            for sid in waiting["request_sid"]:
                desks["sandbox"].sandbox(f"sign/{sid}")
        for desk in desks.values():
            tracked = desk.status()
            assert set(tracked["provider"]) == {"sandbox", "telnyx"}
            assert set(tracked["status"]) == {"action_required"}
            refused = desk.corrections()
            assert set(refused["phone_number"]) == set(NUMBERS)
            assert set(refused["cause"]) == {"account_number"}
            assert set(refused["reason_code"]) == {"22156", "ACCOUNT_NUMBER_MISMATCH"}
            assert desk.reconcile().differing == 0
