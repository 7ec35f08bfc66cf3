"""The findings of a review, with filters by severity and by code."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from portops.results.displays import Tables
from portops.reviewing.look import WRAPPED, lines
from portops.tables.findings import SEVERITIES
from portops.wording import counted

if TYPE_CHECKING:
    from portops.results.checked import Checked

#: So many findings are shown at once.
SHOWN = 100

_NAMES = {"error": "Errors", "warning": "Warnings", "fixed": "Repairs", "info": "Information"}
_HEADS = {
    "severity": "Severity",
    "cell": "Cell",
    "value": "Value",
    "message": "What is wrong",
    "suggestion": "Suggestion",
    "code": "Code",
}


class Findings:
    """What was found, the counts first and how the last choice changed them."""

    def __init__(self) -> None:
        self.summary, self.table = widgets.HTML(), widgets.HTML().add_class("portops-findings")
        self.severity, self.code = self._filter("Severity", "14rem"), self._filter("Code", "40rem")
        self._checked: Checked | None = None
        self._filling = False
        self.view = widgets.VBox(
            [
                self.summary,
                widgets.HBox([self.severity, self.code], layout=WRAPPED),
                # The keyboard scrolls it as well.
                widgets.Box(
                    [self.table], layout={"max_height": "30rem", "overflow": "auto"}, tabbable=True
                ),
            ]
        )
        for widget in (self.severity, self.code):
            widget.observe(self._list, names="value")

    @staticmethod
    def _filter(label: str, width: str) -> Any:
        return widgets.Dropdown(
            options=[("All", "")],
            description=label,
            style={"description_width": "4.5rem"},
            layout={"width": width, "max_width": "100%"},
        )

    def show(self, checked: Checked, *, before: Checked | None) -> None:
        """Show the findings of a check, and what changed from the one before."""
        counts = checked.counts
        self._checked = checked
        self.summary.value = lines(
            f"{counted(counts['error'], 'error')}, {counted(counts['warning'], 'warning')}, "
            f"{counts['fixed']:,} repaired, {counts['info']:,} worth knowing.",
            "" if before is None else _change(before.counts, counts),
        )
        severities = [(f"All ({sum(counts.values()):,})", "")]
        severities += [(f"{_NAMES[name]} ({counts[name]:,})", name) for name in SEVERITIES]
        by_code = checked.findings["code"].value_counts()
        codes = [
            (f"{checked.codes[str(code)].meaning} – {code} ({count:,})", str(code))
            for code, count in by_code.items()
        ]
        self._filling = True
        try:
            _offer(self.severity, severities)
            _offer(self.code, [("All", ""), *codes])
        finally:
            self._filling = False
        self._list()

    def _list(self, _: object = None) -> None:
        if self._filling or self._checked is None:
            return
        findings = self._checked.findings
        for name, widget in (("severity", self.severity), ("code", self.code)):
            if widget.value:
                findings = findings[findings[name] == widget.value]
        if findings.empty:
            self.table.value = "<p>Nothing was found.</p>"
            return
        rank = findings["severity"].map({name: place for place, name in enumerate(SEVERITIES)})
        shown = findings.loc[rank.sort_values(kind="stable").index[:SHOWN], list(_HEADS)]
        for_commands = shown["suggestion"].fillna("").str.startswith("--map")
        shown["suggestion"] = shown["suggestion"].mask(for_commands, "Choose its field in step 2.")
        shown = shown.rename(columns=_HEADS)
        rest = len(findings) - len(shown)
        tail = f"{rest:,} more. Choose a severity or a code to see them." if rest else ""
        self.table.value = f"{Tables([('', shown)], unknown='')._repr_html_()}<p>{escape(tail)}</p>"


def _offer(widget: Any, options: list[tuple[str, str]]) -> None:
    """Give a filter its choices, and keep the one that is made where it is still among them."""
    kept = widget.value if widget.value in {value for _, value in options} else ""
    with widget.hold_sync():
        widget.options, widget.value = options, kept


def _change(before: dict[str, int], now: dict[str, int]) -> str:
    """Say how the counts changed."""
    changes = [
        f"{counted(abs(now[name] - before[name]), name)} "
        f"{'more' if now[name] > before[name] else 'fewer'}"
        for name in ("error", "warning")
        if now[name] != before[name]
    ]
    return f"After your choice: {' and '.join(changes)}." if changes else ""
