"""The one table of columns: every field of a port request, from `columns.toml` beside this file.

Header recognition, the pandera models, the template, the documentation and redaction are all
derived from it.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of NUMBERS that people fill in.

    `needed` says which rows must have a value: `always`, `wireless` or `never`. A field that is
    `part_of` another stands in a column of its own in some workbooks and is joined to it.
    """

    name: str
    label: str
    synonyms: tuple[str, ...]
    help: str
    needed: str = "never"
    part_of: str | None = None
    secret: bool = False


def simplify(header: str) -> str:
    """Fold a header to its bare words: case, accents, spaces and punctuation do not count."""
    text = unicodedata.normalize("NFKD", header).casefold().replace("#", " number ")
    return re.sub(r"[^a-z0-9]+", "", text)


@cache
def _load() -> Mapping[str, Field]:
    raw = tomllib.loads((files("portops.tables") / "columns.toml").read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            name: Field(name=name, **{**row, "synonyms": tuple(row["synonyms"])})
            for name, row in raw.items()
        }
    )


FIELDS: Mapping[str, Field] = _load()

#: Columns that can hold telephone numbers; one of them is enough.
NUMBER_FIELDS = ("phone_number", "landline_numbers", "wireless_numbers")

#: The fields of a request, without those that are parts of another.
REQUEST_FIELDS = tuple(name for name, field in FIELDS.items() if field.part_of is None)

#: Columns whose values are never shown.
SECRET_FIELDS = tuple(name for name, field in FIELDS.items() if field.secret)


@cache
def synonyms() -> Mapping[str, str]:
    """Map every simplified name, label and synonym to its field."""
    known: dict[str, str] = {}
    for field in FIELDS.values():
        for word in (field.name, field.label, *field.synonyms):
            known.setdefault(simplify(word), field.name)
    return MappingProxyType(known)
