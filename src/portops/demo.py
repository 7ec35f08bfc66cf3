"""The demo: the whole main job on the sample workbooks, against a sandbox of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops import assets
from portops.desk import Desk
from portops.errors import InputError, ProviderError, SettingsError
from portops.files import private_file, private_folder
from portops.redaction import Secret
from portops.sealing import new_key
from portops.settings import Settings
from portops.tables.columns import FIELDS
from portops.wording import counted

if TYPE_CHECKING:
    from portops.results.published import Published

#: The demo's calendar is fixed, so that everyone sees the same figures.
START = datetime(2026, 9, 28, 13, tzinfo=UTC)
DAYS, WEEK = 56, "2026-W47"

#: The sample workbooks, and the day on which each is submitted.
WAVES = {"clinics-numbers.xlsx": 0, "shops-requests.xlsx": 28, "offices-numbers.xlsx": 43}

#: The reports that the demo makes.
REPORTS = ("weekly-rejections", "turnaround", "scorecard", "reconciliation")

#: The days on which what was rejected is corrected and submitted again, and the causes that the
#: customer's own details put right.
CORRECTIONS = (16, 41)
CORRECTABLE = (
    "account_number",
    "pin",
    "customer_name",
    "authorized_name",
    "address",
    "postal_code",
)

_MARK = ".portops-demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the demo made: where everything is, and the figures a manager asks for."""

    out: Path
    store: str
    waves: list[dict[str, int]]
    reports: list[Published]
    seconds: float

    @property
    def figures(self) -> dict[str, Any]:
        """Return the week's rejection rate, its top cause and the median turnaround."""
        weekly, turnaround = (published.figures for published in self.reports[:2])
        causes = weekly["rejections_by_cause"]
        return {
            "rejection_rate": weekly["rejection_rate"],
            "first_rejected": weekly["first_rejected"],
            "decided": weekly["decided"],
            "top_cause": causes[0]["cause"] if causes else None,
            "median_turnaround_business_days": turnaround["chain"]["median"],
        }

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "waves": self.waves,
            "store": self.store,
            "figures": self.figures,
            "seconds": round(self.seconds, 1),
            "reports": [str(path) for published in self.reports for path in published.files],
        }


@dataclass(slots=True, kw_only=True)
class _Run:
    """The demo on its way."""

    out: Path
    seed: int
    desk: Desk
    tell: Callable[[str], None]
    step: Callable[[str], None]
    day: int = 0
    waves: list[dict[str, int]] = field(default_factory=list)

    def now(self) -> datetime:
        return START + timedelta(days=self.day)

    def live(self) -> None:
        """Go through the eight weeks, day by day, over HTTP."""
        submitted_on: dict[str, int] = {}
        for self.day in range(DAYS + 1):
            if self.day:
                self.desk.sandbox("advance", days=1)
            for workbook, on in WAVES.items():
                if on == self.day:
                    self.waves.append(self._submit(assets.folder("samples") / workbook))
            if self.day in CORRECTIONS:
                self._correct()
            self.desk.pull()
            self._sign(submitted_on)
            self.step(str(self.day))

    def _correct(self) -> None:
        """Put right what the customer's own details can, and submit it again."""
        folder = private_folder(self.out / "workbooks")
        file = folder / f"corrections-{self.now():%m-%d}.xlsx"
        refused = self.desk.corrections(file)
        if refused.empty:
            return
        table = pd.read_excel(file, dtype="str")[refused["cause"].isin(CORRECTABLE).to_numpy()]
        records = pd.read_csv(assets.folder("samples") / "carrier-records.csv", dtype="str")
        records = records.set_index("phone_number")
        numbers = table[FIELDS["phone_number"].label]
        for name in set(records.columns) & set(FIELDS) - {"losing_carrier", "line_type"}:
            right = numbers.map(records[name])
            table[FIELDS[name].label] = right.fillna(table[FIELDS[name].label])
        table.to_excel(file, index=False)
        private_file(file)
        self._submit(file)
        # It holds the PINs that were given anew; the marked copy beside masks them.
        file.unlink()

    def _submit(self, workbook: Path) -> dict[str, int]:
        """Check, plan and submit one workbook; returns the counts."""
        samples, folder = assets.folder("samples"), self.out / "workbooks"
        checked = self.desk.check(
            workbook, documents=samples / "statements", as_of=self.now().date()
        )
        self.desk.write(checked, folder)
        planned = self.desk.plan(checked)
        self.desk.write_plan(planned, folder)
        submitted = self.desk.submit(planned, agree=True)
        if submitted.stopped is not None:
            raise submitted.stopped
        self.desk.receipts(submitted, folder)
        counts = checked.counts
        self.tell(
            f"{self.now():%b %d}  {workbook.name}: {counted(checked.rows, 'row')}, "
            f"{counted(counts['error'], 'error')}, {counted(counts['warning'], 'warning')}, "
            f"{counts['fixed']:,} repaired; {counted(submitted.count('submitted'), 'request')} "
            f"submitted, {submitted.count('held_back')} held back"
        )
        return {
            **counts,
            "rows": checked.rows,
            "numbers": len(planned.numbers),
            "submitted": submitted.count("submitted"),
            "held_back": submitted.count("held_back"),
        }

    def _sign(self, submitted_on: dict[str, int]) -> None:
        """Let the representatives sign whose day it is."""
        waiting = self.desk.status(status="waiting_for_signature")
        for sid, request in waiting[["request_sid", "request"]].itertuples(index=False, name=None):
            sent = submitted_on.setdefault(sid, self.day - 1)
            days = _days_until_signed(self.seed, request)
            if days is not None and self.day - sent >= days:
                self.desk.sandbox(f"sign/{sid}")


