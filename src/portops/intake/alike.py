"""Sheets of one form: what a title is on one of them, it is on all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from portops.intake.settling import fold_title

if TYPE_CHECKING:
    from portops.intake.sheets import SheetRead

#: Sheets are of one form that share so much of their titles, and at least so many.
_SHARE, _LEAST = 0.6, 4


def _fields(read: SheetRead) -> dict[str, str | None]:
    """Return the field of each title that a sheet has once."""
    places = [*read.block.places, *(place for table in read.tables for place in table.places)]
    fields: dict[str, str | None] = {}
    twice = set()
    for place in places:
        title = fold_title(place.header)
        twice |= {title} & set(fields)
        fields[title] = place.field
    return {title: name for title, name in fields.items() if title and title not in twice}


def titles_alike(reads: Mapping[int, SheetRead]) -> dict[int, dict[str, str]]:
    """Return for each sheet, by its place, the fields that others of its form have and it has not.

    A value with a fault, or none, does not tell its field; the same title on another sheet does.
    """
    fields = {place: _fields(read) for place, read in reads.items() if place >= 0}
    helped: dict[int, dict[str, str]] = {}
    for place, own in fields.items():
        taken = set(own.values())
        votes: dict[str, set[str]] = {}
        for other, theirs in fields.items():
            shared = own.keys() & theirs.keys()
            if other == place or len(shared) < max(_LEAST, _SHARE * max(len(own), len(theirs))):
                continue
            for title in shared:
                field = theirs[title]
                if own[title] is None and field is not None and field not in taken:
                    votes.setdefault(title, set()).add(field)
        clear = {title: names.pop() for title, names in votes.items() if len(names) == 1}
        if clear:
            helped[place] = clear
    return helped
