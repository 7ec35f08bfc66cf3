"""What the scorecard says: which carriers do well, and which warnings to believe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from portops.reporting import provenance
from portops.results.displays import Card
from portops.results.figures import Summary
from portops.wording import counted, percent, words

if TYPE_CHECKING:
    from portops.results.figures import Figures

CAPTIONS = {
    "carriers": "Losing carriers, numbers submitted in the last twelve weeks",
    "checks": "Warnings: requests rejected for a cause that the warning names",
}

#: Requests with a warning below which nothing is said of it.
ENOUGH = 5

#: Carriers and warnings that the page gives advice about.
_NAMED = 3


def summarized(figures: Figures) -> Figures:
    """Return the figures with what they say."""
    summary = Summary(
        headline=tuple(_headline(figures)),
        cards=tuple(_cards(figures)),
        actions=tuple(_actions(figures)),
        captions=CAPTIONS,
        source=provenance.sentence_of_events(figures.parameters["data"]),
    )
    return replace(figures, summary=summary)


def apart(figures: Figures) -> list[dict[str, Any]]:
    """Return the carriers whose whole interval lies below the acceptance of all, the worst first."""
    overall = figures["all"]["acceptance"]
    rows = [row for row in figures["carriers"] if row["high"] is not None]
    return sorted(
        (row for row in rows if overall is not None and row["high"] < overall),
        key=lambda row: (row["acceptance"], row["losing_carrier"]),
    )


def comes_true(row: dict[str, Any]) -> bool:
    """Tell whether a warning is followed by its rejection more often than chance and enough say so."""
    return bool(row["low"] is not None and row["low"] > 0 and row["with"]["requests"] >= ENOUGH)


def _headline(figures: Figures) -> list[str]:
    every = figures["all"]
    if not every["submitted"]:
        return ["No number was submitted in these twelve weeks."]
    if every["acceptance"] is None:
        return [f"None of {counted(every['submitted'], 'submitted number')} has an answer yet."]
    answered = every["accepted"] + every["rejected"]
    line = (
        f"{percent(every['acceptance'])} of {counted(answered, 'answered number')} were accepted on "
        f"the first try in the last twelve weeks; {every['open']:,} are still open."
    )
    lines = [line]
    worst = apart(figures)
    if worst:
        row = worst[0]
        lines.append(
            f"{row['losing_carrier']} accepts fewer than the rest: {percent(row['acceptance'])} "
            f"(between {percent(row['low'])} and {percent(row['high'])})."
        )
    else:
        lines.append("No carrier stands out: the differences are within normal variation.")
    return lines


def _cards(figures: Figures) -> list[Card]:
    carriers, checks = figures["carriers"], figures["checks"]
    late = sum(row["past_target"] for row in carriers)
    open_ = sum(row["open"] for row in carriers)
    proven = sum(comes_true(row) for row in checks)
    every = figures["all"]
    return [
        Card(
            "accepted on the first try",
            percent(every["acceptance"]),
            f"{every['open']:,} of {every['submitted']:,} still open",
        ),
        Card("past their target", f"{late:,}", f"of {open_:,} open numbers"),
        Card("warnings that come true", f"{proven}", f"of {len(checks)} seen so far"),
    ]


def _actions(figures: Figures) -> list[str]:
    lines = []
    for row in apart(figures)[:_NAMED]:
        cause = f", most often for {words(row['top_cause'])}" if row["top_cause"] else ""
        lines.append(
            f"{row['losing_carrier']}: check requests twice before submitting; it accepts "
            f"{percent(row['acceptance'])}{cause}."
        )
    for row in figures["checks"]:
        if comes_true(row) and len(lines) < 2 * _NAMED:
            lines.append(
                f"Fix {row['code']} before submitting: {row['with']['rejected']} of "
                f"{counted(row['with']['requests'], 'request')} with it were rejected for it, "
                f"{row['without']['rejected']} of {row['without']['requests']} without."
            )
    return lines
