"""`portops weekly`: one command for a scheduler, with a real mail server at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest
from filelock import FileLock
from tests.conftest import START, Served, event, events, inbox_of, open_to_others

from portops.errors import SettingsError
from portops.letters import mail
from portops.redaction import Secret
from portops.store.database import open_database
from portops.store.history import append, rows_of


@pytest.fixture
def inbox() -> Iterator[tuple[str, list[EmailMessage]]]:
    """A mail server that really listens: its address and what has arrived."""
    with inbox_of() as address_and_mails:
        yield address_and_mails


@pytest.fixture
def filled(store_url: str) -> str:
    """A store with one rejected and one completed number."""
    given = events(
        event("KW1", "+12125550100", "submitted", START),
        event(
            "KW1",
            "+12125550100",
            "rejected",
            "2026-10-07T12:00:00Z",
            cause="address",
            reason="Address does not match",
        ),
        event("KW1", "+12125550101", "submitted", START),
        event("KW1", "+12125550101", "completed", "2026-10-08T12:00:00Z"),
    )
    with open_database(store_url) as database, database.writing() as connection:
        append(connection, rows_of(given))
    return store_url


def _weekly(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTOPS_")}
    return subprocess.run(
        [sys.executable, "-m", "portops", "weekly", "--week", "2026-W41", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**kept, **environment},
        check=False,
        umask=0,
    )


def test_a_week_without_anybody(
    tmp_path: Path, filled: str, served: Served, inbox: tuple[str, list[EmailMessage]]
) -> None:
    """Pulled, reconciled, reported, listed, mailed; one line of JSON a step."""
    url, mails = inbox
    done = _weekly(
        tmp_path,
        "--mail-to",
        "boss@example.com",
        PORTOPS_STORE=filled,
        PORTOPS_SANDBOX_URL=served.url,
        PORTOPS_SMTP_URL=url,
    )
    assert done.returncode == 1, done.stderr  # the provider does not know KW1
    steps = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert [(step["step"], step["status"]) for step in steps] == [
        (name, "done")
        for name in (
            "pull",
            "reconcile",
            "weekly-rejections",
            "turnaround",
            "reconciliation",
            "index",
            "digest",
        )
    ]
    log = (tmp_path / "reports" / "weekly.log").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in log] == [step["step"] for step in steps]
    index = (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    assert "50 % of 2" in index
    assert 'href="2026-W41/weekly-rejections.html"' in index
    folder = tmp_path / "reports" / "2026-W41"
    assert (folder / "reconciliation.csv").is_file()
    # The ledger and the report's own tables do not overwrite each other.
    sheets = [
        openpyxl.load_workbook(folder / name).sheetnames[0]
        for name in ("reconciliation-numbers.xlsx", "reconciliation.xlsx")
    ]
    assert sheets == ["Summary", "summary"]
    assert len(mails) == 1
    assert mails[0]["Subject"].startswith("Porting 2026-W41: 1 of 2 numbers decided")
    assert (mails[0]["From"], mails[0]["To"]) == ("desk@example.com", "boss@example.com")
    text = mails[0].get_body(("plain",))
    assert text is not None
    assert "50 %" in text.get_content()
    attached = {part.get_filename(): part.get_content() for part in mails[0].iter_attachments()}
    assert set(attached) == {
        "weekly-rejections-2026-W41.pdf",
        "turnaround-2026-W41.pdf",
        "reconciliation-2026-W41.pdf",
    }
    assert all(content.startswith(b"%PDF-") for content in attached.values())
    assert not open_to_others(tmp_path / "reports"), "reports, log and lock"


def test_a_provider_that_is_down_keeps_nobody_from_the_reports(tmp_path: Path, filled: str) -> None:
    """What can be done is done; the status says that something could not.

    With no request of its own there is nothing to pull.
    """
    done = _weekly(tmp_path, PORTOPS_STORE=filled, PORTOPS_SANDBOX_URL="http://127.0.0.1:9")
    assert done.returncode == 2
    steps = {
        step["step"]: step["status"]
        for step in map(
            json.loads, (line for line in done.stderr.splitlines() if line.startswith("{"))
        )
    }
    assert steps == {
        "pull": "done",
        "reconcile": "failed",
        "weekly-rejections": "done",
        "turnaround": "done",
        "reconciliation": "failed",
        "index": "done",
    }
    assert "does not answer" in done.stderr
    assert (tmp_path / "reports" / "2026-W41" / "turnaround.pdf").is_file()


def test_two_runs_do_not_overlap(tmp_path: Path, filled: str) -> None:
    """The second says so and ends at once."""
    (tmp_path / "reports").mkdir()
    with FileLock(tmp_path / "reports" / ".weekly.lock"):
        done = _weekly(tmp_path, "--no-pull", PORTOPS_STORE=filled)
    assert done.returncode == 2
    assert "Another weekly run" in done.stderr
    assert not (tmp_path / "reports" / "index.html").exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mail.example.com", "mail server.s address"),
        ("smtp://127.0.0.1:9", "not sent"),
        ("http://x", "mail server.s address"),
    ],
)
def test_mail_that_cannot_be_sent_is_said_without_its_password(url: str, words: str) -> None:
    """In one sentence."""
    with pytest.raises(SettingsError, match=words) as raised:
        mail.send(Secret(url.replace("//", "//me:hush-hush@")), EmailMessage())
    assert "hush-hush" not in str(raised.value)


def test_a_password_is_not_sent_in_the_open(inbox: tuple[str, list[EmailMessage]]) -> None:
    """A server without TLS does not get it."""
    url, mails = inbox
    with pytest.raises(SettingsError, match="no TLS"):
        mail.send(Secret(url.replace("//", "//me:hush-hush@")), EmailMessage())
    assert mails == []
