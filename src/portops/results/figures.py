"""Figures: what a report shows, as plain values; the same for the page, the JSON and the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from portops.facts.business_time import zone
from portops.facts.causes import CAUSES
from portops.results import control
from portops.results.displays import Advice, Cards, Line, Tables
from portops.wording import counted, part, percent, words

#: The notebook's output carries the figures under this type, so that nothing is computed twice.
MIME = "application/vnd.portops.results.figures+json"

#: What stands above a table of figures.
_CAPTIONS = {
    "by_line_type": "By line type",
    "classes": "Every number in one class",
    "differing_numbers": "Numbers to work on: the first 200; portops reconcile writes all of them",
    "by_losing_carrier": "By losing carrier",
    "chain": "From the first submission of a number, through rejections and corrections",
    "costly": "The five requests that cost most",
    "naive": "Completed ports alone (naive: it looks better than the truth, since slow ports are "
    "still open)",
    "open_by_age": "Open numbers by age in business days",
    "past_target": "Of these past their target",
    "rejections_by_cause": "Rejections by cause",
    "request": "Within one request alone",
    "stages": "Days in each status",
    "trend": "The last twelve weeks",
}


def fingerprint(rows: pd.DataFrame | pd.Series) -> str:
    """Return one number of all rows, in any order, as 16 hexadecimal digits."""
    each = pd.util.hash_pandas_object(rows, index=False, categorize=False).to_numpy()
    with np.errstate(over="ignore"):
        return f"{int(each.sum(dtype='uint64')):016x}"


def seen(events: pd.DataFrame) -> dict[str, Any]:
    """Name the data that figures were made of, so that a figure can be traced.

    `hash` is one number of all event ids, in any order.
    """
    if events.empty:
        return {"events": 0, "first": None, "last": None, "hash": "0" * 16}
    first, last = events["occurred_at"].min(), events["occurred_at"].max()
    return {
        "events": len(events),
        "first": f"{first:%Y-%m-%dT%H:%M:%SZ}",
        "last": f"{last:%Y-%m-%dT%H:%M:%SZ}",
        "hash": fingerprint(events["event_id"]),
    }


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

    def show(self, *names: str) -> Tables:
        """Return figures as tables to be looked at, each with its caption."""
        return Tables([(_CAPTIONS.get(name, ""), self.table(name)) for name in names])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        head = "\n".join(f"<p class='headline'>{escape(line)}</p>" for line in self.headline())
        return {
            MIME: self.as_json(),
            "text/html": f"{head}\n{self.cards()._repr_html_()}\n{self.period()._repr_html_()}",
            "text/plain": "\n".join(self.headline()),
        }

    def cards(self) -> Cards:
        """Return the three figures that lead, each with its change against the week before."""
        return Cards(_CARDS[self.report](self))

    def advice(self) -> Advice:
        """Return what to do about it, in sentences."""
        return Advice(_ADVICE[self.report](self))

    def period(self) -> Line:
        """Say in a line which week it is about, and up to when the data was looked at."""
        last = self._moment() - timedelta(seconds=1)
        return Line(
            f"{self.week}, as known on {last:%A, %B} {last.day}, {last:%Y} ({self.timezone})."
        )

    def _moment(self) -> datetime:
        return datetime.fromisoformat(self.as_of).astimezone(zone(self.timezone))

    def data(self) -> Line:
        """Say in a line which data the figures were made of."""
        known = self.parameters.get("data") or {}
        if "numbers" in known:
            moment = f"{self._moment():%Y-%m-%d at %H:%M}"
            return Line(
                f"Made of {counted(known['numbers'], 'number')}, compared on {moment} "
                f"({self.timezone}); data {known['hash']}."
            )
        if not known.get("events"):
            return Line("Made of no events.")
        return Line(
            f"Made of {counted(known['events'], 'event')} from {known['first'][:10]} to "
            f"{known['last'][:10]}; data {known['hash']}."
        )

    def headline(self) -> list[str]:
        """Say the answer in a sentence or two."""
        lines: dict[str, Callable[[Figures], list[str]]] = {
            "turnaround": _turnaround_headline,
            "reconciliation": _reconciliation_headline,
        }
        return lines.get(self.report, _rejections_headline)(self)


def _change(
    now: float | None,
    before: float | None,
    *,
    unit: str = "",
    good: str = "less",
    then: str = "the week before",
) -> tuple[str, bool | None]:
    if now is None or before is None:
        return f"no figure {then}" if before is None else "–", None
    moved = round(now - before, 2)
    if not moved:
        return f"as {then}", None
    better = (moved < 0) == (good == "less") if good else None
    return f"{moved:+,g}{unit} against {then}", better


def _rejection_cards(figures: Figures) -> list[tuple[str, str, str, bool | None]]:
    now, before = figures["trend"][-1], figures["trend"][-2]
    rates = [
        None if row["rejection_rate"] is None else 100 * row["rejection_rate"]
        for row in (now, before)
    ]
    rate = percent(now["rejection_rate"])
    few = f" ({now['first_rejected']} of {now['decided']})" if now["decided"] else ""
    change, _ = _change(*_rounded(rates), unit=" points")
    # What chance alone brings about is neither good nor bad.
    good = {"above": False, "below": True}.get(control.verdict(figures["trend"]))
    return [
        ("rejection rate" + few, rate, change, good),
        (
            "numbers first rejected",
            str(now["first_rejected"]),
            *_change(now["first_rejected"], before["first_rejected"], good=""),
        ),
        (
            "numbers decided",
            str(now["decided"]),
            *_change(now["decided"], before["decided"], good=""),
        ),
    ]


def _rounded(values: list[float | None]) -> list[float | None]:
    return [None if value is None else round(value, 1) for value in values]


def _turnaround_cards(figures: Figures) -> list[tuple[str, str, str, bool | None]]:
    before, median = figures["week_before"], figures["chain"]["median"]
    return [
        (
            "business days, median",
            "–" if median is None else str(median),
            *_change(median, before["median"], unit=" days"),
        ),
        ("numbers open", str(figures["open"]), *_change(figures["open"], before["open"], good="")),
        (
            "of them past the target",
            str(figures["past_target"]),
            *_change(figures["past_target"], before["past_target"]),
        ),
    ]


def _reconciliation_cards(figures: Figures) -> list[tuple[str, str, str, bool | None]]:
    total, differing, earlier = figures["total"], figures["differing"], figures["earlier"]
    then, was = "the week before", {"total": None, "differing": None}
    if earlier:
        moment = datetime.fromisoformat(earlier["as_of"]).astimezone(zone(figures.timezone))
        then, was = f"{moment:%B} {moment.day}", earlier
    agreed = None if was["total"] is None else was["total"] - was["differing"]
    return [
        ("numbers compared", f"{total:,}", *_change(total, was["total"], good="", then=then)),
        (
            "agree",
            f"{total - differing:,}",
            *_change(total - differing, agreed, good="", then=then),
        ),
        ("do not agree", f"{differing:,}", *_change(differing, was["differing"], then=then)),
    ]


def _rejection_advice(figures: Figures) -> list[str]:
    lines: list[str] = []
    worst, more, call = (
        figures.figures.get(name) for name in ("costly", "cause_grew", "carrier_to_call")
    )
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
            f"Most time goes by in “{words(slow['status'])}” (median {slow['median']:.1f} "
            "days): look there first."
        )
    known = [row for row in figures["by_losing_carrier"] if row["median"] is not None]
    if len(known) > 1:
        slow = max(known, key=lambda row: row["median"])
        lines.append(
            f"Call {slow['losing_carrier']}: its ports take {slow['median']} business days "
            f"(median of {counted(slow['n'], 'number')})."
        )
    return lines


def _reconciliation_advice(figures: Figures) -> list[str]:
    rows = [row for row in figures["classes"] if row["numbers"] and row["class"] != "agreed"]
    return [
        f"{words(row['class']).capitalize()}, {counted(row['numbers'], 'number')}: "
        f"{row['what_to_do']}."
        for row in rows
    ]


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


def _rejections_headline(figures: Figures) -> list[str]:
    decided, rejected = figures["decided"], figures["first_rejected"]
    if not decided and not figures["rejections_by_cause"]:
        return [f"No number was decided in {figures.week}: nothing was completed or rejected."]
    if not decided:
        lines = [f"No number had its first decision in {figures.week}."]
    else:
        lines = [
            (
                f"{rejected} of {counted(decided, 'number')} decided in {figures.week} "
                f"{'was' if rejected == 1 else 'were'} first rejected "
                f"({percent(figures['rejection_rate'])})."
            )
        ]
    causes = figures["rejections_by_cause"]
    if causes:
        top = causes[0]
        lines.append(
            f"The most frequent cause was {words(top['cause'])}: {top['count']} of "
            f"{counted(sum(each['count'] for each in causes), 'rejection')}."
        )
    return lines


def _turnaround_headline(figures: Figures) -> list[str]:
    chain = figures["chain"]
    if not chain["n"]:
        return ["No number was submitted in the period, so there is no turnaround to show."]
    if not chain["completed"]:
        return [
            (
                f"None of {counted(chain['n'], 'number')} has been completed so far, so there is no "
                "turnaround to show yet."
            )
        ]
    if chain["median"] is None:
        return [
            (
                f"Less than half of {chain['n']} numbers have been completed, so there is no median "
                "turnaround yet."
            )
        ]
    line = (
        f"Half of the numbers were ported within {chain['median']} business days of their first "
        f"submission ({counted(chain['n'], 'number')}, {chain['completed']:,} completed)."
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
    name = words(worst["class"])
    share = part(worst["numbers"], differing).capitalize()
    most = f"{share} of them: {name} ({worst['what_to_do']})."
    return [f"{differing:,} of {total:,} numbers do not agree.", most]
