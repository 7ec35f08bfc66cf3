"""What the turnaround says: the answer, the figures that lead, and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portops.reporting import provenance
from portops.reporting.changes import change
from portops.results.displays import Card
from portops.results.figures import Summary
from portops.wording import counted, words

if TYPE_CHECKING:
    from portops.results.figures import Figures

CAPTIONS = {
    "by_line_type": "By line type",
    "by_losing_carrier": "By losing carrier",
    "chain": "From the first submission of a number, through rejections and corrections",
    "naive": "Completed ports alone (naive: it looks better than the truth, since slow ports are "
    "still open)",
    "open_by_age": "Open numbers by age in business days",
    "past_target": "Of these past their target",
    "request": "Within one request alone",
    "stages": "Days in each status",
}


def summarized(figures: Figures) -> Figures:
    """Return the figures with what they say."""
    summary = Summary(
        headline=(_headline(figures),),
        cards=tuple(_cards(figures)),
        actions=tuple(_actions(figures)),
        captions=CAPTIONS,
        source=provenance.sentence_of_events(figures.parameters["data"]),
    )
    return replace(figures, summary=summary)


def _headline(figures: Figures) -> str:
    chain = figures["chain"]
    if not chain["n"]:
        return "No number was submitted in the period, so there is no turnaround to show."
    if not chain["completed"]:
        return (
            f"None of {counted(chain['n'], 'number')} has been completed so far, so there is no "
            "turnaround to show yet."
        )
    if chain["median"] is None:
        return (
            f"Less than half of {chain['n']} numbers have been completed, so there is no median "
            "turnaround yet."
        )
    line = (
        f"Half of the numbers were ported within {chain['median']} business days of their first "
        f"submission ({counted(chain['n'], 'number')}, {chain['completed']:,} completed)."
    )
    naive = figures["naive"]["median"]
    if naive is not None and naive != chain["median"]:
        line += f" Completed ports alone would say {naive}."
    return line


def _cards(figures: Figures) -> list[Card]:
    before, median = figures["week_before"], figures["chain"]["median"]
    return [
        Card(
            "business days, median",
            "–" if median is None else str(median),
            *change(median, before["median"], unit=" days"),
        ),
        Card(
            "numbers open",
            str(figures["open"]),
            *change(figures["open"], before["open"], good=""),
        ),
        Card(
            "of them past the target",
            str(figures["past_target"]),
            *change(figures["past_target"], before["past_target"]),
        ),
    ]


def _actions(figures: Figures) -> list[str]:
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
    carriers = [row for row in figures["by_losing_carrier"] if row["median"] is not None]
    if len(carriers) > 1:
        slow = max(carriers, key=lambda row: row["median"])
        lines.append(
            f"Call {slow['losing_carrier']}: its ports take {slow['median']} business days "
            f"(median of {counted(slow['n'], 'number')})."
        )
    return lines
