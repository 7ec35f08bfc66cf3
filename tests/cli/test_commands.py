"""The command line: what it prints, what it writes, how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import SAMPLES, Served, rows, serving, write_book

from portops.cli import COMMANDS


@pytest.fixture
def portops(tmp_path: Path):
    """Run the real command in an empty folder."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PORTOPS_", "TWILIO_"))}
        return subprocess.run(
            [sys.executable, "-m", "portops", *arguments], capture_output=True, text=True,
            cwd=tmp_path, env={**kept, **environment}, stdin=subprocess.DEVNULL, check=False,
            encoding="utf-8",
        )  # fmt: skip

    return run


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_has_help_with_an_example(portops, command: str) -> None:
    """`--help` exits 0 and shows how to call it."""
    done = portops(command, "--help")
    assert done.returncode == 0
    assert f"Example: portops {command}" in done.stdout


def test_check_exits_1_with_errors_and_0_without(portops, tmp_path: Path) -> None:
    """Files are written, the summary names the cells."""
    done = portops("check", str(SAMPLES / "faults" / "contact.xlsx"), "--documents",
                   str(SAMPLES / "statements"), "--out", "out")  # fmt: skip
    assert done.returncode == 1
    assert "email.invalid" in done.stdout
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "contact.checked.xlsx", "contact.findings.csv"]  # fmt: skip
    clean = portops("check", str(SAMPLES / "faults" / "clean.xlsx"), "--documents",
                    str(SAMPLES / "statements"))  # fmt: skip
    assert clean.returncode == 0, clean.stdout


def test_json_is_one_document_and_nothing_else(portops) -> None:
    """The keys of the contract."""
    done = portops("check", str(SAMPLES / "clinics-numbers.xlsx"), "--documents",
                   str(SAMPLES / "statements"), "--json")  # fmt: skip
    document = json.loads(done.stdout)
    assert set(document) == {"workbooks", "rows", "numbers", "requests", "mapping", "counts",
                             "findings"}  # fmt: skip
    assert set(document["counts"]) == {"error", "warning", "fixed", "info"}
    expected = {"code", "severity", "sheet", "row", "column", "cell", "value", "message",
                "suggestion", "request", "phone_number", "workbook"}  # fmt: skip
    assert all(set(each) == expected for each in document["findings"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check",), "Missing argument"),
        (("check", "absent.xlsx"), "does not exist"),
        (("check", "empty.xlsx"), "is empty"),
        (("check", "headless.csv"), "no row was recognised"),
        (("check", "good.xlsx", "--sheet", "Nope"), "has no sheet"),
        (("check", "good.xlsx", "--map", "Nope=email"), "which no sheet has"),
        (("check", "good.xlsx", "--map", "Email=colour"), "which does not exist"),
        (("check", "good.xlsx", "--set", "colour=red"), "which does not exist"),
        (("check", "good.xlsx", "--documents", "nowhere"), "does not exist"),
        (("check", "good.xlsx", "--as-of", "soon"), "is not a date"),
        (("submit", "good.xlsx"), "agreement checklist is not accepted"),
        (("status",), "There is no store"),
        (("pull",), "There is no store"),
        (("report", "weekly-rejections", "--week", "soon"), "is not a week"),
        (("report", "weather"), "is not one of"),
        (("sandbox", "advance", "1"), "does not answer"),
        (("frobnicate",), "No such command"),
        (("--config", "nope.toml", "status"), "does not exist"),
    ],
)
def test_what_cannot_be_done_exits_2_with_one_line_each(
    portops, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    """What is wrong and what to do, no traceback, nothing written."""
    write_book(tmp_path / "good.xlsx", rows({}))
    (tmp_path / "empty.xlsx").touch()
    (tmp_path / "headless.csv").write_text("a,b\n1,2\n")
    before = sorted(tmp_path.rglob("*"))
    done = portops(*arguments, PORTOPS_SANDBOX_URL="http://127.0.0.1:9")
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_debug_shows_where_it_comes_from(portops) -> None:
    """A traceback on request only."""
    assert "Traceback" in portops("check", "absent.xlsx", "--debug").stderr


def test_the_main_job_by_hand(portops, statement: Path, tmp_path: Path) -> None:
    """Submit, submit again, advance, sign, pull, status, cancel, report."""
    write_book(tmp_path / "mine.xlsx", rows({}, {"Account Number": "9", "Customer Name": "Red"}))
    with serving(tmp_path / "sandbox") as served:
        here = {"PORTOPS_SANDBOX_URL": served.url}
        common = ("mine.xlsx", "--documents", str(statement), "--out", "out")
        first = json.loads(portops("submit", *common, "--agree", "--json", **here).stdout)
        assert set(first) == {"batch", "submitted", "already_submitted", "held_back", "failed",
                              "requests"}  # fmt: skip
        assert first["submitted"] == 2
        assert set(first["requests"][0]) == {"request", "request_sid", "status", "numbers", "error"}
        assert (tmp_path / "out" / "mine.submitted.xlsx").is_file()
        again = json.loads(portops("submit", *common, "--agree", "--json", **here).stdout)
        assert (again["submitted"], again["already_submitted"]) == (0, 2)
        sid, other = (each["request_sid"] for each in first["requests"])
        assert portops("sandbox", "advance", "1", **here).returncode == 0
        assert portops("sandbox", "sign", sid, **here).returncode == 0
        assert portops("cancel", other, **here).returncode == 0
        assert portops("sandbox", "advance", "40", **here).returncode == 0
        assert json.loads(portops("pull", "--json", **here).stdout)["new_events"] > 0
        shown = json.loads(portops("status", "--json", **here).stdout)["requests"]
        assert {each["request_sid"]: each["status"] for each in shown} == {
            sid: "completed", other: "canceled"}  # fmt: skip
        one = portops("status", sid, **here).stdout
        assert "completed" in one
        assert "authority to port" in one
        done = portops("report", "turnaround", "--week", "2026-W45", "--out", "reports", **here)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "reports" / "2026-W45" / "turnaround.html").is_file()


