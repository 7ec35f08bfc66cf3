"""The pictures of the weekly rejections: which causes, and whether it is getting better."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from portops.facts.dates import days_of
from portops.reporting import control
from portops.reporting.charts import (
    BAND,
    DASHED,
    INK,
    MAIN,
    QUIET,
    SECOND,
    Chart,
    canvas,
    count_along,
    halo,
    nothing,
    percent_along,
)
from portops.wording import counted, percent, words

#: What a first try can come to, in words.
_FATES = {
    "accepted": "accepted",
    "rejected": "rejected",
    "ended": "canceled or expired",
    "open": "still open",
}

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from portops.results.figures import Figures


def cohorts(figures: Figures) -> Chart:
    """Draw what became of the numbers submitted in each of the last weeks, on the first try."""
    rows: list[dict[str, Any]] = [row for row in figures["cohorts"] if row["submitted"]]
    listed = ", ".join(
        f"{days_of(row['week'])} {percent(row['acceptance'])} accepted, {row['open']} open"
        for row in rows
    )
    about = f"Bars of first tries by the week they were submitted: {listed or 'none'}."
    if not rows:
        return nothing("No number was submitted in these weeks.", about)
    longest = max(row["submitted"] for row in rows)
    with canvas(1.7 + 0.45 * len(rows)) as (figure, axes):
        names, left = [days_of(row["week"]) for row in rows], [0] * len(rows)
        fates = (("accepted", MAIN), ("rejected", SECOND), ("ended", QUIET), ("open", BAND))
        for fate, color in fates:
            counts = [row[fate] for row in rows]
            axes.barh(names, counts, left=left, color=color, height=0.66, label=_FATES[fate])
            left = [start + count for start, count in zip(left, counts, strict=True)]
        for place, row in enumerate(rows):
            words_ = f"{percent(row['acceptance'])} of {row['accepted'] + row['rejected']} answered"
            shown = words_ if row["acceptance"] is not None else "no answer yet"
            axes.text(row["submitted"] + longest * 0.015, place, shown, va="center", fontsize=10)
        axes.invert_yaxis()
        axes.set_xlim(0, longest * 1.3)
        axes.set_xlabel(f"numbers by the {_unit(figures)} they were submitted")
        axes.set_title("First-try acceptance by week submitted")
        axes.legend(loc="lower center", bbox_to_anchor=(0.4, -0.42), ncols=4, frameon=False)
        count_along(axes.xaxis)
        axes.tick_params(axis="y", length=0)
    return Chart(figure, about)


def pareto(figures: Figures) -> Chart:
    """Draw rejections by cause, most first, with the cumulative share."""
    rows: list[dict[str, Any]] = figures["rejections_by_cause"]
    listed = ", ".join(f"{words(row['cause'])} {row['count']}" for row in rows)
    about = f"Bars of rejections by cause: {listed or 'none'}."
    if not rows:
        return nothing(f"No rejections in {figures.week}.", about)
    counts = [row["count"] for row in rows]
    total = sum(counts)
    cumulative = [running / total for running in accumulate(counts)]
    vital = next(place for place, share in enumerate(cumulative, start=1) if share >= 0.8)
    with canvas(1.7 + 0.45 * len(rows)) as (figure, axes):
        names = [words(row["cause"]) for row in rows]
        colors = [MAIN if place < vital else QUIET for place in range(len(rows))]
        axes.barh(names, counts, color=colors, height=0.66)
        axes.invert_yaxis()
        # The cumulative line shares the bars' axis: its 100 % is the sum of all bars.
        ends = [share * total for share in cumulative]
        axes.plot(ends, names, color=SECOND, marker="o", linewidth=1.8, markersize=5, zorder=3)
        axes.set_xlim(0, total * 1.16)
        for place, (count, share) in enumerate(zip(counts, cumulative, strict=True)):
            _label_bar(axes, place, count, total, vital=place < vital)
            axes.text(share * total + total * 0.018, place, percent(share), va="center", color=INK)
        causes = "One cause makes" if vital == 1 else f"{vital} causes make"
        axes.set_title(
            f"{causes} up {percent(cumulative[vital - 1])} of {counted(total, 'rejection')}"
        )
        axes.set_xlabel(
            f"rejections in the {_unit(figures)} (bars) and their cumulative share (line)"
        )
        count_along(axes.xaxis)
        axes.tick_params(axis="y", length=0)
    return Chart(figure, about)


def _label_bar(axes: Axes, place: int, count: int, total: int, *, vital: bool) -> None:
    """Write a bar's count inside of it, or beside it when it is short."""
    wide = count / total > 0.08
    axes.text(
        count - total * 0.008 if wide else count + total * 0.008,
        place,
        str(count),
        va="center",
        ha="right" if wide else "left",
        fontweight="bold",
        color="white" if wide and vital else INK,
    )


