"""JupyterLab in a real browser: what a person does with the forms of the notebooks."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, rows, serving, write_book
from tests.submission.test_guided import ANSWERS

selenium = pytest.importorskip("selenium.webdriver")
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
NOTEBOOKS = ("port-in-numbers.ipynb", "check-workbook.ipynb")

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
    """JupyterLab on copies of the notebooks, with a sandbox and a store of its own."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in NOTEBOOKS:
        shutil.copy(ROOT / "notebooks" / name, folder)
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
                yield f"http://127.0.0.1:{port}/lab/tree/{{}}?token=t&reset", served
            finally:
                server.terminate()
                server.wait(20)


class Page:
    """A notebook in the browser, with what a person does there."""

    def __init__(self, browser: Any) -> None:
        from selenium.common.exceptions import WebDriverException
        from selenium.webdriver.support.ui import WebDriverWait

        self.browser = browser
        self.wait = WebDriverWait(
            browser, 90, ignored_exceptions=[WebDriverException, StopIteration, IndexError]
        )

    def run(self, url: str) -> None:
        """Open a notebook and run all its cells."""

        def opened(_: Any) -> bool:
            self.browser.get(url)
            return "jupyter" in self.browser.title.casefold()

        self.wait.until(opened)
        self.wait.until(lambda _: len(self.all_of(".jp-Notebook .jp-Cell")) >= 3)
        # Cells that are run before the kernel is there are not run at all.
        self.wait.until(lambda _: "| Idle" in self.all_of("#jp-main-statusbar")[0].text)
        self.click(".lm-MenuBar-item", "Run")
        self.click(".lm-Menu-item", "Run All Cells")

    def all_of(self, selector: str) -> list[Any]:
        """Return what a selector shows."""
        elements = self.browser.find_elements("css selector", selector)
        return [element for element in elements if element.is_displayed()]

    def click(self, selector: str, words: str = "") -> None:
        """Click the first of a selector that begins with these words."""

        def clicked(_: Any) -> bool:
            next(e for e in self.all_of(selector) if e.text.strip().startswith(words)).click()
            return True

        self.wait.until(lambda _: bool(self.all_of(selector)))
        self.wait.until(clicked)

    def labelled(self, label: str) -> Any:
        """Return the input or the drop-down of a label, which a label of HTML names."""

        def input_of(_: Any) -> Any:
            labels = self.browser.find_elements("css selector", "label[for]")
            named = [one for one in labels if one.get_attribute("textContent") == label]
            return self.browser.find_element("id", named[0].get_attribute("for")) if named else None

        return self.wait.until(input_of)


def test_a_customer_is_ported_by_hand(
    lab: tuple[str, Any], browser: Any, statement: Path, tmp_path: Path
) -> None:
    """Run all, tick, fill in, submit: the Request SID is there, and the sandbox has the request."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select

    from portops.tables.columns import FIELDS

    url, served = lab
    page = Page(browser)
    wait, all_of, click = page.wait, page.all_of, page.click

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

    page.run(url.format("port-in-numbers.ipynb"))
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


def test_a_workbook_is_reviewed_by_hand(
    lab: tuple[str, Any], browser: Any, statement: Path, tmp_path: Path
) -> None:
    """Choose a file, settle a column with the keyboard, filter, keep the profile, write the copy."""
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select

    table = rows({}, {"Number Type": "Wireless", "Wireless PIN": "Zebra4711X"})
    book = write_book(
        tmp_path / "shops.xlsx", table.rename(columns={"Losing Carrier": "Ships With"})
    )
    folder = tmp_path / "notebooks"
    notebook = folder / "check-workbook.ipynb"
    source = json.loads(notebook.read_text("utf-8"))
    source["cells"][1]["source"] = [
        "workbook = None\n",
        f"documents = {str(statement)!r}\n",
        "provider = 'sandbox'",
    ]
    notebook.write_text(json.dumps(source), "utf-8")
    page = Page(browser)
    wait = page.wait

    def shows(selector: str, words: str) -> None:
        wait.until(lambda _: any(words in element.text for element in page.all_of(selector)))

    page.run(lab[0].format(notebook.name))
    wait.until(lambda _: page.all_of(".widget-upload"))
    # The button's own input is in no page, so that a driver cannot fill it before it is asked for.
    browser.execute_script(
        "HTMLInputElement.prototype.click = function () { this.style.display = 'block';"
        " this.id = 'chosen'; document.body.appendChild(this); }"
    )
    page.all_of(".widget-upload")[0].send_keys(Keys.ENTER)
    browser.find_element("id", "chosen").send_keys(str(book))
    shows(".portops-review", "shops.xlsx: 2 rows, 2 numbers")
    assert "0 errors" in page.all_of(".portops-review")[0].text

    email = page.labelled("Field of Numbers, column H, Email")
    email.send_keys("Leave")
    shows(".portops-review", "1 error more")
    assert browser.switch_to.active_element == email
    Select(page.labelled("Severity")).select_by_visible_text("Errors (1)")
    shows(".portops-findings", "There is no column for Email")
    Select(email).select_by_visible_text("Undo my choice")
    shows(".portops-review", "1 error fewer")
    Select(page.labelled("Field of Numbers, column C, Ships With")).select_by_visible_text("Notes")
    shows(".portops-columns", "Your choice")

    page.labelled("Keep as profile").send_keys("shops" + Keys.TAB + Keys.ENTER)
    shows(".portops-review", "Kept: ")
    assert "Ships With" in (folder / "profiles" / "shops.toml").read_text("utf-8")
    out = page.labelled("Write to folder")
    out.send_keys(Keys.CONTROL + "a")
    out.send_keys("checked" + Keys.TAB + Keys.ENTER)
    shows(".portops-review", "Written: checked/shops.checked.xlsx")
    assert (folder / "checked" / "shops.checked.xlsx").is_file()

    browser.find_element("tag name", "body").send_keys(Keys.CONTROL + "s")
    wait.until(lambda _: "widget-view" in notebook.read_text("utf-8"))
    assert "Zebra4711X" not in notebook.read_text("utf-8")
    assert "Zebra4711X" not in browser.page_source
