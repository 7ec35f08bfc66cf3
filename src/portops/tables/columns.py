"""The one table of columns: every field of a port request, from `columns.toml` beside this file.

Header recognition, the pandera models, the template, the documentation and redaction are all
derived from it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import ClassVar, Literal

from portops.facts import loading

#: What stands for the value of a formula whose result was never saved.
UNSAVED = "#UNSAVED!"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of NUMBERS that people fill in.

    `needed` says which rows must have a value: `always`, `landline`, `wireless` or `never`. A
    field that is `part_of` another stands in a column of its own in some workbooks and is joined
    to it.
    """

    __pydantic_config__: ClassVar = loading.NO_OTHER_KEYS

    name: str
    label: str
    synonyms: tuple[str, ...]
    help: str
    needed: Literal["always", "landline", "wireless", "never"] = "never"
    part_of: str | None = None
    secret: bool = False


def simplify(header: str) -> str:
    """Fold a header to its bare words: case, accents, spaces and punctuation do not count."""
    text = unicodedata.normalize("NFKD", header).casefold().replace("#", " number ")
    return re.sub(r"[^a-z0-9]+", "", text)


def load(path: Traversable) -> dict[str, Field]:
    """Read a table of columns; raises SettingsError with the line of what is wrong."""
    columns = loading.load(path, dict[str, Field], named="")
    for name, column in columns.items():
        if column.part_of is not None and column.part_of not in columns:
            raise loading.fault(
                path,
                (name, "part_of"),
                f"'{column.part_of}' is no column",
                f"Write one of: {', '.join(columns)}.",
            )
    return columns


FIELDS: Mapping[str, Field] = MappingProxyType(load(files("portops.tables") / "columns.toml"))

#: Columns that can hold telephone numbers; one of them is enough.
NUMBER_FIELDS = ("phone_number", "landline_numbers", "wireless_numbers")

#: The fields of a request, without those that are parts of another.
REQUEST_FIELDS = tuple(name for name, field in FIELDS.items() if field.part_of is None)

#: Columns whose values are never shown.
SECRET_FIELDS = tuple(name for name, field in FIELDS.items() if field.secret)

#: Columns that no finding repeats: people write PINs, and words about customers, into notes too.
UNSHOWN_FIELDS = (*SECRET_FIELDS, "notes")


@cache
def synonyms() -> Mapping[str, str]:
    """Map every simplified name, label and synonym to its field."""
    fields: dict[str, str] = {}
    for field in FIELDS.values():
        for word in (field.name, field.label, *field.synonyms):
            fields.setdefault(simplify(word), field.name)
    return MappingProxyType(fields)
