"""A report of somebody else: one figure."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from portops.reporting.periods import Period
from portops.reporting.report import Report, Sources
from portops.results.figures import Figures, Summary


def _figures(
    sources: Sources, *, period: Period, timezone: str, as_of: datetime | None = None
) -> Figures:
    """Count the requests of the store."""
    requests = int(
        sources.events(("event_id", "request_sid", "occurred_at"))["request_sid"].nunique()
    )
    return Figures(
        report="example-count",
        week=period.name,
        as_of=(as_of or period.bounds(timezone)[1]).isoformat(),
        timezone=timezone,
        parameters={},
        figures={"requests": requests},
        summary=Summary(headline=(f"{requests} requests were sent.",)),
    )


REPORT = Report(
    name="example-count",
    title="Request count",
    about="How many requests were sent.",
    figures=_figures,
    index={"requests": lambda figures: str(figures["requests"])},
    notebook=Path(__file__).with_name("example_count.ipynb"),
)
