"""Weekly rejections: what was decided, what was rejected and why, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portops.reporting.journaled import Journaled, names_of
from portops.reporting.report import Report, Sources
from portops.reporting.reports.weekly_rejections import charts
from portops.reporting.reports.weekly_rejections.figures import rejections
from portops.reporting.reports.weekly_rejections.words import expected, newest, top_cause

if TYPE_CHECKING:
    from datetime import datetime

    from portops.reporting.periods import Period
    from portops.results.figures import Figures

__all__ = ["REPORT", "rejections"]


def _figures(
    sources: Sources, *, period: Period, timezone: str, as_of: datetime | None = None
) -> Figures:
    return rejections(
        sources.events(),
        period=period,
        as_of=as_of,
        timezone=timezone,
        finding_codes=sources.finding_codes(),
        codes_by_cause=sources.codes_by_cause(),
        journaled=Journaled(names=names_of(sources.tracked()), actions=sources.actions),
    )


def _accepted(figures: Figures) -> str:
    row = newest(figures)
    return "–" if row is None else expected(row)


def _refused(figures: Figures) -> str:
    return f"{figures['rejected_not_resubmitted']['numbers']:,}"


REPORT = Report(
    name="weekly-rejections",
    title="Weekly rejections",
    about="How good the last batches are, who is waited for, what expires, and what to do.",
    figures=_figures,
    parameters=("week", "as_of", "timezone"),
    charts={"cohorts": charts.cohorts, "pareto": charts.pareto, "trend": charts.trend},
    index={
        "accepted on the first try": _accepted,
        "rejected, not resubmitted": _refused,
        "most frequent cause": top_cause,
    },
    order=10,
)
