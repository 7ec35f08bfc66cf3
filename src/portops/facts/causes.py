"""Why ports get rejected: the canonical causes, and how a provider's answer becomes one.

A provider's code decides; else its words (a small table of phrases); else `other`, with the
words kept. Everything lives in `causes.toml` beside this file.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One canonical cause.

    `group` is the cause as people name it, `who` can mend it (analyst, customer or provider),
    `fix` says how, `findings` are the codes of the checks that could have seen it, `fields` the columns to mend.
    """

    name: str
    label: str
    group: str
    who: str
    fix: str
    findings: tuple[str, ...]
    fields: tuple[str, ...] = ()


@cache
def _raw() -> dict[str, Any]:
    return tomllib.loads((files("portops.facts") / "causes.toml").read_text(encoding="utf-8"))


def _causes() -> Mapping[str, Cause]:
    rows = _raw()["cause"].items()
    return MappingProxyType(
        {
            name: Cause(
                name=name,
                **{**row, "findings": tuple(row["findings"]), "fields": tuple(row["fields"])},
            )
            for name, row in rows
        }
    )


CAUSES: Mapping[str, Cause] = _causes()


@cache
def _phrases() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["words"], re.I), row["cause"]) for row in _raw()["phrase"])


def codes() -> Mapping[str, Mapping[str, str]]:
    """Return each provider's codes and the cause each one means."""
    known: Mapping[str, Mapping[str, str]] = _raw()["codes"]
    return known


def phrases() -> list[tuple[str, str]]:
    """Return the table of phrases, in the order in which they are tried."""
    return [(pattern.pattern, cause) for pattern, cause in _phrases()]


def cause_of(dialect: str, code: str | None, words: str | None) -> str:
    """Name the cause of a rejection.

    `dialect` is whose codes they are (`twilio`, `telnyx`, `bandwidth`); `code` decides where it is
    known, else `words`, else the cause is `other`.
    """
    known: str | None = _raw()["codes"].get(dialect, {}).get(str(code)) if code else None
    if known:
        return known
    for pattern, cause in _phrases():
        if words and pattern.search(words):
            return cause
    return "other"
