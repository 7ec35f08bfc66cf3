"""The desk: every step of the work as one method, with settings, store and provider opened once.

The command line and the module functions of `portops` are thin doors to it, so that both give
the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portops.desk.expecting import refuse_unknown
from portops.desk.following import Following
from portops.desk.opened import Clock, Opening, Progress, silent
from portops.desk.publishing import Publishing
from portops.desk.submitting import Submitting
from portops.desk.upkeep import Upkeep
from portops.extras import require
from portops.facts.business_time import last_full_week

if TYPE_CHECKING:
    from portops.desk.doctor import Diagnosis
    from portops.desk.weekly import Weekly

__all__ = ["Clock", "Desk", "Progress", "desk_for"]


class Desk(Submitting, Following, Publishing, Upkeep):
    """Settings, store and provider, opened when first needed and closed with the desk.

    >>> from portops import Desk
    >>> with Desk(store="sqlite:///portops.db", provider="sandbox") as desk:
    ...     checked = desk.check("migration.xlsx", documents="statements")
    ...     submitted = desk.submit(desk.plan(checked), agree=True)
    >>> submitted.count("failed")
    0

    `settings` default to `portops.toml` and the environment; `store` and `provider` override
    them. `clock` gives the present instant (UTC), `progress` hears of each thing done.
    """

    def weekly(
        self,
        week: str | None = None,
        *,
        out: str | Path | None = None,
        mail_to: Sequence[str] = (),
        pull: bool = True,
        tell: Callable[[str], None] = silent,
    ) -> Weekly:
        """Pull, reconcile, make every report and their index, and mail the digest.

        `pull=False` leaves the provider alone. A step that fails does not keep the others from
        running: the first error is in `failed`. Raises InputError for a week that does not exist.
        """
        require("reports", "The weekly run")
        from portops.desk.weekly import run_week
        from portops.reporting.periods import Period

        name = week or last_full_week(self.clock(), self.settings.timezone)
        # Before anything is asked, made or written.
        name = Period.named(name).name
        _ = self.database
        return run_week(self, name, self._out(out), mail_to=tuple(mail_to), asks=pull, tell=tell)

    def doctor(self) -> list[Diagnosis]:
        """Look at settings, credentials, store, notebook kernel and folders."""
        from portops.desk.doctor import diagnose

        return diagnose(self)


def desk_for(step: str, opening: Mapping[str, Any]) -> Desk:
    """Open a desk for one step as a function; raises TypeError for a word that it does not take."""
    method = getattr(Desk, step, None)
    others = list(signature(method).parameters)[1:] if method else []
    refuse_unknown(step, opening, Opening.__annotations__, others)
    return Desk(**opening)
