"""A provider's words in ours: its spellings of statuses, its codes of causes.

They stand in `words.toml` in the provider's own folder, and are checked when they are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import ClassVar, Literal

from portops.facts import causes, loading
from portops.facts.statuses import STATUSES

#: Whose status it is: some words mean something else of a request than of a number.
Level = Literal["request", "number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A provider's words: `statuses` maps its spellings to ours, `causes` its codes to ours.

    `of_requests` are spellings that mean something else of a request than of a number.
    """

    __pydantic_config__: ClassVar = loading.NO_OTHER_KEYS

    statuses: dict[str, str] = field(default_factory=dict)
    of_requests: dict[str, str] = field(default_factory=dict)
    causes: dict[str, str] = field(default_factory=dict)

    def status_of(self, spelling: str | None, level: Level = "number") -> str | None:
        """Translate a status; None when it is unknown. Case and separators do not count."""
        folded = fold(spelling or "")
        own = self.of_requests.get(folded) if level == "request" else None
        return own or self.statuses.get(folded)

    def cause_of(self, code: str | None, words: str | None) -> str:
        """Name the cause of a rejection: the code decides, else the words, else it is `other`."""
        return causes.cause_of(self.causes, code, words)


def fold(spelling: str) -> str:
    """Fold a spelling to its bare letters and digits."""
    return re.sub(r"[^a-z0-9]", "", spelling.casefold())


def read_words(path: Traversable) -> Words:
    """Read a provider's words; raises SettingsError with the line of what is wrong."""
    raw = loading.load(path, Words)
    for code, cause in raw.causes.items():
        causes.check_cause(path, ("causes", code), cause)
    return Words(
        statuses=_folded(path, "statuses", raw.statuses),
        of_requests=_folded(path, "of_requests", raw.of_requests),
        causes=raw.causes,
    )


def _folded(path: Traversable, table: str, spellings: dict[str, str]) -> dict[str, str]:
    """Return statuses by their folded spelling; raises SettingsError for what is no status."""
    statuses: dict[str, str] = {}
    for spelling, status in spellings.items():
        place = (table, spelling)
        if status not in STATUSES:
            raise loading.fault(
                path, place, f"'{status}' is no status", f"Write one of: {', '.join(STATUSES)}."
            )
        if statuses.setdefault(fold(spelling), status) != status:
            raise loading.fault(path, place, f"'{spelling}' is there already, for another status")
    return statuses


def words_of(package: str) -> Callable[[], Words]:
    """Return what reads a package's `words.toml` when the words are first needed."""

    @cache
    def read() -> Words:
        return read_words(files(package) / "words.toml")

    return read
