"""Make the tutorial by doing it: every command is run, and what it printed is shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import httpx
import openpyxl
from fpdf import FPDF

from portops.demo import own_sandbox

START = "2026-10-05T14:00:00+00:00"
SHOWN_URL = "http://127.0.0.1:8765"

_ROW = {
    "Request Name": "Main office",
    "Customer Type": "Business",
    "Customer Name": "Copper Hill Bakery",
    "Authorized Representative": "Avery Larkspur",
    "Email": "avery.larkspur(at)example.com",
    "Losing Carrier": "Granite Tel",
    "Account Number": "100200300400",
    "Service Address": "12 Mill Road",
    "City": "New York",
    "State": "NY",
    "Postal Code": "10001",
    "Billing Statement": "statement.pdf",
    "Number Type": "Landline",
}


class _Desk:
    """An empty folder in which commands are run and told."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines += [text.strip(), ""]

    def run(self, command: str, *, until: str | None = None) -> str:
        """Run a command, show it with its output (up to a line that starts with `until`)."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PORTOPS_", "TWILIO_"))}
        done = subprocess.run(
            [sys.executable, "-m", *command.split()],
            cwd=self.folder,
            capture_output=True,
            text=True,
            env={
                **kept,
                "PORTOPS_SANDBOX_URL": self.url,
                "PORTOPS_OPERATOR": "you",
                "COLUMNS": "100",
                "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            },
            encoding="utf-8",
            check=False,
        )
        shown = done.stdout + done.stderr
        if until is not None:
            shown = shown.partition(f"\n{until}")[0]
        today = datetime.now(UTC).date().isoformat()
        shown = shown.replace(self.url, SHOWN_URL).replace(today, START[:10])
        lines = [line.rstrip() for line in shown.strip().splitlines()]
        self.lines += ["```console", f"$ {command}", *lines, "```", ""]
        return done.stdout


def _statement(path: Path) -> None:
    """Write the billing statement of the account."""
    page = FPDF()
    page.add_page()
    page.set_font("helvetica", size=12)
    for line in (
        "Granite Tel",
        "Statement date: September 20, 2026",
        "Account: 1002 0030 0400",
        "Copper Hill Bakery",
        "12 Mill Rd, New York, NY 10001",
        "Charges for 212-555-0100 and 212-555-0101",
    ):
        page.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    page.output(str(path))


def _fill(path: Path, email: str) -> None:
    """Fill in the template: two numbers of one account."""
    book = openpyxl.load_workbook(path)
    page = book.active
    places = {cell.value: cell.column for cell in page[1]}
    for row, number in ((2, "212-555-0100"), (3, "212-555-0101")):
        for label, column in places.items():
            page.cell(row, column).value = {**_ROW, "Email": email, "Phone Number": number}.get(
                label
            )
    book.save(path)


def tutorial_page(pictures: Path | None = None) -> str:
    """Take a new analyst from an empty folder to a signed, completed port.

    Pictures are written into a folder, where one is given.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "desk"
        (folder / "statements").mkdir(parents=True)
        _statement(folder / "statements" / "statement.pdf")
        with own_sandbox(Path(name) / "sandbox", "--start", START, "--seed", "1") as url:
            desk = _Desk(folder, url)
            _write(desk, Path(name) / "sandbox" / "outbox", pictures)
    return "\n".join(desk.lines).rstrip() + "\n"


def _write(desk: _Desk, outbox: Path, pictures: Path | None) -> None:
    desk.say("# From an empty folder to a completed port")
    desk.say(
        "Everything here was run as it stands; `make docs` runs it again. Numbers and people are "
        "invented, and the provider is the sandbox, on your own machine."
    )
    desk.say("## 1. A workbook")
    desk.run("portops template intake.xlsx")
    _fill(desk.folder / "intake.xlsx", _ROW["Email"])
    desk.say(
        "Fill in a row a number. Here are two landlines of one account, (212) 555-0100 and 0101, "
        "with their billing statement in `statements/`; the e-mail address has a slip in it. "
        "Check it:"
    )
    desk.run("portops check intake.xlsx --documents statements --as-of 2026-10-05")
    desk.say(
        "`reports/intake.checked.xlsx` is your workbook with the cell marked. Correct it and check "
        "again; what is left was repaired, or is worth knowing, and holds nothing back."
    )
    _fill(desk.folder / "intake.xlsx", "avery.larkspur@example.com")
    desk.run("portops check intake.xlsx --documents statements --as-of 2026-10-05")
    desk.say("## 2. The request")
    desk.say(
        "Start the sandbox in a second window with `portops sandbox serve`, see what would be "
        "submitted, and submit it:"
    )
    common = "intake.xlsx --documents statements --as-of 2026-10-05"
    desk.run(f"portops plan {common} --portability", until="Portability")
    done = desk.run(f"portops submit {common} --agree")
    sid = re.findall(r"KW[0-9a-f]{32}", done)[0]
    desk.say("The Request SID is what the provider knows it by. Submitting again submits nothing:")
    desk.run(f"portops submit {common} --agree")
    desk.say("## 3. The letter of authorization")
    desk.say(
        "The sandbox mails the letter to the authorized representative: with `PORTOPS_SMTP_URL` set "
        "for real, else as a file into the folder it names when it starts. The link in the mail "
        "opens the letter in a browser, where it is signed by name or by hand, or declined. The "
        "signed letter comes back by mail, with a record of who signed, when and from where, and "
        "a digital signature."
    )
    letter = next(outbox.glob("*letter-1.eml")).read_text(encoding="utf-8")
    found = re.search(r"http://\S+/sign/\S+", letter)
    desk.say("![The letter of authorization](pictures/letter.png)")
    if pictures is not None and found is not None:
        pictures.mkdir(exist_ok=True)
        shown = httpx.get(f"{found[0]}/letter-1.png", timeout=60)
        (pictures / "letter.png").write_bytes(shown.content)
    signed = httpx.post(
        found[0] if found else "",
        timeout=60,
        data={"answer": "sign", "typed": "Avery Larkspur", "consent": "yes"},
    )
    signed.raise_for_status()
    desk.say("## 4. Until it is done")
    desk.say(
        "In the sandbox time is moved by hand. After two days the losing carrier has the request; "
        "after a month the numbers are ported:"
    )
    for days in (2, 30):
        desk.run(f"portops sandbox advance {days}")
        desk.run("portops pull")
    desk.run(f"portops status {sid}", until="Submission")
    desk.say(
        "From here on: `portops reconcile intake.xlsx --documents statements` compares everything "
        "with everything, `portops corrections` brings back what was rejected, and `portops "
        "weekly` makes the reports. See the [README](../README.md)."
    )
