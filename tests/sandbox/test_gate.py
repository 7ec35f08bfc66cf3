"""What the sandbox refuses: unknown hosts, other sites' pages, odd JSON, long bodies, odd webhooks."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest
from tests.conftest import Served, serving
from tests.sandbox.test_official_client import ADMIN, body, upload
from tests.sandbox.test_outbox import advance, link_in, order, read
from tests.sandbox.test_signing import SIGNED

from portops.cli import serving as cli_serving
from portops.sandbox import gate, targets
from portops.sandbox.mailroom import Post


@pytest.fixture
def mailed(tmp_path: Path) -> Iterator[Served]:
    """A sandbox that keeps its mail in a folder."""
    with serving(tmp_path / "sandbox", post=Post(tmp_path / "outbox")) as running:
        yield running


def _link(folder: Path) -> str:
    return link_in(read(max((folder / "outbox").glob("*-letter-*.eml"))))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "[::1", "", "a b"])
def test_an_unknown_host_is_refused(mailed: Served, tmp_path: Path, host: str) -> None:
    """No call of another name is answered, and no mail has it."""
    sid = order(mailed)
    url = f"{mailed.url}/sandbox/resend/{sid}"
    answer = httpx.post(url, json={}, auth=ADMIN, headers={"Host": host})
    assert answer.status_code in {400, 421}
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1
    assert httpx.get(_link(tmp_path), headers={"Host": host}).status_code in {400, 421}


def test_links_begin_with_the_public_address(tmp_path: Path) -> None:
    """Whatever loopback name the call came by."""
    public = "https://ports.example.com"
    with serving(tmp_path / "sandbox", post=Post(tmp_path / "outbox"), public_url=public) as served:
        order(Served(served.url.replace("127.0.0.1", "localhost"), served.app))
        (path,) = (tmp_path / "outbox").glob("*.eml")
        assert f"{public}/sign/" in read(path).get_content()
        headers = {"Host": "ports.example.com"}
        assert httpx.get(f"{served.url}/sandbox", auth=ADMIN, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "application/json", "Origin": "https://evil.example"}, 403),
        ({"Content-Type": "text/plain", "Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Referer": "https://evil.example/page", "Content-Type": "application/json"}, 403),
        ({"Referer": "http://[", "Content-Type": "application/json"}, 403),
        ({}, 415),
    ],
)
def test_another_sites_page_moves_nothing(
    mailed: Served, tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    """Neither the clock nor a letter."""
    sid = order(mailed)
    before = mailed.sandbox.clock.now()
    content = b'{"days": 1}'
    for path in ("/sandbox/advance", f"/sandbox/sign/{sid}"):
        answer = httpx.post(mailed.url + path, content=content, auth=ADMIN, headers=headers)
        assert answer.status_code == status
    assert mailed.sandbox.clock.now() == before
    if "application/json" not in headers.values():
        form = "answer=sign&typed=Avery+Larkspur&consent=yes"
        kind = {**headers, "Content-Type": "text/plain"}
        answer = httpx.post(_link(tmp_path), content=form, headers=kind)
        assert answer.status_code in {403, 415}
    foreign = {name: value for name, value in headers.items() if name != "Content-Type"}
    if foreign:
        assert httpx.post(_link(tmp_path), data=SIGNED, headers=foreign).status_code == 403
    assert mailed.sandbox.database.order(sid).order.signed_at is None


def test_the_own_page_signs(mailed: Served, tmp_path: Path) -> None:
    """A browser names the page's own origin."""
    order(mailed)
    own = {"Origin": mailed.url, "Sec-Fetch-Site": "same-origin"}
    assert httpx.post(_link(tmp_path), data=SIGNED, headers=own, timeout=60).status_code == 200


def test_another_name_is_asked_about_and_recorded(mailed: Served, tmp_path: Path) -> None:
    """Refused until its owner confirms to be authorized; both names are in the record."""
    sid = order(mailed)
    link = _link(tmp_path)
    other = {**SIGNED, "typed": "Robin <Fern>"}
    asked = httpx.post(link, data=other, timeout=60)
    assert asked.status_code == 400
    assert "Robin &lt;Fern&gt;" in asked.text
    assert 'name="authorized"' in asked.text
    assert 'name="authorized"' not in httpx.get(link).text
    assert mailed.sandbox.database.order(sid).order.signed_at is None
    assert httpx.post(link, data={**other, "authorized": "yes"}, timeout=60).status_code == 200
    with pypdfium2.PdfDocument(tmp_path / "sandbox" / "letters" / f"{sid}.pdf") as pdf:
        record = " ".join(pdf[len(pdf) - 1].get_textpage().get_text_range().split())
    assert "Robin <Fern>" in record
    assert "in place of Avery Larkspur" in record


