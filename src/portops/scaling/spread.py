"""What travels to other machines when a batch is checked there, and what they do with it.

PINs and SSN digits travel sealed, with a key that is made for one check: a worker that puts its work
aside writes no PIN to its disk. The key goes with each task. Whoever can read a cluster's traffic can
read both: a cluster outside your own network wants TLS.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.checks import passes
from portops.checks.facts import written
from portops.checks.rulebook import rules
from portops.checks.statements import Documents
from portops.redaction import MASK, Secret
from portops.sealing import Cipher
from portops.tables.columns import SECRET_FIELDS

if TYPE_CHECKING:
    from portops.checks.merging import Judged
    from portops.checks.step import Given


class Key:
    """The key of one check, which does not show in the logs of a cluster."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def seal(self, texts: Any) -> bytes:
        """Seal what JSON can hold."""
        return Cipher([self._text]).seal(Secret(json.dumps(texts)))

    def unseal(self, sealed: bytes) -> Any:
        """Open what was sealed."""
        return json.loads(Cipher([self._text]).unseal(sealed))

    def __repr__(self) -> str:
        return f"Key({MASK})"


class Parcel:
    """NUMBERS on their way: the table without its secrets, and these sealed."""

    __slots__ = ("_sealed", "_table")

    def __init__(self, numbers: pd.DataFrame, key: Key) -> None:
        secrets = {
            name: [value.reveal() if isinstance(value, Secret) else None for value in numbers[name]]
            for name in SECRET_FIELDS
        }
        self._table = numbers.assign(**dict.fromkeys(SECRET_FIELDS))
        self._sealed = key.seal(secrets)

    def unpacked(self, key: Key) -> pd.DataFrame:
        """Return NUMBERS as they were."""
        columns = {
            name: pd.Series(
                [float("nan") if text is None else Secret(text) for text in texts],
                self._table.index,
                dtype=object,
            )
            for name, texts in key.unseal(self._sealed).items()
        }
        return self._table.assign(**columns)

    def __repr__(self) -> str:
        return f"Parcel({len(self._table):,} rows)"


class Luggage:
    """What a part's facts depend on beside its rows, without anything that stays at home.

    The store stays there: what it keeps for masked cells is asked before, for these rows.
    """

    __slots__ = ("_given", "_sealed")

    def __init__(self, given: Given, numbers: pd.DataFrame, key: Key) -> None:
        named = set(
            zip(numbers["file"].astype("str"), numbers["statement"].astype("str"), strict=True)
        )
        documents = given.documents
        if documents is not None:
            statements = documents.statements.items()
            documents = Documents({name: one for name, one in statements if name in named})
        recalled = given.recall(_masked_numbers(numbers, given))
        self._given = replace(given, documents=documents, pins={}, recall=partial(dict), kept=None)
        self._sealed = key.seal(
            [
                {number: pin.reveal() for number, pin in secrets.items()}
                for secrets in (given.pins, recalled)
            ]
        )

    def unpacked(self, key: Key) -> Given:
        """Return what is given."""
        pins, recalled = (
            {number: Secret(text) for number, text in texts.items()}
            for texts in key.unseal(self._sealed)
        )
        return replace(self._given, pins=pins, recall=lambda _: recalled)

    def __repr__(self) -> str:
        return "Luggage()"


def _masked_numbers(numbers: pd.DataFrame, given: Given) -> list[str]:
    """Return the numbers (E.164) whose PIN or SSN digits are masked."""
    facts = written(numbers, {})
    some = facts[facts["pin_masked"]].reset_index(drop=True)
    if some.empty:
        return []
    return passes.numbers_in(some, given)


def gather(
    parcel: Parcel, luggage: Luggage, fillers: Mapping[str, Collection[str]], key: Key
) -> passes.Gathered:
    """Do what `passes.gather` does, there."""
    return passes.gather(parcel.unpacked(key), luggage.unpacked(key), fillers)


def judge(
    parcel: Parcel,
    luggage: Luggage,
    told: passes.Known,
    asked: tuple[pd.DataFrame, bool],
    key: Key,
) -> tuple[list[Judged], Parcel]:
    """Do what `passes.judge` does, there; `asked` are the columns that are there, and `keep_all`."""
    present, keep_all = asked
    # Rules are code, which every machine has of its own.
    ruling = passes.Ruling(rules(()), present, keep_all)
    judged, numbers = passes.judge(parcel.unpacked(key), luggage.unpacked(key), told, 0, ruling)
    return judged, Parcel(numbers, key)
