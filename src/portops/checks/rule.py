"""A rule: what must hold for every row, and what a person reads where it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter
from typing import Any

import pandas as pd

from portops.errors import SettingsError
from portops.facts.causes import CAUSES
from portops.tables.columns import REQUEST_FIELDS
from portops.tables.findings import SEVERITIES

#: A column worked out from the table of facts, on the same index.
Column = Callable[[pd.DataFrame], pd.Series]

_CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")

_NAME = re.compile(r"[a-z]\w*(\.\w+)*")


class _Filling(Formatter):
    """Fills braces by the full name in them: a fact's name may have a dot, as in `written.city`."""

    def get_field(
        self, field_name: str, _args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[Any, str]:
        return kwargs[field_name], field_name


class Say(StrEnum):
    """How often a fault becomes a finding."""

    #: Once for each row of the workbook: several numbers in one cell share it.
    ROW = "row"
    #: Once for each number.
    NUMBER = "number"
    #: Once for each group of rows that agree in `Rule.within`, at the first of them.
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule over whole columns, with everything that is known of its code.

    `code` is `family.name`; `severity` one of error, warning, fixed, info; `meaning` says in one
    clause when it is found; `causes` are the carriers' causes of rejection that it foresees (names
    in `facts/causes.toml`). `field` is the column to point at.

    `holds` takes the table of facts (see `checks.facts.Facts`) and returns a boolean a row. In
    `message`, `{value}` is what was written, and other names in braces are columns of the facts.
    `suggest` gives a repair for the rows that fail. `absent` marks rules about a blank, which are
    silent where the whole column is missing.

    `say` is how often it becomes a finding; `within` are the columns of the facts that make a
    group; where the column `gather` is true, a rule about numbers speaks once for the group too.
    """

    code: str
    severity: str
    meaning: str
    field: str
    holds: Column
    message: str
    causes: tuple[str, ...] = ()
    suggest: Column | None = None
    absent: bool = False
    say: Say = Say.ROW
    within: tuple[str, ...] = ("request",)
    gather: str | None = None

    def __post_init__(self) -> None:
        """Refuse a rule that no finding could be made of."""
        for wrong, remedy in (
            (not _CODE.fullmatch(self.code), "Write its code as family.name, in small letters."),
            (self.severity not in SEVERITIES, f"Give it one of: {', '.join(SEVERITIES)}."),
            (self.field not in REQUEST_FIELDS, f"Point at one of: {', '.join(REQUEST_FIELDS)}."),
            (
                not _is_message(self.message),
                "In its `message`, write `{value}` or a fact such as `{city}`; double other braces.",
            ),
            (
                not isinstance(self.causes, tuple),
                f"Give it `causes` that are a tuple of some of: {', '.join(CAUSES)}.",
            ),
        ):
            if wrong:
                raise SettingsError(
                    f"The rule '{self.code}' (severity {self.severity}, field {self.field}) "
                    "cannot be used.",
                    remedy,
                )
        for name in self.causes:
            if name not in CAUSES:
                raise SettingsError(
                    f"The rule '{self.code}' foresees '{name}', which is not a cause.",
                    f"Use some of: {', '.join(CAUSES)}.",
                )

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the braces of the message."""
        return tuple(dict.fromkeys(_names(self.message)))

    def fill(self, values: Mapping[str, str]) -> str:
        """Write the message with these values in place of the names in its braces."""
        return _Filling().vformat(self.message, (), values)

    @property
    def module(self) -> str:
        """The module that the rule comes from."""
        return str(getattr(self.holds, "__module__", "an unknown module"))


def _names(message: str) -> Iterator[str]:
    return (name for _, name, _, _ in Formatter().parse(message) if name is not None)


def _is_message(message: object) -> bool:
    """Tell whether it is a text whose every pair of braces has a name in it."""
    try:
        return isinstance(message, str) and all(map(_NAME.fullmatch, _names(message)))
    except ValueError:  # a brace without its other
        return False


def suggestion(column: str) -> Column:
    """Suggest what another column of the facts holds."""
    return lambda facts: facts[column]
