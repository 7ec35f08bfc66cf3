"""The weekly run: everything that a scheduler has to start once a week."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from portops.errors import PortopsError, SettingsError
from portops.files import MODE, cannot_write, private_file, private_folder

if TYPE_CHECKING:
    from portops.desk import Desk
    from portops.results.published import Published

#: Called with the line of each step as it ends.
Tell = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class Weekly:
    """What became of a week's run.

    `steps` has a row per step (`at, week, step, status, seconds`, and what it made or why it
    failed); `differing` counts numbers that do not agree; `failed` is the first error.
    """

    week: str
    folder: Path
    steps: list[dict[str, Any]] = field(default_factory=list)
    published: list[Published] = field(default_factory=list)
    differing: int = 0
    failed: PortopsError | None = None

    @property
    def index(self) -> Path:
        """The page that lists every week's reports."""
        return self.folder / "index.html"

    def as_json(self) -> dict[str, Any]:
        """Return the run as plain values."""
        return {
            "week": self.week,
            "steps": self.steps,
            "differing": self.differing,
            "index": str(self.index),
        }

    def summary(self) -> str:
        """Say how much of it was done."""
        done = sum(step["status"] == "done" for step in self.steps)
        return f"{self.week}: {done} of {len(self.steps)} steps done. See {self.index}"


def run_week(
    desk: Desk, week: str, folder: Path, *, mail_to: tuple[str, ...], asks: bool, tell: Tell
) -> Weekly:
    """Pull, reconcile, make every report and the index, and mail the digest.

    `asks` is False to leave the provider alone. A step that fails does not keep the others from
    running. Each step writes one line of JSON to `tell` and to `weekly.log`. What killed runs left
    is removed first. Raises SettingsError when another run is writing to the folder, PortopsError
    when the folder can't be written.
    """
    from portops.reporting.press.leftovers import remove_leftovers

    began = time.time()
    try:
        private_folder(folder)
        with FileLock(folder / ".weekly.lock", timeout=0, mode=MODE):
            remove_leftovers(folder, began)
            return _Run(desk, Weekly(week=week, folder=folder), tell).all(mail_to, asks=asks)
    except Timeout:
        raise SettingsError(
            f"Another weekly run is writing to {folder}.", "Wait until it has ended."
        ) from None
    except OSError as error:
        raise cannot_write(folder, error) from error


def _fail(error: PortopsError) -> dict[str, Any]:
    raise error


class _Run:
    """One run on its way."""

    def __init__(self, desk: Desk, result: Weekly, tell: Tell) -> None:
        self.desk, self.result, self.tell = desk, result, tell

    def all(self, mail_to: tuple[str, ...], *, asks: bool) -> Weekly:
        """Run every step."""
        from portops.reporting.report import in_order

        if asks:
            self._step("pull", self._pull)
            self._step("reconcile", self._reconcile)
        reports, broken = in_order()
        for report in reports:
            if asks or not report.needs_provider:
                self._step(report.name, partial(self._report, report.name))
        for name, error in broken.items():
            self._step(name, partial(_fail, error))
        self._step("index", self._index)
        if mail_to:
            self._step("digest", partial(self._digest, mail_to))
        return self.result

    def _step(self, name: str, work: Callable[[], dict[str, Any]]) -> None:
        began, clock = datetime.now(UTC), time.monotonic()
        line: dict[str, Any] = {
            "at": f"{began:%Y-%m-%dT%H:%M:%SZ}",
            "week": self.result.week,
            "step": name,
        }
        try:
            line |= {"status": "done", **work()}
        except PortopsError as error:
            line |= self._failed(error)
        except OSError as error:
            line |= self._failed(cannot_write(self.result.folder, error))
        line["seconds"] = round(time.monotonic() - clock, 2)
        self.result.steps.append(line)
        text = json.dumps(line, ensure_ascii=False)
        self.tell(text)
        log = self.result.folder / "weekly.log"
        try:
            with private_file(log).open("a", encoding="utf-8") as file:
                file.write(text + "\n")
        except OSError as error:
            self._failed(cannot_write(log, error))

    def _failed(self, error: PortopsError) -> dict[str, Any]:
        """Keep the first error of the run; return what the log says of this one."""
        self.result.failed = self.result.failed or error
        return {"status": "failed", "error": str(error), "remedy": error.remedy}

    def _pull(self) -> dict[str, Any]:
        pulled = self.desk.pull()
        return {"requests": pulled.asked, "new_events": pulled.new_events}

    def _reconcile(self) -> dict[str, Any]:
        result = self.desk.reconcile()
        # The report of the same name has its own tables in reconciliation.xlsx.
        files = self.desk.ledger(
            result, self.result.folder / self.result.week, name="reconciliation-numbers.xlsx"
        )
        self.result.differing = result.differing
        return {
            "numbers": result.total,
            "differing": result.differing,
            "files": [str(path) for path in files],
        }

    def _report(self, name: str) -> dict[str, Any]:
        published = self.desk.publish(name, week=self.result.week, out=self.result.folder)
        self.result.published.append(published)
        return {"files": [str(path) for path in published.files]}

    def _index(self) -> dict[str, Any]:
        from portops.reporting.press.index import write_index

        return {"files": [str(write_index(self.result.folder))]}

    def _digest(self, mail_to: tuple[str, ...]) -> dict[str, Any]:
        from portops.letters import mail
        from portops.reporting.press.digest import compose

        smtp = self.desk.settings.smtp_url
        if smtp is None:
            raise SettingsError(
                "The digest has no mail server.",
                "Set PORTOPS_SMTP_URL, such as smtp://user:password@mail.example.com:587.",
            )
        if not self.result.published:
            raise SettingsError("There is no report to send.", "See the steps before.")
        try:
            message = compose(
                self.result.published, mail.sender_of(smtp), mail_to, sent=self.desk.clock()
            )
        except ValueError as error:
            raise SettingsError(
                f"The digest can't be addressed ({error}).", "Correct the addresses of --mail-to."
            ) from error
        mail.send(smtp, message)
        return {"recipients": len(mail_to)}
