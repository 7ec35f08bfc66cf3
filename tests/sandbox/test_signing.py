"""Letters in the sandbox: mailed, read and signed in a browser, verified with other software."""

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
from tests.conftest import START, Served, desk_of, inbox_of, open_to_others, rows, serving

import portops
from portops.providers.sandbox import sandbox_call
from portops.redaction import Secret
from portops.sandbox.mailroom import Post
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
    done = desk_of(settings, clock=lambda: START).submit(planned, agree=True)
    return str(done.outcomes[0].request_sid), settings


def _mails(folder: Path) -> list[email.message.EmailMessage]:
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(folder.glob("*.eml"))
    ]  # type: ignore[misc]


def _link(folder: Path, place: int = -1) -> str:
    mails = _mails(folder)
    letters = [mail for mail in mails if mail["Subject"].strip().startswith("Please sign")]
    return _link_in(letters[place])


def _link_in(mail: email.message.EmailMessage) -> str:
    match = re.search(r"http://\S+/sign/\S+", mail.get_content())
    assert match is not None
    return match[0]


def _texts(letter: bytes) -> list[str]:
    with pypdfium2.PdfDocument(letter) as pdf:
        return [page.get_textpage().get_text_range() for page in pdf]


SIGNED = {"answer": "sign", "typed": "Avery Larkspur", "consent": "yes", "drawing": ""}


