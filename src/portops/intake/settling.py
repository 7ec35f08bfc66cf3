"""Columns that are settled before they are looked at: by hand, or by a sender's profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from portops.errors import InputError
from portops.intake.cells import letter_of
from portops.tables.columns import FIELDS, NUMBER_FIELDS, simplify
from portops.wording import map_option

if TYPE_CHECKING:
    from portops.intake.scoring import Column

#: What `--map` names for a column that is to be left alone.
IGNORE = "ignore"

#: Fields that people write in two columns: what these are called.
_PARTS = {"authorized_name": ("first_name", "last_name"), "street": ("house_number", "street_name")}

#: What a profile says of a title that does not tell by itself: its contents decide.
CONTENTS = "contents"


def fold_title(title: str) -> str:
    """Return what counts of a title when two are compared."""
    return simplify(title) or " ".join(title.casefold().split())


class Settled(dict[str, str]):
    """Every title that is settled, with its field; what a profile settles counts after a hand's.

    As a mapping it has them all, for whoever only asks which titles are known. `alike` has the
    fields that the same titles have on other sheets of the workbook; they only help where the
    sheet itself does not tell, and are not among the mapping's.
    """

    def __init__(
        self,
        hand: Mapping[str, str],
        learned: Mapping[str, str],
        profile: str,
        alike: Mapping[str, str] | None = None,
    ) -> None:
        self.alike = dict(alike or {})
        self.hand = {fold_title(title): name for title, name in hand.items()}
        self.learned = {fold_title(title): name for title, name in learned.items()}
        self.profile = profile
        super().__init__({**self.learned, **self.hand})


def beside(given: Mapping[str, str] | None, alike: Mapping[str, str]) -> Settled:
    """Return what is settled, and with it what the same titles are on other sheets."""
    if isinstance(given, Settled):
        return Settled(given.hand, given.learned, given.profile, alike)
    return Settled(given or {}, {}, "", alike)


class Decision(NamedTuple):
    """What was settled for a column: its field (None: none), by what, and in words."""

    field: str | None
    how: str
    why: str


def titles_of(columns: Sequence[Column]) -> dict[int, str]:
    """Return each column's title; one that is there twice is named with the heading over it."""
    counts: dict[str, int] = {}
    for column in columns:
        counts[column.title] = counts.get(column.title, 0) + 1
    return {
        column.position: " ".join((*column.above, column.title)).strip()
        if counts[column.title] > 1 and column.title
        else column.title
        for column in columns
    }


def settle(columns: Sequence[Column], given: Mapping[str, str] | None) -> dict[int, Decision]:
    """Return what is settled, by the column's place among these columns.

    A hand's title counts as it is in the workbook or with the heading over it, and a column without
    one counts by its letter, as it is shown: `column D`. A profile's counts as it is shown, so that
    one title that is there twice now is not taken for what it was.
    """
    if not given and not getattr(given, "alike", None):
        return {}
    hand = (
        given.hand
        if isinstance(given, Settled)
        else {fold_title(title): name for title, name in (given or {}).items()}
    )
    learned = given.learned if isinstance(given, Settled) else {}
    shown = titles_of(columns)
    decisions = {}
    for row, column in enumerate(columns):
        if not column.title:
            field = hand.get(fold_title(f"column {letter_of(column.position)}"))
            if field is not None:
                decisions[row] = Decision(None if field == IGNORE else field, "given", "as given")
            continue
        title, full = fold_title(column.title), fold_title(shown[column.position])
        by_letter = hand.get(fold_title(f"column {letter_of(column.position)}"))
        field = hand.get(full) or hand.get(title) or by_letter
        if field is not None:
            decisions[row] = Decision(None if field == IGNORE else field, "given", "as given")
            continue
        field = learned.get(full)
        if field is not None and field != CONTENTS and isinstance(given, Settled):
            why = f"as in profile '{given.profile}'"
            decisions[row] = Decision(None if field == IGNORE else field, "profile", why)
        elif isinstance(given, Settled) and full in given.alike:
            decisions[row] = Decision(given.alike[full], "words", "as on the other sheets")
    named = {row: view.field for row, view in decisions.items() if view.how == "given"}
    for row in _refuse_twice(columns, named, shown):
        decisions[row] = decisions[row]._replace(field=None)
    return decisions


def _refuse_twice(
    columns: Sequence[Column], fixed: dict[int, str | None], titles: Mapping[int, str]
) -> list[int]:
    """Return the places of named columns that are blank and whose field another one holds.

    `fixed` has the fields that a person has named, by their column's place. Raises InputError where
    two columns of one table, both filled, are to be one field.
    """
    blank: list[int] = []
    for name in sorted({field for field in fixed.values() if field} - set(NUMBER_FIELDS)):
        rows = [row for row, field in fixed.items() if field == name]
        filled = [row for row in rows if columns[row].contents.counted]
        if len(filled) == 1:
            blank += set(rows) - set(filled)
        elif len(rows) > 1:
            raise _twice(name, [columns[row] for row in rows], titles)
    return blank


def _twice(name: str, columns: Sequence[Column], titles: Mapping[int, str]) -> InputError:
    """Say that several columns are to be one field, and how to name them apart."""
    distinct = len({titles[column.position] for column in columns}) == len(columns)
    shown = [
        titles[column.position] if distinct else f"column {letter_of(column.position)}"
        for column in columns
    ]
    listed = " and ".join(f"'{title}'" for title in shown)
    if not distinct:
        listed += f" (each headed '{columns[0].title}')"
    if name in _PARTS and len(shown) == 2:
        pairs = zip(shown, _PARTS[name], strict=True)
        advice = "If they are its two parts: " + " ".join(map_option(*pair) for pair in pairs)
        advice += f". Else leave one alone: {map_option(shown[1], IGNORE)}."
    else:
        options = [map_option(shown[0], name), *(map_option(title, IGNORE) for title in shown[1:])]
        advice = f"Keep one of them and leave the rest alone: {' '.join(options)}."
    return InputError(
        f"{listed} are both mapped to {FIELDS[name].label} ({name})."
        if len(shown) == 2
        else f"{listed} are all mapped to {FIELDS[name].label} ({name}).",
        advice,
    )
