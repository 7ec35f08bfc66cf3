"""JupyterLab in a real browser: a customer is ported by hand with the form of the notebook."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, serving
from tests.submission.test_guided import ANSWERS

selenium = pytest.importorskip("selenium.webdriver")
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="Chromium and its driver are not installed"
)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    """Chromium without a window."""
    options = selenium.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1400,1500",
        f"--user-data-dir={tmp_path / 'profile'}",
    ):
        options.add_argument(flag)
    service = selenium.chrome.service.Service(DRIVER)
    driver = selenium.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture
def lab(tmp_path: Path, store_url: str) -> Iterator[tuple[str, Any]]:
    """JupyterLab on a copy of the notebook, with a sandbox and a store of its own."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copy(ROOT / "notebooks" / "port-in-numbers.ipynb", folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with serving(tmp_path / "sandbox", start=None) as served:
        known = {
            "PORTOPS_STORE": store_url,
            "PORTOPS_SANDBOX_URL": served.url,
            "PORTOPS_OPERATOR": "tester",
            "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
            "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        }
        with (tmp_path / "lab.log").open("wb") as log:
            server = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyterlab",
                    "--no-browser",
                    "--allow-root",
                    f"--port={port}",
                    "--ServerApp.port_retries=0",
                    "--IdentityProvider.token=t",
                    "--LabApp.news_url=None",
                    str(folder),
                ],
                env={**os.environ, **known},
                stdout=log,
                stderr=log,
            )
            try:
                yield (
                    f"http://127.0.0.1:{port}/lab/tree/port-in-numbers.ipynb?token=t&reset",
                    served,
                )
            finally:
                server.terminate()
                server.wait(20)


def test_a_customer_is_ported_by_hand(
    lab: tuple[str, Any], browser: Any, statement: Path, tmp_path: Path
) -> None:
    """Run all, tick, fill in, submit: the Request SID is there, and the sandbox has the request."""
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select, WebDriverWait

    from portops.tables.columns import FIELDS

    url, served = lab
    wait = WebDriverWait(browser, 90, ignored_exceptions=[WebDriverException])

    def opened(_: Any) -> bool:
        browser.get(url)
        return "jupyter" in browser.title.casefold()

    def all_of(selector: str) -> list[Any]:
        return [
            each for each in browser.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed()
        ]

    def click(selector: str, words: str = "") -> None:
        def clicked(_: Any) -> bool:
            next(each for each in all_of(selector) if each.text.startswith(words)).click()
            return True

        wait.until(lambda driver: bool(all_of(selector)))
        wait.until(clicked)

    def field(name: str) -> Any:
        label = FIELDS[name].label
        return next(
            box
            for box in all_of(".widget-text, .widget-dropdown")
            if box.find_element(By.TAG_NAME, "label").text.rstrip(" *") == label
        )

    def fill(name: str, value: str) -> None:
        if name == "customer_type":
            Select(field(name).find_element(By.TAG_NAME, "select")).select_by_visible_text(value)
        else:
            field(name).find_element(By.TAG_NAME, "input").send_keys(value + "\t")

    wait.until(opened)
    wait.until(lambda _: len(all_of(".jp-Notebook .jp-Cell")) >= 3)
    click(".lm-MenuBar-item", "Run")
    click(".lm-Menu-item", "Run All Cells")
    wait.until(lambda _: len(all_of(".widget-checkbox input")) == 7)
    for box in all_of(".widget-checkbox input"):
        box.click()
    answers = {
        **ANSWERS,
        "landline_numbers": "2125550100",
        "statement": str(statement / "statement.pdf"),
    }
    second = ("losing_carrier", "account_number", "billing_number", "landline_numbers")
    click(".jupyter-widget-tab .lm-TabBar-tab", "2 ")
    wait.until(lambda _: field("losing_carrier"))
    for name in second:
        fill(name, answers.get(name, ""))
    click(".jupyter-widget-tab .lm-TabBar-tab", "3 ")
    wait.until(lambda _: field("customer_name"))
    for name in sorted(set(answers) - set(second)):
        fill(name, answers[name])
    click(".jupyter-widget-tab .lm-TabBar-tab", "4 ")
    wait.until(
        lambda _: any(
            each.text == "Submit" and each.is_enabled() for each in all_of("button.jupyter-button")
        )
    )
    assert served.received() == []
    click("button.jupyter-button", "Submit")

    def sid(_: Any) -> str:
        found = [
            box.find_element(By.TAG_NAME, "input").get_attribute("value")
            for box in all_of(".widget-text")
        ]
        return next((value for value in found if value.startswith("KW")), "")

    assert len(wait.until(sid)) == 34
    assert [len(each["numbers"]) for each in served.received()] == [1]
