"""Submission: a plan reaches the provider, exactly once."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from portops import sealing
from portops.desk.expecting import expect_planned, expect_submitted
from portops.desk.opened import silent
from portops.desk.preparing import Preparing
from portops.errors import InputError
from portops.facts import agreement

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import pandas as pd

    from portops.results.adopted import Adopted, Stray
    from portops.results.checked import Checked
    from portops.results.planned import Planned
    from portops.results.prior import Prior
    from portops.results.submitted import Submitted
    from portops.submission.guided import Draft

_log = logging.getLogger(__name__)


class Submitting(Preparing):
    """The steps that bring a plan to the provider."""

    def submit(  # noqa: PLR0913 - what a caller may wish
        self,
        planned: Planned,
        *,
        agree: bool = False,
        dry_run: bool = False,
        concurrency: int = 8,
        ask_portability: bool = True,
        again: bool = False,
        deadline: timedelta | None = None,
    ) -> Submitted:
        """Submit a plan; what was submitted before is not submitted again.

        `agree=True` accepts the agreement checklist, which is recorded with the batch. The
        provider is first asked whether each number can be ported, unless `ask_portability` is
        False. `again` makes requests once more that were canceled, have expired or were rejected
        as a whole. No new request is started after `deadline`. With `dry_run` nothing is sent and nobody asked: the
        result says what would be sent. Raises InputError without the agreement, SettingsError
        without credentials, StoreError. What fails once requests are sent is in `stopped`; Ctrl+C
        raises Interrupted, which has the result as `submitted`.
        """
        from portops.submission import dispatch
        from portops.tracking import prior

        expect_planned(planned)
        if dry_run:
            if not self.has_store:
                return dispatch.rehearse(planned, None)
            return dispatch.rehearse(
                planned,
                self.database,
                open_numbers=prior.open_numbers(self.database),
                ended=self._once_more(again=again),
                cipher=self._cipher(planned, make=False),
            )
        if not agree:
            raise InputError(
                "The agreement checklist is not accepted:\n" + agreement.text(),
                "Read it, then submit with agree=True.",
            )
        provider = self.provider(planned.provider, concurrency=concurrency)
        database = self.made_database()
        if ask_portability:
            planned, _ = self._asked(planned, concurrency, silent)
        return dispatch.submit(
            planned,
            provider,
            database,
            operator=self.settings.operator,
            open_numbers=lambda: prior.open_numbers(database),
            ended=self._once_more(again=again),
            again=again,
            cipher=self._cipher(planned),
            concurrency=concurrency,
            deadline=deadline,
            clock=self.clock,
            progress=self.progress,
        )

    def adopt(
        self,
        planned: Planned | None = None,
        *,
        agrees: Callable[[Stray], bool] = lambda _: False,
        ours: bool = False,
        request_sids: Collection[str] | None = None,
        dry_run: bool = False,
        concurrency: int = 8,
    ) -> Adopted:
        """Take requests that the provider has and the store does not into the store.

        They come with their SIDs, details and history; a planned request with the same numbers
        becomes the adopted one. `agrees` is asked before each that was canceled or rejected;
        without it those are left. `ours` leaves out requests without a number of the plan or the
        store, `request_sids` all but these; with `dry_run` nothing is taken in, and all are
        `left`. Raises ProviderError, AccessError, StoreError.
        """
        from portops.store import lines
        from portops.submission import adopting
        from portops.submission.dispatch import planned_jobs
        from portops.tracking import prior

        name = self.settings.provider if planned is None else planned.provider
        provider, database = self.provider(name, concurrency=concurrency), self.made_database()
        numbers = prior.open_numbers(database)
        refused = numbers[numbers["status"] == "rejected"]
        jobs = [] if planned is None else planned_jobs(planned)
        mine = frozenset(number for job in jobs for number in job.numbers)
        return adopting.adopt(
            provider,
            database,
            jobs,
            operator=self.settings.operator,
            workbooks=() if planned is None else planned.checked.workbooks,
            rejected=dict(zip(refused["phone_number"], refused["request_sid"], strict=True)),
            agrees=agrees,
            now=self.clock(),
            numbers=mine.union(lines.numbers_of(database)["phone_number"]) if ours else None,
            request_sids=request_sids,
            dry_run=dry_run,
            concurrency=concurrency,
            progress=self.progress,
        )

    def _once_more(self, *, again: bool) -> frozenset[str]:
        """Return the SIDs of the requests that are made once more if asked for again."""
        from portops.tracking import prior

        if not again:
            return frozenset()
        return prior.ended(self.database) | prior.rejected(self.database)

    def _cipher(self, planned: Planned, *, make: bool = True) -> sealing.Cipher | None:
        """Return what seals the plan's PINs; None when there are none, or no key for them."""
        if planned.numbers["pin"].isna().all():
            return None
        cipher = sealing.open_cipher(self.settings.secret_key, make=make)
        if cipher is None and make:
            _log.info("PINs are not kept in the store: %s is not set", sealing.VARIABLE)
        elif cipher is not None and cipher.made_now:
            _log.warning(
                "A key that seals PINs in the store was made in this machine's keyring (service "
                "'%s'). Kept PINs cannot be read without it; open ports do not need it.",
                sealing.SERVICE,
            )
        return cipher

    def receipts(self, submitted: Submitted, out: str | Path | None = None) -> list[Path]:
        """Write `<stem>.submitted.xlsx` of each workbook: its numbers with their Request SIDs."""
        from portops.workbooks.receipts import write_submitted

        expect_submitted(submitted)
        return [
            write_submitted(submitted, workbook, self._out(out) / f"{stem}.submitted.xlsx")
            for workbook, stem in submitted.planned.checked.stems.items()
        ]

    def check_draft(
        self, draft: Draft, table: pd.DataFrame | None = None, *, prior: Prior | None = None
    ) -> Checked:
        """Check a guided request's draft by the rules of a workbook (see `submission.guided`).

        `table` is the draft's, unless another one is to be judged in its place.
        """
        written = draft.table() if table is None else table
        return self.check(
            draft.named(written), documents=draft.documents, profile="none", prior=prior
        )
