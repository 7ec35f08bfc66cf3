"""Stoplight Prism between adapter and sandbox: no call and no answer breaks the published document.

`make prism` runs it; elsewhere PRISM has to name the program, such as `npx @stoplight/prism-cli`.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import serving, write_statement
from tests.providers.contract.dialects import DIALECTS, Dialect
from tests.providers.contract.test_contract import NUMBER, OTHER, advance, papers, sign
from tests.providers.twilio.test_as_it_is import order

from portops.errors import PortopsError

PROGRAM = os.environ.get("PRISM", "")

pytestmark = pytest.mark.skipif(not PROGRAM, reason="PRISM does not name Stoplight Prism")


UNNAMED = "Unable to match the returned status code"


@contextmanager
def prism(document: Path, upstream: str) -> Iterator[str]:
    """Run Prism before a server; gives its own address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*shlex.split(PROGRAM), "proxy", str(document), upstream, "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(url)
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def _described(document: Path, folder: Path) -> Path:
    """Copy a document whose answers all have a description: Prism leaves out those without."""
    spec = json.loads(document.read_text(encoding="utf-8"))
    for path in spec["paths"].values():
        for method in path.values():
            for answer in method.get("responses", {}).values() if isinstance(method, dict) else ():
                answer.setdefault("description", "")
    copy = folder / "document.json"
    copy.write_text(json.dumps(spec), encoding="utf-8")
    return copy


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_no_call_and_no_answer_breaks_the_published_document(
    dialect: Dialect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole life of two requests through the validating proxy, with not one violation."""
    if not dialect.document.exists():
        pytest.skip(f"{dialect.document.name} is not here")
    violations: list[tuple[str, str, Any]] = []
    checked: set[tuple[str, str]] = set()
    real = httpx.Client.request

    def watched(self: httpx.Client, method: str, url: Any, **options: Any) -> httpx.Response:
        answer = real(self, method, url, **options)
        if "sl-violations" in answer.headers:
            broken = [
                violation
                for violation in json.loads(answer.headers["sl-violations"])
                # The documents name no answers to calls that are refused.
                if answer.is_success or UNNAMED not in violation["message"]
            ]
            violations.extend((method, str(url), violation) for violation in broken)
        checked.add((method, str(url).rpartition("/")[0]))
        return answer

    with (
        serving(tmp_path / "sandbox") as served,
        prism(_described(dialect.document, tmp_path), served.url + dialect.below) as proxy,
    ):
        dialect.environment(served, monkeypatch)
        for name in dialect.hosts:
            if "UPLOAD" not in name:
                monkeypatch.setenv(name, proxy)
        monkeypatch.setattr(httpx.Client, "request", watched)
        bill = write_statement(tmp_path / "bill.pdf", "Granite Tel")
        with dialect.open() as provider:
            provider.portability(NUMBER)
            provider.portability("+18002345678")
            provider.subscribe("https://example.com/hook")
            document = papers(provider, bill)
            sid = provider.create(order(NUMBER, OTHER), document).request_sid
            other = provider.create(order("+12125550102"), document).request_sid
            if dialect.numbers:
                provider.cancel(sid, OTHER)
            provider.cancel(other)
            monkeypatch.setattr(httpx.Client, "request", real)
            sign(served, dialect, sid)
            for _ in range(10):
                monkeypatch.setattr(httpx.Client, "request", watched)
                provider.describe(sid)
                list(provider.listed())
                monkeypatch.setattr(httpx.Client, "request", real)
                advance(served, 3)
            monkeypatch.setattr(httpx.Client, "request", watched)
            with pytest.raises(PortopsError):
                provider.create(
                    replace(order(NUMBER), request="again", reference="again"),
                    ["no document", "none"],
                )
    assert len(checked) > 4
    assert not violations, json.dumps(violations, indent=1)
