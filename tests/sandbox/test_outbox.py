"""The outbox: a mail is booked with its order, sent until it is accepted, and known when repeated."""

from __future__ import annotations

import asyncio
import email.policy
import io
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Debugging
from tests.conftest import Served, inbox_of, serving
from tests.sandbox.test_official_client import ADMIN, body, upload
from tests.sandbox.test_signing import SIGNED

from portops.errors import StoreError
from portops.redaction import Secret
from portops.sandbox import courier, outbox, signing
from portops.sandbox.mailroom import Post
from portops.sandbox.server import make_app


@pytest.fixture
def mailed(tmp_path: Path) -> Iterator[Served]:
    """A sandbox that keeps its mail in a folder."""
    with serving(tmp_path / "sandbox", post=Post(tmp_path / "outbox")) as running:
        yield running


def order(served: Served, number: str = "+12125550100", **information: str) -> str:
    """Place an order with other carrier information; returns its SID."""
    asked = body(upload(served), number)
    asked["losing_carrier_information"] = {**asked["losing_carrier_information"], **information}
    made = httpx.post(f"{served.url}/v1/Porting/PortIn", json=asked, auth=ADMIN, timeout=60)
    assert made.status_code == 202, made.text
    return str(made.json()["port_in_request_sid"])


def advance(served: Served, days: float) -> httpx.Response:
    """Move the sandbox's clock."""
    url = f"{served.url}/sandbox/advance"
    return httpx.post(url, json={"days": days}, auth=ADMIN, timeout=60)


def mails_of(served: Served) -> dict[str, Any]:
    """Return what the sandbox says of its mail."""
    mails: dict[str, Any] = httpx.get(f"{served.url}/sandbox", auth=ADMIN).json()["mails"]
    return mails


def read(path: Path) -> Any:
    """Read a mail from its file."""
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def link_in(mail: Any) -> str:
    """Return the link of a letter's mail."""
    match = re.search(r"http://\S+/sign/\S+", mail.get_content())
    assert match is not None
    return match[0]


def test_a_line_break_in_a_name_is_no_header(mailed: Served, tmp_path: Path) -> None:
    """The letter is mailed, adds no header, and the clock moves on with its reminders."""
    name = "Copper Hill\r\nBcc: evil@example.com\nBakery"
    order(mailed, customer_name=name, authorized_representative="Avery\nLarkspur")
    (path,) = (tmp_path / "outbox").glob("*.eml")
    mail = read(path)
    assert mail["Bcc"] is None
    assert mail["Subject"].endswith("Copper Hill Bcc: evil@example.com Bakery")
    assert "Hello Avery Larkspur," in mail.get_content()
    assert advance(mailed, 4).status_code == 200
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 2
    assert httpx.post(link_in(mail), data=SIGNED).status_code == 404, "a newer link was sent"


def test_a_mail_that_cannot_be_written_keeps_no_other(mailed: Served, tmp_path: Path) -> None:
    """It waits and says why; the order, the clock and the other mails go on."""
    order(mailed, "+12125550100", authorized_representative_email="a@@\ud7ff <")
    order(mailed, "+12125550101")
    blocked = tmp_path / "outbox" / f"{order(mailed, '+12125550102')}-letter-2.eml"
    blocked.mkdir()
    answer = advance(mailed, 4)
    assert answer.status_code == 200, answer.text
    assert mails_of(mailed)["waiting"] >= 1
    assert mails_of(mailed)["last_error"]
    blocked.rmdir()
    advance(mailed, 0)
    assert blocked.is_file()


def test_mail_waits_for_its_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is down gets every letter when it is back, with its Message-ID, once each."""
    monkeypatch.setattr(outbox, "RETRY_AFTER", (1e9,))
    with inbox_of() as (url, mails):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            closed = f"smtp://127.0.0.1:{probe.getsockname()[1]}"
        with serving(tmp_path / "sandbox", post=Post(tmp_path, Secret(closed))) as down:
            sids = [order(down, f"+1212555{100 + place:04d}") for place in range(3)]
            assert (mails_of(down)["sent"], mails_of(down)["waiting"]) == (0, 3)
            assert "not sent" in mails_of(down)["last_error"]
            again = httpx.post(f"{down.url}/sandbox/resend/{sids[0]}", json={}, auth=ADMIN)
            assert (again.json()["sent"], again.json()["waiting"]) == (0, 1)
        with serving(tmp_path / "sandbox", post=Post(tmp_path, Secret(url))) as up:
            advance(up, 0)
            assert (mails_of(up)["sent"], mails_of(up)["waiting"]) == (3, 0)
            assert (mails_of(up)["last_error"], mails_of(up)["undelivered"]) == (None, [])
            assert {link_in(mail).rsplit("/", 1)[0] for mail in mails} == {f"{up.url}/sign"}
            assert [httpx.get(link_in(mail)).status_code for mail in mails] == [200] * 3
            advance(up, 0)
    assert sorted(mail["Message-ID"] for mail in mails) == sorted(
        f"<{sid}-letter-{place}@portops.invalid>"
        for sid, place in zip(sids, (2, 1, 1), strict=True)
    )


class _Refusing(Debugging):
    """Answers each recipient or each message as it is told to."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.answers = {"RCPT": "250 OK", "DATA": "250 OK"}
        self.asked: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, _: Any) -> str:  # noqa: N802
        self.asked.append(to)
        if self.answers["RCPT"].startswith("250"):
            envelope.rcpt_tos.append(to)
        return self.answers["RCPT"]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        return self.answers["DATA"]