@pytest.mark.parametrize("typed", ["avery  LARKSPUR", "Ávery Larkspur.", " Avery Larkspur "])
def test_the_same_name_in_another_spelling_is_not_asked_about(
    mailed: Served, tmp_path: Path, typed: str
) -> None:
    """Case, accents, dots and spaces make no other person."""
    order(mailed)
    done = httpx.post(_link(tmp_path), data={**SIGNED, "typed": typed}, timeout=60)
    assert done.status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://[fe80::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fd00:ec2::254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://10.0.0.8/hook",
        "http://192.168.1.1/",
        "http://0.0.0.0/",
        "http://me:secret@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http:///x",
        "x",
        7,
        ["http://127.0.0.1/"],
    ],
)
def test_a_webhook_goes_to_no_inner_address(served: Served, url: object) -> None:
    """Only http and https, to this machine or the internet; the refusal has a code."""
    hook = f"{served.url}/v1/Porting/Configuration/Webhook"
    for name in ("port_in_target_url", "port_out_target_url"):
        answer = httpx.post(hook, json={name: url}, auth=ADMIN)
        assert (answer.status_code, answer.json()["code"]) == (400, 20001), answer.text
    assert httpx.get(hook, auth=ADMIN).status_code == 404


def test_private_webhooks_can_be_allowed(tmp_path: Path) -> None:
    """But never the addresses that hand out a machine's secrets."""
    with serving(tmp_path / "sandbox", private_webhooks=True) as served:
        hook = f"{served.url}/v1/Porting/Configuration/Webhook"
        for address, status in (("10.0.0.8", 201), ("169.254.169.254", 400)):
            url = f"http://{address}/hook"
            answer = httpx.post(hook, json={"port_in_target_url": url}, auth=ADMIN)
            assert answer.status_code == status


def test_a_name_that_moves_inside_is_not_called(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host is looked up again for each call, and every address of it counts."""
    hook = f"{served.url}/v1/Porting/Configuration/Webhook"
    real, moved = socket.getaddrinfo, [("", "", "", "", ("169.254.169.254", 80))]

    def looked_up(host: str, *given: Any, **named: Any) -> Any:
        return moved if host == "hooks.example.com" else real(host, *given, **named)

    url = {"port_in_target_url": "http://hooks.example.com/"}
    assert httpx.post(hook, json=url, auth=ADMIN).status_code == 201
    order(served)
    called: list[object] = []
    monkeypatch.setattr(targets.socket, "getaddrinfo", looked_up)
    monkeypatch.setattr("portops.sandbox.webhooks.httpx.Client", called.append)
    assert advance(served, 1).status_code == 200
    assert called == []
    assert httpx.post(hook, json=url, auth=ADMIN).status_code == 400


def test_a_webhook_whose_host_has_no_address_is_warned_of(served: Served) -> None:
    """It may get its name later; until then it is told what did not arrive."""
    hook = f"{served.url}/v1/Porting/Configuration/Webhook"
    url = "http://receiver.invalid/hook"
    answer = httpx.post(hook, json={"port_in_target_url": url}, auth=ADMIN)
    assert answer.status_code == 201
    fault = "The webhook's host has no address"
    assert fault in answer.headers["Warning"]
    told = f"{served.url}/sandbox"
    assert httpx.get(told, auth=ADMIN).json()["webhook_error"] == fault
    order(served)
    advance(served, 1)
    assert httpx.get(told, auth=ADMIN).json()["webhook_error"] == fault
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        taken: list[bytes] = []

        def take() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    taken.append(connection.recv(65536))
                    connection.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    )

        threading.Thread(target=take, daemon=True).start()
        served.sandbox.database.set(f"webhook|{ADMIN[0]}|error", "an earlier fault")
        answer = httpx.post(hook, json={"port_in_target_url": url}, auth=ADMIN)
        assert "Warning" not in answer.headers
        order(served, "+12125550101")
        advance(served, 1)
        # The receiver is called after the answer.
        until = time.monotonic() + 30
        while not taken or served.sandbox.database.setting(f"webhook|{ADMIN[0]}|error"):
            assert time.monotonic() < until
            time.sleep(0.05)
        assert httpx.get(told, auth=ADMIN).json()["webhook_error"] is None
        listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def _redirecting(target: str) -> Iterator[str]:
    """Serve one answer that sends the caller elsewhere; gives its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(
                f"HTTP/1.1 307 Go\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
            )
            connection.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(timeout=30)
        assert not thread.is_alive()


def test_a_webhooks_redirect_is_not_followed(served: Served) -> None:
    """The call counts as not taken."""
    hook = f"{served.url}/v1/Porting/Configuration/Webhook"
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.5)
        inner = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
        with _redirecting(inner) as url:
            assert httpx.post(hook, json={"port_in_target_url": url}, auth=ADMIN).status_code == 201
            order(served)
            advance(served, 1)
        with pytest.raises(TimeoutError):
            elsewhere.accept()


_DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000


