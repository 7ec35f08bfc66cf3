"""Letters in the sandbox: mailed, read and signed in a browser, sealed, verified by others."""

from __future__ import annotations

import email.policy
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pypdfium2
import pytest
from tests.conftest import START, Served, inbox_of, rows, serving

import portops
from portops import api
from portops.providers.sandbox import sandbox_call
from portops.redaction import Secret
from portops.sandbox.signing import Post
from portops.settings import Settings


@pytest.fixture
def mailed(tmp_path: Path) -> Iterator[Served]:
    """A sandbox that keeps its mail in a folder."""
    with serving(tmp_path / "sandbox", post=Post(tmp_path / "outbox")) as running:
        yield running


@pytest.fixture
def asked(mailed: Served, statement: Path, store_url: str) -> tuple[str, Settings]:
    """One submitted request: its SID, and the settings."""
    settings = Settings(store=store_url, sandbox_url=mailed.url, operator="tester")
    frame = rows({}, {}, **{"Notification Emails": "desk@example.com"})
    planned = portops.plan(portops.check(frame, documents=statement))
    done = api.submit(planned, agree=True, settings=settings, clock=lambda: START)
    return str(done.outcomes[0].request_sid), settings


def _mails(folder: Path) -> list[email.message.EmailMessage]:
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(folder.glob("*.eml"))
    ]  # type: ignore[misc]


def _link(folder: Path, place: int = -1) -> str:
    letters = [each for each in _mails(folder) if each["Subject"].strip().startswith("Please sign")]
    found = re.search(r"http://\S+/sign/\S+", letters[place].get_content())
    assert found is not None
    return found[0]


SIGNED = {"answer": "sign", "typed": "Avery Larkspur", "consent": "yes", "drawing": ""}


