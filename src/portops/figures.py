"""Figures: what a report shows, as plain values; the same for the page, the JSON and the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from portops.causes import CAUSES

#: The notebook's output carries the figures under this type, so that nothing is computed twice.
MIME = "application/vnd.portops.figures+json"

_NAMES = {
        "losing_carrier": "losing carrier", "line_type": "line type", "first_rejected":
    "first rejected", "rejection_rate": "rejection rate", "p75": "75 %", "p90": "90 %",
}  # fmt: skip
_SHARES = ("share", "rejection_rate", "cumulative")


def seen(events: pd.DataFrame) -> dict[str, Any]:
    """Name the data that figures were made of, so that a figure can be traced.

    `hash` is one number of all event ids, in any order.
    """
    if events.empty:
        return {"events": 0, "first": None, "last": None, "hash": "0" * 16}
    ids = pd.util.hash_pandas_object(events["event_id"], index=False, categorize=False).to_numpy()
    first, last = events["occurred_at"].min(), events["occurred_at"].max()
    with np.errstate(over="ignore"):
        whole = int(ids.sum(dtype="uint64"))
    return {"events": len(events), "first": f"{first:%Y-%m-%dT%H:%M:%SZ}",
            "last": f"{last:%Y-%m-%dT%H:%M:%SZ}", "hash": f"{whole:016x}"}  # fmt: skip


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

    def cards(self) -> Cards:
        """Return the three figures that lead, each with its change against the week before."""
        return Cards(_CARDS[self.report](self))

    def advice(self) -> Advice:
        """Return what to do about it, in sentences."""
        return Advice(_ADVICE[self.report](self))

    def data(self) -> Line:
        """Say in a line which data the figures were made of."""
        known = self.parameters.get("data") or {}
        if not known.get("events"):
            return Line("Made of no events.")
        return Line(
            f"Made of {known['events']:,} events from {known['first'][:10]} to "
            f"{known['last'][:10]}; data {known['hash']}."
        )

    def headline(self) -> list[str]:
        """Say the answer in a sentence or two."""
        lines: dict[str, Callable[[Figures], list[str]]] = {
            "turnaround": _turnaround_headline,
            "reconciliation": _reconciliation_headline,
        }
        return lines.get(self.report, _rejections_headline)(self)


class Cards:
    """Figures side by side: label, value, change, and whether the change is good."""

    def __init__(self, rows: list[tuple[str, str, str, bool | None]]) -> None:
        self.rows = rows

    def _repr_html_(self) -> str:
        marks = {True: "good", False: "bad", None: "even"}
        cells = "".join(
            f"<td><b>{escape(value)}</b><br>{escape(label)}<br>"
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

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def _repr_html_(self) -> str:
        if not self.lines:
            return "<p class='empty'>Nothing stands out this week.</p>"
        return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in self.lines) + "</ul>"


def _change(
    now: float | None, before: float | None, *, unit: str = "", good: str = "less"
) -> tuple[str, bool | None]:
    if now is None or before is None:
        return "no figure the week before" if before is None else "–", None
    moved = round(now - before, 2)
    if not moved:
        return "as the week before", None
    better = (moved < 0) == (good == "less") if good else None
    return f"{moved:+g}{unit} against the week before", better


def _rejection_cards(figures: Figures) -> list[tuple[str, str, str, bool | None]]:
    now, before = figures["trend"][-1], figures["trend"][-2]
    rates = [None if row["rejection_rate"] is None else 100 * row["rejection_rate"]
             for row in (now, before)]  # fmt: skip
    rate = percent(now["rejection_rate"])
    few = f" ({now['first_rejected']} of {now['decided']})" if now["decided"] else ""
    return [
        ("rejection rate" + few, rate, *_change(*_rounded(rates), unit=" points")),
        ("numbers first rejected", str(now["first_rejected"]),
         *_change(now["first_rejected"], before["first_rejected"])),
        ("numbers decided", str(now["decided"]),
         *_change(now["decided"], before["decided"], good="")),
    ]  # fmt: skip


def _rounded(values: list[float | None]) -> list[float | None]:
    return [None if value is None else round(value, 1) for value in values]


def _turnaround_cards(figures: Figures) -> list[tuple[str, str, str, bool | None]]:
    before, median = figures["week_before"], figures["chain"]["median"]
    return [
        ("business days, median", "–" if median is None else str(median),
         *_change(median, before["median"], unit=" days")),
        ("numbers open", str(figures["open"]), *_change(figures["open"], before["open"], good="")),
        ("of them past the target", str(figures["past_target"]),
         *_change(figures["past_target"], before["past_target"])),
    ]  # fmt: skip


def _reconciliation_cards(figures: Figures) -> list[tuple[str, str, str, bool | None]]:
    total, differing = figures["total"], figures["differing"]
    return [("numbers compared", f"{total:,}", "", None),
            ("agree", f"{total - differing:,}", "", None),
            ("do not agree", f"{differing:,}", "", differing == 0 if total else None)]  # fmt: skip


def _rejection_advice(figures: Figures) -> list[str]:
    lines: list[str] = []
    worst, more, call = (figures.figures.get(name)
                         for name in ("costly", "cause_grew", "carrier_to_call"))  # fmt: skip
    if worst:
        top = worst[0]
        lines.append(
            f"Mend {top['request_sid']} first ({top['losing_carrier']}, {top['rejected_numbers']} "
            f"rejected, {top['number_days']:,} number-days spent): "
            f"{CAUSES.get(top['cause'], CAUSES['other']).fix}"
        )
    if more:
        about = CAUSES.get(more["cause"], CAUSES["other"])
        lines.append(
            f"{about.label} grew: {more['count']} rejections, against {more['weekly_before']:g} a "
            f"week before. {about.fix}"
        )
    if call:
        lines.append(
            f"Call {call['losing_carrier']}: it first rejected {call['first_rejected']} of the "
            f"{call['decided']} numbers it decided."
        )
    return lines


def _turnaround_advice(figures: Figures) -> list[str]:
    lines = []
    if figures["past_target"]:
        lines.append(
            f"{figures['past_target']} open numbers are past their target: see them with "
            "portops status --due, and call their carriers."
        )
    stages = figures["stages"]
    if stages:
        slow = max(stages, key=lambda row: row["median"])
        lines.append(
            f"Most time goes by in “{slow['status'].replace('_', ' ')}” (median {slow['median']:.1f} "
            "days): look there first."
        )
    known = [row for row in figures["by_losing_carrier"] if row["median"] is not None]
    if len(known) > 1:
        slow = max(known, key=lambda row: row["median"])
        lines.append(
            f"Call {slow['losing_carrier']}: its ports take {slow['median']} business days "
            f"(median of {slow['n']} numbers)."
        )
    return lines


def _reconciliation_advice(figures: Figures) -> list[str]:
    rows = [row for row in figures["classes"] if row["numbers"] and row["class"] != "agreed"]
    return [f"{row['numbers']:,} × {row['class'].replace('_', ' ')}: {row['what_to_do']}."
            for row in rows]  # fmt: skip


_CARDS: dict[str, Callable[[Figures], list[tuple[str, str, str, bool | None]]]] = {
    "weekly-rejections": _rejection_cards,
    "turnaround": _turnaround_cards,
    "reconciliation": _reconciliation_cards,
}
_ADVICE: dict[str, Callable[[Figures], list[str]]] = {
    "weekly-rejections": _rejection_advice,
    "turnaround": _turnaround_advice,
    "reconciliation": _reconciliation_advice,
}


class Shown:
    """A table as people read it."""

    def __init__(self, table: pd.DataFrame) -> None:
        shown = table.copy()
        #: Columns of words stand to the left, figures to the right.
        self.words = [any(isinstance(value, str) for value in table[name]) for name in table]
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
        marks = [" class='words'" if words else "" for words in self.words]
        head = "".join(f"<th{mark}>{escape(str(name))}</th>"
                       for mark, name in zip(marks, self.shown.columns, strict=True))  # fmt: skip
        body = "".join(
            "<tr>" + "".join(
                f"<td{mark}>{'' if pd.isna(value) else escape(str(value))}</td>"
                for mark, value in zip(marks, row, strict=True)
            ) + "</tr>"
            for row in self.shown.itertuples(index=False, name=None)
        )  # fmt: skip
        return (
            f"<table class='dataframe'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


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
