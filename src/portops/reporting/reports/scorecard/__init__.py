"""Scorecard: how each losing carrier does, and how often each warning of the checks comes true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portops.reporting.report import Report, Sources
from portops.reporting.reports.scorecard import charts
from portops.reporting.reports.scorecard.figures import Checks, scorecard
from portops.reporting.reports.scorecard.words import apart

if TYPE_CHECKING:
    from datetime import datetime

    from portops.reporting.periods import Period
    from portops.results.figures import Figures

__all__ = ["REPORT", "Checks", "scorecard"]


def _figures(
    sources: Sources, *, period: Period, timezone: str, as_of: datetime | None = None
) -> Figures:
    return scorecard(
        sources.events(),
        period=period,
        as_of=as_of,
        timezone=timezone,
        checks=Checks(
            finding_codes=sources.finding_codes(),
            codes_by_cause=sources.codes_by_cause(),
            warnings=sources.warnings(),
        ),
    )


def _behind(figures: Figures) -> str:
    return ", ".join(row["losing_carrier"] for row in apart(figures)) or "none"


REPORT = Report(
    name="scorecard",
    title="Scorecard",
    about="How each losing carrier does, and which warnings of the checks come true.",
    figures=_figures,
    parameters=("week", "as_of", "timezone"),
    charts={"carriers": charts.carriers, "checks": charts.checks},
    index={"carriers behind the rest": _behind},
    order=25,
)
