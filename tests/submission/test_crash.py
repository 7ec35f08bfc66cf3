"""kill -9 at every point and at any moment: each request is submitted once, and none is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Served, rows, serving, write_book

from portops.store import journal
from portops.store.database import open_database

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")

#: So many processes are killed; `make crash` kills 200.
KILLS = int(os.environ.get("CRASH_KILLS", "8"))

#: Points of one submission that nobody kills, two threads at a time: some more or less.
POINTS = 56
#: A submission takes so many seconds, from its beginning.
SECONDS = 0.7
REQUESTS = 4


@pytest.fixture
def workbook(tmp_path: Path, statement: Path) -> Path:
    """Four requests with two numbers each; one has a PIN."""
    (statement / "other.pdf").write_bytes((statement / "statement.pdf").read_bytes() + b"\n%")
    changes: list[dict[str, Any]] = []
    for account in range(REQUESTS):
        same = {
            "Account Number": f"77{account}",
            "Customer Name": f"Shop {account}",
            "Billing Statement": "other.pdf" if account == 1 else "statement.pdf",
        }
        pin = {"Number Type": "Wireless", "Wireless PIN": "4711Zebra"} if account == 2 else {}
        changes += [{**same, **pin}, {**same, **pin}]
    return write_book(tmp_path / "book.xlsx", rows(*changes))


def _start(url: str, served: Served, workbook: Path, kill_at: int = 0) -> subprocess.Popen[str]:
    script = Path(__file__).with_name("crashing.py")
    command = [
        sys.executable,
        str(script),
        url,
        served.url,
        str(workbook),
        str(workbook.parent / "statements"),
        str(kill_at),
    ]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def _prove(served: Served, url: str, last: dict[str, Any]) -> None:
    """Each request was accepted once, and nothing was sent for it afterwards."""
    calls: dict[tuple[str, ...], list[bool]] = defaultdict(list)
    for each in served.received():
        # A process that dies while it sends leaves half a call, which has no numbers.
        if each["numbers"]:
            calls[tuple(sorted(each["numbers"]))].append(each["accepted"])
    assert len(calls) == REQUESTS, "a request is missing"
    for numbers, accepted in calls.items():
        assert accepted.count(True) == 1, f"{numbers} was accepted {accepted.count(True)} times"
        assert accepted[-1] is True, f"a create was sent for {numbers} after it was accepted"
    theirs = {each["request_sid"] for each in served.received() if each["accepted"]}
    assert {sid for _, _, sid in last["outcomes"]} == theirs
    with open_database(url) as database:
        assert journal.known_sids(database) == theirs
        assert journal.ambiguous(database, "sandbox") == []


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_killed_submission_goes_on(tmp_path: Path, workbook: Path, kill: int) -> None:
    """Killed at one point (even kills) or at a random moment (odd ones), then run again.

    Every third one is killed a second time on its way.
    """
    draw = random.Random(kill)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    at = 1 + (kill // 2) * 2 * POINTS // max(KILLS, 2) if kill % 2 == 0 else 0
    killed = 0
    with serving(tmp_path / "sandbox", latency=0.01, start=None) as served:
        for turn in range(2 if kill % 3 == 0 else 1):
            process = _start(url, served, workbook, at + turn if at else 0)
            if not at and process.stdout is not None:
                process.stdout.readline()
                time.sleep(draw.uniform(0, SECONDS))
                process.kill()
            process.communicate(timeout=120)
            killed += process.returncode == -signal.SIGKILL
        last = _ended(_start(url, served, workbook))
        # Past the last point a submission may end by itself.
        assert killed or not 0 < at < POINTS // 2
        _prove(served, url, last)
        again = _ended(_start(url, served, workbook))
        assert {status for _, status, _ in again["outcomes"]} == {"already_submitted"}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_two_submit_the_same_workbook_at_once(
    tmp_path: Path, workbook: Path, dialect: str, request: pytest.FixtureRequest
) -> None:
    """They share the work, and one that dies leaves its part to the other."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    if dialect == "postgresql":
        url = request.getfixturevalue("postgres")
    with serving(tmp_path / "sandbox", latency=0.05, start=None) as served:
        both = [_start(url, served, workbook, at) for at in (0, 0, 50)]
        both[2].communicate(timeout=120)
        ended = [_ended(each) for each in both[:2]]
        for each in ended:
            _prove(served, url, each)
        counted = [status for each in ended for _, status, _ in each["outcomes"]]
        assert len(counted) == 2 * REQUESTS
        assert set(counted) <= {"submitted", "already_submitted"}
