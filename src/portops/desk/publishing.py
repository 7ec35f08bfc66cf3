"""Reports: figures, pages, and everything that a week needs."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from portops.desk.opened import Opened

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.figures import Figures
    from portops.results.published import Published


class Period(TypedDict, total=False):
    """The period that figures are of, and what they are made of: see `Publishing.figures`."""

    start: date | str | None
    end: date | str | None
    as_of: date | datetime | str | None
    events: pd.DataFrame | None
    timezone: str | None


class Publishing(Opened):
    """The steps that make reports."""

    def figures(
        self,
        name: str,
        week: str | None = None,
        **period: Unpack[Period],
    ) -> Figures:
        """Return a report's figures.

        The period is an ISO `week` (default: the last full one), or the days from `start` to
        `end`, both included, in `timezone` (default: the settings'). `as_of` is when they are
        looked at: a date stands for the end of that day; what happened later does not exist for
        them. `events` (EVENTS) stands in for the store's history. Raises InputError.
        """
        raise NotImplementedError

    def rejections(self, week: str | None = None, **period: Unpack[Period]) -> Figures:
        """Return the weekly rejection figures; see `figures`."""
        return self.figures("weekly-rejections", week, **period)

    def turnaround(self, week: str | None = None, **period: Unpack[Period]) -> Figures:
        """Return the turnaround figures; see `figures`."""
        return self.figures("turnaround", week, **period)

    def publish(
        self,
        name: str | Path,
        *,
        week: str | None = None,
        as_of: date | str | None = None,
        out: str | Path | None = None,
    ) -> Published:
        """Run a report's notebook, or one of your own (a path), and write what it shows.

        Writes `<out>/<week>/<name>.ipynb`, `.html`, `.pdf`, `.xlsx` and `.json`. Raises
        ReportError when the notebook fails; the last good report stays.
        """
        raise NotImplementedError