def trend(figures: Figures) -> Chart:
    """Draw the rejection rate of the last 12 weeks, with the number decided in each."""
    rows: list[dict[str, Any]] = figures["trend"]
    listed = ", ".join(
        f"{row['week']} {percent(row['rejection_rate'])}" for row in rows if row["decided"]
    )
    about = f"Line of the rejection rate by week: {listed or 'nothing decided'}."
    usual, unit = control.usual(rows), _unit(figures)
    if usual is None:
        return nothing(f"Nothing was decided in the {len(rows)} {unit}s to {figures.week}.", about)
    with canvas() as (figure, axes):
        axes.axhline(usual, color=QUIET, linestyle=DASHED, linewidth=1.2, zorder=1)
        overall = f" all 12 {unit}s: {percent(usual)}"
        axes.text(-0.45, usual, overall, va="bottom", color=INK, fontsize=10)
        _draw_limits(axes, rows, usual)
        _draw_rates(axes, rows)
        axes.set_xticks(range(len(rows)), [_short(row["week"]) for row in rows])
        axes.set_xlim(-0.6, len(rows) - 0.4)
        # Ten percent at least, so that nothing looks like much.
        highest = max(usual, 0.07, *(row["rejection_rate"] or 0 for row in rows))
        axes.set_ylim(-0.03 * highest, min(1.08, highest * 1.3 + 0.02))
        percent_along(axes.yaxis, ticks=6)
        axes.set_xlabel(
            f"{'ISO week' if unit == 'week' else 'days'}; first rejected / decided numbers beside each point; "
            "shaded: what chance alone allows"
        )
        axes.set_title(_trend_title(rows, usual, unit))
    return Chart(figure, about)


def _unit(figures: Figures) -> str:
    return "period" if "/" in figures.week else "week"


def _short(week: str) -> str:
    """Return what fits below a point: `W47`, or an interval's days on two lines."""
    return "\n".join(day[5:] for day in week.split("/"))


def _draw_limits(axes: Axes, rows: list[dict[str, Any]], usual: float) -> None:
    """Shade what chance alone allows in each week that decided anything."""
    for place, row in enumerate(rows):
        if row["decided"]:
            low, high = control.limits(usual, row["decided"])
            axes.fill_between(
                [place - 0.4, place + 0.4], low, high, color=BAND, linewidth=0, alpha=0.55, zorder=0
            )


def _draw_rates(axes: Axes, rows: list[dict[str, Any]]) -> None:
    """Draw the weeks' rates as a line, the last one marked, with their counts."""
    drawn = [(place, row) for place, row in enumerate(rows) if row["rejection_rate"] is not None]
    places = [place for place, _ in drawn]
    axes.plot(
        places, [row["rejection_rate"] for _, row in drawn], color=MAIN, linewidth=2, zorder=2
    )
    for place, row in drawn:
        rate, last = row["rejection_rate"], place == len(rows) - 1
        axes.plot(
            place, rate, "o", color=SECOND if last else MAIN, markersize=9 if last else 6, zorder=3
        )
        axes.annotate(
            f"{row['first_rejected']}/{row['decided']}",
            (place, rate),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            path_effects=halo(),
        )


def _trend_title(rows: list[dict[str, Any]], usual: float, unit: str) -> str:
    last = rows[-1]
    if last["rejection_rate"] is None:
        return f"Nothing decided in {last['week']}; {percent(usual)} over 12 {unit}s"
    if sum(bool(row["decided"]) for row in rows) == 1:
        return (
            f"Rejection rate {percent(last['rejection_rate'])} ({last['first_rejected']} of "
            f"{last['decided']}), with no earlier {unit} to compare"
        )
    return (
        f"Rejection rate {percent(last['rejection_rate'])}, {control.verdict(rows)} the "
        f"12-{unit} rate of {percent(usual)}"
    )
