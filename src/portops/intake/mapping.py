"""The mapping: every column and label of a sheet, and the fields that come out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portops.intake.sheets import SheetRead
    from portops.results.reading import Place

_SPLIT = {"street": ("street", "street_2", "city", "state", "postal_code")}
_OF_PARTS = {
    "authorized_name": ("first_name", "last_name"),
    "street": ("house_number", "street_name"),
}


def mapping_rows(read: SheetRead, file: str, sheet: str) -> list[tuple[object, ...]]:
    """Return the mapping of one sheet: its columns, and the fields that come out of them."""
    rows: list[tuple[object, ...]] = []

    def add(place: Place, field: str | None, *, derived: bool) -> None:
        rows.append(
            (
                file,
                sheet,
                place.header_row,
                place.column,
                place.letter,
                place.header,
                field,
                place.how,
                round(place.confidence, 2),
                place.why,
                place.value,
                place.row,
                place.first,
                place.last,
                derived,
                place.near or None,
                place.examples,
            )
        )

    for table in [*read.tables]:
        _add_places(table.places, set(map(str, table.frame.columns)), add)
    _add_places(read.block.places, set(map(str, read.block.frame.columns)), add)
    return rows


def _add_places(places: Sequence[Place], fields: set[str], add: Callable[..., None]) -> None:
    own = {place.field for place in places}
    for place in places:
        if place.field in {"city", "state", "postal_code"}:
            for name in ("city", "state", "postal_code"):
                if name in fields and name not in own:
                    add(place, name, derived=True)
        if place.field == "street" and "city" not in own:
            for name in _SPLIT["street"]:
                if name in fields and name not in own:
                    add(place, name, derived=True)
        for joint, names in _OF_PARTS.items():
            if place.field in names and joint not in own and joint in fields:
                add(place, joint, derived=True)
                own = own | {joint}
        add(place, place.field, derived=False)
