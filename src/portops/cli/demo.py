"""`portops demo`: the whole main job on the sample workbooks."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portops import api, assets
from portops.checks.checking import Options, check_sources, write_results
from portops.cli.options import json_option
from portops.cli.output import emit, note, progress, say
from portops.cli.report import make_report
from portops.errors import InputError, ProviderError, SettingsError
from portops.providers import sandbox_call
from portops.redaction import Secret
from portops.sealing import new_key
from portops.settings import Settings
from portops.store.database import open_database
from portops.submission.plan import plan
from portops.wording import counted, percent, words
from portops.workbooks.receipts import write_plan, write_submitted

if TYPE_CHECKING:
    from portops.reporting.press.publish import Published

#: The demo's calendar is fixed, so that everyone sees the same figures.
START = datetime(2026, 9, 28, 13, tzinfo=UTC)
DAYS, WEEK = 56, "2026-W47"

#: The sample workbooks, and the day on which each is submitted.
WAVES = {"clinics-numbers.xlsx": 0, "shops-requests.xlsx": 28, "offices-numbers.xlsx": 43}

_MARK = ".portops-demo"


@dataclass(slots=True)
class _Demo:
    """The demo on its way."""

    out: Path
    seed: int
    settings: Settings
    day: int = 0
    quiet: bool = False

    def tell(self, text: str) -> None:
        if not self.quiet:
            say(text)

    def now(self) -> datetime:
        return START + timedelta(days=self.day)


def _prepare(out: Path) -> None:
    """Empty the folder of an earlier demo; raises InputError when it is somebody else's."""
    if out.exists() and any(out.iterdir()) and not (out / _MARK).is_file():
        raise InputError(
            f"{out} is not empty and is no earlier demo's folder.", "Choose another with --out."
        )
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / _MARK).touch()


@contextmanager
def _sandbox(out: Path, seed: int) -> Iterator[str]:
    """Serve the sandbox on a free port in a process of its own; gives its URL."""
    records = assets.folder("samples") / "carrier-records.csv"
    command = [
        sys.executable,
        "-m",
        "portops",
        "sandbox",
        "serve",
        "--json",
        "--port",
        "0",
        "--data",
        str(out / "sandbox"),
        "--records",
        str(records),
        "--start",
        START.isoformat(),
        "--seed",
        str(seed),
    ]
    with (out / "sandbox.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise SettingsError(
                "The sandbox did not start.", f"See {out / 'sandbox.log'} for the reason."
            )
        yield str(json.loads(line)["url"])
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
        if process.stdout:
            process.stdout.close()


def _days_until_signed(seed: int, request: str) -> int | None:
    """Tell after how many days a representative signs; a few never do."""
    draw = hashlib.sha256(f"{seed}|{request}".encode()).digest()
    if draw[0] < 12:
        return None
    return 1 + draw[1] % 4 if draw[0] < 200 else 5 + draw[1] % 20


def _submit_wave(demo: _Demo, workbook: str) -> dict[str, int]:
    """Check, plan and submit one sample workbook; returns the counts."""
    source = assets.folder("samples") / workbook
    checked = check_sources(
        [str(source)],
        Options(
            documents=assets.folder("samples") / "statements",
            provider="sandbox",
            as_of=demo.now().date(),
        ),
    )
    folder = demo.out / "workbooks"
    write_results(checked, folder)
    planned = plan(checked, provider="sandbox")
    write_plan(planned, folder / f"{source.stem}.plan.csv")
    submitted = api.submit(planned, agree=True, settings=demo.settings, clock=demo.now)
    if submitted.stopped is not None:
        raise submitted.stopped
    write_submitted(
        submitted.planned, submitted, str(source), folder / f"{source.stem}.submitted.xlsx"
    )
    found = checked.counts
    demo.tell(
        f"{demo.now():%d %b}  {workbook}: {counted(checked.rows, 'row')}, {counted(found['error'], 'error')}, "
        f"{counted(found['warning'], 'warning')}, {found['fixed']:,} repaired; "
        f"{counted(submitted.count('submitted'), 'request')} submitted, "
        f"{submitted.count('held_back')} held back"
    )
    return {
        **found,
        "rows": checked.rows,
        "numbers": len(planned.numbers),
        "submitted": submitted.count("submitted"),
        "held_back": submitted.count("held_back"),
    }


