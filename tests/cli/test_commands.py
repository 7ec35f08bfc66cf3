"""The command line: what it prints, what it writes, how it exits."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from tests.conftest import ROOT, SAMPLES, Served, open_to_others, rows, serving, write_book

from portops import read, rejections, turnaround
from portops.cli import COMMANDS
from portops.demo import WEEK
from portops.redaction import Secret
from portops.store import vault
from portops.store.database import open_database


@pytest.fixture
def portops(tmp_path: Path):
    """Run the real command in an empty folder."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PORTOPS_", "TWILIO_"))}
        return subprocess.run(
            [sys.executable, "-m", "portops", *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**kept, **environment},
            stdin=subprocess.DEVNULL,
            check=False,
            encoding="utf-8",
            # Whatever the umask lets through, what portops writes is its owner's alone.
            umask=0,
        )

    return run


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_has_help_with_an_example(portops, command: str) -> None:
    """`--help` exits 0 and shows how to call it."""
    done = portops(command, "--help")
    assert done.returncode == 0
    assert f"Example: portops {command}" in done.stdout


def test_help_of_all_keeps_its_lines(portops) -> None:
    """The first commands to try stand below each other, as they were written."""
    shown = portops("--help").stdout
    assert "\\" not in shown
    assert "\n  portops check migration.xlsx      check a workbook\n" in shown


def test_check_exits_1_with_errors_and_0_without(portops, tmp_path: Path) -> None:
    """Files are written, the summary names the cells."""
    done = portops(
        "check",
        str(SAMPLES / "faults" / "contact.xlsx"),
        "--documents",
        str(SAMPLES / "statements"),
        "--out",
        "out",
    )
    assert done.returncode == 1
    assert "email.invalid" in done.stdout
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "contact.checked.xlsx",
        "contact.findings.csv",
    ]
    clean = portops(
        "check", str(SAMPLES / "faults" / "clean.xlsx"), "--documents", str(SAMPLES / "statements")
    )
    assert clean.returncode == 0, clean.stdout


def test_json_is_one_document_and_nothing_else(portops) -> None:
    """The keys of the contract."""
    done = portops(
        "check",
        str(SAMPLES / "clinics-numbers.xlsx"),
        "--documents",
        str(SAMPLES / "statements"),
        "--json",
    )
    document = json.loads(done.stdout)
    assert set(document) == {
        "workbooks",
        "rows",
        "numbers",
        "requests",
        "mapping",
        "columns",
        "sheets",
        "counts",
        "findings",
    }
    assert set(document["counts"]) == {"error", "warning", "fixed", "info"}
    expected = {
        "code",
        "severity",
        "sheet",
        "row",
        "column",
        "cell",
        "value",
        "message",
        "suggestion",
        "request",
        "phone_number",
        "workbook",
    }
    assert all(set(each) == expected for each in document["findings"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check",), "Missing argument"),
        (("check", "absent.xlsx"), "does not exist"),
        (("check", "empty.xlsx"), "is empty"),
        (("check", "headless.csv"), "no row was recognized"),
        (("check", "good.xlsx", "--sheet", "Nope"), "has no sheet"),
        (("check", "good.xlsx", "--map", "Nope=email"), "which no sheet has"),
        (("check", "good.xlsx", "--map", "Email=colour"), "is not a field"),
        (("check", "good.xlsx", "--set", "colour=red"), "is not a field"),
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
        assert set(first) == {
            "batch",
            "submitted",
            "already_submitted",
            "held_back",
            "failed",
            "requests",
        }
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
            sid: "completed",
            other: "canceled",
        }
        one = portops("status", sid, **here).stdout
        assert "completed" in one
        assert "authority to port" in one
        done = portops("report", "turnaround", "--week", "2026-W45", "--out", "reports", **here)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "reports" / "2026-W45" / "turnaround.html").is_file()


def test_a_dry_run_sends_nothing(portops, statement: Path, served: Served, tmp_path: Path) -> None:
    """The plan is shown; after a submission, that nothing is left of it."""
    write_book(tmp_path / "mine.xlsx", rows({}))
    mine = ("submit", "mine.xlsx", "--documents", str(statement))
    done = portops(*mine, "--dry-run", PORTOPS_SANDBOX_URL=served.url)
    assert done.returncode == 0
    assert "1 request" in done.stdout
    assert served.received() == []
    assert not list(tmp_path.glob("*.db"))
    assert portops(*mine, "--agree", PORTOPS_SANDBOX_URL=served.url).returncode == 0
    done = portops(*mine, "--dry-run", PORTOPS_SANDBOX_URL=served.url)
    assert "0 requests would be submitted; 1 submitted before" in done.stdout
    done = portops(*mine, "--dry-run", "--json", PORTOPS_SANDBOX_URL=served.url)
    assert json.loads(done.stdout)["already_submitted"] == 1
    assert len(served.received()) == 1


