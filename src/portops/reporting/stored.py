"""Sources of reports in a store: everything is read from it when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from portops.errors import InputError
from portops.store import journal
from portops.store.history import read_history

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from portops.results.reconciled import Reconciled
    from portops.store.database import Database


@dataclass(frozen=True, slots=True)
class Stored:
    """What a store holds.

    `reconcile` compares it with the provider where there is one; `codes` foresee each cause;
    `warns` are codes of warnings; `due` says what to do next (see `actions`).
    """

    database: Database
    reconcile: Callable[[], Reconciled] | None = None
    codes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warns: Collection[str] = ()
    due: Callable[[pd.DataFrame, pd.DataFrame, datetime, str], list[dict[str, Any]]] | None = None

    def events(self, columns: tuple[str, ...] | None = None) -> pd.DataFrame:
        """Return EVENTS of the store."""
        return read_history(self.database, **({"columns": columns} if columns else {}))

    def finding_codes(self) -> Mapping[str, Sequence[str]]:
        """Return the finding codes that each request had when it was submitted, by SID."""
        tracked = self.tracked()
        return dict(zip(tracked["request_sid"], tracked["finding_codes"], strict=True))

    def codes_by_cause(self) -> Mapping[str, Sequence[str]]:
        """Return the finding codes that foresee each cause of rejection."""
        return self.codes

    def warnings(self) -> Collection[str]:
        """Return the finding codes of severity `warning`."""
        return self.warns

    def tracked(self) -> pd.DataFrame:
        """Return the accepted requests (see `store.journal.tracked`)."""
        return journal.tracked(self.database)

    def actions(
        self, events: pd.DataFrame, moment: datetime, timezone: str
    ) -> list[dict[str, Any]]:
        """Return what is due at `moment`, as `portops status --due --json` lists it."""
        return [] if self.due is None else self.due(events, self.tracked(), moment, timezone)

    def reconciled(self) -> Reconciled:
        """Compare store and provider now; raises InputError where no provider is at hand."""
        if self.reconcile is None:
            raise InputError(
                "A store alone cannot be reconciled.", "Give a provider to compare it with."
            )
        return self.reconcile()