@pytest.mark.usefixtures("no_umask")
def test_the_letter_is_mailed_read_signed_and_copied(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """The link opens the letter, the signed one is mailed to all, and the request moves on."""
    sid, settings = asked
    outbox = tmp_path / "outbox"
    assert [mail["To"] for mail in _mails(outbox)] == ["avery.larkspur@example.com"]
    link = _link(outbox)
    assert link in next(outbox.glob("*.eml")).read_text(), "the link is not broken by an encoding"
    shown = httpx.get(link)
    assert shown.status_code == 200
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    assert (shown.headers["referrer-policy"], shown.headers["cache-control"]) == (
        "same-origin",
        "no-store",
    )
    letter = httpx.get(link + "/letter.pdf").content
    assert letter == httpx.get(link + "/letter.pdf").content
    assert letter.startswith(b"%PDF-")
    # The page's text is there for people who can't see its picture.
    assert 'alt="Letter of Authorization' in shown.text
    assert httpx.get(link + "/letter-1.png").content.startswith(b"\x89PNG")
    assert httpx.get(link + "/letter-9.png").status_code == 404
    assert httpx.post(link, data={**SIGNED, "consent": ""}).status_code == 400
    thanks = httpx.post(link, data=SIGNED)
    assert "Thank you" in thanks.text
    copies = [mail for mail in _mails(outbox) if mail["Subject"].startswith("Signed")]
    assert [mail["To"] for mail in copies] == ["avery.larkspur@example.com", "desk@example.com"]
    signed = next(iter(copies[0].iter_attachments())).get_content()
    _verify(signed, tmp_path)
    text = " ".join(_texts(signed))
    for words in (
        "Date: Oct 5, 2026",
        "Record of the signature",
        "Avery Larkspur",
        "127.0.0.1",
        "2026-10-05 14:00:00",
        "typed name",
    ):
        assert words in text, words
    mailed.sandbox.clock.advance(2)
    desk_of(settings, clock=mailed.sandbox.clock.now).pull()
    assert portops.status(settings=settings)["status"].tolist() == ["in_progress"]
    again = httpx.post(link, data=SIGNED)
    assert (again.status_code, "signed" in again.text) == (410, True)
    assert httpx.get(link + "/letter.pdf").status_code == 410
    assert sid in copies[0].get_body().get_content()
    # Live links, signed letters, the sealing key and the orders are for nobody else to read.
    assert not open_to_others(outbox)
    assert not open_to_others(tmp_path / "sandbox")


def _verify(signed: bytes, folder: Path) -> None:
    """Have the signature checked by pyHanko's validator, and by poppler's where it is installed."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    (signature,) = PdfFileReader(BytesIO(signed)).embedded_signatures
    context = ValidationContext(trust_roots=[signature.signer_cert])
    status = validate_pdf_signature(signature, context)
    assert status.trusted
    assert status.intact
    assert status.valid
    changed = bytearray(signed)
    changed[signed.index(b"stream\n") + 20] ^= 1
    (signature,) = PdfFileReader(BytesIO(bytes(changed))).embedded_signatures
    assert not validate_pdf_signature(signature, context).intact
    if shutil.which("pdfsig"):
        path = folder / "signed.pdf"
        path.write_bytes(signed)
        checked = subprocess.run(
            ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False
        )
        assert "Signature is Valid" in checked.stdout, checked.stdout + checked.stderr


def test_declining_ends_the_request_with_its_cause(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """A reason is required, and comes back with the status."""
    sid, settings = asked
    link = _link(tmp_path / "outbox")
    mailed.sandbox.clock.advance(0.5)
    assert httpx.post(link, data={"answer": "decline", "reason": " "}).status_code == 400
    assert "ended" in httpx.post(link, data={"answer": "decline", "reason": "<b>We stay</b>"}).text
    assert httpx.post(link, data=SIGNED).status_code == 410
    desk_of(settings, clock=mailed.sandbox.clock.now).pull()
    events = portops.history(settings=settings)
    last = events[(events["request_sid"] == sid) & (events["phone_number"] == "")].iloc[-1]
    assert (last["status"], last["cause"]) == ("canceled", "unsigned_loa")
    assert "We stay" in last["reason"]


def test_a_link_cannot_be_guessed_expires_and_is_replaced(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """A resent letter has a new link, if asked to another address; the old link stops working."""
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
def test_a_damaged_drawing_is_refused(
    asked: tuple[str, Settings], tmp_path: Path, drawing: str
) -> None:
    """The letter can still be signed."""
    link = _link(tmp_path / "outbox")
    answer = httpx.post(link, data={**SIGNED, "drawing": drawing}, timeout=60)
    assert answer.status_code == 400
    assert httpx.get(link, timeout=60).status_code == 200


def test_what_the_order_says_is_escaped(
    mailed: Served, statement: Path, tmp_path: Path, store_url: str
) -> None:
    """A name that is HTML is shown as text."""
    settings = Settings(store=store_url, sandbox_url=mailed.url)
    frame = rows({"Customer Name": "<script>alert(1)</script>"})
    planned = portops.plan(portops.check(frame, documents=statement))
    desk_of(settings, clock=lambda: START).submit(planned, agree=True)
    page = httpx.get(_link(tmp_path / "outbox")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_person_signs_in_a_browser(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """Type the name, draw with the mouse, check the box: the drawing is in the letter."""
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
        errors = [
            entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"
        ]
        assert [message for message in errors if "favicon" not in message] == []
    finally:
        browser.quit()
    sid = asked[0]
    signed = (tmp_path / "sandbox" / "letters" / f"{sid}.pdf").read_bytes()
    _verify(signed, tmp_path)
    assert "drawn" in _texts(signed)[-1]
    with pypdfium2.PdfDocument(signed) as pdf:
        page = pdf[0].render(scale=3).to_pil().convert("RGB")
    red, green, blue = np.moveaxis(np.asarray(page).astype(int), 2, 0)
    ink = (blue > red + 40) & (blue > green + 20)
    assert ink.sum() > 20, "the drawn signature isn't visible"


def test_the_page_of_requests_is_for_admins_of_the_account(
    asked: tuple[str, Settings], mailed: Served
) -> None:
    """It shows status, SID, created date, carrier action and history; nobody else sees it."""
    sid, settings = asked
    mailed.sandbox.clock.advance(2)
    url, account = f"{mailed.url}/port-in-numbers", settings.sandbox_account
    shown = httpx.get(url, auth=(account, "sandbox-admin"))
    assert shown.status_code == 200
    for words in (
        "Port-In Numbers",
        sid,
        "<td>Waiting for Signature</td>",
        "<td>Oct 5, 2026</td>",
        "Oct 5, 2026, 2:00 p.m.  Created",
        "+12125550100: Waiting for Signature",
    ):
        assert words in shown.text, words
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'nonce-" in policy
    assert httpx.get(url).headers["www-authenticate"].startswith("Basic")
    assert httpx.get(url, auth=(account, "sandbox-member")).status_code == 403
    other = account[:-1] + "2"
    assert httpx.get(url, auth=(other, "sandbox-nolabs")).status_code == 403
    assert httpx.post(url, json={}, auth=(account, "sandbox-admin")).status_code == 405


def test_the_page_of_requests_escapes_what_carriers_and_signers_say(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """A reason that is HTML is shown as text."""
    sid, settings = asked
    link = _link(tmp_path / "outbox")
    httpx.post(link, data={"answer": "decline", "reason": "<img src=x onerror=alert(1)>"})
    auth = (settings.sandbox_account, "sandbox-admin")
    page = httpx.get(f"{mailed.url}/port-in-numbers", auth=auth).text
    assert sid in page
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_reminders_are_mailed_for_unsigned_letters(
    asked: tuple[str, Settings], mailed: Served, tmp_path: Path
) -> None:
    """After 3, 7, 14 days …; the newest link works, and a signed letter is not mailed again."""
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
    """The invitation and the signed copy arrive by SMTP, and no file is written."""
    with inbox_of() as (url, mails):
        post = Post(tmp_path / "outbox", Secret(url))
        with serving(tmp_path / "sandbox", post=post) as running:
            settings = Settings(store=store_url, sandbox_url=running.url)
            planned = portops.plan(portops.check(rows({}), documents=statement))
            desk_of(settings, clock=lambda: START).submit(planned, agree=True)
            assert httpx.post(_link_in(mails[0]), data=SIGNED, timeout=30).status_code == 200
    assert [mail["To"] for mail in mails] == ["avery.larkspur@example.com"] * 2
    assert mails[0]["From"] == "desk@example.com"
    _verify(next(iter(mails[1].iter_attachments())).get_content(), tmp_path)
    assert not (tmp_path / "outbox").exists()
