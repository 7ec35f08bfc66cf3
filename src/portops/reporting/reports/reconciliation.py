"""Reconciliation: where the store and the provider do not agree, number by number, right now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from portops.errors import InputError
from portops.facts.business_time import DEFAULT_ZONE, week_name, zone
from portops.reporting import provenance
from portops.reporting.changes import change
from portops.reporting.charts import BAND, MAIN, SECOND, Chart, canvas, count_along, nothing
from portops.reporting.report import Report, Sources
from portops.results.displays import Card
from portops.results.figures import Figures, Summary
from portops.results.reconciled import CLASSES
from portops.wording import counted, part, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from portops.reporting.periods import Period
    from portops.results.reconciled import Reconciled

#: Numbers that the report lists; the ledger has them all.
SHOWN = 200

CAPTIONS = {
    "classes": "Every number in one class",
    "differing_numbers": "Numbers to work on: the first 200; portops reconcile writes all of them",
}

_LISTED = [
    "phone_number",
    "class",
    "request_sid",
    "store_status",
    "provider_status",
    "days_quiet",
    "differences",
]
#: What is compared: a number that changes in one of these gives other figures.
_COMPARED = [
    "phone_number",
    "request_sid",
    "store_status",
    "provider_request_sid",
    "provider_status",
    "last_event_at",
    "differences",
]


def figures_of(result: Reconciled, week: str = "", timezone: str = DEFAULT_ZONE) -> Figures:
    """Return the figures of a reconciliation; the week is that of the comparison, unless given."""
    numbers = result.numbers[result.numbers["class"] != "agreed"].head(SHOWN)
    plain = numbers[_LISTED].astype(object).where(numbers[_LISTED].notna(), None)
    before = result.earlier
    figures = Figures(
        report="reconciliation",
        week=week or week_name(result.as_of.astimezone(zone(timezone)).date()),
        as_of=f"{result.as_of:%Y-%m-%dT%H:%M:%SZ}",
        timezone=timezone,
        parameters={"shown": SHOWN, "data": provenance.of_numbers(result.numbers[_COMPARED])},
        figures={
            "total": result.total,
            "differing": result.differing,
            "inventory_only": result.inventory_only,
            "earlier": before
            and {
                "as_of": f"{before.as_of:%Y-%m-%dT%H:%M:%SZ}",
                "total": before.total,
                "differing": before.differing,
            },
            "classes": [
                {
                    "class": name,
                    "numbers": count,
                    "before": before and before.counts.get(name, 0),
                    "which": CLASSES[name][0],
                    "what_to_do": CLASSES[name][1],
                }
                for name, count in result.counts.items()
            ],
            "differing_numbers": plain.to_dict("records"),
        },
    )
    summary = Summary(
        headline=tuple(_headline(figures)),
        cards=tuple(_cards(figures)),
        actions=tuple(_actions(figures)),
        captions=CAPTIONS,
        source=provenance.sentence_of_numbers(figures.parameters["data"], figures.local()),
    )
    return replace(figures, summary=summary)


def _figures(
    sources: Sources, *, period: Period, timezone: str, as_of: datetime | None = None
) -> Figures:
    if as_of is not None:
        raise InputError("A reconciliation is of now, not of another time.", "Leave `as_of` out.")
    return figures_of(sources.reconciled(), period.name, timezone)


def _headline(figures: Figures) -> list[str]:
    total, differing = figures["total"], figures["differing"]
    if not total:
        return ["There is nothing to compare: no number was submitted, and the provider has none."]
    if not differing:
        return [f"All {total:,} numbers agree."]
    worst = max(
        (row for row in figures["classes"] if row["class"] != "agreed"),
        key=lambda row: int(row["numbers"]),
    )
    share = part(worst["numbers"], differing).capitalize()
    most = f"{share} of them: {words(worst['class'])} ({worst['what_to_do']})."
    return [f"{differing:,} of {total:,} numbers do not agree.", most]


def _cards(figures: Figures) -> list[Card]:
    total, differing, earlier = figures["total"], figures["differing"], figures["earlier"]
    then, was = "the week before", {"total": None, "differing": None}
    if earlier:
        moment = datetime.fromisoformat(earlier["as_of"]).astimezone(zone(figures.timezone))
        then, was = f"{moment:%B} {moment.day}", earlier
    agreed = None if was["total"] is None else was["total"] - was["differing"]
    agreeing = total - differing
    return [
        Card("numbers compared", f"{total:,}", *change(total, was["total"], good="", then=then)),
        Card("agree", f"{agreeing:,}", *change(agreeing, agreed, good="", then=then)),
        Card("do not agree", f"{differing:,}", *change(differing, was["differing"], then=then)),
    ]


def _actions(figures: Figures) -> list[str]:
    return [
        f"{words(row['class']).capitalize()}, {counted(row['numbers'], 'number')}: "
        f"{row['what_to_do']}."
        for row in figures["classes"]
        if row["numbers"] and row["class"] != "agreed"
    ]


def classes(figures: Figures) -> Chart:
    """Draw how many numbers do not agree, by class, with what it was in an earlier week."""
    listed = ", ".join(
        f"{words(row['class'])} {row['numbers']:,}" for row in figures["classes"] if row["numbers"]
    )
    about = f"Bars of the numbers in each class: {listed or 'none'}."
    rows = [
        row
        for row in figures["classes"]
        if row["class"] != "agreed" and (row["numbers"] or row["before"])
    ]
    total, differing = figures["total"], figures["differing"]
    if not rows:
        message = f"All {total:,} numbers agree." if total else "There is nothing to compare."
        return nothing(message, about)
    rows.sort(key=lambda row: (-row["numbers"], row["class"]))
    with canvas(1.7 + 0.45 * len(rows)) as (figure, axes):
        _draw_bars(axes, rows)
        then = " (dark: now, light: in the earlier week)" if figures["earlier"] else ""
        axes.set_xlabel(f"numbers that do not agree{then}")
        first = words(rows[0]["class"])
        most = f", {part(rows[0]['numbers'], differing)} of them {first}" if differing else ""
        axes.set_title(f"{differing:,} of {total:,} numbers do not agree{most}")
    return Chart(figure, about)


def _draw_bars(axes: Axes, rows: list[dict[str, Any]]) -> None:
    """Draw a bar a class: now within what it was before, with both counts beside it."""
    names = [words(row["class"]) for row in rows]
    now, before = ([row[name] or 0 for row in rows] for name in ("numbers", "before"))
    ends = [max(pair) for pair in zip(now, before, strict=True)]
    axes.barh(names, before, color=BAND, height=0.66)
    axes.barh(names, now, height=0.34, color=[SECOND, *[MAIN] * (len(rows) - 1)])
    for place, (row, end) in enumerate(zip(rows, ends, strict=True)):
        was = "" if row["before"] is None else f" (was {row['before']:,})"
        axes.text(
            end + max(ends) * 0.015, place, f"{row['numbers']:,}{was}", va="center", fontsize=10
        )
    axes.invert_yaxis()
    axes.set_xlim(0, max(ends) * 1.2)
    count_along(axes.xaxis, ticks=5)
    axes.tick_params(axis="y", length=0)


REPORT = Report(
    name="reconciliation",
    title="Reconciliation",
    about="Where the store and the provider do not agree, number by number.",
    figures=_figures,
    parameters=("week", "provider", "timezone"),
    needs_provider=True,
    of_now=True,
    charts={"classes": classes},
    index={"do not agree": lambda figures: f"{figures['differing']:,} of {figures['total']:,}"},
    order=30,
)
