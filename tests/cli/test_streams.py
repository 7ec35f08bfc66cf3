"""What a command prints: JSON in UTF-8, a reader that goes away, and no secret of its arguments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import Served, rows, write_book

from portops.cli import main


def _environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PORTOPS_", "TWILIO_"))}
    return {**kept, **more}


def _run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "portops", *arguments],
        capture_output=True,
        cwd=folder,
        env=_environment(**environment),
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _run_unread(folder: Path, *arguments: str, read: int, **environment: str) -> tuple[int, bytes]:
    """Run with a stdout whose reader leaves after `read` bytes; gives exit status and stderr."""
    process = subprocess.Popen(
        [sys.executable, "-m", "portops", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=_environment(**environment),
        stdin=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(read)
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    return process.wait(), told


@pytest.fixture
def many(tmp_path: Path, statement: Path) -> Path:
    """A workbook whose findings as JSON are larger than a pipe holds, and without an error."""
    frame = rows(
        *({"Phone Number": f"212-555-01{n:02d}", "Request": f"Office {n:02d}"} for n in range(100)),
        **{"Customer Name": "Łukasz Bakery"},
    )
    return write_book(statement / "many.xlsx", frame)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_json_is_utf_8_whatever_the_console(tmp_path: Path, statement: Path, encoding: str) -> None:
    """A name arrives as it was written; a console of another code page changes nothing."""
    write_book(statement / "mine.xlsx", rows({"Customer Name": "Łukasz • Zażółć"}))
    done = _run(tmp_path, "plan", str(statement / "mine.xlsx"), "--json", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert "Łukasz • Zażółć" in done.stdout.decode("utf-8")
    assert json.loads(done.stdout.decode("utf-8"))["requests"]


@pytest.mark.parametrize(
    ("form", "read", "unbuffered"),
    [
        ((), 0, "1"),
        ((), 100, ""),
        (("--json", "--all"), 0, ""),
        (("--json", "--all"), 4_000, "1"),
    ],
)
def test_a_reader_that_leaves_is_no_fault(
    tmp_path: Path, many: Path, read: int, unbuffered: str, form: tuple[str, ...]
) -> None:
    """`portops check … | head` ends quietly with the command's own status, its files written."""
    status, told = _run_unread(
        tmp_path, "check", str(many), *form, read=read, PYTHONUNBUFFERED=unbuffered
    )
    assert (status, told) == (0, b"")
    assert (tmp_path / "reports" / "many.checked.xlsx").is_file()


def test_a_submission_goes_on_without_a_reader(tmp_path: Path, many: Path, served: Served) -> None:
    """What was submitted is in the receipts, though nobody read the table."""
    status, _ = _run_unread(
        tmp_path, "submit", str(many), "--agree", read=1, PORTOPS_SANDBOX_URL=served.url
    )
    assert status == 0
    assert (tmp_path / "reports" / "many.submitted.xlsx").is_file()
    again = _run(tmp_path, "submit", str(many), "--agree", "--json", PORTOPS_SANDBOX_URL=served.url)
    assert json.loads(again.stdout)["submitted"] == 0


@pytest.mark.parametrize(
    "argument",
    ["pin:73519024", "pin=", "=73519024", "73519024=pin", "pin 73519024", "pins=73519024"],
)
def test_a_secret_among_the_arguments_is_not_repeated(
    tmp_path: Path,
    statement: Path,
    argument: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A slip in `--set` says how it is written, and not what was typed."""
    monkeypatch.chdir(tmp_path)
    write_book(statement / "mine.xlsx", rows({}))
    with pytest.raises(SystemExit) as ended:
        main(["check", str(statement / "mine.xlsx"), "--set", argument])
    told = capfd.readouterr()
    assert ended.value.code == 2
    assert "--set" in told.err
    assert "73519024" not in told.out + told.err


@pytest.mark.parametrize("command", ["check", "plan"])
@pytest.mark.parametrize("value", ["73519024", "735190247351902473519024"])
def test_a_pin_that_is_set_for_all_is_in_no_output(
    tmp_path: Path,
    statement: Path,
    command: str,
    value: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not in the findings and not in the plan, whether it is good or too long."""
    monkeypatch.chdir(tmp_path)
    write_book(statement / "mine.xlsx", rows({"Number Type": "Wireless"}))
    with pytest.raises(SystemExit):
        main([command, str(statement / "mine.xlsx"), "--json", "--set", f"pin={value}"])
    told = capfd.readouterr()
    assert told.out.startswith("{")
    assert value not in told.out + told.err


def test_a_mapping_of_the_settings_is_no_demand(tmp_path: Path, statement: Path) -> None:
    """Workbooks without that column are checked as ever; one that has it is understood by it."""
    (tmp_path / "portops.toml").write_text('[mapping]\n"Cust. ref" = "customer_name"\n')
    plain = write_book(statement / "plain.xlsx", rows({}))
    frame = rows({}).rename(columns={"Customer Name": "Cust. ref"})
    named = write_book(statement / "named.xlsx", frame)
    for path in (plain, named):
        done = _run(tmp_path, "check", str(path), "--json")
        assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["mapping"]["Cust. ref"] == "customer_name"