def test_a_dry_run_sends_nothing(portops, statement: Path, served: Served, tmp_path: Path) -> None:
    """The plan is shown."""
    write_book(tmp_path / "mine.xlsx", rows({}))
    done = portops("submit", "mine.xlsx", "--documents", str(statement), "--dry-run",
                   PORTOPS_SANDBOX_URL=served.url)  # fmt: skip
    assert done.returncode == 0
    assert "1 requests" in done.stdout
    assert served.received() == []


def test_an_interrupted_provider_is_exit_2_and_the_rest_goes_on_later(
    portops, statement: Path, tmp_path: Path
) -> None:
    """A provider that is down: what was done is kept, and said."""
    write_book(tmp_path / "mine.xlsx", rows({}))
    done = portops("submit", "mine.xlsx", "--documents", str(statement), "--agree",
                   PORTOPS_SANDBOX_URL="http://127.0.0.1:9")  # fmt: skip
    assert done.returncode == 2
    assert "does not answer" in done.stderr


def test_the_demo_shows_the_whole_job(portops, tmp_path: Path) -> None:
    """One command: checked, submitted, followed, reported; the same figures every time."""
    done = portops("demo", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["seconds"] < 90
    assert sum(each["numbers"] for each in document["waves"]) >= 120
    assert set(document["figures"]) >= {"rejection_rate", "top_cause",
                                        "median_turnaround_business_days"}  # fmt: skip
    assert document["figures"]["decided"] > 0
    for path in document["reports"]:
        assert (tmp_path / path).stat().st_size > 0
    codes = set()
    for path in (tmp_path / "reports" / "demo" / "workbooks").glob("*.findings.csv"):
        codes |= {line.split(",")[0] for line in path.read_text(encoding="utf-8-sig").splitlines()}
    assert len(codes - {"code"}) >= 12