def test_an_interrupted_provider_is_exit_2_and_the_rest_goes_on_later(
    portops, statement: Path, tmp_path: Path
) -> None:
    """A provider that is down: what was done is kept, and said."""
    write_book(tmp_path / "mine.xlsx", rows({}))
    done = portops(
        "submit",
        "mine.xlsx",
        "--documents",
        str(statement),
        "--agree",
        PORTOPS_SANDBOX_URL="http://127.0.0.1:9",
    )
    assert done.returncode == 2
    assert "does not answer" in done.stderr


def test_the_demo_shows_the_whole_job(portops, tmp_path: Path) -> None:
    """Checked, submitted, followed, reported; the same figures by call, and for everyone."""
    done = portops("demo", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert sum(each["numbers"] for each in document["waves"]) >= 120
    assert set(document["figures"]) >= {
        "rejection_rate",
        "top_cause",
        "median_turnaround_business_days",
    }
    assert document["figures"]["decided"] > 0
    for path in document["reports"]:
        assert (tmp_path / path).stat().st_size > 0
    codes = set()
    for path in (tmp_path / "reports" / "demo" / "workbooks").glob("*.findings.csv"):
        codes |= {line.split(",")[0] for line in path.read_text(encoding="utf-8-sig").splitlines()}
    assert len(codes - {"code"}) >= 12
    _no_secret_anywhere(tmp_path / "reports" / "demo", done.stdout + done.stderr)
    figures, store = document["figures"], document["store"]
    weekly, days = rejections(WEEK, store=store), turnaround(WEEK, store=store)
    assert {name: weekly[name] for name in ("rejection_rate", "first_rejected", "decided")} == {
        name: figures[name] for name in ("rejection_rate", "first_rejected", "decided")
    }
    assert weekly["rejections_by_cause"][0]["cause"] == figures["top_cause"]
    assert days["chain"]["median"] == figures["median_turnaround_business_days"]
    # Its calendar and its fates are fixed: what the README shows is what everyone gets.
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"\b{figures['first_rejected']} of (the )?{figures['decided']}\b", readme)
    assert f"Median turnaround: {figures['median_turnaround_business_days']:g} " in readme
    assert not open_to_others(tmp_path / "reports"), "files are 0600 and folders 0700"


def _planted() -> set[bytes]:
    """Every PIN of the samples; they are long, so that a hit is a hit."""
    found = set()
    for workbook in SAMPLES.glob("*-*.xlsx"):
        numbers = read(workbook)
        for name in ("pin", "ssn_last4"):
            found |= {each.reveal().encode() for each in numbers[name] if isinstance(each, Secret)}
    return {each for each in found if len(each) >= 8}


def _texts(path: Path) -> Iterator[tuple[str, bytes]]:
    """Give a file's bytes, and those of its parts where it is a package.

    A marked copy is the analyst's own workbook: of it, everything that is ours is looked at,
    that is notes and the sheet of findings, and not the cells they filled in.
    """
    yield path.name, path.read_bytes()
    if not zipfile.is_zipfile(path):
        return
    marked = path.name.endswith(".checked.xlsx")
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if not marked or "comment" in name.lower():
                yield f"{path.name}!{name}", package.read(name)
    if marked:
        page = openpyxl.load_workbook(path)["Findings"]
        words = [str(cell.value) for row in page.iter_rows() for cell in row]
        yield f"{path.name}!Findings", "\n".join(words).encode()


def _no_secret_anywhere(folder: Path, printed: str) -> None:
    planted = _planted()
    assert len(planted) >= 20
    assert not [each for each in planted if each.decode() in printed]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {".db", ".ipynb", ".html", ".xlsx", ".json", ".csv", ".log"} <= {
        path.suffix for path in files
    }
    for path in files:
        for name, content in _texts(path):
            hits = [each for each in planted if each in content]
            assert not hits, f"{name} holds {len(hits)} PINs"
    # They were in the store, sealed, and went when their ports ended.
    with open_database(f"sqlite:///{folder / 'portops.db'}") as database:
        assert vault.count(database) < len(planted)


def test_no_pin_in_a_traceback(portops, tmp_path: Path, statement: Path) -> None:
    """`--debug` shows where an error comes from, and nothing of what is secret."""
    frame = rows({"Number Type": "Wireless", "Wireless PIN": "Zebra4711X", "Account Number": None})
    write_book(tmp_path / "mine.xlsx", frame)
    key = "a long phrase that is the key"
    for arguments in (
        ("check", "mine.xlsx"),
        ("plan", "mine.xlsx", "--portability"),
        ("submit", "mine.xlsx", "--agree", "--no-portability"),
        ("--store", "nowhere://", "submit", "mine.xlsx", "--agree"),
    ):
        done = portops(
            *arguments, "--debug", PORTOPS_SANDBOX_URL="http://127.0.0.1:9", PORTOPS_SECRET_KEY=key
        )
        assert "Zebra4711X" not in done.stdout + done.stderr
        assert key not in done.stdout + done.stderr


