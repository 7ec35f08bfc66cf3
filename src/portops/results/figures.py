"""Figures: what a report shows, as plain values; the same for the page, the JSON and the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Any

import pandas as pd

from portops.facts.business_time import zone
from portops.results.displays import Advice, Card, Cards, Line, Tables

#: A provider's id tells a person least, so it comes last.
_LAST = ("request_sid",)

#: The notebook's output carries the figures under this type, so that nothing is computed twice.
MIME = "application/vnd.portops.figures+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a report says of its figures, as data.

    `headline` is the answer in a sentence or two, `cards` the figures that lead, `actions` what to
    do, `captions` what is written above each table, `source` what the figures were made of.
    """

    headline: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    actions: tuple[str, ...] = ()
    captions: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Every figure of one report.

    `week` is an ISO week, or an interval of days such as `2026-11-01/2026-11-15`. `parameters` are
    what the figures depend on besides the store; `figures` is as the published description of the
    JSON says. `summary` is what the report says of them; it is no part of the JSON.
    """

    report: str
    week: str
    as_of: str
    timezone: str
    parameters: dict[str, Any]
    figures: dict[str, Any]
    summary: Summary = field(default_factory=Summary)

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

    def as_output(self) -> dict[str, Any]:
        """Return what a notebook's output keeps: `as_json()`, and the summary."""
        summary = self.summary
        return {
            **self.as_json(),
            "summary": {
                "headline": list(summary.headline),
                "cards": [list(card) for card in summary.cards],
                "actions": list(summary.actions),
                "captions": dict(summary.captions),
                "source": summary.source,
            },
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Figures:
        """Return the figures of `as_json()` or `as_output()`; raises KeyError when it is neither."""
        words = document.get("summary", {})
        return cls(
            **{name: document[name] for name in ("report", "week", "as_of", "timezone")},
            parameters=document["parameters"],
            figures=document["figures"],
            summary=Summary(
                headline=tuple(words.get("headline", ())),
                cards=tuple(Card(*card) for card in words.get("cards", ())),
                actions=tuple(words.get("actions", ())),
                captions=words.get("captions", {}),
                source=words.get("source", ""),
            ),
        )

    def table(self, name: str) -> pd.DataFrame:
        """Return one figure as a table: a list of rows as it is, one row for a group."""
        value = self.figures[name]
        if not isinstance(value, list | dict):
            value = {name: value}
        rows = value if isinstance(value, list) else [value]
        nested = any(isinstance(cell, dict) for row in rows for cell in row.values())
        return pd.json_normalize(rows, sep="_") if nested else pd.DataFrame(rows)

    def show(self, *names: str) -> Tables:
        """Return figures as tables to be looked at, each with its caption."""
        return Tables(
            [(self.summary.captions.get(name, ""), _readable(self.table(name))) for name in names],
            timezone=self.timezone,
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        head = "\n".join(f"<p class='headline'>{escape(line)}</p>" for line in self.headline())
        return {
            MIME: self.as_output(),
            "text/html": f"{head}\n{self.cards()._repr_html_()}\n{self.period()._repr_html_()}",
            "text/plain": "\n".join(self.headline()),
        }

    def headline(self) -> list[str]:
        """Say the answer in a sentence or two."""
        return list(self.summary.headline)

    def cards(self) -> Cards:
        """Return the figures that lead, each with its change since the time before."""
        return Cards(self.summary.cards)

    def advice(self) -> Advice:
        """Return what to do about it, in sentences."""
        return Advice(self.summary.actions)

    def local(self) -> datetime:
        """Return `as_of` in the time zone of the report."""
        return datetime.fromisoformat(self.as_of).astimezone(zone(self.timezone))

    def period(self) -> Line:
        """Say in a line which week it is about, and up to when the data was looked at."""
        last = self.local() - timedelta(seconds=1)
        return Line(
            f"{self.week}, as known on {last:%A, %B} {last.day}, {last:%Y} ({self.timezone})."
        )

    def data(self) -> Line:
        """Say in a line which data the figures were made of."""
        return Line(self.summary.source)


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its columns in the order in which people read them."""
    last = [name for name in _LAST if name in table]
    return table[[*table.columns.difference(last, sort=False), *last]]
