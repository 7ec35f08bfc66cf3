"""Pictures of the figures: each stands alone, reads in grey print, and says its finding on top."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

from matplotlib import patheffects
from matplotlib import pyplot as plt
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

from portops.results import control
from portops.wording import counted, part, percent, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from portops.results.figures import Figures

# Dark blue and orange stay apart for colour-blind eyes and in grey.
_INK, _MAIN, _SECOND, _QUIET, _BAND = "#1f2933", "#1f4e79", "#d9730d", "#9aa5b1", "#c9d7e6"
#: Words stay readable where a line passes behind them.
_HALO = [patheffects.withStroke(linewidth=3, foreground="white")]
_STYLE: Any = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _QUIET,
    "axes.labelcolor": _INK,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "font.size": 11,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 14,
    "figure.dpi": 110,
    "svg.hashsalt": "portops",
}


def _canvas(height: float = 4.2) -> tuple[Figure, Axes]:
    with plt.rc_context(_STYLE):
        figure, axes = plt.subplots(figsize=(9, height), layout="constrained")
    return figure, axes


def _nothing(message: str) -> Figure:
    figure, axes = _canvas(1.6)
    axes.set_axis_off()
    axes.text(0.5, 0.5, message, ha="center", va="center", fontsize=13, color=_INK)
    plt.close(figure)
    return figure


def pareto(figures: Figures) -> Figure:
    """Draw rejections by cause, most first, with the cumulative share."""
    rows: list[dict[str, Any]] = figures["rejections_by_cause"]
    if not rows:
        return _nothing(f"No rejections in {figures.week}.")
    counts = [row["count"] for row in rows]
    total, running, cumulative = sum(counts), 0, []
    for count in counts:
        running += count
        cumulative.append(running / total)
    vital = next(place for place, share in enumerate(cumulative, start=1) if share >= 0.8)
    with plt.rc_context(_STYLE):
        figure, axes = _canvas(1.7 + 0.45 * len(rows))
        names = [words(row["cause"]) for row in rows]
        colours = [_MAIN if place < vital else _QUIET for place in range(len(rows))]
        axes.barh(names, counts, color=colours, height=0.66)
        axes.invert_yaxis()
        # The cumulative line shares the bars' axis: its 100 % stands at the sum of all bars.
        axes.plot(
            [share * total for share in cumulative],
            names,
            color=_SECOND,
            marker="o",
            linewidth=1.8,
            markersize=5,
            zorder=3,
        )
        axes.set_xlim(0, total * 1.16)
        for place, (count, share) in enumerate(zip(counts, cumulative, strict=True)):
            wide = count / total > 0.08
            axes.text(
                count - total * 0.008 if wide else count + total * 0.008,
                place,
                str(count),
                va="center",
                ha="right" if wide else "left",
                fontweight="bold",
                color="white" if wide and place < vital else _INK,
            )
            axes.text(share * total + total * 0.018, place, percent(share), va="center", color=_INK)
        causes = "One cause makes" if vital == 1 else f"{vital} causes make"
        axes.set_title(
            f"{causes} up {percent(cumulative[vital - 1])} of {counted(total, 'rejection')}"
        )
        axes.set_xlabel("rejections in the week (bars) and their cumulative share (line)")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.tick_params(axis="y", length=0)
    plt.close(figure)
    return figure


def trend(figures: Figures) -> Figure:
    """Draw the rejection rate of the last 12 weeks, with the number decided in each."""
    rows: list[dict[str, Any]] = figures["trend"]
    usual = control.usual(rows)
    if usual is None:
        return _nothing(f"Nothing was decided in the {len(rows)} weeks to {figures.week}.")
    places = range(len(rows))
    rates = [row["rejection_rate"] for row in rows]
    with plt.rc_context(_STYLE):
        figure, axes = _canvas()
        axes.axhline(usual, color=_QUIET, linestyle=(0, (4, 3)), linewidth=1.2, zorder=1)
        axes.text(
            -0.45, usual, f" all 12 weeks: {percent(usual)}", va="bottom", color=_INK, fontsize=10
        )
        for place, row in enumerate(rows):
            if row["decided"]:
                low, high = control.limits(usual, row["decided"])
                axes.fill_between(
                    [place - 0.4, place + 0.4],
                    low,
                    high,
                    color=_BAND,
                    linewidth=0,
                    alpha=0.55,
                    zorder=0,
                )
        drawn = [
            (place, rate) for place, rate in zip(places, rates, strict=True) if rate is not None
        ]
        axes.plot(*zip(*drawn, strict=True), color=_MAIN, linewidth=2, zorder=2)
        for place, rate in drawn:
            last = place == len(rows) - 1
            axes.plot(
                place,
                rate,
                "o",
                color=_SECOND if last else _MAIN,
                markersize=9 if last else 6,
                zorder=3,
            )
            axes.annotate(
                f"{rows[place]['first_rejected']}/{rows[place]['decided']}",
                (place, rate),
                xytext=(0, 9),
                textcoords="offset points",
                ha="center",
                fontsize=9,
                path_effects=_HALO,
            )
        axes.set_xticks(list(places), [row["week"][5:] for row in rows])
        axes.set_xlim(-0.6, len(rows) - 0.4)
        # Ten percent at least, so that nothing looks like much.
        highest = max(usual, 0.07, *(rate for _, rate in drawn))
        axes.set_ylim(-0.03 * highest, min(1.08, highest * 1.3 + 0.02))
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        axes.set_xlabel(
            "ISO week; first rejected / decided numbers beside each point; "
            "shaded: what chance alone allows"
        )
        axes.set_title(_trend_title(rows, usual))
    plt.close(figure)
    return figure


def _trend_title(rows: list[dict[str, Any]], usual: float) -> str:
    last = rows[-1]
    if last["rejection_rate"] is None:
        return f"Nothing decided in {last['week']}; {percent(usual)} over 12 weeks"
    if sum(bool(row["decided"]) for row in rows) == 1:
        return (
            f"Rejection rate {percent(last['rejection_rate'])} ({last['first_rejected']} of "
            f"{last['decided']}), with no earlier week to hold it against"
        )
    return (
        f"Rejection rate {percent(last['rejection_rate'])}, {control.verdict(rows)} the "
        f"12-week rate of {percent(usual)}"
    )


def turnaround_curve(figures: Figures) -> Figure:
    """Draw the share of numbers ported by business day, with median and 95 % band."""
    rows: list[dict[str, Any]] = figures["curve"]
    if not rows:
        return _nothing("No number has been completed in the period.")
    days = [0, *(row["day"] for row in rows)]
    ported = [0.0, *(1 - row["open"] for row in rows)]
    band = [row for row in rows if row["low"] is not None and row["high"] is not None]
    median = figures["chain"]["median"]
    with plt.rc_context(_STYLE):
        figure, axes = _canvas()
        axes.fill_between(
            [row["day"] for row in band],
            [1 - row["high"] for row in band],
            [1 - row["low"] for row in band],
            step="post",
            color=_BAND,
            zorder=1,
        )
        axes.step(days, ported, where="post", color=_MAIN, linewidth=2.2, zorder=3)
        if band:
            middle = band[len(band) * 2 // 3]
            axes.annotate(
                "95 % band",
                (middle["day"], 1 - middle["high"]),
                xytext=(14, -16),
                textcoords="offset points",
                fontsize=10,
            )
        if median is not None:
            axes.plot(
                [0, median, median],
                [0.5, 0.5, 0],
                color=_SECOND,
                linewidth=1.4,
                linestyle=(0, (4, 3)),
                zorder=2,
            )
            axes.annotate(
                f"median {median} days",
                (median, 0.5),
                xytext=(8, -14),
                textcoords="offset points",
                fontweight="bold",
            )
            whole = counted(figures["chain"]["n"], "number")
            title = f"Half of {whole} ported within {counted(median, 'business day')}"
        else:
            title = f"Less than half of {counted(figures['chain']['n'], 'number')} ported so far"
        axes.set_title(title)
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, max(days) + 1)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("business days since the first submission")
        axes.set_ylabel("ported")
    plt.close(figure)
    return figure


def stages(figures: Figures) -> Figure:
    """Draw the days spent in each status: median, and the slowest tenth beside it."""
    rows: list[dict[str, Any]] = figures["stages"]
    if not rows:
        return _nothing("No number has left a status in the period.")
    longest = max(rows, key=lambda row: row["median"])
    with plt.rc_context(_STYLE):
        figure, axes = _canvas(1.8 + 0.45 * len(rows))
        names = [words(row["status"]) for row in rows]
        tails = [row["p90"] for row in rows]
        axes.barh(names, tails, color=_BAND, height=0.66)
        colours = [_SECOND if row is longest else _MAIN for row in rows]
        axes.barh(names, [row["median"] for row in rows], color=colours, height=0.34)
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
        axes.set_xlabel("calendar days in the status (dark: median, light: 90 %)")
        axes.set_title(f"Numbers wait longest in “{words(longest['status'])}”")
        axes.tick_params(axis="y", length=0)
    plt.close(figure)
    return figure


def classes(figures: Figures) -> Figure:
    """Draw how many numbers do not agree, by class, with what it was in an earlier week."""
    rows = [
        row
        for row in figures["classes"]
        if row["class"] != "agreed" and (row["numbers"] or row["before"])
    ]
    total, differing = figures["total"], figures["differing"]
    if not rows:
        nothing = f"All {total:,} numbers agree." if total else "There is nothing to compare."
        return _nothing(nothing)
    rows.sort(key=lambda row: (-row["numbers"], row["class"]))
    with plt.rc_context(_STYLE):
        figure, axes = _canvas(1.7 + 0.45 * len(rows))
        names = [words(row["class"]) for row in rows]
        widest = max(max(row["numbers"], row["before"] or 0) for row in rows)
        axes.barh(names, [row["before"] or 0 for row in rows], color=_BAND, height=0.66)
        axes.barh(
            names,
            [row["numbers"] for row in rows],
            height=0.34,
            color=[_SECOND, *[_MAIN] * (len(rows) - 1)],
        )
        for place, row in enumerate(rows):
            was = "" if row["before"] is None else f" (was {row['before']:,})"
            axes.text(
                max(row["numbers"], row["before"] or 0) + widest * 0.015,
                place,
                f"{row['numbers']:,}{was}",
                va="center",
                fontsize=10,
            )
        axes.invert_yaxis()
        axes.set_xlim(0, widest * 1.2)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        then = " (dark: now, light: in the earlier week)" if figures["earlier"] else ""
        axes.set_xlabel(f"numbers that do not agree{then}")
        most = f", {part(rows[0]['numbers'], differing)} of them {names[0]}" if differing else ""
        axes.set_title(f"{differing:,} of {total:,} numbers do not agree{most}")
        axes.tick_params(axis="y", length=0)
    plt.close(figure)
    return figure


def alt_text(figures: Figures, name: str) -> str:
    """Say in words what a picture shows, for those who do not see it."""
    if name == "pareto":
        rows = figures["rejections_by_cause"]
        listed = ", ".join(f"{words(row['cause'])} {row['count']}" for row in rows)
        return f"Bars of rejections by cause: {listed or 'none'}."
    if name == "trend":
        known = [row for row in figures["trend"] if row["decided"]]
        listed = ", ".join(f"{row['week']} {percent(row['rejection_rate'])}" for row in known)
        return f"Line of the rejection rate by week: {listed or 'nothing decided'}."
    if name == "turnaround_curve":
        median = figures["chain"]["median"]
        return f"Curve of numbers ported by business day; median {median or 'not reached'}."
    if name == "classes":
        listed = ", ".join(
            f"{words(row['class'])} {row['numbers']:,}"
            for row in figures["classes"]
            if row["numbers"]
        )
        return f"Bars of the numbers in each class: {listed or 'none'}."
    listed = ", ".join(f"{words(row['status'])} {row['median']:.1f}" for row in figures["stages"])
    return f"Bars of the median days in each status: {listed or 'none'}."


class Chart:
    """A picture with its words, as a notebook shows it."""

    def __init__(self, figure: Figure, words: str) -> None:
        self._figure, self._words = figure, words

    def _repr_html_(self) -> str:
        picture = BytesIO()
        self._figure.savefig(picture, format="png", dpi=160, metadata={"Software": None})
        data = b64encode(picture.getvalue()).decode()
        return (
            f'<img class="chart" alt="{escape(self._words)}" '
            f'src="data:image/png;base64,{data}" style="max-width:100%;width:860px">'
        )


_DRAWN = {
    "classes": classes,
    "pareto": pareto,
    "stages": stages,
    "trend": trend,
    "turnaround_curve": turnaround_curve,
}


def draw(figures: Figures, name: str) -> Chart:
    """Return one picture: `pareto`, `trend`, `turnaround_curve`, `stages` or `classes`."""
    return Chart(_DRAWN[name](figures), alt_text(figures, name))
