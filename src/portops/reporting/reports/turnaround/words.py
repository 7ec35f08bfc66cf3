"""What the turnaround says: the answer, the figures that lead, and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portops.reporting import provenance
from portops.reporting.changes import change
from portops.results.displays import Card
from portops.results.figures import Summary
from portops.wording import counted, percent

if TYPE_CHECKING:
    from portops.results.figures import Figures

CAPTIONS = {
    "by_line_type": "By line type",
    "by_losing_carrier": "By losing carrier",
    "chain": "From the first submission of a number, through rejections and corrections",
    "naive": "Counting only completed ports (looks better than the truth: slow ports are still "
    "open)",
    "open_by_age": "Open numbers by age in business days",
    "past_target": "Of these past their target",
    "request": "Within one request alone",
    "calendar": "Agreed port dates of the next ten business days",
    "past_target_waits": "Past their target, by who has to act next",
    "stages": "Days in each status",
}


#: What to do about numbers past their target, by who they wait for; of agreed dates nothing.
_NEXT = {
    "customer": "wait for a signature: remind the authorized representative.",
    "desk": "wait on us: correct and resubmit them (portops corrections FILE.xlsx).",
    "provider": "are with the provider: ask the provider about them.",
    "carrier": "are with the losing carrier: call the carrier.",
    "overdue": "did not port on their agreed date: ask the provider.",
}

#: A share so close to half counts as half for the eye, and days that long are a plateau.
_NEARLY_HALF, _PLATEAU_DAYS = 0.45, 3


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
        f"submission{_band(figures)} ({counted(chain['n'], 'number')}, {chain['completed']:,} "
        f"completed, {figures['open']:,} still open).{_plateau(figures)}"
    )
    naive = figures["naive"]["median"]
    if naive is not None and naive != chain["median"]:
        line += f" Counting only completed ports: {naive}."
    return line


def _band(figures: Figures) -> str:
    """Say between which days the median lies."""
    low, high = figures["median_band"]["low"], figures["median_band"]["high"]
    if low is None:
        return ""
    return f" (between {low} and {high})" if high is not None else f" ({low} at least)"


def _plateau(figures: Figures) -> str:
    """Say how much was done long before the median, where the curve stays just above half."""
    before = [row for row in figures["curve"] if row["open"] > 0.5 + 1e-9]
    if not before or 1 - before[-1]["open"] < _NEARLY_HALF:
        return ""
    reached, level = before[-1], before[-1]["open"]
    day = next(row["day"] for row in before if row["open"] - level < 0.005)
    if figures["chain"]["median"] - day < _PLATEAU_DAYS:
        return ""
    return f" {percent(1 - reached['open'])} were done by day {day} already."


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
    for row in figures["past_target_waits"]:
        if row["who"] in _NEXT:
            count = counted(row["numbers"], "number")
            verb = "is" if row["numbers"] == 1 else "are"
            lines.append(f"{count} {verb} past their target and {_NEXT[row['who']]}")
    carriers = [row for row in figures["by_losing_carrier"] if row["median"] is not None]
    if any(row["who"] == "carrier" for row in figures["past_target_waits"]) and len(carriers) > 1:
        slow = max(carriers, key=lambda row: row["median"])
        lines.append(
            f"Call {slow['losing_carrier']} first: its ports take {slow['median']} business days "
            f"(median of {counted(slow['n'], 'number')})."
        )
    return lines
