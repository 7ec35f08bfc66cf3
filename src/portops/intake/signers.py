"""The person who signs and the address of mail that is his: two columns that share a word."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from portops.intake.scoring import Column, Recognized, in_words
from portops.intake.titles import readings

if TYPE_CHECKING:
    from portops.intake.contents import Contents

#: Words that any person's column, or any column of addresses, may have.
_COMMON = frozenset(
    {
        *("email", "mail", "address", "name", "first", "last", "full", "contact", "person"),
        *("the", "a", "of", "for", "to", "who", "is", "and", "or", "at", "s", "on", "in", "may"),
        *("site", "customer", "account", "company", "business", "can", "phone", "number"),
    }
)

#: What speaks for a signer's column must hold so many people.
_PEOPLE = 0.5


def _words(column: Column) -> list[str]:
    # `Pastor's` is the pastor's.
    return [word.removesuffix("s") if len(word) > 3 else word for word in readings(column.title).own]


def _linked(person: Column, mail: Column) -> bool:
    """Tell whether two titles speak of one person: `Terminal mgr` and `Mgr e-mail`, `DM Email`."""
    ours, theirs = _words(person), _words(mail)
    if (set(ours) & set(theirs)) - _COMMON:
        return True
    initials = "".join(word[0] for word in ours if word)
    return len(initials) >= 2 and any(word == initials[: len(word)] for word in theirs if len(word) > 1)


def _share(contents: Contents, *kinds: str) -> float:
    return max((contents.shares.get(kind, 0.0) for kind in kinds), default=0.0)


def pair_signers(
    columns: Sequence[Column], result: list[Recognized], fixed: Collection[int]
) -> None:
    """Give the signer the address of mail beside him, and an address of mail its signer.

    Only where one of the two is read and the other is not, and exactly one column fits.
    """
    rows = {view.field: row for row, view in enumerate(result) if view.field}
    signer, mail = rows.get("authorized_name"), rows.get("email")
    if rows.keys() & {"first_name", "last_name"}:
        return
    free = [row for row, view in enumerate(result) if view.field is None and row not in fixed]
    if signer is not None and mail is None:
        fitting = [
            row
            for row in free
            if _share(columns[row].contents, "email", "near_email") >= _PEOPLE
            and _linked(columns[signer], columns[row])
        ]
        _take("email", fitting, columns, result)
    elif mail is not None and signer is None:
        fitting = [
            row
            for row in free
            if _share(columns[row].contents, "person", "role") >= _PEOPLE
            and _linked(columns[row], columns[mail])
        ]
        _take("authorized_name", fitting, columns, result)


def _take(
    name: str, fitting: Sequence[int], columns: Sequence[Column], result: list[Recognized]
) -> None:
    if len(fitting) == 1:
        row = fitting[0]
        result[row] = Recognized(name, "both", 0.7, in_words(columns[row], name, "both"))
