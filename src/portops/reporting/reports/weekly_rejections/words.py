"""What the weekly rejections say: the answer, the figures that lead, and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portops.facts.causes import CAUSES
from portops.reporting import control, provenance
from portops.reporting.changes import change
from portops.results.displays import Card
from portops.results.figures import Summary
from portops.wording import counted, percent, words

if TYPE_CHECKING:
    from portops.results.figures import Figures

CAPTIONS = {
    "by_line_type": "By line type",
    "by_losing_carrier": "By losing carrier",
    "costly": "The five requests that cost most",
    "rejections_by_cause": "Rejections by cause",
    "trend": "The last twelve weeks",
}

#: Of days of one's own choice.
_PERIOD_CAPTIONS = {**CAPTIONS, "trend": "The last twelve periods"}


def summarized(figures: Figures) -> Figures:
    """Return the figures with what they say."""
    summary = Summary(
        headline=tuple(_headline(figures)),
        cards=tuple(_cards(figures)),
        actions=tuple(_actions(figures)),
        captions=_PERIOD_CAPTIONS if "/" in figures.week else CAPTIONS,
        source=provenance.sentence_of_events(figures.parameters["data"]),
    )
    return replace(figures, summary=summary)


def _headline(figures: Figures) -> list[str]:
    decided, rejected = figures["decided"], figures["first_rejected"]
    causes = figures["rejections_by_cause"]
    if not decided and not causes:
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
    if causes:
        top = causes[0]
        lines.append(
            f"The most frequent cause was {words(top['cause'])}: {top['count']} of "
            f"{counted(sum(row['count'] for row in causes), 'rejection')}."
        )
    return lines


def _cards(figures: Figures) -> list[Card]:
    now, before = figures["trend"][-1], figures["trend"][-2]
    rates = [
        None if row["rejection_rate"] is None else round(100 * row["rejection_rate"], 1)
        for row in (now, before)
    ]
    few = f" ({now['first_rejected']} of {now['decided']})" if now["decided"] else ""
    unit = "period" if "/" in figures.week else "week"
    then = f"the {unit} before"
    moved, _ = change(*rates, unit=" points", then=then)
    # What chance alone brings about is neither good nor bad.
    good = {"above": False, "below": True}.get(control.verdict(figures["trend"]))
    counts = [
        Card(label, str(now[name]), *change(now[name], before[name], good="", then=then))
        for label, name in (
            ("numbers first rejected", "first_rejected"),
            ("numbers decided", "decided"),
        )
    ]
    return [Card("rejection rate" + few, percent(now["rejection_rate"]), moved, good), *counts]


def _actions(figures: Figures) -> list[str]:
    lines: list[str] = []
    unit = "period" if "/" in figures.week else "week"
    worst, more, call = (
        figures.figures.get(name) for name in ("costly", "cause_grew", "carrier_to_call")
    )
    if worst:
        top = worst[0]
        lines.append(
            f"Fix {top['request_sid']} first ({top['losing_carrier']}, {top['rejected_numbers']} "
            f"rejected, {top['number_days']:,} number-days spent): "
            f"{CAUSES.get(top['cause'], CAUSES['other']).fix}"
        )
    if more:
        about = CAUSES.get(more["cause"], CAUSES["other"])
        lines.append(
            f"{about.label} grew: {more['count']} rejections, against {more['weekly_before']:g} a "
            f"{unit} before. {about.fix}"
        )
    if call:
        lines.append(
            f"Call {call['losing_carrier']}: it first rejected {call['first_rejected']} of the "
            f"{call['decided']} numbers it decided."
        )
    return lines
