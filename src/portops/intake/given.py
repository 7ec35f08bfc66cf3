"""Columns that a person has named: `--map "Their Header=field"`, the settings, a kept profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from portops.errors import InputError
from portops.tables.columns import FIELDS, NUMBER_FIELDS, simplify
from portops.wording import letters, map_option

if TYPE_CHECKING:
    from portops.intake.recognition import Column

#: What `--map` names for a column that is to be left alone.
IGNORE = "ignore"

#: Fields that people write in two columns: what these are called.
_PARTS = {"authorized_name": ("first_name", "last_name"), "street": ("house_number", "street_name")}


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


def settle(columns: Sequence[Column], given: Mapping[str, str]) -> dict[int, str | None]:
    """Return the fields of the columns that are named, by their place; None for one to ignore.

    A column is named by its title, or as `column F`. Raises InputError where two columns of one
    table are to be one field.
    """
    settled = {simplify(title): field for title, field in given.items()}
    titles = titles_of(columns)
    own = {simplify(title) for title in (*titles.values(), *(c.title for c in columns))}
    fixed: dict[int, str | None] = {}
    for row, column in enumerate(columns):
        place = simplify(f"column {letters(column.position)}")
        names = [simplify(titles[column.position]), simplify(column.title)]
        if place not in own:
            names.insert(0, place)
        field = next((settled[name] for name in names if name and name in settled), None)
        if field is not None:
            fixed[row] = None if field == IGNORE else field
    for name in set(fixed.values()) - {None, *NUMBER_FIELDS}:
        rows = [row for row, field in fixed.items() if field == name]
        filled = [row for row in rows if columns[row].contents.counted]
        if len(filled) == 1:
            fixed.update(dict.fromkeys(set(rows) - set(filled), None))
        elif len(rows) > 1:
            raise _twice(str(name), [columns[row] for row in rows], titles)
    return fixed


def _twice(name: str, columns: Sequence[Column], titles: Mapping[int, str]) -> InputError:
    """Say that several columns are to be one field, and how to name them apart."""
    distinct = len({titles[column.position] for column in columns}) == len(columns)
    shown = [
        titles[column.position] if distinct else f"column {letters(column.position)}"
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
