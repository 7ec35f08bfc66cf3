"""What was submitted is told, whatever fails later; and text is always text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.conftest import Served, rows, write_book

from portops import cli


@pytest.fixture
def command(
    tmp_path: Path, statement: Path, served: Served, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Any:
    """Run a command in this process, in an empty folder; gives status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTOPS_SANDBOX_URL", served.url)
    monkeypatch.delenv("PORTOPS_STORE", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main([*arguments, "--documents", str(statement)])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def _lock(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.name in names:
            raise PermissionError(13, "used by another process", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)


def test_a_receipt_that_is_open_in_excel_loses_no_sid(
    command: Any, tmp_path: Path, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receipt is written beside it under another name."""
    write_book(tmp_path / "mine.xlsx", rows({}))
    (tmp_path / "out").mkdir()
    for name in ("mine.submitted.xlsx", "mine.checked.xlsx", "mine.findings.csv"):
        (tmp_path / "out" / name).write_text("open in Excel")
    _lock(monkeypatch, "mine.submitted.xlsx", "mine.checked.xlsx", "mine.findings.csv")
    status, out, err = command("submit", "mine.xlsx", "--agree", "--out", "out", "--json")
    document = json.loads(out)
    assert status == 0
    assert [document["requests"][0]["request_sid"]] == [
        row["request_sid"] for row in served.received()
    ]
    assert "mine.submitted (2).xlsx" in err
    assert not list((tmp_path / "out").glob("*.part"))
    sheet = openpyxl.load_workbook(tmp_path / "out" / "mine.submitted (2).xlsx").active
    assert document["requests"][0]["request_sid"] in {row[4].value for row in sheet.iter_rows()}


def test_check_open_fix_check_works(
    command: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The usual loop, with the marked copy of the first check still open in Excel."""
    write_book(tmp_path / "mine.xlsx", rows({}))
    assert command("check", "mine.xlsx", "--out", "out")[0] == 0
    _lock(monkeypatch, "mine.checked.xlsx")
    status, out, _ = command("check", "mine.xlsx", "--out", "out")
    assert status == 0
    assert "mine.checked (2).xlsx" in out
    assert "open in Excel" in caplog.text


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), TypeError("odd")])
@pytest.mark.parametrize("as_json", [False, True])
def test_sids_are_told_whatever_fails_later(
    command: Any,
    tmp_path: Path,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    *,
    as_json: bool,
) -> None:
    """No file can be written: the SIDs are there, then what failed, and exit 2."""
    write_book(tmp_path / "mine.xlsx", rows({}))

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(openpyxl.Workbook, "save", fails)
    options = ["--json"] if as_json else []
    status, out, err = command("submit", "mine.xlsx", "--agree", *options)
    assert status == 2
    assert served.received()[0]["request_sid"] in out
    assert "Not written" in err
    assert "unexpected" not in err


HOSTILE = ["Granite [/Tel]", "[x]", "avery[/b] Lark", "[red]Copper Hill", "Copper\x01 Hill \x0b"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_text(command: Any, tmp_path: Path, text: str) -> None:
    """Carriers, names, requests and headers are printed as written, and kill no command."""
    frame = rows({"Losing Carrier": text, "Customer Name": text, "Request Name": text})
    frame.assign(**{text: "x", "Email": f"{text}@example.com"}).to_csv(
        tmp_path / "bad.csv", index=False
    )
    frame.to_csv(tmp_path / "mine.csv", index=False)
    shown = " ".join(text.replace("\x01", " ").replace("\x0b", " ").split())
    for name, *arguments in (
        ("check", "bad.csv"),
        ("plan", "mine.csv"),
        ("submit", "mine.csv", "--agree"),
    ):
        status, out, err = command(name, *arguments)
        assert status in {0, 1}, err
        assert "unexpected" not in err
        if name != "check":
            assert shown in " ".join(out.split())
    with pytest.raises(SystemExit) as ended:
        cli.main(["status"])
    assert ended.value.code in {0, None}


def test_a_senders_profile_is_kept_found_and_told(command: Any, tmp_path: Path) -> None:
    """Beside the result on stderr, so that JSON stays one document; every step reads with it."""
    book = rows({}).rename(columns={"Account Number": "Acct Ref", "Customer Name": "Client"})
    write_book(tmp_path / "mine.xlsx", book.assign(Zorb="x1"))
    status, _, told = command("check", "mine.xlsx", "--map", "Zorb=notes", "--learn", "acme")
    assert status == 0
    assert f"Profile 'acme' kept: {Path('profiles', 'acme.toml')}" in told
    assert '[map]\n"Zorb" = "notes"' in (tmp_path / "profiles" / "acme.toml").read_text("utf-8")
    write_book(tmp_path / "next.xlsx", book.assign(Zorb="x2").drop(columns="Wireless PIN"))
    status, printed, told = command("check", "next.xlsx", "--json")
    assert "next.xlsx fits profile 'acme' and was read with it." in told
    assert "Missing in this workbook: 'Wireless PIN'." in told
    document = json.loads(printed)
    assert document["mapping"]["Zorb"] == "notes"
    assert {column["how"] for column in document["columns"]} == {"profile"}
    (use,) = document["profiles"]
    assert (use["profile"], use["chosen"], use["applied"]) == ("acme", "found", True)
    assert (use["missing"], use["new"]) == (["Wireless PIN"], [])
    for step in ("plan", "loa"):
        status, _, told = command(step, "next.xlsx", "--profile", "acme")
        assert status == 0
        assert "was read with profile 'acme'" in told
    status, _, told = command("submit", "next.xlsx", "--profile", "acme", "--agree")
    assert status == 0
    assert "was read with profile 'acme'" in told
    status, _, told = command("reconcile", "next.xlsx", "--profile", "acme")
    assert "was read with profile 'acme'" in told
    status, _, told = command("check", "next.xlsx", "--profile", "none")
    assert "profile 'acme'" not in told


def test_a_profile_that_cannot_be_kept_is_exit_2(command: Any, tmp_path: Path) -> None:
    """A PIN is never repeated; an option that would do nothing is refused."""
    write_book(tmp_path / "mine.xlsx", rows({}))
    status, printed, told = command("check", "mine.xlsx", "--set", "pin=Zebra4711", "--learn", "a")
    assert status == 2
    assert "is a secret and is never kept in a profile" in told
    assert "Zebra4711" not in printed + told
    assert command("check", "mine.xlsx", "--learn", "../a")[0] == 2
    assert command("reconcile", "--learn", "a")[0] == 2
    assert not (tmp_path / "profiles").exists()
