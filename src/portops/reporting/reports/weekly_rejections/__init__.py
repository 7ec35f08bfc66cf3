"""Weekly rejections: what was decided, what was rejected and why, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portops.reporting.report import Report, Sources
from portops.reporting.reports.weekly_rejections import charts
from portops.reporting.reports.weekly_rejections.figures import rejections
from portops.wording import percent, words

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
    )


def _rejected(figures: Figures) -> str:
    decided = figures["decided"]
    return f"{percent(figures['rejection_rate'])} of {decided}" if decided else "–"


def _top_cause(figures: Figures) -> str:
    causes = figures["rejections_by_cause"]
    return words(causes[0]["cause"]) if causes else "–"


REPORT = Report(
    name="weekly-rejections",
    title="Weekly rejections",
    about="What was decided and rejected, why, whether it gets better, and what to do.",
    figures=_figures,
    parameters=("week", "as_of", "timezone"),
    charts={"pareto": charts.pareto, "trend": charts.trend},
    index={"first rejected": _rejected, "most frequent cause": _top_cause},
    order=10,
)
