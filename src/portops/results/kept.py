"""What looking after the store gives: a backup, a restored store, what a check of it saw."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from portops.results.displays import Tables
from portops.wording import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was written: its file, what it holds, and its `size` in bytes."""

    file: str
    requests: int
    events: int
    size: int

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def summary(self) -> str:
        """Say what it holds."""
        return f"{counted(self.requests, 'request')}, {counted(self.events, 'event')}: {self.file}"

    def _repr_html_(self) -> str:
        return f"<p><b>{self.summary()}</b></p>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A store that was put back; `kept` is where the one before lies, None where there was none."""

    store: str
    kept: str | None
    requests: int
    events: int

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def summary(self) -> str:
        """Say what was put back."""
        return (
            f"Restored {counted(self.requests, 'request')} and {counted(self.events, 'event')} "
            f"to {self.store}."
        )

    def _repr_html_(self) -> str:
        return f"<p><b>{self.summary()}</b></p>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in a store: `where` it is, and `what` is wrong there.

    `kind` is `integrity`, `journal` or `chain`.
    """

    kind: str
    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """An audit chain: how long it is, the digest it ends with, and what vouches for it.

    `keyed` is `yes` (and the key was at hand), `no`, `empty`, `no key here` or `another key`.
    Rows from `since` on were written with the key, except those that `without` names.
    """

    name: str
    length: int
    end: str
    keyed: str
    since: int | None
    without: str

    @property
    def vouched(self) -> bool:
        """Whether the key vouches for all of it, from where it was first used."""
        return self.keyed == "empty" or (self.keyed == "yes" and not self.without)

    def summary(self) -> str:
        """Say what vouches for it."""
        name = f"The audit chain of the {_NAMES.get(self.name, self.name)}"
        if self.keyed == "no":
            return f"{name} is not keyed: rows that somebody made anew would not show."
        if self.keyed in {"no key here", "another key"}:
            other = self.keyed == "another key"
            why = "this desk has another key" if other else "the key is not at hand"
            return f"{name} is keyed, but {why}. Set PORTOPS_SECRET_KEY to check it."
        if self.keyed == "empty":
            return f"{name} is empty."
        first = f" from row {self.since:,} on" if self.since and self.since > 1 else ""
        if not self.without:
            return f"{name} is keyed{first}."
        return f"{name} is keyed{first}, but written without the key: {self.without}."


#: What people call the tables that have a chain.
_NAMES = {"events": "history"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCheck:
    """What a check of the store saw.

    `foreign` are SIDs that the history has and the journal does not: of requests that were
    imported, or made outside of portops. `chains` say how far a key vouches for journal and
    history, and where each ends: an end that was noted elsewhere shows a store that was put back.
    """

    requests: int
    events: int
    problems: tuple[Problem, ...]
    foreign: tuple[str, ...]
    chains: tuple[Chain, ...] = ()

    @property
    def vouched(self) -> bool:
        """Whether a key vouches for journal and history, and was at hand."""
        return bool(self.chains) and all(chain.vouched for chain in self.chains)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "requests": self.requests,
            "events": self.events,
            "problems": [asdict(problem) for problem in self.problems],
            "foreign": list(self.foreign),
            "chains": [asdict(chain) for chain in self.chains],
        }

    def summary(self) -> str:
        """Say in a line whether all is well."""
        holds = f"{counted(self.requests, 'request')} and {counted(self.events, 'event')} checked"
        if not self.problems:
            return f"{holds}. The store is sound."
        return f"{holds}. {counted(len(self.problems), 'problem')}."

    def _repr_html_(self) -> str:
        head = f"<p><b>{self.summary()}</b></p>"
        rows = self.as_json()["problems"]
        return head + (Tables([("", pd.DataFrame(rows))], unknown="")._repr_html_() if rows else "")
