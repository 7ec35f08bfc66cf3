"""A reverse proxy that misbehaves on purpose, between portops and the sandbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

#: What can happen to a call. `lost` ones have reached the sandbox all the same.
FAULTS = (
    "cut before",
    "cut after",
    "cut in the middle",
    "429",
    "500",
    "500 after",
    "502",
    "503",
    "503 after",
    "too slow",
    "not JSON",
    "no SID",
    "empty",
    "arrives late",
    *(f"{status} after" for status in (302, 400, 404, 408, 409, 410, 413, 418, 425, 429, 451)),
    "409 own after",
    "408 own after",
)
ARRIVES = {
    "cut after",
    "cut in the middle",
    "500 after",
    "503 after",
    "too slow",
    "not JSON",
    "no SID",
    "empty",
    *(fault for fault in FAULTS if fault[0] == "4" and fault.endswith("after")),
    "302 after",
}


@dataclass
class Proxy:
    """A proxy that serves: `faults` are dealt to the create calls, one each, in this order."""

    url: str = ""
    faults: list[str] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    slow: float = 2.0


class _Handler(BaseHTTPRequestHandler):
    """Passes a call on, or does what the proxy deals."""

    protocol_version = "HTTP/1.1"
    proxy: Proxy
    target: str
    lock: threading.Lock

    def log_message(self, *_: Any) -> None:
        return

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        create = self.command == "POST" and self.path == "/v1/Porting/PortIn"
        proxy = self.proxy
        with self.lock:
            fault = proxy.faults.pop(0) if create and proxy.faults else ""
            proxy.seen.append((f"{self.command} {self.path}", fault))
            proxy.times.append(time.monotonic())
        answer = None
        if fault == "arrives late":
            time.sleep(proxy.slow)
        if fault in {*ARRIVES, "arrives late"} or not fault:
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in {"host", "content-length"}
            }
            answer = httpx.request(
                self.command, self.target + self.path, content=body, headers=headers, timeout=30
            )
        if fault.startswith("cut"):
            self._cut(fault, answer)
        elif fault in _INSTEAD:
            status, words, headers = _INSTEAD[fault]
            self._answer(status, words, **headers)
        elif answer is not None:
            if fault == "too slow":
                time.sleep(proxy.slow)
            self._answer(answer.status_code, answer.content, **_JSON)

    def _cut(self, fault: str, answer: httpx.Response | None) -> None:
        if fault == "cut in the middle" and answer is not None:
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content[:20])
        self.close_connection = True
        self.wfile.flush()
        self.connection.close()

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the library's names


_JSON = {"Content_Type": "application/json"}
_PAGE = {"Content_Type": "text/html"}
_INSTEAD: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "429": (429, b'{"code": 20429, "message": "Too many requests"}', {**_JSON, "Retry_After": "1"}),
    **{
        f"{status}{after}": (status, b"<h1>Bad</h1>", _PAGE)
        for status in (500, 502, 503)
        for after in ("", " after")
    },
    # What stands between us and the provider has words of its own.
    **{
        f"{status} after": (status, b"<h1>Not now</h1>", {**_PAGE, "Location": "/elsewhere"})
        for status in (302, 400, 404, 408, 409, 410, 413, 418, 425, 429, 451)
    },
    # The provider's own words, which do not say that nothing was created.
    **{
        f"{status} own after": (status, b'{"code": 20409, "message": "Conflict"}', _JSON)
        for status in (408, 409)
    },
    "not JSON": (202, b"<h1>Thank you</h1>", _PAGE),
    "no SID": (202, b'{"status": "fine"}', _JSON),
    "empty": (202, b"", _JSON),
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """A caller that hung up is part of the game."""


@contextmanager
def faulty(target: str, *faults: str) -> Iterator[Proxy]:
    """Serve a proxy to the sandbox at `target`."""
    proxy = Proxy(faults=list(faults))
    manners = {"proxy": proxy, "target": target, "lock": threading.Lock()}
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), manners))
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
