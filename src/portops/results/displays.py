"""Displays: how a notebook and a page show figures, as cards, lists, tables and small print."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from portops.results.labels import label, written

if TYPE_CHECKING:
    import pandas as pd

# JupyterLab aligns every cell right, so words carry their own alignment.
_LEFT = "text-align:left"


class Card(NamedTuple):
    """One figure that leads: `good` tells whether its change is good, None where it is neither."""

    label: str
    value: str
    change: str = ""
    good: bool | None = None


class Cards:
    """Figures side by side: label, value, change, and whether the change is good."""

    def __init__(self, rows: Sequence[Card]) -> None:
        self.rows = list(rows)

    def _repr_html_(self) -> str:
        if not self.rows:
            return ""
        marks = {True: "good", False: "bad", None: "even"}
        cells = "".join(
            f"<td style='{_LEFT};padding:.5rem 1rem'><b>{escape(value)}</b><br>{escape(label)}<br>"
            f"<i class='{marks[good]}'>{escape(change)}</i></td>"
            for label, value, change, good in self.rows
        )
        return f"<table class='cards'><tr>{cells}</tr></table>"


class Line:
    """A line of small print."""

    def __init__(self, words: str) -> None:
        self.words = words

    def _repr_html_(self) -> str:
        return f"<p class='data'>{escape(self.words)}</p>"


class Advice:
    """What to do, as a list."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = list(lines)

    def _repr_html_(self) -> str:
        if not self.lines:
            return "<p class='empty'>Nothing stands out this week.</p>"
        return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in self.lines) + "</ul>"


class Tables:
    """Tables as people read them: a caption each, shares in percent, `unknown` for no value."""

    def __init__(
        self, tables: list[tuple[str, pd.DataFrame]], *, unknown: str = "–", timezone: str = ""
    ) -> None:
        self.tables, self.unknown, self.timezone = tables, unknown, timezone

    def _repr_html_(self) -> str:
        return "\n".join(
            _table(caption, table, self.unknown, self.timezone) for caption, table in self.tables
        )


def _table(caption: str, table: pd.DataFrame, unknown: str, timezone: str) -> str:
    # What scrolls sideways on a narrow screen can be reached by the keyboard.
    named = f" aria-label='{escape(caption, quote=True)}'" if caption else " aria-label='Table'"
    above = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    if table.empty:
        nothing = f"{caption}: nothing to show" if caption else "Nothing to show for this period"
        return f"<p class='empty'>{escape(nothing)}.</p>"
    # Columns of words are aligned left, figures right.
    marks = [
        f" class='words' style='{_LEFT}'"
        if any(isinstance(value, str) for value in table[name])
        else ""
        for name in table.columns
    ]
    head = "".join(
        f"<th scope='col'{mark}>{escape(label(str(name)))}</th>"
        for mark, name in zip(marks, table.columns, strict=True)
    )
    shown = [
        [written(str(name), value, timezone=timezone, unknown=unknown) for value in table[name]]
        for name in table.columns
    ]
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{mark}>{escape(str(value))}</td>" for mark, value in zip(marks, row, strict=True)
        )
        + "</tr>"
        for row in zip(*shown, strict=True)
    )
    return (
        f"<figure style='margin:0' tabindex='0'{named}>{above}<table class='dataframe'><thead><tr>{head}</tr>"
        f"</thead><tbody>{body}</tbody></table></figure>"
    )
