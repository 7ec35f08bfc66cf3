"""A disk that is really full, or that nobody can write to: clear words, nothing half written.

The disk is a small tmpfs in a mount namespace of its own, which needs no rights. Commands run in
that namespace; the test sees the same files through /proc.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.cli.test_weekly import filled
from tests.conftest import Served, rows, write_book
from tests.sandbox.test_official_client import ADMIN, body, upload

__all__ = ["filled"]


class Disk:
    """A small disk: `path` as commands see it, `seen` as the test does."""

    def __init__(self, path: Path, holder: subprocess.Popen[str]) -> None:
        self.path, self.seen = path, Path(f"/proc/{holder.pid}/root{path}")
        self._enter = ["nsenter", f"--target={holder.pid}", "--user", "--mount"]
        self._enter += ["--preserve-credentials", "--wd=/"]

    def command(self, *arguments: str) -> list[str]:
        """Return a command that runs where the disk is mounted."""
        return [*self._enter, "--", *arguments]

    def run(
        self, *arguments: str, folder: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run portops where the disk is mounted."""
        kept = {name: value for name, value in os.environ.items() if "PORTOPS_" not in name}
        place = str(folder or self.path.parent)
        go = self.command(
            "sh", "-c", 'cd "$0" && exec "$@"', place, sys.executable, "-m", "portops"
        )
        return subprocess.run(
            [*go, *arguments],
            capture_output=True,
            text=True,
            env={**kept, "PYTHONPATH": ":".join(sys.path), **environment},
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def fill(self, leave: int = 0) -> None:
        """Fill the disk until so many bytes are left."""
        (self.seen / "filler").unlink(missing_ok=True)
        room = shutil.disk_usage(self.seen).free - leave
        (self.seen / "filler").write_bytes(bytes(max(0, room)))
        assert shutil.disk_usage(self.seen).free <= leave

    def empty(self) -> None:
        """Take the filler away."""
        (self.seen / "filler").unlink()

    def lock(self) -> None:
        """Let nobody write to it, root included."""
        remount = ["mount", "-o", "remount,ro", str(self.path)]
        subprocess.run(self.command(*remount), check=True)

    def files(self) -> dict[str, bytes]:
        """Return every file but the filler, by its path."""
        return {
            str(path.relative_to(self.seen)): path.read_bytes()
            for path in sorted(self.seen.rglob("*"))
            if path.is_file() and path.name != "filler"
        }


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of eight megabytes."""
    path = tmp_path / "disk"
    path.mkdir()
    script = 'mount -t tmpfs -o size=8m none "$0" && echo ready && exec cat'
    holder = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        if holder.stdout.readline() != "ready\n":
            pytest.skip("this machine makes no mount namespaces (unshare --user --mount)")
        yield Disk(path, holder)
    finally:
        holder.stdin.close()
        holder.wait(timeout=10)
        holder.stdout.close()


def _is_told(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Require exit status 2, these words, and no trace."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert any(word in done.stderr for word in words), done.stderr
    for trace in ("unexpected", "Traceback", "Exception ignored", "Close it where it is open"):
        assert trace not in done.stderr, done.stderr


FULL = ("Free some space", "has room")
ROOM = ("can be written to",)


def test_a_check_leaves_what_was_there(disk: Disk, statement: Path, tmp_path: Path) -> None:
    """Findings and marked copy are the last good ones, and nothing lies beside them."""
    book = write_book(tmp_path / "mine.xlsx", rows({}, {}))
    check = ("check", str(book), "--documents", str(statement), "--out", str(disk.path / "out"))
    assert disk.run(*check).returncode == 0
    before = disk.files()
    write_book(book, rows({"Email": "nobody"}, {}))
    disk.fill()
    _is_told(disk.run(*check), *FULL)
    assert disk.files() == before
    # Room for the findings, and for half of the copy.
    disk.fill(leave=8_192)
    _is_told(disk.run(*check), *FULL)
    after = disk.files()
    assert after.keys() == before.keys()
    assert after["out/mine.checked.xlsx"] == before["out/mine.checked.xlsx"]
    disk.empty()
    disk.lock()
    _is_told(disk.run(*check), *ROOM)
    assert disk.files() == after


def test_a_submission_is_made_once_and_its_sids_are_told(
    disk: Disk, statement: Path, tmp_path: Path, served: Served
) -> None:
    """Whenever the disk gets full: what the provider took is named, and comes once."""
    store = f"sqlite:///{disk.path}/portops.db"

    def submit(place: int) -> subprocess.CompletedProcess[str]:
        accounts = [{"Account Number": f"10020030{place}{line}00"} for line in range(3)]
        numbers = [f"({place}12) 555-01{line:02d}" for line in range(3)]
        frame = rows(*accounts).assign(**{"Phone Number": numbers})
        book = write_book(tmp_path / f"{place}.xlsx", frame)
        options = ("--out", str(disk.path / "out"), "--store", store, "--no-portability")
        given = ("submit", str(book), "--documents", str(statement), "--agree", *options)
        return disk.run(*given, PORTOPS_SANDBOX_URL=served.url)

    assert submit(2).returncode == 0
    cut_off = 0
    # Where the disk gets full depends on SQLite; the first place is between answer and journal.
    for place, leave in ((3, 135_168), (4, 126_976), (5, 143_360), (7, 118_784)):
        before = len(served.received())
        disk.fill(leave)
        done = submit(place)
        if done.returncode == 0:
            continue
        _is_told(done, *FULL)
        made = [call["request_sid"] for call in served.received()[before:]]
        cut_off += bool(made)
        assert [sid for sid in made if sid not in done.stdout + done.stderr] == []
        assert not [name for name in disk.files() if name.endswith(".part")]
        disk.empty()
        again = submit(place)
        assert again.returncode == 0, again.stdout + again.stderr
        calls = [number for call in served.received()[before:] for number in call["numbers"]]
        assert sorted(calls) == sorted(set(calls))
        assert len(calls) == 3
        if cut_off:
            break
    assert cut_off, "at least one disk gets full between the provider's answer and the receipt"
    disk.lock()
    before = len(served.received())
    _is_told(submit(8), *ROOM)
    assert len(served.received()) == before


def test_a_week_keeps_its_last_good_reports(disk: Disk, filled: str) -> None:
    """Each step says what to do, and no half report or failed copy is left."""
    given = ("--week", "2026-W41", "--store", filled, "--out", str(disk.path / "reports"))
    folder = disk.seen / "reports" / "2026-W41"
    folder.mkdir(parents=True)
    for name in ("turnaround", "weekly-rejections"):
        for suffix in ("ipynb", "html", "pdf", "xlsx", "json"):
            (folder / f"{name}.{suffix}").write_text(f"the last good {name}.{suffix}")
    for log in (".weekly.lock", "weekly.log", "index.html"):
        (folder.parent / log).touch()
    before = disk.files()
    disk.fill()
    weekly = ("weekly", "--no-pull", *given)
    done = disk.run(*weekly)
    _is_told(done, *FULL)
    steps = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert {step["status"] for step in steps} == {"failed"}
    assert {step["remedy"] for step in steps} == {
        "Free some space on that disk, then run it again."
    }
    assert disk.files() == before
    # Room for the notebook, and not for its page.
    disk.fill(leave=150_000)
    _is_told(disk.run("report", "turnaround", *given), *FULL)
    assert disk.files() == before
    disk.empty()
    disk.lock()
    _is_told(disk.run(*weekly), *ROOM)


def test_every_other_writer_is_told(disk: Disk, filled: str, statement: Path) -> None:
    """A template, a history, a backup, corrections, letters and a plan."""
    book = write_book(statement.parent / "mine.xlsx", rows({}))
    out = str(disk.path / "out")
    documents = ("--documents", str(statement), "--store", filled, "--out", out)
    disk.fill()
    for command in (
        ("template", str(disk.path / "intake.xlsx")),
        ("history", "export", str(disk.path / "events.csv"), "--store", filled),
        ("store", "backup", str(disk.path / "backup.db"), "--store", filled),
        ("corrections", str(disk.path / "again.xlsx"), "--store", filled),
        ("loa", str(book), *documents),
        ("plan", str(book), *documents),
    ):
        done = disk.run(*command)
        _is_told(done, *FULL, "Choose another folder")
        assert set(disk.files()) == set(), command


@contextmanager
def _sandbox(disk: Disk) -> Iterator[str]:
    """Run `portops sandbox serve` with its state on the disk; gives its address."""
    serve = disk.command(sys.executable, "-m", "portops", "sandbox", "serve")
    folder = str(disk.path / "sandbox")
    server = subprocess.Popen(
        [*serve, "--port", "0", "--json", "--data", folder, "--start", "2026-10-05T14:00:00Z"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
    )
    assert server.stdout is not None
    try:
        yield str(json.loads(server.stdout.readline())["url"])
    finally:
        server.terminate()
        server.wait(timeout=30)
        server.stdout.close()


def _refused(url: str, asked: dict[str, object]) -> None:
    """Require that calls are answered with a code, in words, and that there is no half order."""
    odd = {"port_in_target_url": "http://127.0.0.1:9/", "notifications_of": ["x" * 20_000]}
    for path, content in (
        ("/v1/Porting/PortIn", asked),
        ("/v1/Porting/Configuration/Webhook", odd),
    ):
        answer = httpx.post(url + path, json=content, auth=ADMIN, timeout=30)
        assert answer.status_code in {503, 507}, (path, answer.text)
        assert "Nothing was saved" in answer.json()["message"]
    listed = httpx.get(f"{url}/v1/Porting/PortIn/PortInRequests", auth=ADMIN)
    assert listed.json()["port_in_requests"] == []


def _order(document: str) -> dict[str, object]:
    """Return an order larger than what SQLite has taken for its log already."""
    emails = [f"desk{number}@example.com" for number in range(2_000)]
    return {**body(document, "+12125550100"), "notification_emails": emails}


def test_the_sandbox_on_a_full_disk_makes_no_half_order(disk: Disk) -> None:
    """With room again the same call works, and its letter is mailed."""
    with _sandbox(disk) as url:
        asked = _order(upload(Served(url, None)))
        disk.fill()
        _refused(url, asked)
        disk.empty()
        answer = httpx.post(f"{url}/v1/Porting/PortIn", json=asked, auth=ADMIN, timeout=30)
        assert answer.status_code == 202, answer.text
        state = httpx.get(f"{url}/sandbox", auth=ADMIN).json()
        assert (state["orders"], state["mails"]["sent"]) == (1, 1)


def test_the_sandbox_on_a_read_only_disk_makes_no_half_order(served: Served) -> None:
    """SQLite itself refuses to write, as it does when a disk has become read-only."""
    asked = _order(upload(served))
    connection = served.sandbox.database._connection
    connection.execute("PRAGMA query_only=ON")
    _refused(served.url, asked)
    connection.execute("PRAGMA query_only=OFF")
    answer = httpx.post(f"{served.url}/v1/Porting/PortIn", json=asked, auth=ADMIN, timeout=30)
    assert answer.status_code == 202, answer.text


def test_a_sandbox_that_cannot_begin_says_so(disk: Disk) -> None:
    """With its folder and what to do."""
    disk.fill()
    serve = ("sandbox", "serve", "--port", "0", "--data", str(disk.path / "sandbox"))
    _is_told(disk.run(*serve), "Free some space")
    disk.empty()
    disk.lock()
    _is_told(disk.run(*serve), "Free some space")