@pytest.fixture
def refusing(tmp_path: Path) -> Iterator[tuple[Served, _Refusing]]:
    """A sandbox and its mail server, which really refuses."""
    handler = _Refusing()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    try:
        post = Post(tmp_path, Secret(f"smtp://127.0.0.1:{port}"))
        with serving(tmp_path / "sandbox", post=post) as served:
            yield served, handler
    finally:
        server.stop()


@pytest.mark.parametrize(
    "answers", [{"RCPT": "550 No such user"}, {"DATA": "554 No spam here"}], ids=["address", "mail"]
)
def test_what_is_refused_for_good_is_not_tried_again(
    refusing: tuple[Served, _Refusing], answers: dict[str, str]
) -> None:
    """It is told with its reason, also on the page; another address takes its place."""
    served, server = refusing
    server.answers |= answers
    sid = order(served)
    advance(served, 0)
    advance(served, 4)
    assert server.asked == ["avery@example.com"], "tried once, and not reminded"
    (mail,) = mails_of(served)["undelivered"]
    reason = next(iter(answers.values()))[4:]
    assert (mail["order_sid"], mail["state"], reason in mail["error"]) == (sid, "refused", True)
    assert (mails_of(served)["refused"], mails_of(served)["waiting"]) == (1, 0)
    page = httpx.get(f"{served.url}/port-in-numbers", auth=ADMIN).text
    assert "not delivered to avery@example.com (refused)" in page
    assert f"portops sandbox resend {sid} --email" in page
    server.answers |= {"RCPT": "250 OK", "DATA": "250 OK"}
    url = f"{served.url}/sandbox/resend/{sid}"
    again = httpx.post(url, json={"email": "new@example.com"}, auth=ADMIN).json()
    assert (again["sent"], again["refused"]) == (1, 0)
    assert mails_of(served)["undelivered"] == []


