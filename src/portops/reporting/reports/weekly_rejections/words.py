"""What the weekly rejections say: the answer, the figures that lead, and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from portops.facts.dates import days_of, moment_of_day
from portops.reporting import control, provenance
from portops.results.displays import Card
from portops.results.figures import Summary
from portops.wording import counted, percent, words

if TYPE_CHECKING:
    from portops.results.figures import Figures

#: Actions that the page and the mail show.
SHOWN_ACTIONS = 5

#: A cohort with no larger share of it open counts as answered.
_NEARLY_NONE = 0.1

CAPTIONS = {
    "by_customer": "By customer",
    "by_line_type": "By line type",
    "by_losing_carrier": "By losing carrier",
    "by_operator": "By the person who submitted",
    "by_workbook": "By workbook",
    "cohorts": "First tries by the week they were submitted",
    "costly": "The five requests that cost most",
    "deadlines": "Due within seven days",
    "rejections_by_cause": "Rejections by cause",
    "trend": "First answers of the last twelve weeks",
    "waiting": "Open numbers by who has to act next",
}

#: Of days of one's own choice.
_PERIOD_CAPTIONS = {
    **CAPTIONS,
    "cohorts": "First tries by when they were submitted",
    "trend": "First answers of the last twelve periods",
}

_WAIT_FOR = {
    "customer": "on the customer's signature",
    "desk": "on us",
    "provider": "on the provider",
    "carrier": "on the losing carrier",
    "scheduled": "for an agreed port date",
    "overdue": "past their port date",
}


def summarized(figures: Figures) -> Figures:
    """Return the figures with what they say."""
    summary = Summary(
        headline=tuple(_headline(figures)),
        cards=tuple(_cards(figures)),
        actions=tuple(action_words(row) for row in figures["actions"][:SHOWN_ACTIONS]),
        captions=_PERIOD_CAPTIONS if "/" in figures.week else CAPTIONS,
        source=provenance.sentence_of_events(figures.parameters["data"]),
    )
    return replace(figures, summary=summary)


def action_words(row: dict[str, Any]) -> str:
    """Say whom an action is about, then what to do: one line per request."""
    names = [name for name in (row["customer_name"], row["request"]) if name]
    about = ", ".join(dict.fromkeys(names)) or row["request_sid"]
    return f"{about}: {row['next_action']}."


def newest(figures: Figures) -> dict[str, Any] | None:
    """Return the newest cohort of which anything is answered; None where there is none."""
    rows = [row for row in figures["cohorts"] if row["acceptance"] is not None]
    return rows[-1] if rows else None


def settled_before(figures: Figures, cohort: dict[str, Any]) -> dict[str, Any] | None:
    """Return the newest earlier cohort that is nearly all answered: one to compare with."""
    rows = figures["cohorts"][: figures["cohorts"].index(cohort)]
    settled = [row for row in rows if row["acceptance"] is not None and _is_settled(row)]
    return settled[-1] if settled else None


def _is_settled(row: dict[str, Any]) -> bool:
    return bool(row["open"] <= _NEARLY_NONE * row["submitted"])


def reach(row: dict[str, Any]) -> tuple[float, float]:
    """Return the acceptance a cohort ends with if every open number is rejected, or accepted."""
    counting = row["accepted"] + row["rejected"] + row["open"]
    return row["accepted"] / counting, (row["accepted"] + row["open"]) / counting


def expected(row: dict[str, Any]) -> str:
    """Write a cohort's acceptance; a range while much of it is open."""
    if _is_settled(row):
        return percent(row["acceptance"])
    low, high = reach(row)
    return f"{percent(low).rstrip('%')}–{percent(high)}"


def _headline(figures: Figures) -> list[str]:
    lines = [_of_cohort(figures), _of_waiting(figures), _of_deadlines(figures)]
    refused = figures["rejected_not_resubmitted"]
    if refused["numbers"]:
        verb = "has" if refused["numbers"] == 1 else "have"
        lines.append(
            f"{counted(refused['numbers'], 'rejected number')} in "
            f"{counted(refused['requests'], 'request')} {verb} not been resubmitted."
        )
    return [line for line in lines if line]


