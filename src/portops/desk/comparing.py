"""Reconciliation: workbook, store, provider and inventory, number by number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from portops.desk.expecting import expect, expect_planned, expect_reconciled
from portops.desk.preparing import Preparing
from portops.errors import InputError
from portops.facts.business_time import week_began

if TYPE_CHECKING:
    from portops.results.planned import Planned
    from portops.results.reconciled import Reconciled

#: Numbers that the platform holds: an export of them, or themselves.
Inventory: TypeAlias = "str | Path | pd.Series | Sequence[str]"


def _sides(planned: Planned | None, inventory: object) -> str:
    """Name what is compared: a comparison can be set beside a like one only."""
    sides = ["store", "provider"]
    if planned is not None:
        sides.append("workbook")
    if inventory is not None:
        sides.append("inventory")
    return " ".join(sides)


class Comparing(Preparing):
    """The steps that compare what each side says."""

    def reconcile(
        self,
        planned: Planned | None = None,
        *,
        inventory: Inventory | None = None,
        concurrency: int = 8,
    ) -> Reconciled:
        """Compare the plan of workbooks, the store, the provider and an inventory by number.

        `inventory` is an export of the numbers that the platform holds (a path), or the numbers
        themselves, in any usual spelling. Every number of the plan, the store and the provider is in exactly
        one class of the result. What was counted is kept in the store, and compared with what
        was counted in an earlier week. Raises InputError, ProviderError, StoreError.
        """
        from portops.store import comparisons, journal, lines
        from portops.store.history import read_history
        from portops.tracking.reconcile import ours, quiet_limits, reconcile
        from portops.tracking.survey import survey

        if planned is not None:
            expect_planned(planned)
        database, name, now = self.database, self.settings.provider, self.clock()
        held = self._inventory(inventory)
        provider = self.provider(concurrency=concurrency)
        theirs = survey(provider, concurrency=concurrency, progress=self.progress)
        events = read_history(database)
        events = events[events["provider"] == name]
        tracked = journal.tracked(database, name)
        numbers = lines.numbers_of(database)
        numbers = numbers[numbers["request_sid"].isin(tracked["request_sid"])]
        result = reconcile(
            store=ours(events, tracked, numbers),
            provider=theirs,
            workbook=None if planned is None else planned.numbers,
            inventory=held,
            limits=quiet_limits(events),
            now=now,
        )
        sides = _sides(planned, held)
        monday = week_began(now, self.settings.timezone)
        before = comparisons.last_before(database, name, sides, monday)
        comparisons.keep(database, name, sides, now, result.counts)
        return result if before is None else result.since(*before)

    def ledger(
        self,
        reconciled: Reconciled,
        out: str | Path | None = None,
        *,
        name: str = "reconciliation.xlsx",
    ) -> tuple[Path, Path]:
        """Write a reconciliation as a workbook (a sheet per class) and as CSV."""
        from portops.workbooks.ledger import write_ledger

        expect_reconciled(reconciled)
        return write_ledger(reconciled, self._out(out), name=name)

    def _inventory(self, inventory: Inventory | None) -> pd.Series | None:
        from portops.facts.nanp import classify
        from portops.intake.inventory import held_numbers

        if inventory is None:
            return None
        if not isinstance(inventory, str | Path):
            expect(inventory, Iterable, "Name an export of the numbers, or give the numbers.")
            texts = pd.Series(list(inventory), dtype=object).dropna().astype("str")
            read = classify(texts)["phone_number"]
            wrong = texts[read.isna()]
            if len(wrong):
                raise InputError(
                    f"The inventory holds '{wrong.iloc[0]}', which is not a US telephone number.",
                    "Write each number as +12125550100.",
                )
            return read
        return held_numbers(inventory)
