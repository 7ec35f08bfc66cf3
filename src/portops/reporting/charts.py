"""What every chart shares: its canvas, colors and labels, and how a notebook shows it.

A chart is a function of figures that returns a `Chart`. matplotlib is loaded when the first one is
drawn, so that figures alone never wait for it.
"""

from __future__ import annotations

from base64 import b64encode
from contextlib import contextmanager
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure


# Dark blue and orange stay apart for color-blind eyes and in grey.
INK, MAIN, SECOND, QUIET, BAND = "#1f2933", "#1f4e79", "#d9730d", "#9aa5b1", "#c9d7e6"
DASHED = (0, (4, 3))

_STYLE: Any = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "font.size": 11,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 14,
    "figure.dpi": 110,
    "svg.hashsalt": "portops",
}


class Chart:
    """A picture, and what it shows in words for those who do not see it."""

    def __init__(self, figure: Figure, words: str) -> None:
        self.figure, self.words = figure, words

    def _repr_html_(self) -> str:
        picture = BytesIO()
        self.figure.savefig(picture, format="png", dpi=160, metadata={"Software": None})
        data = b64encode(picture.getvalue()).decode()
        return (
            '<figure class="picture" style="margin:0" tabindex="0" aria-label="Chart">'
            f'<img class="chart" alt="{escape(self.words)}" '
            f'src="data:image/png;base64,{data}" style="max-width:100%;width:860px"></figure>'
        )


@contextmanager
def canvas(height: float = 4.2) -> Iterator[tuple[Figure, Axes]]:
    """Give a figure and its axes to draw on; both keep this style."""
    from matplotlib import pyplot as plt

    with plt.rc_context(_STYLE):
        figure, axes = plt.subplots(figsize=(9, height), layout="constrained")
        try:
            yield figure, axes
        finally:
            plt.close(figure)


def nothing(message: str, words: str) -> Chart:
    """Return a chart that says why there is nothing to draw."""
    with canvas(1.6) as (figure, axes):
        axes.set_axis_off()
        axes.text(0.5, 0.5, message, ha="center", va="center", fontsize=13, color=INK)
    return Chart(figure, words)


def count_along(axis: Axis, *, ticks: int | None = None) -> None:
    """Label an axis with whole numbers, thousands apart."""
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    axis.set_major_locator(MaxNLocator("auto" if ticks is None else ticks, integer=True))
    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def percent_along(axis: Axis, *, ticks: int | None = None) -> None:
    """Label an axis of shares in percent."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    if ticks is not None:
        axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol="%"))


def halo() -> list[Any]:
    """Return what keeps words readable where a line passes behind them."""
    from matplotlib import patheffects

    return [patheffects.withStroke(linewidth=3, foreground="white")]
