"""A step of deriving facts: what it reads, what it adds, and what it is given beside the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from portops.redaction import Recall, forgotten
from portops.texts import groups, take

if TYPE_CHECKING:
    from portops.checks.statements import Documents
    from portops.facts.limits import Limits
    from portops.redaction import Secret


class Kept(Protocol):
    """Keeps what reading statements came to, by their contents; see `store.readings`.

    A key is made of a file's content, and gives the entry to nobody who has not got the file. A
    `reader` is the edition that read it: what another one has read is not given back.
    """

    def fetch(self, keys: Sequence[bytes], reader: str) -> Mapping[bytes, bytes]:
        """Return what is kept, where it is."""

    def keep(self, entries: Mapping[bytes, bytes], reader: str) -> None:
        """Keep what was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the facts depend on beside the rows.

    `limits` are the provider's; `today` the analyst's day; `mapping` tells which column holds which
    field; `documents` the statements that were looked at (None: none were). From the store:
    `open_numbers` (`phone_number, request_sid, account`), `refused` numbers (`phone_number,
    request_sid, cause, details`), the `pins` these were submitted with, and `recall`, which gives
    the kept PINs of numbers whose cells are masked; `kept` has statements that were read before.
    """

    limits: Limits
    today: date
    mapping: pd.DataFrame
    documents: Documents | None = None
    open_numbers: pd.DataFrame | None = None
    refused: pd.DataFrame | None = None
    pins: Mapping[str, Secret] = field(default_factory=dict)
    recall: Recall = forgotten
    kept: Kept | None = None


Columns = Mapping[str, pd.Series]


@dataclass(frozen=True, slots=True)
class Across:
    """How a step that looks at other rows as well is made of parts of the batch.

    `gather` takes of a part what the step needs to know of it, `together` makes of what was
    gathered, in the order of the parts, what each part has to know (it may ask what an earlier step
    has made, by the first of its `adds`), and `derive` gives the part's columns with that.
    """

    gather: Callable[[pd.DataFrame, Given], Any]
    together: Callable[[Sequence[Any], Given, Mapping[str, Sequence[Any]]], Sequence[Any]]
    derive: Callable[[pd.DataFrame, Given, Any], Columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: `derive` sees the columns `reads` and nothing else, and gives the columns `adds`.

    Where `distinct`, what is added depends on the row's own `reads` alone, and each distinct row of
    them is worked on once. Where it depends on other rows, `across` says how it is made of parts.
    """

    reads: Sequence[str]
    adds: Sequence[str]
    derive: Callable[[pd.DataFrame, Given], Columns]
    distinct: bool = False
    across: Across | None = None

    def run_part(self, facts: pd.DataFrame, given: Given, knowledge: Any) -> pd.DataFrame:
        """Return the facts of a part with what this step adds, where it looks at other parts."""
        assert self.across is not None  # noqa: S101 - only such steps have knowledge of others
        columns = self.across.derive(facts[list(self.reads)], given, knowledge)
        return facts.assign(**self._added(columns))

    def run(self, facts: pd.DataFrame, given: Given) -> pd.DataFrame:
        """Return the facts with the columns that this step adds."""
        seen = facts[list(self.reads)]
        if not self.distinct:
            return facts.assign(**self._added(self.derive(seen, given)))
        group, first = groups([seen[name] for name in self.reads])
        if len(first) > len(facts) // 2:
            return facts.assign(**self._added(self.derive(seen, given)))
        some = seen.iloc[first].reset_index(drop=True)
        added = self._added(self.derive(some, given))
        return facts.assign(
            **{name: take(column, group, facts.index) for name, column in added.items()}
        )

    def _added(self, columns: Columns) -> dict[str, pd.Series]:
        if set(columns) != set(self.adds):
            raise TypeError(f"a step gave {sorted(columns)} and declares {sorted(self.adds)}")
        return {name: columns[name] for name in self.adds}
