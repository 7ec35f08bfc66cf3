"""`portops weekly`: one command for a scheduler, with a real mail server at the end."""

from __future__ import annotations

import email
import email.policy
import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import openpyxl
import pytest
from aiosmtpd.controller import Controller
from filelock import FileLock
from tests.conftest import START, Served, event, events, inbox_of, open_to_others

from portops.desk.weekly import Weekly, run_week
from portops.errors import SettingsError
from portops.letters import mail
from portops.redaction import Secret
from portops.reporting.press.leftovers import making
from portops.results.published import Published
from portops.settings import Settings
from portops.store.database import open_database
from portops.store.history import append, rows_of

if TYPE_CHECKING:
    from portops.desk import Desk


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
            "scorecard",
            "reconciliation",
            "index",
            "digest",
        )
    ]
    log = (tmp_path / "reports" / "weekly.log").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in log] == [step["step"] for step in steps]
    index = (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    assert "50%" in index
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
    assert mails[0]["Subject"].startswith("Porting 2026-W41: Of 2 numbers submitted Oct 5–11")
    assert (mails[0]["From"], mails[0]["To"]) == ("desk@example.com", "boss@example.com")
    assert all(mails[0][name] for name in ("Date", "Message-ID", "List-Id"))
    text = mails[0].get_body(("plain",))
    assert text is not None
    assert "50%" in text.get_content()
    attached = {part.get_filename(): part.get_content() for part in mails[0].iter_attachments()}
    assert set(attached) == {
        "weekly-rejections-2026-W41.pdf",
        "turnaround-2026-W41.pdf",
        "scorecard-2026-W41.pdf",
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
        "scorecard": "done",
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


@contextmanager
def _refusing(refused: str) -> Iterator[tuple[str, list[EmailMessage]]]:
    """A mail server that refuses one recipient; gives its address and what has arrived."""
    mails: list[EmailMessage] = []

    class Picky:
        async def handle_RCPT(  # noqa: N802 - its name and shape are aiosmtpd's
            self, server: object, session: object, envelope: Any, address: str, options: object
        ) -> str:
            if address == refused:
                return "550 No such user here"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(  # noqa: N802 - its name is aiosmtpd's
            self, server: object, session: object, envelope: Any
        ) -> str:
            mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            return "250 OK"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(Picky(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield f"smtp://127.0.0.1:{port}?from=desk@example.com", mails
    finally:
        server.stop()


@dataclass
class _Reports:
    """Stands in for a desk whose reports are made already, so that a run takes no kernel."""

    settings: Settings
    broken: OSError | None = None

    def clock(self) -> datetime:
        return datetime(2026, 10, 12, 13, tzinfo=UTC)

    def publish(self, name: str, *, week: str, out: Path) -> Published:
        if self.broken is not None:
            raise self.broken
        file = out / week / f"{name}.pdf"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"%PDF-1.4 report")
        return Published(name=name, title=name, shown=None, files=(file,))


def _run(folder: Path, desk: _Reports, mail_to: tuple[str, ...] = ()) -> Weekly:
    return run_week(
        cast("Desk", desk), "2026-W41", folder, mail_to=mail_to, asks=False, tell=lambda _: None
    )


def test_a_refused_recipient_is_named(tmp_path: Path) -> None:
    """The others get the digest, the step fails and says who did not."""
    with _refusing("gone@example.com") as (url, mails):
        desk = _Reports(Settings(smtp_url=Secret(url)))
        run = _run(tmp_path, desk, ("boss@example.com", "gone@example.com"))
        assert len(mails) == 1
        alone = _run(tmp_path, desk, ("gone@example.com",))
    digest = run.steps[-1]
    assert (digest["step"], digest["status"]) == ("digest", "failed")
    assert "gone@example.com (550 No such user here)" in digest["error"]
    assert "The others got" in digest["error"]
    assert "boss@example.com" not in digest["error"]
    assert run.failed is not None
    assert run.failed.exit_code == 2
    assert "Nobody got" in alone.steps[-1]["error"]
    assert mails[0]["Message-ID"]
    assert mails[0]["Date"]


def test_an_address_with_a_line_break_is_no_header(tmp_path: Path) -> None:
    """It is refused in words."""
    desk = _Reports(Settings(smtp_url=Secret("smtp://127.0.0.1:9")))
    run = _run(tmp_path, desk, ("boss@example.com\nBcc: evil@example.com",))
    assert "can't be addressed" in run.steps[-1]["error"]


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "Free some space"), (errno.EROFS, "can be written to")]
)
def test_a_disk_that_takes_nothing_is_said_in_words(tmp_path: Path, code: int, words: str) -> None:
    """Each step that needs it fails with its path and what to do; the others run."""
    broken = OSError(code, os.strerror(code), str(tmp_path / "turnaround.html"))
    run = _run(tmp_path, _Reports(Settings(), broken))
    steps = {step["step"]: step for step in run.steps}
    assert steps["index"]["status"] == "done"
    assert "turnaround.html can't be written" in steps["turnaround"]["error"]
    assert words in steps["turnaround"]["remedy"]
    assert run.failed is not None


def test_a_log_that_takes_nothing_is_said_in_words(tmp_path: Path) -> None:
    """The steps run, and the run ends with the log's path and what to do."""
    (tmp_path / "weekly.log").symlink_to("/dev/full")
    run = _run(tmp_path, _Reports(Settings()))
    assert {step["status"] for step in run.steps} == {"done"}
    assert run.failed is not None
    assert "weekly.log can't be written (No space left" in str(run.failed)
    assert "Free some space" in run.failed.remedy


def test_a_folder_that_is_none_is_said_in_words(tmp_path: Path, filled: str) -> None:
    """By the command, with exit status 2 and no trace."""
    (tmp_path / "reports").write_text("a file")
    done = _weekly(tmp_path, "--no-pull", PORTOPS_STORE=filled)
    assert done.returncode == 2
    assert "can't be written" in done.stderr
    assert "unexpected" not in done.stderr


def test_what_killed_runs_left_is_removed(tmp_path: Path) -> None:
    """Their folders go at the next start; those of reports that are being made stay."""
    week = tmp_path / "2026-W41"
    week.mkdir()
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from portops.reporting.press.leftovers import making\n"
        "with making(Path(sys.argv[1]), 'turnaround'): os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(week)], check=False)
    (killed,) = week.glob(".turnaround-*")
    unlocked, kept = week / ".turnaround-abcd1234", week / ".turnaround-notes"
    unlocked.mkdir()
    kept.mkdir()
    with making(week, "scorecard") as alive:
        for path in (killed, unlocked, kept, alive):
            os.utime(path, (1.0, 1.0))
        _run(tmp_path, _Reports(Settings()))
        assert alive.is_dir()
        assert kept.is_dir()
        assert not killed.exists()
        assert not unlocked.exists()
    assert not alive.exists()