def _prepare(out: Path) -> None:
    """Empty the folder of an earlier demo; raises InputError when it is somebody else's."""
    if out.exists() and any(out.iterdir()) and not (out / _MARK).is_file():
        raise InputError(
            f"{out} is not empty and is no earlier demo's folder.", "Choose another with --out."
        )
    if out.exists():
        shutil.rmtree(out)
    private_folder(out)
    private_file(out / _MARK)


@contextmanager
def own_sandbox(data: Path, *options: str) -> Iterator[str]:
    """Serve a sandbox on a free port in a process of its own; gives its URL.

    `data` is its folder, with its log beside; `options` are those of `portops sandbox serve`.
    Raises SettingsError when it does not start.
    """
    log_file = private_file(private_folder(data).with_suffix(".log"))
    command = [sys.executable, "-m", "portops", "sandbox", "serve", "--json", "--port", "0"]
    with log_file.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*command, "--data", str(data), *options], stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise SettingsError("The sandbox did not start.", f"See {log_file} for the reason.")
        yield str(json.loads(line)["url"])
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
        if process.stdout:
            process.stdout.close()


@contextmanager
def _reached(url: str) -> Iterator[None]:
    """Have every provider that the sandbox can play reached there, while the demo runs."""
    there = {
        "PORTOPS_TWILIO_URL": url,
        "PORTOPS_TWILIO_UPLOAD_URL": url,
        "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001",
        "TWILIO_AUTH_TOKEN": "sandbox-admin",
        "TWILIO_API_KEY": "",
        "TWILIO_API_SECRET": "",
        "PORTOPS_TELNYX_URL": f"{url}/v2",
        "TELNYX_API_KEY": "sandbox-admin",
    }
    before = {name: os.environ.get(name) for name in there}
    os.environ.update(there)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _days_until_signed(seed: int, request: str) -> int | None:
    """Tell after how many days a representative signs; a few never do."""
    draw = hashlib.sha256(f"{seed}|{request}".encode()).digest()
    if draw[0] < 12:
        return None
    return 1 + draw[1] % 4 if draw[0] < 200 else 5 + draw[1] % 20


def run_demo(
    out: Path,
    *,
    seed: int = 1,
    provider: str = "sandbox",
    tell: Callable[[str], None] = lambda _: None,
    step: Callable[[str], None] = lambda _: None,
) -> Demo:
    """Check, plan, submit, follow for eight simulated weeks, and report; all of it below `out`.

    Takes the sample workbooks and a sandbox on a free local port; nothing leaves this machine.
    `seed` decides the fates, `provider` the dialect in which the sandbox is spoken to (`sandbox`,
    `twilio`, `telnyx`); `tell` gets a line per workbook, `step` a word per day. Raises
    InputError for a folder with something else in it, SettingsError, ProviderError, ReportError.
    """
    from portops.reporting.press.index import write_index

    began = time.monotonic()
    _prepare(out)
    store = f"sqlite:///{(out / 'portops.db').resolve()}"
    records = assets.folder("samples") / "carrier-records.csv"
    fate = ("--records", str(records), "--start", START.isoformat(), "--seed", str(seed))
    with own_sandbox(out / "sandbox", *fate) as url, _reached(url):
        settings = Settings(
            store=store,
            provider=provider,
            operator="demo",
            sandbox_url=url,
            secret_key=Secret(new_key()),
        )
        tell(f"The demo's calendar: {START:%B %d, %Y} and eight weeks from there.")
        with Desk(settings, clock=lambda: run.now()) as desk:  # noqa: PLW0108 - the run comes later
            desk.made_database()
            run = _Run(out=out, seed=seed, desk=desk, tell=tell, step=step)
            try:
                run.live()
            except ProviderError as error:
                remedy = f"{error.remedy} The sandbox's log: {out / 'sandbox.log'}"
                raise ProviderError(str(error), remedy) from error
            reports = [desk.publish(name, week=WEEK, out=out) for name in REPORTS]
            write_index(out)
    return Demo(
        out=out, store=store, waves=run.waves, reports=reports, seconds=time.monotonic() - began
    )
