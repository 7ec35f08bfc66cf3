"""Turnaround: how long a port takes, with the open ones counted in, and where the time goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portops.reporting.chains import READS
from portops.reporting.report import Report, Sources
from portops.reporting.reports.turnaround import charts
from portops.reporting.reports.turnaround.figures import WINDOW_WEEKS, turnaround
from portops.reporting.targets import TARGET_DAYS

if TYPE_CHECKING:
    from datetime import datetime

    from portops.reporting.periods import Period
    from portops.results.figures import Figures

__all__ = ["REPORT", "TARGET_DAYS", "WINDOW_WEEKS", "turnaround"]


def _figures(
    sources: Sources,
    *,
    period: Period,
    timezone: str,
    as_of: datetime | None = None,
    window_weeks: int = WINDOW_WEEKS,
) -> Figures:
    return turnaround(
        sources.events(READS),
        period=period,
        as_of=as_of,
        timezone=timezone,
        window_weeks=window_weeks,
    )


def _median(figures: Figures) -> str:
    median = figures["chain"]["median"]
    return "–" if median is None else f"{median} days"


REPORT = Report(
    name="turnaround",
    title="Turnaround",
    about="How long a port takes with the open ones counted in, and where the time goes.",
    figures=_figures,
    parameters=("week", "as_of", "timezone"),
    charts={"turnaround_curve": charts.turnaround_curve, "stages": charts.stages},
    index={
        "median turnaround": _median,
        "past target": lambda figures: str(figures["past_target"]),
    },
    order=20,
)
