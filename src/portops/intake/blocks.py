"""Blocks of labels and values on a sheet, read as one row of fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from portops.intake.cells import letter_of
from portops.intake.contents import look_at
from portops.intake.cutting import part_of_street, silent
from portops.intake.nearness import examples
from portops.intake.notices import Notices
from portops.intake.parting import answer_titles, join_parts, split_addresses
from portops.intake.recognition import recognize
from portops.intake.scoring import Column
from portops.results.reading import Place
from portops.tables.columns import NUMBER_FIELDS

if TYPE_CHECKING:
    from portops.intake.labels import Pair
    from portops.results.original import Grid


@dataclass(slots=True)
class Block:
    """A block of labels and values: its places, and its fields as a frame of one row."""

    places: list[Place]
    frame: pd.DataFrame


def read_block(
    grid: Grid, pairs: Sequence[Pair], notices: Notices, given: Mapping[str, str] | None
) -> Block:
    """Recognize the labels of a block, and read their values as one row of fields."""
    columns = [
        Column(place, pair.label.rstrip(": "), (), look_at([pair.value], silent))
        for place, pair in enumerate(pairs)
    ]
    recognition = recognize(columns, given)
    places, frame = [], pd.DataFrame({"row": [0]})
    titles = {}
    for pair, column, view in zip(pairs, columns, recognition.columns, strict=True):
        places.append(
            Place(
                pair.row + 1,
                pair.column,
                letter_of(pair.column),
                pair.label,
                part_of_street(view.field),
                "block" if view.field else view.how,
                view.confidence,
                view.why,
                next(iter(values := examples(column, view)), ""),
                pair.row + 1,
                0,
                0,
                values,
                view.near,
            )
        )
        if view.field and view.field not in NUMBER_FIELDS:
            frame[view.field] = pd.Series([pair.value or None], dtype="str")
            titles[view.field] = pair.label
            frame["row"] = pair.row + 1
    scratch = Notices(grid.file, grid.sheet)
    frame = answer_titles(frame, titles)
    frame = split_addresses(join_parts(frame), scratch)
    return Block(places, frame)