@pytest.mark.parametrize(
    "content",
    [
        b"NaN",
        b'{"days": NaN}',
        b'{"days": 1e999}',
        b'{"days": "\\ud800"}',
        b"\xff",
        _DEEP,
        b"",
        b'{"days": 1' + b"0" * 400 + b"}",
        b'{"days": ' + b"9" * 5_000 + b"}",
        b'{"days": {}}',
    ],
    ids=range(10),
)
def test_odd_json_is_refused_with_a_code(served: Served, content: bytes) -> None:
    """By every call that reads a body."""
    for path in ("/sandbox/advance", "/v1/Porting/PortIn", "/v1/Porting/Configuration/Webhook"):
        if path.endswith("Webhook") and content.startswith(b'{"days": '):
            continue
        headers = {"Content-Type": "application/json"}
        answer = httpx.post(served.url + path, content=content, auth=ADMIN, headers=headers)
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json()["code"] in {20001, 22171}


_ODD: tuple[object, ...] = (7, True, ["x"], {"x": 1}, [None], {}, 1.5)


@pytest.mark.parametrize("odd", _ODD, ids=str)
def test_an_order_of_odd_kinds_is_never_an_internal_error(mailed: Served, odd: Any) -> None:
    """Each field in turn is refused with a code, or taken and signed like any other order."""
    document = upload(mailed)
    good = body(document, "+12125550100")
    information = good["losing_carrier_information"]
    orders: list[dict[str, Any]] = [{**good, name: odd} for name in good]
    orders += [{**good, "notification_emails": odd}, {**good, "target_port_in_date": odd}]
    orders += [
        {**good, "losing_carrier_information": {**information, name: odd}} for name in information
    ]
    orders += [
        {
            **good,
            "losing_carrier_information": {
                **information,
                "address": {**information["address"], name: odd},
            },
        }
        for name in information["address"]
    ]
    orders += [{**good, "phone_numbers": [{"phone_number": "+12125550100", "pin": odd}]}]
    orders += [{**good, "phone_numbers": [{"phone_number": odd}]}]
    for asked in orders:
        answer = httpx.post(
            f"{mailed.url}/v1/Porting/PortIn",
            content=json.dumps(asked),
            auth=ADMIN,
            headers={"Content-Type": "application/json"},
            timeout=60,
        )
        assert answer.status_code < 500, (asked, answer.text)
        if answer.status_code == 202:
            sid = answer.json()["port_in_request_sid"]
            assert httpx.delete(f"{mailed.url}/v1/Porting/PortIn/{sid}", auth=ADMIN).is_success
        else:
            assert answer.json()["code"]


def test_odd_dates_in_a_query_are_refused_or_read(served: Served) -> None:
    """A time without a zone is UTC."""
    order(served)
    listing = f"{served.url}/v1/Porting/PortIn/PortInRequests"
    for text, status in (("2026-10-05T10:00:00", 200), ("0001-01-01", 200), ("2026-13-01", 400)):
        for name in ("CreatedAfter", "CreatedBefore"):
            assert httpx.get(listing, params={name: text}, auth=ADMIN).status_code == status
    last = httpx.get(listing, params={"CreatedBefore": "9999-12-31"}, auth=ADMIN)
    assert last.status_code in {200, 400}


def _raw(url: str, head: str, content: bytes = b"") -> bytes:
    """Send bytes and return what comes back until the server closes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(head.encode() + content)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


def test_a_body_that_is_too_long_is_not_read(served: Served) -> None:
    """By what it announces, or when it gets too long; the connection is closed."""
    head = "POST /sandbox/advance HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    announced = _raw(served.url, head + f"Content-Length: {600 * 1024 * 1024}\r\n\r\n")
    assert announced.startswith(b"HTTP/1.1 413")
    assert b'"code":20001' in announced
    basic = httpx.BasicAuth(*ADMIN)._auth_header
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    streamed = _raw(
        served.url,
        f"{head}Authorization: {basic}\r\nTransfer-Encoding: chunked\r\n\r\n",
        chunk * 2 + b"1\r\n ",
    )
    assert streamed.startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_come_is_not_waited_for(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is answered, and the connection closed."""
    monkeypatch.setattr(gate, "PATIENCE", 0.1)
    basic = httpx.BasicAuth(*ADMIN)._auth_header
    head = (
        "POST /sandbox/advance HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {basic}\r\nContent-Type: application/json\r\n"
        "Content-Length: 50\r\n\r\n{"
    )
    assert _raw(served.url, head).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("sent", ["", "GET / HT", "GET / HTTP/1.1\r\nHost: localhost\r\nX: "])
def test_a_half_open_connection_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: str
) -> None:
    """With no header, half a header, and after a call that was answered."""
    from portops.sandbox.server import make_app

    monkeypatch.setattr(cli_serving._Impatient, "idle_after", 0.2)
    listener = cli_serving.listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = make_app(tmp_path / "sandbox", public_url=url)
    server = cli_serving.server_of(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        assert _raw(url, sent) == b""
        answered = _raw(url, f"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n{sent}")
        assert answered.startswith(b"HTTP/1.1 404")
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        listener.close()
        app.state.sandbox.database.close()