def test_the_letter_is_mailed_read_signed_and_copied(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """The link opens the letter; the signed one goes to everybody, and the request moves on."""
    sid, settings = asked
    outbox = tmp_path / "outbox"
    assert [each["To"] for each in _mails(outbox)] == ["avery.larkspur@example.com"]
    link = _link(outbox)
    shown = httpx.get(link)
    assert shown.status_code == 200
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    assert (shown.headers["referrer-policy"], shown.headers["cache-control"]) == (
        "no-referrer",
        "no-store",
    )
    letter = httpx.get(link + "/letter.pdf").content
    assert letter == httpx.get(link + "/letter.pdf").content
    assert letter.startswith(b"%PDF-")
    # The page's words stand for its picture, for those who do not see it.
    assert 'alt="Letter of Authorization' in shown.text
    assert httpx.get(link + "/letter-1.png").content.startswith(b"\x89PNG")
    assert httpx.get(link + "/letter-9.png").status_code == 404
    assert httpx.post(link, data={**SIGNED, "consent": ""}).status_code == 400
    thanks = httpx.post(link, data=SIGNED)
    assert "Thank you" in thanks.text
    copies = [each for each in _mails(outbox) if each["Subject"].startswith("Signed")]
    assert [each["To"] for each in copies] == ["avery.larkspur@example.com", "desk@example.com"]
    signed = next(iter(copies[0].iter_attachments())).get_content()
    _verify(signed, tmp_path)
    book = pypdfium2.PdfDocument(signed)
    text = " ".join(book[page].get_textpage().get_text_range() for page in range(len(book)))
    book.close()
    for words in (
        "Record of the signature",
        "Avery Larkspur",
        "127.0.0.1",
        "2026-10-05 14:00:00",
        "typed name",
    ):
        assert words in text, words
    mailed.sandbox.clock.advance(2)
    api.pull(settings=settings, clock=mailed.sandbox.clock.now)
    assert portops.status(settings=settings)["status"].tolist() == ["in_progress"]
    again = httpx.post(link, data=SIGNED)
    assert (again.status_code, "signed" in again.text) == (410, True)
    assert httpx.get(link + "/letter.pdf").status_code == 410
    assert sid in copies[0].get_body().get_content()


def _verify(signed: bytes, folder: Path) -> None:
    """Have the signature checked by pyHanko's validator, and by poppler's where it is installed."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    found = PdfFileReader(BytesIO(signed)).embedded_signatures
    assert len(found) == 1
    trusted = ValidationContext(trust_roots=[found[0].signer_cert])
    status = validate_pdf_signature(found[0], trusted)
    assert status.trusted
    assert status.intact
    assert status.valid
    broken = bytearray(signed)
    place = signed.index(b"/Title") if b"/Title" in signed else len(signed) // 3
    broken[place] ^= 1
    with pytest.raises(Exception):  # noqa: B017, PT011 - any reason will do
        status = validate_pdf_signature(
            PdfFileReader(BytesIO(bytes(broken))).embedded_signatures[0]
        )
        assert status.intact
    if shutil.which("pdfsig"):
        path = folder / "signed.pdf"
        path.write_bytes(signed)
        said = subprocess.run(
            ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False
        )
        assert "Signature is Valid" in said.stdout, said.stdout + said.stderr


def test_declining_ends_the_request_with_its_cause(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """The reason is asked for, and comes back with the status."""
    sid, settings = asked
    link = _link(tmp_path / "outbox")
    mailed.sandbox.clock.advance(0.5)
    assert httpx.post(link, data={"answer": "decline", "reason": " "}).status_code == 400
    assert "ended" in httpx.post(link, data={"answer": "decline", "reason": "<b>We stay</b>"}).text
    assert httpx.post(link, data=SIGNED).status_code == 410
    api.pull(settings=settings, clock=mailed.sandbox.clock.now)
    events = portops.history(settings=settings)
    last = events[(events["request_sid"] == sid) & (events["phone_number"] == "")].iloc[-1]
    assert (last["status"], last["cause"]) == ("canceled", "unsigned_loa")
    assert "We stay" in last["reason"]


def test_a_link_cannot_be_guessed_expires_and_is_replaced(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """A resent letter has a new link, to another address if wished; the old one is dead."""
    sid, settings = asked
    old = _link(tmp_path / "outbox")
    assert len(old.rsplit("/", 1)[1]) >= 40
    assert old.rsplit("/", 1)[1].encode() not in (tmp_path / "sandbox" / "sandbox.db").read_bytes()
    assert httpx.get(old[:-1] + ("a" if old[-1] != "a" else "b")).status_code == 404
    assert httpx.get(f"{mailed.url}/sign/..%2f..%2fsandbox.db").status_code == 404
    auth = (settings.sandbox_account, "sandbox-admin")
    url = f"{mailed.url}/sandbox/resend/{sid}"
    assert httpx.post(url, json={}).status_code == 401
    assert httpx.post(url, json={"email": "no address"}, auth=auth).status_code == 400
    assert httpx.post(url, json={"email": "new@example.com"}, auth=auth).json()["sent"] == 2
    new = _link(tmp_path / "outbox")
    assert _mails(tmp_path / "outbox")[-1]["To"] == "new@example.com"
    assert httpx.get(old).status_code == 404
    assert httpx.get(new).status_code == 200, (_mails(tmp_path / "outbox"), new)
    mailed.sandbox.clock.advance(31)
    assert "expired" in httpx.get(new).text
    assert httpx.post(new, data=SIGNED).status_code == 410
    assert mailed.sandbox.clock.now() > START + timedelta(days=30)


@pytest.mark.parametrize("drawing", ["data:image/png;base64,AAAA", "data:image/png;base64,***"])
def test_a_drawing_that_is_none_is_refused(
    asked: tuple[str, Settings], tmp_path: Path, drawing: str
) -> None:
    """And the letter can still be signed."""
    link = _link(tmp_path / "outbox")
    assert httpx.post(link, data={**SIGNED, "drawing": drawing}).status_code == 400
    assert httpx.get(link).status_code == 200


def test_what_the_order_says_is_escaped(
    mailed: Served, statement: Path, tmp_path: Path, store_url: str
) -> None:
    """A name that is HTML is shown as it is written."""
    settings = Settings(store=store_url, sandbox_url=mailed.url)
    frame = rows({"Customer Name": "<script>alert(1)</script>"})
    planned = portops.plan(portops.check(frame, documents=statement))
    api.submit(planned, agree=True, settings=settings, clock=lambda: START)
    page = httpx.get(_link(tmp_path / "outbox")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_person_signs_in_a_browser(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """Name typed, signature drawn with the mouse, consent ticked: the drawing is in the letter."""
    selenium = pytest.importorskip("selenium.webdriver")
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip(
            "Chromium and its driver are not installed (apt install chromium chromium-driver)"
        )
    from selenium.webdriver import ActionChains
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support import expected_conditions as expected
    from selenium.webdriver.support.ui import WebDriverWait

    options = selenium.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1000,1400",
        f"--user-data-dir={tmp_path / 'profile'}",
    ):
        options.add_argument(flag)
    browser = selenium.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        browser.get(_link(tmp_path / "outbox"))
        browser.find_element(By.ID, "typed").send_keys("Avery Larkspur")
        pad = browser.find_element(By.ID, "pad")
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", pad)
        ActionChains(browser).move_to_element_with_offset(
            pad, -120, 10
        ).click_and_hold().move_by_offset(90, -30).move_by_offset(90, 40).release().perform()
        browser.find_element(By.NAME, "consent").click()
        browser.find_element(By.CSS_SELECTOR, "button[value=sign]").click()
        WebDriverWait(browser, 20).until(expected.title_is("Thank you"))
        bad = [each for each in browser.get_log("browser") if each["level"] == "SEVERE"]
        assert [each for each in bad if "favicon" not in each["message"]] == []
    finally:
        browser.quit()
    sid = asked[0]
    signed = (tmp_path / "sandbox" / "letters" / f"{sid}.pdf").read_bytes()
    _verify(signed, tmp_path)
    book = pypdfium2.PdfDocument(signed)
    page = book[0].render(scale=3).to_pil().convert("RGB")
    last = book[len(book) - 1].get_textpage().get_text_range()
    book.close()
    assert "drawn" in last
    red, green, blue = np.moveaxis(np.asarray(page).astype(int), 2, 0)
    ink = (blue > red + 40) & (blue > green + 20)
    assert ink.sum() > 20, "the drawn signature does not show"


def test_the_page_of_requests_is_for_admins_of_the_account(
    asked: tuple[str, Settings], mailed: Served
) -> None:
    """Status, SID, created date, carrier action and history; nobody else sees it."""
    sid, settings = asked
    mailed.sandbox.clock.advance(2)
    url, account = f"{mailed.url}/port-in-numbers", settings.sandbox_account
    shown = httpx.get(url, auth=(account, "sandbox-admin"))
    assert shown.status_code == 200
    for words in ("Port-In Numbers", sid, "Waiting for Signature", "2026-10-05", "+12125550100"):
        assert words in shown.text, words
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'nonce-" in policy
    assert httpx.get(url).headers["www-authenticate"].startswith("Basic")
    assert httpx.get(url, auth=(account, "sandbox-member")).status_code == 403
    other = account[:-1] + "2"
    assert httpx.get(url, auth=(other, "sandbox-nolabs")).status_code == 403
    assert httpx.post(url, auth=(account, "sandbox-admin")).status_code == 405


def test_the_page_of_requests_escapes_what_carriers_and_signers_say(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """A reason that is HTML is shown as it is written."""
    sid, settings = asked
    link = _link(tmp_path / "outbox")
    httpx.post(link, data={"answer": "decline", "reason": "<img src=x onerror=alert(1)>"})
    auth = (settings.sandbox_account, "sandbox-admin")
    page = httpx.get(f"{mailed.url}/port-in-numbers", auth=auth).text
    assert sid in page
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_unsigned_letters_are_reminded_of(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """After three, seven, fourteen days …; the newest link works, and a signed one is let be."""
    _, settings = asked
    sent = []
    for _ in range(9):
        sandbox_call(settings, "/sandbox/advance", {"days": 1})
        sent.append(len(list((tmp_path / "outbox").glob("*-letter-*.eml"))))
    assert sent == [1, 1, 2, 2, 2, 2, 3, 3, 3]
    assert httpx.post(_link(tmp_path / "outbox"), data=SIGNED).status_code == 200
    sandbox_call(settings, "/sandbox/advance", {"days": 10})
    assert len(list((tmp_path / "outbox").glob("*-letter-*.eml"))) == 3


def test_letters_go_through_a_real_mail_server(
    tmp_path: Path, statement: Path, store_url: str
) -> None:
    """The invitation and the signed copy arrive by SMTP, and nothing is put into a folder."""
    with inbox_of() as (url, mails):
        post = Post(tmp_path / "outbox", Secret(url))
        with serving(tmp_path / "sandbox", post=post) as running:
            settings = Settings(store=store_url, sandbox_url=running.url)
            planned = portops.plan(portops.check(rows({}), documents=statement))
            api.submit(planned, agree=True, settings=settings, clock=lambda: START)
            found = re.search(r"http://\S+/sign/\S+", mails[0].get_content())
            assert found is not None
            assert httpx.post(found[0], data=SIGNED, timeout=30).status_code == 200
    assert [each["To"] for each in mails] == ["avery.larkspur@example.com"] * 2
    assert mails[0]["From"] == "desk@example.com"
    _verify(next(iter(mails[1].iter_attachments())).get_content(), tmp_path)
    assert not (tmp_path / "outbox").exists()
