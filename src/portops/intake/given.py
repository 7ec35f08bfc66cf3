"""Columns that a person has named twice: `--map` gives two columns of one table the same field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from portops.errors import InputError
from portops.tables.columns import FIELDS, NUMBER_FIELDS
from portops.wording import letters, map_option

if TYPE_CHECKING:
    from portops.intake.scoring import Column

#: What `--map` names for a column that is to be left alone.
IGNORE = "ignore"

#: Fields that people write in two columns: what these are called.
_PARTS = {"authorized_name": ("first_name", "last_name"), "street": ("house_number", "street_name")}


def refuse_twice(
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
