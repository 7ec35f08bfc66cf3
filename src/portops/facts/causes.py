"""Why ports get rejected: the canonical causes, and how a provider's answer becomes one.

A provider's code decides; else its words (a small table of phrases); else `other`, with the
words kept. Causes and phrases live in `causes.toml` beside this file, and each provider's codes
in its own folder. The file is read when it is first needed, and then checked.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from portops.facts import loading


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One canonical cause.

    `group` is the cause as people name it, `who` can fix it, `fix` says how, `fields` are the
    columns to fix. The rules say which of them foresee it.
    """

    __pydantic_config__: ClassVar = loading.NO_OTHER_KEYS

    name: str
    label: str
    group: Literal[
        "account details",
        "missing information",
        "invalid wireless PIN",
        "unsigned LOA",
        "documentation mismatch",
        "other",
    ]
    who: Literal["analyst", "customer", "provider"]
    fix: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words (a regular expression) that mean a cause; case does not count."""

    __pydantic_config__: ClassVar = loading.NO_OTHER_KEYS

    words: re.Pattern[str]
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The whole file: causes by name, and phrases in the order in which they are tried."""

    __pydantic_config__: ClassVar = loading.NO_OTHER_KEYS

    cause: dict[str, Cause]
    phrase: tuple[Phrase, ...]


#: Every canonical cause by its name.
CAUSES: Mapping[str, Cause]


def load(path: Traversable) -> Table:
    """Read a table of causes and phrases; raises SettingsError with the line of what is wrong."""
    table = loading.load(path, Table, named="cause")
    columns = _columns()
    for name, cause in table.cause.items():
        for field in cause.fields:
            if field not in columns:
                raise loading.fault(
                    path,
                    ("cause", name, "fields"),
                    f"'{field}' is no column",
                    f"Write some of: {', '.join(columns)}.",
                )
    for place, phrase in enumerate(table.phrase):
        check_cause(path, ("phrase", place, "cause"), phrase.cause, table.cause)
    return table


def check_cause(
    path: Traversable, place: loading.Place, cause: str, causes: Mapping[str, object] | None = None
) -> None:
    """Raise SettingsError when what stands at a place of a file is none of the causes."""
    names = _table().cause if causes is None else causes
    if cause not in names:
        raise loading.fault(
            path, place, f"'{cause}' is no cause", f"Write one of: {', '.join(names)}."
        )


@cache
def _table() -> Table:
    return load(files("portops.facts") / "causes.toml")


@cache
def _phrases() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(phrase.words.pattern, re.I), phrase.cause) for phrase in _table().phrase
    )


def _columns() -> tuple[str, ...]:
    # The names alone: the table of columns is read where causes are known already.
    file = files("portops") / "tables" / "columns.toml"
    return tuple(tomllib.loads(file.read_text(encoding="utf-8")))


def phrases() -> list[tuple[str, str]]:
    """Return the table of phrases, in the order in which they are tried."""
    return [(pattern.pattern, cause) for pattern, cause in _phrases()]


def cause_of(codes: Mapping[str, str], code: str | None, words: str | None) -> str:
    """Name the cause of a rejection.

    `codes` are the provider's own and the cause each one means; `code` decides where it is known,
    else `words`, else the cause is `other`.
    """
    cause = codes.get(code) if code else None
    if cause:
        return cause
    for pattern, meant in _phrases():
        if words and pattern.search(words):
            return meant
    return "other"


def __getattr__(name: str) -> Any:
    if name == "CAUSES":
        return MappingProxyType(_table().cause)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
