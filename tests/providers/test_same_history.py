"""The same batch through both dialects ends in the same canonical history."""

from __future__ import annotations

from pathlib import Path

import httpx
import pandas as pd
import pytest
from tests.conftest import desk_of, rows, serving
from tests.sandbox.test_openapi import RECORD

import portops
from portops.facts.statuses import TERMINAL
from portops.settings import Settings

ADMIN = ("AC00000000000000000000000000000001", "sandbox-admin")

#: Of five accounts: what the carrier's record has otherwise, and how it ends for its numbers.
ACCOUNTS = {
    "1001": ({}, "completed"),
    "1002": ({"account_number": "77"}, "account_number"),
    "1003": ({"authorized_name": "Robin Alder"}, "authorized_name"),
    "1004": ({"postal_code": "10002"}, "postal_code"),
    "1005": ({"status": "frozen"}, "port_protection"),
}

#: Statuses that one of the two has no name for.
LACKED = {"submitted", "in_review", "waiting_for_signature"}


def _batch() -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Two numbers an account, and the carriers' records of them."""
    lines, records = [], []
    for place, (account, (change, _)) in enumerate(ACCOUNTS.items()):
        for number in (f"+1212555010{2 * place}", f"+1212555010{2 * place + 1}"):
            lines.append({"Phone Number": number, "Account Number": account})
            fits = {**dict.fromkeys(RECORD, ""), "phone_number": number, "status": "active"}
            records.append(
                {**fits, "line_type": "landline", "losing_carrier": "Granite Tel", **change}
            )
    return rows(*lines), records


def _history(folder: Path, provider: str, statement: Path, monkeypatch: pytest.MonkeyPatch):
    book, records = _batch()
    folder.mkdir()
    file = folder / "records.csv"
    lines = [",".join(RECORD), *(",".join(row[name] for name in RECORD) for row in records)]
    file.write_text("\n".join(lines) + "\n")
    with serving(folder / "sandbox", carrier_records=file) as served:
        monkeypatch.setenv("PORTOPS_TELNYX_URL", f"{served.url}/v2")
        monkeypatch.setenv("TELNYX_API_KEY", "sandbox-admin")
        settings = Settings(
            store=f"sqlite:///{folder / 'store.db'}", provider=provider, sandbox_url=served.url
        )
        desk = desk_of(settings, clock=served.sandbox.clock.now)
        planned = portops.plan(
            portops.check(book, documents=statement, provider=provider), provider=provider
        )
        assert desk.submit(planned, agree=True).count("submitted") == len(ACCOUNTS)
        for day in range(40):
            httpx.post(f"{served.url}/sandbox/advance", json={"days": 1}, auth=ADMIN)
            desk.pull()
            waiting = desk.status(status="waiting_for_signature") if day < 3 else []
            for sid in list(waiting["request_sid"]) if len(waiting) else []:
                desk.sandbox(f"sign/{sid}")
        return desk.history()


def _told(history: pd.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """Return each number's statuses with their causes, in order, those left out that one lacks."""
    numbers = history[(history["phone_number"] != "") & ~history["status"].isin(LACKED)]
    ordered = numbers.sort_values("occurred_at", kind="stable")
    return {
        str(number): list(of_one[["status", "cause"]].itertuples(index=False, name=None))
        for number, of_one in ordered.groupby("phone_number")
    }


def test_both_dialects_end_in_the_same_history(
    tmp_path: Path, statement: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Number by number: the same statuses in the same order, the same causes, the same ends."""
    twilio = _told(_history(tmp_path / "twilio", "sandbox", statement, monkeypatch))
    telnyx = _told(_history(tmp_path / "telnyx", "telnyx", statement, monkeypatch))
    assert telnyx == twilio
    for place, (_, end) in enumerate(ACCOUNTS.values()):
        status, cause = twilio[f"+1212555010{2 * place}"][-1]
        assert end in {status, cause}
        assert status in TERMINAL | {"rejected"}
