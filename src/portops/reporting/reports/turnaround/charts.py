"""The pictures of the turnaround: how long a port takes, and where the time goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portops.reporting.charts import (
    BAND,
    DASHED,
    MAIN,
    SECOND,
    Chart,
    canvas,
    count_along,
    nothing,
    percent_along,
)
from portops.wording import counted, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from portops.results.figures import Figures


def turnaround_curve(figures: Figures) -> Chart:
    """Draw the share of numbers ported by business day, with median and 95 % band."""
    rows: list[dict[str, Any]] = figures["curve"]
    chain = figures["chain"]
    median, numbers = chain["median"], counted(chain["n"], "number")
    about = f"Curve of numbers ported by business day; median {median or 'not reached'}."
    if not rows:
        return nothing("No number has been completed in the period.", about)
    days = [0, *(row["day"] for row in rows)]
    ported = [0.0, *(1 - row["open"] for row in rows)]
    with canvas() as (figure, axes):
        _draw_band(axes, [row for row in rows if None not in (row["low"], row["high"])])
        axes.step(days, ported, where="post", color=MAIN, linewidth=2.2, zorder=3)
        title = f"Less than half of {numbers} ported so far"
        if median is not None:
            _draw_median(axes, median)
            title = f"Half of {numbers} ported within {counted(median, 'business day')}"
        axes.set_title(title)
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, max(days) + 1)
        percent_along(axes.yaxis)
        count_along(axes.xaxis)
        axes.set_xlabel("business days since the first submission")
        axes.set_ylabel("ported")
    return Chart(figure, about)


def _draw_band(axes: Axes, rows: list[dict[str, Any]]) -> None:
    """Shade the 95 % band, and name it."""
    days = [row["day"] for row in rows]
    low, high = ([1 - row[side] for row in rows] for side in ("high", "low"))
    axes.fill_between(days, low, high, step="post", color=BAND, zorder=1)
    if rows:
        place = len(rows) * 2 // 3
        axes.annotate(
            "95% band",
            (days[place], low[place]),
            xytext=(14, -16),
            textcoords="offset points",
            fontsize=10,
        )


def _draw_median(axes: Axes, median: int) -> None:
    """Draw where half of the numbers are ported."""
    axes.plot(
        [0, median, median],
        [0.5, 0.5, 0],
        color=SECOND,
        linewidth=1.4,
        linestyle=DASHED,
        zorder=2,
    )
    axes.annotate(
        f"median {median} days",
        (median, 0.5),
        xytext=(8, -14),
        textcoords="offset points",
        fontweight="bold",
    )


def stages(figures: Figures) -> Chart:
    """Draw the days spent in each status: median, and the slowest tenth beside it."""
    rows: list[dict[str, Any]] = figures["stages"]
    listed = ", ".join(f"{words(row['status'])} {row['median']:.1f}" for row in rows)
    about = f"Bars of the median days in each status: {listed or 'none'}."
    if not rows:
        return nothing("No number has left a status in the period.", about)
    longest = max(rows, key=lambda row: row["median"])
    with canvas(1.8 + 0.45 * len(rows)) as (figure, axes):
        names = [words(row["status"]) for row in rows]
        tails = [row["p90"] for row in rows]
        axes.barh(names, tails, color=BAND, height=0.66)
        colors = [SECOND if row is longest else MAIN for row in rows]
        axes.barh(names, [row["median"] for row in rows], color=colors, height=0.34)
        for place, row in enumerate(rows):
            axes.text(
                max(row["p90"], row["median"]) + max(tails) * 0.015,
                place,
                f"{row['median']:.1f} median, {row['p90']:.1f} for the slowest tenth "
                f"(n = {row['n']})",
                va="center",
                fontsize=10,
            )
        axes.invert_yaxis()
        axes.set_xlim(0, max(max(tails) * 1.75, 0.5))
        axes.set_xlabel("calendar days in the status (dark: median, light: 90%)")
        axes.set_title(f"Numbers wait longest in “{words(longest['status'])}”")
        axes.tick_params(axis="y", length=0)
    return Chart(figure, about)
