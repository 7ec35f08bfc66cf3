"""Figures: what a report shows, as plain values; the same for the page, the JSON and the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

#: The notebook's output carries the figures under this type, so that nothing is computed twice.
MIME = "application/vnd.portops.figures+json"

_NAMES = {
        "losing_carrier": "losing carrier", "line_type": "line type", "first_rejected":
    "first rejected", "rejection_rate": "rejection rate", "p75": "75 %", "p90": "90 %",
}  # fmt: skip
_SHARES = ("share", "rejection_rate", "cumulative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Every figure of one report.

    `parameters` are what the figures depend on besides the store; `figures` is as the published
    description of the JSON says.
    """

    report: str
    week: str
    as_of: str
    timezone: str
    parameters: dict[str, Any]
    figures: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.figures[name]

    def as_json(self) -> dict[str, Any]:
        """Return everything as plain values, None where a figure does not exist."""
        return {
            "report": self.report,
            "week": self.week,
            "as_of": self.as_of,
            "timezone": self.timezone,
            "parameters": self.parameters,
            "figures": self.figures,
        }

    def table(self, name: str) -> pd.DataFrame:
        """Return one figure as a table: a list of rows as it is, one row for a group."""
        value = self.figures[name]
        if not isinstance(value, list | dict):
            value = {name: value}
        return pd.DataFrame(value if isinstance(value, list) else [value])

    def show(self, name: str) -> Shown:
        """Return one figure as a table to be looked at: shares in percent, blanks for unknown."""
        return Shown(self.table(name))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        head = "\n".join(f"<p class='headline'>{escape(line)}</p>" for line in self.headline())
        return {
            MIME: self.as_json(),
            "text/html": head,
            "text/plain": "\n".join(self.headline()),
        }

    def headline(self) -> list[str]:
        """Say the answer in a sentence or two."""
        lines: dict[str, Callable[[Figures], list[str]]] = {
            "turnaround": _turnaround_headline,
            "reconciliation": _reconciliation_headline,
        }
        return lines.get(self.report, _rejections_headline)(self)


class Shown:
    """A table as people read it."""

    def __init__(self, table: pd.DataFrame) -> None:
        shown = table.copy()
        for name in shown.columns:
            if name in _SHARES:
                shown[name] = [percent(value) for value in shown[name]]
            elif not pd.api.types.is_integer_dtype(shown[name]):
                shown[name] = [_number(value) for value in shown[name]]
        shown.columns = [_NAMES.get(name, name.replace("_", " ")) for name in shown.columns]
        self.shown = shown

    def _repr_html_(self) -> str:
        if self.shown.empty:
            return "<p class='empty'>Nothing to show for this period.</p>"
        return str(self.shown.to_html(index=False, escape=True, border=0, na_rep=""))


def _number(value: Any) -> Any:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.1f}"
    return str(value).replace("_", " ") if isinstance(value, str) else value


def percent(value: float | None) -> str:
    """Write a share as people read it: 17 %; a dash where there is none."""
    return "–" if value is None or pd.isna(value) else f"{value * 100:.0f} %"


def _rejections_headline(figures: Figures) -> list[str]:
    decided, rejected = figures["decided"], figures["first_rejected"]
    if not decided and not figures["rejections_by_cause"]:
        return [f"No number was decided in {figures.week}: nothing was completed or rejected."]
    if not decided:
        lines = [f"No number had its first decision in {figures.week}."]
    else:
        lines = [
            (
                f"{rejected} of {decided} numbers decided in {figures.week} were first rejected "
                f"({percent(figures['rejection_rate'])})."
            )
        ]
    causes = figures["rejections_by_cause"]
    if causes:
        top = causes[0]
        lines.append(
            f"The most frequent cause was {top['cause'].replace('_', ' ')}: {top['count']} of "
            f"{sum(each['count'] for each in causes)} rejections."
        )
    return lines


def _turnaround_headline(figures: Figures) -> list[str]:
    chain = figures["chain"]
    if not chain["n"]:
        return ["No number was submitted in the period, so there is no turnaround to show."]
    if chain["median"] is None:
        return [
            (
                f"Less than half of {chain['n']} numbers have been completed, so there is no median "
                "turnaround yet."
            )
        ]
    line = (
        f"Half of the numbers were ported within {chain['median']} business days of their first "
        f"submission ({chain['n']} numbers, {chain['completed']} completed)."
    )
    naive = figures["naive"]["median"]
    if naive is not None and naive != chain["median"]:
        line += f" Completed ports alone would say {naive}."
    return [line]


def _reconciliation_headline(figures: Figures) -> list[str]:
    total, differing = figures["total"], figures["differing"]
    if not total:
        return ["There is nothing to compare: no number was submitted, and the provider has none."]
    if not differing:
        return [f"All {total:,} numbers agree."]
    worst = max(
        (row for row in figures["classes"] if row["class"] != "agreed"),
        key=lambda row: int(row["numbers"]),
    )
    name = str(worst["class"]).replace("_", " ")
    most = f"Most of them: {worst['numbers']:,} × {name} ({worst['what_to_do']})."
    return [f"{differing:,} of {total:,} numbers do not agree.", most]
