"""After a submission: pull, follow, cancel, correct."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.desk.opened import Opened
from portops.errors import InputError, SettingsError
from portops.extras import require
from portops.facts import statuses
from portops.facts.business_time import to_date
from portops.providers import service

if TYPE_CHECKING:
    from portops.results.followed import Followed
    from portops.results.pulled import Pulled


class Following(Opened):
    """The steps that follow what was submitted."""

    def pull(self, *, full: bool = False) -> Pulled:
        """Bring the history up to date from the provider; `full` asks for ended requests too."""
        from portops.tracking import refresh

        database = self.database
        return refresh.pull(
            self.provider(), database, full=full, clock=self.clock, progress=self.progress
        )

    def status(
        self,
        *,
        open_only: bool = False,
        status: str | None = None,
        workbook: str | None = None,
        due: bool = False,
    ) -> pd.DataFrame:
        """Return the tracker, newest first: one row per request (see `tracking.state.tracker`).

        Each row has `next_action` too. `open_only` leaves out requests that have ended, `status`
        and `workbook` keep only theirs, `due` only what waits on this desk, most urgent first.
        Raises InputError for a status that does not exist.
        """
        from portops.store import journal
        from portops.store.history import read_history
        from portops.tracking.follow import narrowed
        from portops.tracking.state import tracker

        if status is not None and status not in statuses.STATUSES:
            raise InputError(
                f"'{status}' is not a status.", f"Use one of: {', '.join(statuses.STATUSES)}."
            )
        database = self.database
        table = tracker(read_history(database), journal.tracked(database))
        return narrowed(
            table, self.actions(), open_only=open_only, status=status, workbook=workbook, due=due
        )

    def request(self, request_sid: str) -> Followed:
        """Return one request with its history, its journal and what was agreed.

        Raises InputError for a request that the store does not have.
        """
        from portops.tracking.follow import follow

        return follow(self.database, request_sid)

    def actions(self) -> pd.DataFrame:
        """Return what to do next for each open request (see `tracking.actions.next_actions`)."""
        from portops.store import journal
        from portops.store.history import read_history
        from portops.tracking import actions

        database = self.database
        return actions.next_actions(
            read_history(database), journal.tracked(database), self.clock(), self.settings.timezone
        )

    def cancel(
        self,
        request_sid: str | None = None,
        phone_number: str | None = None,
        *,
        batch: str | None = None,
    ) -> list[str]:
        """Cancel a request, one number of it, or every open request of a batch.

        Returns the SIDs. Raises InputError for what the store does not have, ProviderError.
        """
        from portops.tracking import cancel

        sids = cancel.chosen(self.database, request_sid, phone_number, batch)
        for sid in sids:
            cancel.cancel(self.provider(), self.database, sid, phone_number, clock=self.clock)
        return sids

    def corrections(
        self, file: str | Path | None = None, *, since: date | str | None = None
    ) -> pd.DataFrame:
        """Return the numbers that are rejected now and not corrected yet; write them to `file`.

        The file is a workbook, prefilled and ready to correct; none is written when nothing
        waits. `since` leaves out what was rejected before that day (UTC).
        """
        from portops.store import journal
        from portops.store.history import read_history
        from portops.tracking import state
        from portops.workbooks.corrections import write_corrections

        database = self.database
        refused = state.refused(read_history(database), journal.tracked(database))
        if (day := to_date(since)) is not None:
            refused = refused[refused["occurred_at"] >= pd.Timestamp(day, tz="UTC")]
        if file is not None and Path(file).suffix.lower() != ".xlsx":
            raise InputError(f"'{file}' is not named .xlsx.", "Name the workbook .xlsx.")
        if file is not None and not refused.empty:
            write_corrections(refused, Path(file))
        return refused.reset_index(drop=True)

    def history(self) -> pd.DataFrame:
        """Return EVENTS of the store, oldest first."""
        from portops.store.history import read_history

        return read_history(self.database)

    def import_history(self, file: str | Path) -> tuple[int, int]:
        """Append the events of a UTF-8 CSV file; a file with one bad row changes nothing.

        Returns how many the file has, and how many of them were new. Raises InputError.
        """
        from portops.store import flatfile

        return flatfile.import_csv(self.made_database(), Path(file))

    def export_history(self, file: str | Path) -> int:
        """Write every event to a CSV file, oldest first; returns how many."""
        from portops.store import flatfile

        return flatfile.export_csv(self.database, Path(file))

    def webhook(self, address: str, *, register: bool = False) -> tuple[Any, str]:
        """Return the application that receives the provider's calls, and its URL.

        `address` is how the provider reaches it from outside; with `register` the provider is
        told to call it. Raises SettingsError for an address that is no URL.
        """
        require("sandbox", "The webhook receiver")
        from portops.tracking.webhooks import PATH, make_app

        if not address.startswith(("https://", "http://")):
            raise SettingsError(f"'{address}' is not a URL.", "Write it with https:// in front.")
        base = address.rstrip("/")
        url = base if base.endswith(PATH) else base + PATH
        provider = self.provider()
        proof = service(self.settings.provider).proof(self.settings)
        app = make_app(provider, self.made_database(), proof, url, progress=self.progress)
        if register:
            provider.subscribe(url)
        return app, url