def test_secrets_are_kept_rotated_and_purged(portops, tmp_path: Path, statement: Path) -> None:
    """The whole life of a PIN in the store, by the command line."""
    frame = rows({"Number Type": "Wireless", "Wireless PIN": "Zebra4711X"})
    write_book(tmp_path / "mine.xlsx", frame)
    with serving(tmp_path / "sandbox", start=None) as served:
        known = {"PORTOPS_SANDBOX_URL": served.url}
        done = portops(
            "submit",
            "mine.xlsx",
            "--documents",
            str(statement),
            "--agree",
            PORTOPS_SECRET_KEY="the first long phrase",
            **known,
        )
        assert done.returncode == 0, done.stderr
    one = portops("secrets", "rotate", PORTOPS_SECRET_KEY="the first long phrase")
    assert (one.returncode, "NEW,OLD" in one.stderr) == (2, True)
    wrong = portops("secrets", "rotate", PORTOPS_SECRET_KEY="another long phrase,and one more long")
    assert (wrong.returncode, "another key" in wrong.stderr) == (2, True)
    new = portops("secrets", "key").stdout.strip()
    both = portops("secrets", "rotate", PORTOPS_SECRET_KEY=f"{new},the first long phrase")
    assert "1 PIN sealed" in both.stdout, both.stderr
    assert json.loads(portops("secrets", "purge", "--json").stdout) == {"removed": 0, "kept": 1}
    assert json.loads(portops("secrets", "purge", "--all", "--json").stdout)["removed"] == 1
    short = portops("submit", "mine.xlsx", "--agree", PORTOPS_SECRET_KEY="short")
    assert "Zebra" not in short.stderr


def test_cancelling_is_written_down(portops, tmp_path: Path, statement: Path) -> None:
    """A number, a request, a batch: each has its journal row, and asking twice does no harm."""
    frame = rows({}, {}, {"Account Number": "9", "Customer Name": "Red Barn"})
    write_book(tmp_path / "mine.xlsx", frame)
    with serving(tmp_path / "sandbox", start=None) as served:
        known = {"PORTOPS_SANDBOX_URL": served.url}
        submit = ("submit", "mine.xlsx", "--documents", str(statement), "--agree", "--json")
        done = json.loads(portops(*submit, **known).stdout)
        first, second = (each["request_sid"] for each in done["requests"])
        one = portops("cancel", first, "--number", "+12125550100", **known)
        assert one.returncode == 0, one.stderr
        unknown = portops("cancel", "KWnope", **known)
        assert (unknown.returncode, "no request" in unknown.stderr) == (2, True)
        assert portops("cancel", "--batch", done["batch"], **known).returncode == 0
        shown = json.loads(portops("status", first, "--json").stdout)
        notes = [(each["state"], each["note"]) for each in shown["journal"]][-4:]
        assert notes == [
            ("accepted", "cancel asked for: +12125550100"),
            ("accepted", "canceled: +12125550100"),
            ("accepted", "cancel asked for: the whole request"),
            ("canceled", "canceled: the whole request"),
        ]
        assert shown["status"] == "canceled"
        assert "authority to port" in shown["agreement"]
        assert json.loads(portops("status", second, "--json").stdout)["status"] == "canceled"
        assert portops("cancel", second, **known).returncode == 0
        again = json.loads(portops(*submit, **known).stdout)
        assert again["already_submitted"] == 2
        anew = json.loads(portops(*submit, "--again", **known).stdout)
        assert anew["submitted"] == 2
        assert {each["request_sid"] for each in anew["requests"]}.isdisjoint({first, second})


def test_letters_are_written_for_a_plan(portops, tmp_path: Path, statement: Path) -> None:
    """One PDF a planned request; what is held back has none."""
    frame = rows(
        {},
        {"Account Number": "9", "Customer Name": "Red Barn"},
        {"Account Number": "77", "Email": "nobody"},
    )
    write_book(tmp_path / "mine.xlsx", frame)
    done = portops("loa", "mine.xlsx", "--documents", str(statement), "--out", "letters", "--json")
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert (len(document["letters"]), document["held_back"]) == (2, 1)
    for each in document["letters"]:
        assert (tmp_path / each["file"]).read_bytes().startswith(b"%PDF-")


def test_the_doctor_says_what_to_mend(portops, tmp_path: Path) -> None:
    """Everything is looked at, also when something is broken."""
    with serving(tmp_path / "sandbox") as served:
        well = portops("doctor", "--json", PORTOPS_SANDBOX_URL=served.url)
    assert well.returncode == 0, well.stdout
    checks = {each["what"]: each["status"] for each in json.loads(well.stdout)["checks"]}
    assert checks.keys() == {
        "settings",
        "store",
        "provider",
        "secret key",
        "notebooks",
        "output folder",
        "documents",
        "mail",
        "scans",
    }
    assert (checks["provider"], checks["store"]) == ("ok", "note")
    broken = portops("doctor", "--provider", "twilio")
    assert broken.returncode == 1
    assert "TWILIO_ACCOUNT_SID" in broken.stdout