def _sign(demo: _Demo, submitted_on: dict[str, int]) -> None:
    """Let the representatives sign whose day it is."""
    waiting = api.status(settings=demo.settings)
    waiting = waiting[waiting["status"] == "waiting_for_signature"]
    for sid, request in waiting[["request_sid", "request"]].itertuples(index=False, name=None):
        sent = submitted_on.setdefault(sid, demo.day - 1)
        days = _days_until_signed(demo.seed, request)
        if days is not None and demo.day - sent >= days:
            sandbox_call(demo.settings, f"/sandbox/sign/{sid}", {})


def _live(demo: _Demo) -> list[dict[str, int]]:
    """Go through the eight weeks, day by day, over HTTP."""
    counts, submitted_on = [], dict[str, int]()
    with progress("Eight simulated weeks", DAYS, quiet=demo.quiet) as step:
        for day in range(DAYS + 1):
            demo.day = day
            if day:
                sandbox_call(demo.settings, "/sandbox/advance", {"days": 1})
            for workbook, on in WAVES.items():
                if on == day:
                    counts.append(_submit_wave(demo, workbook))
            api.pull(settings=demo.settings, clock=demo.now)
            _sign(demo, submitted_on)
            step(str(day))
    return counts


def _manager_figures(weekly: Published, turnaround: Published) -> dict[str, Any]:
    causes = weekly.figures["rejections_by_cause"]
    return {
        "rejection_rate": weekly.figures["rejection_rate"],
        "first_rejected": weekly.figures["first_rejected"],
        "decided": weekly.figures["decided"],
        "top_cause": causes[0]["cause"] if causes else None,
        "median_turnaround_business_days": turnaround.figures["chain"]["median"],
    }


@click.command("demo", epilog="Example: portops demo --out reports/demo")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports/demo"),
    show_default=True,
    help="Where everything goes.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Decides the fates.")
@json_option
def demo_command(*, out: Path, seed: int, as_json: bool) -> None:
    """Check, plan, submit, follow for eight simulated weeks, and report.

    Takes the sample workbooks and a sandbox on a free local port; nothing leaves this machine.
    """
    began = time.monotonic()
    _prepare(out)
    store = f"sqlite:///{(out / 'portops.db').resolve()}"
    with _sandbox(out, seed) as url:
        settings = Settings(
            store=store,
            provider="sandbox",
            operator="demo",
            sandbox_url=url,
            secret_key=Secret(new_key()),
        )
        open_database(store).close()
        demo = _Demo(out=out, seed=seed, settings=settings, quiet=as_json)
        demo.tell(f"The demo's calendar: {START:%d %B %Y} and eight weeks from there.")
        try:
            waves = _live(demo)
        except ProviderError as error:
            note(f"The sandbox's log: {out / 'sandbox.log'}")
            raise error from None
    reports = [
        make_report(settings, name, week=WEEK, as_of=None, out=out)
        for name in ("weekly-rejections", "turnaround")
    ]
    figures = _manager_figures(*reports)
    seconds = time.monotonic() - began
    if as_json:
        emit(
            {
                "waves": waves,
                "store": store,
                "figures": figures,
                "seconds": round(seconds, 1),
                "reports": [str(path) for each in reports for path in each.files],
            }
        )
        return
    say()
    say(f"Checked, marked and planned workbooks: {out / 'workbooks'}")
    say(f"Store with the whole history:          {out / 'portops.db'}")
    for each in reports:
        say(f"Report:                                {each.html}")
    say()
    rate = percent(figures["rejection_rate"])
    cause = words(figures["top_cause"] or "none")
    say(
        f"In {WEEK}: {figures['first_rejected']} of {figures['decided']} decided numbers were first "
        f"rejected ({rate})."
    )
    say(f"Most frequent cause: {cause}.")
    median = figures["median_turnaround_business_days"]
    say(f"Median turnaround: {median if median is not None else '–'} business days.")
    say(f"({seconds:.0f} seconds)")
