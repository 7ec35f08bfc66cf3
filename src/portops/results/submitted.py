"""What a submission gives: what became of each planned request."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.facts import agreement
from portops.results.displays import Tables
from portops.wording import counted

if TYPE_CHECKING:
    from portops.errors import PortopsError
    from portops.results.planned import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one planned request.

    `status` is `submitted`, `already_submitted`, `held_back`, `failed`, or `ready` where nothing
    was to be sent; `open` marks a failed one of which it is not known whether the provider has it.
    """

    request: str
    status: str
    request_sid: str | None
    numbers: tuple[str, ...]
    error: str | None = None
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The result of a submission.

    `planned` is the plan as it was submitted, with the provider's word on each number; `stopped`
    is the error that ended it early, if one did. `batch` is empty when nothing was to be sent.
    """

    batch: str
    planned: Planned
    outcomes: tuple[Outcome, ...]
    stopped: PortopsError | None = None

    def count(self, status: str) -> int:
        """How many requests came out so."""
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def request_sids(self) -> tuple[str, ...]:
        """The SIDs of what the provider has."""
        return tuple(outcome.request_sid for outcome in self.outcomes if outcome.request_sid)

    def as_table(self) -> pd.DataFrame:
        """One row a request: `request, status, request_sid, numbers, error`."""
        return pd.DataFrame(
            {
                "request": [outcome.request for outcome in self.outcomes],
                "status": [outcome.status for outcome in self.outcomes],
                "request_sid": [outcome.request_sid for outcome in self.outcomes],
                "numbers": [len(outcome.numbers) for outcome in self.outcomes],
                "error": [outcome.error for outcome in self.outcomes],
            }
        )

    def as_json(self) -> dict[str, Any]:
        """Return the result as plain values: counts, and each request with its SID."""
        return {
            "batch": self.batch,
            "submitted": self.count("submitted"),
            "already_submitted": self.count("already_submitted"),
            "held_back": self.count("held_back"),
            "failed": self.count("failed"),
            "requests": [
                {
                    "request": outcome.request,
                    "request_sid": outcome.request_sid,
                    "status": outcome.status,
                    "numbers": list(outcome.numbers),
                    "error": outcome.error,
                }
                for outcome in self.outcomes
            ],
        }

    def summary(self) -> str:
        """Say how many requests came out how."""
        before, held = self.count("already_submitted"), self.count("held_back")
        if not self.batch:
            return (
                f"{counted(self.count('ready'), 'request')} would be submitted; {before:,} "
                f"submitted before, {held:,} held back. Nothing was sent."
            )
        unwritten = sum(o.status == "failed" and o.request_sid is not None for o in self.outcomes)
        told = (
            f"{self.count('submitted'):,} submitted, {before:,} submitted before, {held:,} "
            f"held back, {self.count('failed') - unwritten:,} failed."
        )
        if unwritten:
            told += (
                f" {counted(unwritten, 'more request')} reached the provider and could not be "
                "written to the store: when the store works again, run the same command again. "
                "It asks the provider first."
            )
        return told

    def _repr_html_(self) -> str:
        head = f"<p><b>{self.summary()}</b>"
        if self.batch:
            head += f" Batch <code>{self.batch}</code></p>"
        else:
            points = "".join(f"<li>{escape(point)}</li>" for point in agreement.POINTS)
            head += f"</p><p>Who submits agrees to this:</p><ol>{points}</ol>"
        return head + Tables([("", self.as_table())], unknown="")._repr_html_()