def test_what_is_put_off_is_tried_for_days_and_then_given_up(
    refusing: tuple[Served, _Refusing], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later and later; the end is told, and a reminder tries anew."""
    monkeypatch.setattr(outbox, "RETRY_AFTER", (60, 43_200))
    served, server = refusing
    server.answers["RCPT"] = "451 Greylisted"
    now = time.time()
    monkeypatch.setattr(courier.time, "time", lambda: now)
    order(served)
    advance(served, 0)
    tries = [now]
    while mails_of(served)["waiting"]:
        row = served.sandbox.database._connection.execute("SELECT next_try FROM mails").fetchone()
        assert row["next_try"] > now
        now = row["next_try"]
        tries.append(now)
        asyncio.run(courier.deliver(served.sandbox, all_waiting=False))
        assert len(tries) < 50
    assert 5 * 86_400 <= tries[-1] - tries[0] <= 5 * 86_400 + 43_200
    (mail,) = mails_of(served)["undelivered"]
    assert (mail["state"], "Greylisted" in mail["error"]) == ("given_up", True)
    server.answers["RCPT"] = "250 OK"
    advance(served, 4)
    assert (mails_of(served)["sent"], mails_of(served)["undelivered"]) == (1, [])


def test_on_a_full_disk_no_mail_is_sent_again_and_again(
    refusing: tuple[Served, _Refusing], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can't be written down is not sent; a mail that was sent is not repeated at once."""
    served, server = refusing
    database = served.sandbox.database
    server.answers["RCPT"] = "451 Greylisted"
    order(served)
    accepted = database.outbox.accepted

    def full(mail: Any) -> None:
        database._connection.execute("PRAGMA query_only=ON")
        accepted(mail)

    monkeypatch.setattr(database.outbox, "accepted", full)
    server.answers["RCPT"] = "250 OK"
    server.asked.clear()
    asyncio.run(courier.deliver(served.sandbox, all_waiting=True))
    assert len(server.asked) == 1
    for _ in range(3):
        asyncio.run(courier.deliver(served.sandbox, all_waiting=True))
    assert len(server.asked) == 1, "nothing can be saved, so nothing is sent"
    database._connection.execute("PRAGMA query_only=OFF")
    asyncio.run(courier.deliver(served.sandbox, all_waiting=False))
    assert len(server.asked) == 1, "its next try has not come yet"


def test_an_outbox_of_an_earlier_version_is_taken_over(tmp_path: Path) -> None:
    """Its waiting mails go out."""
    post = Post(tmp_path / "blocked" / "outbox")
    (tmp_path / "blocked").write_text("no folder")
    with serving(tmp_path / "sandbox", post=post) as served:
        order(served)
        served.sandbox.database._connection.execute("ALTER TABLE mails DROP COLUMN failing_since")
    (tmp_path / "blocked").unlink()
    with serving(tmp_path / "sandbox", post=post) as served:
        advance(served, 0)
        assert (mails_of(served)["sent"], mails_of(served)["waiting"]) == (1, 0)


@pytest.mark.parametrize("left", [None, b"half"])
def test_a_lost_link_secret_is_made_anew(tmp_path: Path, left: bytes | None) -> None:
    """Links that were mailed still work, and those that wait get one that works."""
    post, secret = Post(tmp_path / "outbox"), tmp_path / "sandbox" / "link-secret"
    with serving(tmp_path / "sandbox", post=post) as served:
        first = order(served)
        (tmp_path / "outbox").rename(tmp_path / "mailed")
        (tmp_path / "outbox").write_text("no folder")
        second = order(served, "+12125550101")
    secret.unlink() if left is None else secret.write_bytes(left)
    (tmp_path / "outbox").unlink()
    with serving(tmp_path / "sandbox", post=post) as served:
        advance(served, 0)
        for folder, sid in (("mailed", first), ("outbox", second)):
            link = link_in(read(tmp_path / folder / f"{sid}-letter-1.eml"))
            path = link[link.index("/sign/") :]
            assert httpx.get(served.url + path).status_code == 200, sid
    secret.unlink()
    secret.mkdir()
    with pytest.raises(StoreError, match="link-secret") as failed:
        make_app(tmp_path / "sandbox", post=post)
    assert "Move it away" in failed.value.remedy


@pytest.mark.parametrize("fault", ["half a key", "no certificate", "another key"])
def test_a_damaged_signing_key_is_made_anew(mailed: Served, tmp_path: Path, fault: str) -> None:
    """A letter is signed all the same, with a key that fits its certificate."""
    letters = tmp_path / "sandbox" / "letters"
    key, certificate = letters / "sandbox-key.pem", letters / "sandbox-certificate.pem"
    order(mailed)
    link = link_in(read(next((tmp_path / "outbox").glob("*.eml"))))
    signing._identity(letters)
    if fault == "half a key":
        key.write_bytes(key.read_bytes()[:400])
    elif fault == "no certificate":
        certificate.unlink()
    else:
        other, _ = signing._identity(tmp_path / "other")
        key.write_bytes(other.read_bytes())
    signed = httpx.post(link, data=SIGNED, timeout=60)
    assert signed.status_code == 200, signed.text
    assert signing._fit(key, certificate)


def test_a_slow_mail_server_does_not_hold_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is answered while the server still makes up its mind."""
    monkeypatch.setattr(courier, "PATIENCE", 0.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        url = Secret(f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        with serving(tmp_path / "sandbox", post=Post(tmp_path, url)) as served:
            order(served)
            order(served, "+12125550101")
            assert mails_of(served)["waiting"] == 2


def test_a_letter_that_cannot_be_saved_can_be_signed_again(mailed: Served, tmp_path: Path) -> None:
    """The link is used up only with the letter on disk and the copies booked."""
    sid = order(mailed)
    link = link_in(read(next((tmp_path / "outbox").glob("*.eml"))))
    letters = tmp_path / "sandbox" / "letters"
    (letters / f"{sid}.pdf").mkdir(parents=True)
    refused = httpx.post(link, data=SIGNED, timeout=60)
    assert (refused.status_code, "still works" in refused.text) == (503, True)
    assert mailed.sandbox.database.order(sid).order.signed_at is None
    (letters / f"{sid}.pdf").rmdir()
    letters.rename(tmp_path / "aside")
    letters.write_text("no folder")
    assert httpx.post(link, data=SIGNED, timeout=60).status_code == 503
    letters.unlink()
    assert httpx.post(link, data=SIGNED, timeout=60).status_code == 200
    assert (letters / f"{sid}.pdf").read_bytes().startswith(b"%PDF-")
    assert httpx.post(link, data=SIGNED).status_code == 410
    assert len(list((tmp_path / "outbox").glob("*-signed-*.eml"))) == 1


def test_the_outbox_keeps_no_key(mailed: Served, tmp_path: Path) -> None:
    """Neither database nor its log opens a letter, whether its mail is sent or waits."""
    order(mailed)
    link = link_in(read(next((tmp_path / "outbox").glob("*.eml"))))
    for path in (tmp_path / "sandbox").rglob("*"):
        assert link.rsplit("/", 1)[1].encode() not in path.read_bytes(), path
    assert (tmp_path / "sandbox" / "link-secret").stat().st_mode & 0o077 == 0


def test_killed_at_any_statement_no_order_is_without_its_letter(tmp_path: Path) -> None:
    """After kill -9 and a start each order has a mail whose link works; none is signed in half.

    `CRASH_KILLS` sets how many kills; 0 or less tries every statement.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.sandbox.killing", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent.parent,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert outcome["faults"] == []
    assert outcome["killed"] > 0
