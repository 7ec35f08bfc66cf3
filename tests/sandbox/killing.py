"""Kill the sandbox at a statement of its database, start it again, and look for what is missing.

Run as a program with a folder. Each kill is `kill -9` of a process that places an order and signs
its letter; the next process starts the sandbox on what is left.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from starlette.testclient import TestClient
from tests.conftest import START
from tests.sandbox.test_official_client import ADMIN, body
from tests.sandbox.test_outbox import link_in, read
from tests.sandbox.test_signing import SIGNED

from portops.sandbox.mailroom import Post
from portops.sandbox.server import make_app

URL = "http://127.0.0.1:8765"

#: How many statements to kill at, spread evenly; 0 takes every one.
KILLS = int(os.environ.get("CRASH_KILLS", "8"))


def started(folder: Path) -> TestClient:
    """Start the sandbox of a folder, with its mail in the same folder."""
    app = make_app(
        folder / "sandbox", start=START, seed=1, post=Post(folder / "outbox"), public_url=URL
    )
    return TestClient(app, base_url=URL)


def work(folder: Path, kill_at: int) -> None:
    """Place an order and sign its letter; end at statement `kill_at`, counted from 1."""
    client = started(folder)
    count = 0

    def on_statement(_: str) -> None:
        nonlocal count
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with client:
        document = client.post(
            "/v1/Documents", files={"File": ("bill.pdf", b"%PDF-1.4 bill")}, auth=ADMIN
        ).json()["sid"]
        client.app.state.sandbox.database._connection.set_trace_callback(on_statement)  # type: ignore[attr-defined]
        client.post("/v1/Porting/PortIn", json=body(document, "+12125550100"), auth=ADMIN)
        link = link_in(read(next((folder / "outbox").glob("*-letter-1.eml"))))
        assert client.post(link, data=SIGNED).status_code == 200
    (folder / "count").write_text(str(count))


def look(folder: Path) -> None:
    """Start again and write down what is missing."""
    faults = []
    with started(folder) as client:
        client.post("/sandbox/advance", json={"days": 0}, auth=ADMIN)
        database = client.app.state.sandbox.database  # type: ignore[attr-defined]
        placed = database.orders(ADMIN[0])
        received = [call["request_sid"] for call in database.received()]
        if received != [row.order.sid for row in placed]:
            faults.append(f"received {received}")
        for row in placed:
            sid = row.order.sid
            mails = [read(path) for path in (folder / "outbox").glob(f"{sid}-letter-*.eml")]
            if [mail["Message-ID"] for mail in mails] != [f"<{sid}-letter-1@{DOMAIN}>"]:
                faults.append(f"letters {len(mails)}")
                continue
            if row.order.signed_at is None:
                if client.post(link_in(mails[0]), data=SIGNED).status_code != 200:
                    faults.append("cannot be signed")
            elif client.get(link_in(mails[0])).status_code != 410:
                faults.append("signed, and asked again")
            if not (folder / "sandbox" / "letters" / f"{sid}.pdf").is_file():
                faults.append("no signed letter")
            if not list((folder / "outbox").glob(f"{sid}-signed-1.eml")):
                faults.append("no copy")
    (folder / "faults").write_text(json.dumps(faults))


DOMAIN = "portops.invalid"


def in_process(step: Callable[[], None]) -> bool:
    """Run a step in a process of its own; returns whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            step()
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def main(base: Path) -> None:
    """Count the statements, kill at some of them, and print what was missing."""
    first = base / "first"
    assert not in_process(lambda: work(first, 0))
    total = int((first / "count").read_text())
    step = max(1, total // KILLS) if KILLS > 0 else 1
    killed, faults = 0, []
    for kill_at in range(1, total + 1, step):
        folder = base / str(kill_at)
        (folder / "sandbox" / "letters").mkdir(parents=True)
        for pem in (first / "sandbox" / "letters").glob("*.pem"):
            shutil.copy2(pem, folder / "sandbox" / "letters")
        killed += in_process(lambda folder=folder, at=kill_at: work(folder, at))  # type: ignore[misc]
        in_process(lambda folder=folder: look(folder))  # type: ignore[misc]
        faults += [f"{kill_at}: {fault}" for fault in json.loads((folder / "faults").read_text())]
    sys.stdout.write(json.dumps({"statements": total, "killed": killed, "faults": faults}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