def _of_cohort(figures: Figures) -> str:
    row = newest(figures)
    if row is None:
        submitted = sum(row["submitted"] for row in figures["cohorts"])
        if not submitted:
            return f"No number was submitted in the twelve weeks to {days_of(figures.week)}."
        return f"None of {counted(submitted, 'submitted number')} has its first answer yet."
    line = (
        f"Of {counted(row['submitted'], 'number')} submitted {days_of(row['week'])}, "
        f"{row['accepted']:,} were accepted on the first try and {row['rejected']:,} rejected"
    )
    if _is_settled(row):
        return f"{line} ({percent(row['acceptance'])} accepted)."
    return (
        f"{line}; {row['open']:,} are still open. Rejections come first, so it will end between "
        f"{percent(reach(row)[0])} and {percent(reach(row)[1])} accepted."
    )


def _of_waiting(figures: Figures) -> str:
    rows = [row for row in figures["waiting"] if row["numbers"]]
    if not rows:
        return "No number is open."
    total = sum(row["numbers"] for row in rows)
    rows.sort(key=lambda row: -row["numbers"])
    parts = ", ".join(f"{row['numbers']:,} {_WAIT_FOR[row['who']]}" for row in rows)
    return f"{counted(total, 'open number')} wait: {parts}." if total > 1 else f"1 waits: {parts}."


def _of_deadlines(figures: Figures) -> str:
    letters = [row for row in figures["deadlines"] if row["what"] == "letter_expires"]
    if not letters:
        return ""
    numbers, first = sum(row["numbers"] for row in letters), letters[0]
    whom = first["customer_name"] or first["request"] or first["request_sid"]
    return (
        f"The letters of {counted(numbers, 'number')} expire unsigned within seven days, the first "
        f"({whom}) on {moment_of_day(first['due'], figures.timezone)}."
    )


def _cards(figures: Figures) -> list[Card]:
    ours = next(row for row in figures["waiting"] if row["who"] == "desk")
    letters = [row for row in figures["deadlines"] if row["what"] == "letter_expires"]
    expiring = sum(row["numbers"] for row in letters)
    refused = figures["rejected_not_resubmitted"]
    # What chance alone brings about is neither good nor bad.
    good = {"above": False, "below": True}.get(control.verdict(figures["trend"]))
    last, week_before = figures["trend"][-1], figures["trend"][-2]
    unit = "period" if "/" in figures.week else "week"
    return [
        _acceptance(figures),
        Card(
            "rejected and not resubmitted",
            f"{refused['numbers']:,}",
            f"in {counted(refused['requests'], 'request')}",
            False if refused["numbers"] else None,
        ),
        Card(
            "letters that expire within 7 days",
            f"{expiring:,}",
            f"numbers, in {counted(len(letters), 'request')}",
            False if expiring else None,
        ),
        Card(
            "waiting on us",
            f"{ours['numbers']:,}",
            f"oldest: {counted(ours['oldest_business_days'], 'business day')}"
            if ours["numbers"]
            else "nothing",
        ),
        Card(
            f"first answers this {unit} that were rejections",
            f"{last['first_rejected']} of {last['decided']}",
            _against(last, week_before, unit),
            good,
        ),
    ]


def _acceptance(figures: Figures) -> Card:
    """Set the newest cohort beside the last one that is answered."""
    row = newest(figures)
    if row is None:
        return Card("accepted on the first try", "–", "no answer yet")
    before = settled_before(figures, row)
    label = f"accepted on the first try, submitted {days_of(row['week'])}"
    if before is None:
        return Card(label, expected(row), "no earlier week to compare with")
    then, (low, high) = before["acceptance"], reach(row)
    # A range says something only where all of it is on one side.
    good = True if low > then else False if high < then else None
    moved = f"{percent(then)} of {days_of(before['week'])}"
    return Card(label, expected(row), moved, good)


def _against(last: dict[str, Any], before: dict[str, Any], unit: str) -> str:
    """Say how many were rejected in the period before."""
    return f"{before['first_rejected']} of {before['decided']} the {unit} before"


def top_cause(figures: Figures) -> str:
    """Name the most frequent cause of the week."""
    causes = figures["rejections_by_cause"]
    return words(causes[0]["cause"]) if causes else "–"
