"""What a forecast gives: how much of each planned request will be accepted on the first try."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from portops.results.displays import Tables
from portops.wording import counted, percent

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The forecast of a plan's ready requests.

    `requests` has a row per request: `request, losing_carrier, numbers, acceptance, low, high`
    (shares, missing where nothing was decided yet) and `reasons` (words). `learned_from` is how
    many decided requests it was learned from.
    """

    requests: pd.DataFrame = field(repr=False)
    learned_from: int

    @property
    def numbers(self) -> int:
        """How many numbers are ready to be submitted."""
        return int(self.requests["numbers"].sum())

    @property
    def acceptance(self) -> float | None:
        """The share of all numbers that is expected to be accepted; None where nothing is known."""
        if not self.learned_from or not self.numbers:
            return None
        rows = self.requests
        return round(float((rows["acceptance"] * rows["numbers"]).sum()) / self.numbers, 6)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        rows = self.requests.astype(object).where(self.requests.notna(), None)
        return {
            "acceptance": self.acceptance,
            "learned_from": self.learned_from,
            "requests": rows.to_dict("records"),
        }

    def summary(self) -> str:
        """Say what to expect of the batch, and on how much that rests."""
        if not self.learned_from:
            return "No forecast yet: no submitted request has an answer to learn from."
        if self.acceptance is None:
            return "No forecast: no request is ready."
        few = " That is few: take it as a first guess." if self.learned_from < 30 else ""
        return (
            f"About {percent(self.acceptance)} of {counted(self.numbers, 'number')} will be accepted "
            f"on the first try, judging by {counted(self.learned_from, 'answered request')}.{few}"
        )

    def shown(self) -> pd.DataFrame:
        """Return what a person reads, the least sure of acceptance first."""
        rows = self.requests.sort_values(["acceptance", "request"], kind="stable")
        return rows.assign(
            acceptance=[percent(share) for share in rows["acceptance"]],
            range=[
                f"{percent(low).rstrip('%')}–{percent(high)}"
                for low, high in zip(rows["low"], rows["high"], strict=True)
            ],
        )[["request", "losing_carrier", "numbers", "acceptance", "range", "reasons"]]

    def _repr_html_(self) -> str:
        table = Tables([("", self.shown().head(200))])._repr_html_() if self.learned_from else ""
        return f"<p><b>{self.summary()}</b></p>{table}"
