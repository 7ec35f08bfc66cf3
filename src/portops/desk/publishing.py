"""Reports: figures, pages, and everything that a week needs."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from portops.desk.comparing import Comparing
from portops.desk.expecting import expect, expect_planned, refuse_unknown
from portops.extras import require
from portops.facts.business_time import last_full_week, to_date
from portops.store.address import absolute

if TYPE_CHECKING:
    import pandas as pd

    from portops.reporting.report import Sources
    from portops.results.figures import Figures
    from portops.results.forecast import Forecast
    from portops.results.planned import Planned
    from portops.results.published import Published


class Period(TypedDict, total=False):
    """The period that figures are of, and what they are made of: see `Publishing.figures`."""

    start: date | str | None
    end: date | str | None
    as_of: date | datetime | str | None
    events: pd.DataFrame | None
    timezone: str | None


class Publishing(Comparing):
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
        import pandas as pd

        from portops.checks.rulebook import codes_by_cause, warning_codes
        from portops.reporting.periods import moment_of
        from portops.reporting.report import Given, report_of
        from portops.reporting.stored import Stored
        from portops.tables.events import from_user
        from portops.tracking.follow import due

        refuse_unknown("figures", period, Period.__annotations__, ("name", "week"))
        report, zone = report_of(name), period.get("timezone") or self.settings.timezone
        days = report.period_of(
            week, period.get("start"), period.get("end"), timezone=zone, now=self.clock()
        )
        moment = moment_of(period.get("as_of"), zone)
        events = period.get("events")
        if events is not None:
            expect(events, pd.DataFrame, "Give a table of events, such as history() returns.")
        sources = (
            Stored(
                self.database,
                self.reconcile,
                codes_by_cause(),
                warns=warning_codes(),
                due=due,
            )
            if events is None
            else Given(from_user(events), codes_by_cause())
        )
        return report.figures(sources, period=days, timezone=zone, as_of=moment)

    def rejections(self, week: str | None = None, **period: Unpack[Period]) -> Figures:
        """Return the weekly rejection figures; see `figures`."""
        refuse_unknown("rejections", period, Period.__annotations__, ("week",))
        return self.figures("weekly-rejections", week, **period)

    def turnaround(self, week: str | None = None, **period: Unpack[Period]) -> Figures:
        """Return the turnaround figures; see `figures`."""
        refuse_unknown("turnaround", period, Period.__annotations__, ("week",))
        return self.figures("turnaround", week, **period)

    def forecast(self, planned: Planned) -> Forecast:
        """Return how much of each ready request of a plan should be accepted on the first try.

        Learned from the carriers and warnings of all requests that were answered so far, shrunk to
        the overall rate where they are few. Raises InputError, StoreError.
        """
        from portops.checks.rulebook import warning_codes
        from portops.reporting.foreseen import foresee
        from portops.reporting.report import Given
        from portops.reporting.stored import Stored
        from portops.store.database import NoStoreError
        from portops.tables.events import shape

        expect_planned(planned)
        # Before the first submission there is nothing to learn from.
        sources: Sources = Given(shape([]))
        with suppress(NoStoreError):
            if self.has_store:
                sources = Stored(self.database, warns=warning_codes())
        return foresee(sources, planned)

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
        require("reports", "Reports")
        from portops.reporting.periods import Period as Days
        from portops.reporting.press.publish import publish

        if week:
            week = Days.named(week).name
        # A store that is not there should be reported here, not inside a notebook.
        _ = self.database
        settings = self.settings.but(store=absolute(self.settings.store))
        return publish(
            name,
            self._out(out),
            environment=settings.environment(),
            parameters={
                "week": week or self._default_week(name),
                "timezone": settings.timezone,
                "provider": settings.provider,
                "as_of": day.isoformat() if (day := to_date(as_of)) is not None else "",
            },
        )

    def _default_week(self, name: str | Path) -> str:
        """Return the week that a report is of when none is named."""
        from portops.reporting.report import report_of

        zone, now = self.settings.timezone, self.clock()
        if Path(name).suffix == ".ipynb":
            return last_full_week(now, zone)
        return report_of(str(name)).period_of(timezone=zone, now=now).name
