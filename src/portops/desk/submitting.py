"""Submission: a plan reaches the provider, exactly once."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from portops import sealing
from portops.desk.opened import silent
from portops.desk.preparing import Preparing, expect_planned
from portops.errors import InputError
from portops.facts import agreement

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.checked import Checked
    from portops.results.planned import Planned
    from portops.results.submitted import Submitted
    from portops.submission.guided import Draft
    from portops.tracking.prior import Prior

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
        False. `again` makes requests once more that were canceled or have expired. No new
        request is started after `deadline`. With `dry_run` nothing is sent and nobody asked: the
        result says what would be sent. Raises InputError without the agreement, SettingsError
        without credentials, StoreError. A provider that fails on the way is in `stopped`.
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
                ended=prior.ended(self.database) if again else frozenset(),
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
            ended=prior.ended(database) if again else frozenset(),
            cipher=self._cipher(planned),
            concurrency=concurrency,
            deadline=deadline,
            clock=self.clock,
            progress=self.progress,
        )

    def _cipher(self, planned: Planned) -> sealing.Cipher | None:
        """Return what seals the plan's PINs; None when there are none, or no key for them."""
        if planned.numbers["pin"].isna().all():
            return None
        cipher = sealing.open_cipher(self.settings.secret_key, make=True)
        if cipher is None:
            _log.info("PINs are not kept in the store: %s is not set", sealing.VARIABLE)
        elif cipher.made_now:
            _log.warning(
                "A key that seals PINs in the store was made in this machine's keyring (service "
                "'%s'). Kept PINs cannot be read without it; open ports do not need it.",
                sealing.SERVICE,
            )
        return cipher

    def receipts(self, submitted: Submitted, out: str | Path | None = None) -> list[Path]:
        """Write `<stem>.submitted.xlsx` of each workbook: its numbers with their Request SIDs."""
        from portops.workbooks.receipts import write_submitted

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
        return self.check(draft.named(written), documents=draft.documents, prior=prior)
