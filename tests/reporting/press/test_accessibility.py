"""Pages and the mail by axe-core in headless Chromium, at 1280 and 400 pixels.

axe-core is no Python package: `make axe` fetches it (npm), or AXE names its file. Without it, or
without a browser, these tests are skipped.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tests.conftest import ROOT, event, events

import portops
from portops.reporting.press.digest import compose
from portops.reporting.press.page import page
from portops.reporting.report import REPORTS, draw
from portops.results.figures import Figures
from portops.results.published import Published

AXE = Path(os.environ.get("AXE", ROOT / "node_modules" / "axe-core" / "axe.min.js"))
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
NAMES = ["weekly-rejections", "turnaround", "scorecard"]

pytestmark = pytest.mark.skipif(
    not (AXE.is_file() and BROWSER and DRIVER), reason="axe-core or Chromium is not here: make axe"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    selenium = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = selenium.ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    driver = selenium.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


def _violations(browser: Any, html: str, folder: Path) -> list[tuple[int, str, str]]:
    """Return what axe finds at each width: the width, the rule, and the first place."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    told = []
    for width in (1280, 400):
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        browser.get(file.as_uri())
        browser.execute_script(AXE.read_text(encoding="utf-8"))
        result = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
        told += [(width, v["id"], v["nodes"][0]["html"][:200]) for v in result["violations"]]
    return told


def _figures(name: str) -> Figures:
    rows = []
    for n in range(8):
        number, sent = f"+1212555010{n}", "2026-11-09T15:00:00Z"
        rows.append(event(f"KW{n}", number, "submitted", sent))
        status = ("completed", "rejected", "waiting_for_signature", "in_progress")[n % 4]
        cause = "pin" if status == "rejected" else ""
        rows.append(event(f"KW{n}", number, status, f"2026-11-1{n % 3 + 6}T15:00:00Z", cause=cause))
    return portops.figures(name, "2026-W47", events=events(*rows))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_no_violation(name: str, browser: Any, tmp_path: Path) -> None:
    """Everything a report shows: headline, cards, advice, charts, every table."""
    figures, report = _figures(name), REPORTS[name]
    shown = [figures.advice(), *(draw(figures, chart) for chart in report.charts)]
    shown += [figures.show(*figures.summary.captions), figures.data()]
    head = figures._repr_mimebundle_()["text/html"]
    notebook = nbformat.read(report.file, as_version=4)
    assert notebook.cells[0].source.startswith("# ")
    body = f"<h1>{report.title}</h1>{head}" + "".join(one._repr_html_() for one in shown)
    assert _violations(browser, page(body, report.title), tmp_path) == []


def test_the_mail_has_no_violation(browser: Any, tmp_path: Path) -> None:
    """Language, title and landmarks, as a page has them."""
    reports = [
        Published(name=name, title=REPORTS[name].title, shown=_figures(name), files=())
        for name in NAMES
    ]
    mail = compose(reports, "desk@example.com", ["boss@example.com"], attach=None)
    body = mail.get_body(("html",))
    assert body is not None
    assert _violations(browser, body.get_content(), tmp_path) == []
