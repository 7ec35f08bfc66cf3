"""What a report is: one thing that names its notebook, and makes figures, charts and words.

A module of `portops.reporting.reports`, or an installed package through an entry point of the
group `portops.reports`, gives a `Report`; that is all there is to do. Nothing else lists reports.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from portops import assets
from portops.errors import InputError, SettingsError
from portops.facts.business_time import week_name, zone
from portops.registry import Registry
from portops.reporting.periods import Period, period_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from portops.reporting.charts import Chart
    from portops.results.figures import Figures
    from portops.results.reconciled import Reconciled


_TRACKED = ("request_sid", "request", "details", "operator", "workbooks", "finding_codes")


class Sources(Protocol):
    """What reports are made of; each is read when it is asked for."""

    def events(self, columns: tuple[str, ...] | None = None) -> pd.DataFrame:
        """Return EVENTS, or some columns of it (`event_id` and `occurred_at` among them)."""

    def finding_codes(self) -> Mapping[str, Sequence[str]]:
        """Return the finding codes that each request had when it was submitted, by SID."""

    def codes_by_cause(self) -> Mapping[str, Sequence[str]]:
        """Return the finding codes that foresee each cause of rejection."""

    def warnings(self) -> Collection[str]:
        """Return the finding codes of severity `warning`."""

    def tracked(self) -> pd.DataFrame:
        """Return the accepted requests, as `store.journal.tracked` does."""

    def actions(
        self, events: pd.DataFrame, moment: datetime, timezone: str
    ) -> list[dict[str, Any]]:
        """Return what is due at `moment`, as `portops status --due --json` lists it."""

    def reconciled(self) -> Reconciled:
        """Compare store and provider now."""


@dataclass(frozen=True, slots=True)
class Given:
    """Sources that hold nothing but a table of EVENTS of the caller's own.

    The table is taken as it is; whoever lets users hand one in validates it first. `codes` foresee
    each cause.
    """

    history: pd.DataFrame
    codes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def events(self, columns: tuple[str, ...] | None = None) -> pd.DataFrame:
        """Return the table, whichever columns are asked for."""
        return self.history

    def finding_codes(self) -> Mapping[str, Sequence[str]]:
        """Return nothing: findings are in a store."""
        return {}

    def codes_by_cause(self) -> Mapping[str, Sequence[str]]:
        """Return the finding codes that foresee each cause of rejection."""
        return self.codes

    def warnings(self) -> Collection[str]:
        """Return nothing: findings are in a store."""
        return ()

    def tracked(self) -> pd.DataFrame:
        """Return no requests: they are in a store."""
        return pd.DataFrame({name: pd.Series(dtype="str") for name in _TRACKED})

    def actions(
        self, events: pd.DataFrame, moment: datetime, timezone: str
    ) -> list[dict[str, Any]]:
        """Return nothing: what is due is for whoever has the store."""
        return []

    def reconciled(self) -> Reconciled:
        """Raise InputError: there is no provider to compare with."""
        raise InputError(
            "Events alone cannot be reconciled.", "Leave `events` out: store and provider count."
        )


#: Makes the figures: `(sources, *, period, timezone, as_of, **parameters)`; `period` is a
#: `Period`, `as_of` an instant or None.
MakesFigures = Callable[..., "Figures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report.

    `about` says in a sentence what it shows. `parameters` are what its notebook takes of `week,
    timezone, as_of, provider` and of the report's own. `charts` are drawn by name. `index` gives
    its columns in the list of all weeks: a title and its cell. A report that `needs_provider` is
    left out where none is asked. One `of_now` shows the present, and is by default of this week.
    Reports of lower `order` come first. `notebook` is a file; default: `<name>.ipynb` of portops.
    """

    name: str
    title: str
    about: str = ""
    figures: MakesFigures
    parameters: tuple[str, ...] = ("week", "timezone")
    needs_provider: bool = False
    charts: Mapping[str, Callable[[Figures], Chart]] = field(default_factory=dict)
    index: Mapping[str, Callable[[Figures], str]] = field(default_factory=dict)
    of_now: bool = False
    order: int = 100
    notebook: Path | None = None

    @property
    def file(self) -> Path:
        """The notebook's file."""
        return self.notebook or assets.notebook(self.name)

    def period_of(
        self,
        week: str | None = None,
        start: object = None,
        end: object = None,
        *,
        timezone: str,
        now: datetime,
    ) -> Period:
        """Return the period that is asked for (see `periods.period_of`), or this report's own."""
        if self.of_now and not week and start in (None, "") and end in (None, ""):
            return Period.named(week_name(now.astimezone(zone(timezone)).date()))
        return period_of(week, start, end, timezone=timezone, now=now)

    def taken(self, offered: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the offered parameters that the notebook takes."""
        return {name: value for name, value in offered.items() if name in self.parameters}


REPORTS: Registry[Report] = Registry(
    "portops.reports", "portops.reporting.reports", "REPORT", kind=Report
)


def in_order() -> tuple[list[Report], dict[str, SettingsError]]:
    """Return all reports in their order, and why those that cannot be loaded cannot, by name."""
    loaded, broken = [], {}
    for name in REPORTS.names():
        try:
            loaded.append(REPORTS[name])
        except SettingsError as error:
            broken[name] = error
    return sorted(loaded, key=lambda report: (report.order, report.name)), broken


def report_of(name: str) -> Report:
    """Return the report of that name; raises InputError, which lists them, for an unknown one."""
    if name not in REPORTS:
        raise InputError(f"'{name}' is no report.", f"Choose one of: {', '.join(REPORTS.names())}.")
    return REPORTS[name]


def draw(figures: Figures, name: str) -> Chart:
    """Return one chart of the report that the figures are of; raises InputError for another."""
    charts = report_of(figures.report).charts
    if name not in charts:
        raise InputError(
            f"The report '{figures.report}' has no chart '{name}'.",
            f"Choose one of: {', '.join(charts) or 'none'}.",
        )
    return charts[name](figures)
