"""The pictures of the scorecard: acceptance by carrier, and what each warning is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portops.reporting.charts import (
    DASHED,
    INK,
    MAIN,
    QUIET,
    SECOND,
    Chart,
    canvas,
    nothing,
    percent_along,
)
from portops.reporting.reports.scorecard.words import apart, comes_true
from portops.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from portops.results.figures import Figures


def carriers(figures: Figures) -> Chart:
    """Draw each carrier's acceptance with its interval, and the acceptance of all."""
    rows: list[dict[str, Any]] = [
        row for row in figures["carriers"] if row["acceptance"] is not None
    ]
    listed = ", ".join(
        f"{row['losing_carrier']} {percent(row['acceptance'])} ({percent(row['low'])} to "
        f"{percent(row['high'])})"
        for row in rows
    )
    about = f"Points of first-try acceptance by losing carrier: {listed or 'none'}."
    if not rows:
        return nothing("No carrier has answered yet.", about)
    behind = {row["losing_carrier"] for row in apart(figures)}
    with canvas(1.7 + 0.45 * len(rows)) as (figure, axes):
        overall = figures["all"]["acceptance"]
        axes.axvline(overall, color=QUIET, linestyle=DASHED, linewidth=1.2)
        for place, row in enumerate(rows):
            color = SECOND if row["losing_carrier"] in behind else MAIN
            _interval(axes, place, row, row["acceptance"], color)
        axes.set_yticks(range(len(rows)), [row["losing_carrier"] for row in rows])
        axes.set_xlim(0, 1.02)
        percent_along(axes.xaxis)
        axes.set_xlabel(
            f"accepted on the first try, with 95% interval (dashed: all, {percent(overall)})"
        )
        axes.set_title(
            "Accepts fewer than the rest: " + ", ".join(sorted(behind))
            if behind
            else "No carrier stands out"
        )
        axes.invert_yaxis()
    return Chart(figure, about)


def checks(figures: Figures) -> Chart:
    """Draw how much more often requests with each warning were rejected for it."""
    rows: list[dict[str, Any]] = [row for row in figures["checks"] if row["difference"] is not None]
    listed = ", ".join(f"{row['code']} {100 * row['difference']:+.0f} points" for row in rows)
    about = f"Points of the difference that each warning makes: {listed or 'none'}."
    if not rows:
        return nothing("No decided request carried a warning.", about)
    with canvas(1.7 + 0.45 * len(rows)) as (figure, axes):
        axes.axvline(0, color=QUIET, linewidth=1.2)
        for place, row in enumerate(rows):
            _interval(axes, place, row, row["difference"], MAIN if comes_true(row) else QUIET)
        axes.set_yticks(range(len(rows)), [row["code"] for row in rows])
        percent_along(axes.xaxis)
        axes.set_xlabel("rejected more often with the warning than without (95% interval)")
        true = sum(comes_true(row) for row in rows)
        axes.set_title(f"{true} of {len(rows)} warnings come true more often than chance")
        axes.invert_yaxis()
    return Chart(figure, about)


def _interval(axes: Axes, place: int, row: dict[str, Any], middle: float, color: str) -> None:
    """Draw a point within its interval."""
    axes.plot([row["low"], row["high"]], [place, place], color=color, linewidth=2, zorder=2)
    axes.plot(middle, place, "o", color=color, markersize=8, zorder=3)
    axes.annotate(
        percent(middle),
        (middle, place),
        xytext=(0, 7),
        textcoords="offset points",
        ha="center",
        fontsize=9,
        color=INK,
    )
