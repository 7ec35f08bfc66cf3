"""What one sheet of a workbook gets: fills, masks and notes, by its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from portops.workbooks.listing import FILLS
from portops.workbooks.parts.notes import Note
from portops.workbooks.parts.relations import Relations
from portops.workbooks.parts.rows import Action, Place
from portops.workbooks.parts.sheet import Sheet, in_merged

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from portops.workbooks.parts.archive import Archive
    from portops.workbooks.parts.book import SheetPart


class Mark(NamedTuple):
    """What a cell gets: the color of its fill, and its note, where it gets one."""

    color: str
    text: str | None


class Marks(NamedTuple):
    """All that is put into a workbook: by sheet, and the two lists."""

    marks: Mapping[str, Mapping[Place, Mark]]
    masked: Mapping[str, frozenset[Place]]
    findings: pd.DataFrame
    understood: pd.DataFrame


class Work:
    """One sheet that is patched."""

    def __init__(self, archive: Archive, part: SheetPart, marks: Marks) -> None:
        self.part = part
        self.marks = marks.marks.get(part.name, {})
        self.masked = marks.masked.get(part.name, frozenset())
        self.sheet = Sheet(archive, part.part)
        self.seen = self.sheet.survey({row for row, _ in (*self.marks, *self.masked)})
        self.relations = Relations(archive, part.part)
        self._gather()

    def _gather(self) -> None:
        """Say what each cell gets; of a merged run only the first cell shows anything."""
        inside = in_merged(self.seen.merged, {*self.marks, *self.masked})
        self.actions: dict[int, dict[int, Action]] = {}
        notes: dict[Place, list[str]] = {}
        ranks = {color: rank for rank, color in enumerate(FILLS.values())}
        for place, mark in self.marks.items():
            run = inside.get(place)
            row, column = (run.top, run.left) if run else place
            cells = self.actions.setdefault(row, {})
            before = cells.get(column, Action()).color
            worst = min(filter(None, (before, mark.color)), key=lambda color: ranks.get(color, 9))
            cells[column] = Action(worst)
            if mark.text is not None:
                notes.setdefault((row, column), []).append(mark.text)
        for place in self.masked:
            run = inside.get(place)
            if run is not None and not self._is_all_masked(place, run.top, run.bottom, run.left):
                continue
            cells = self.actions.setdefault(place[0], {})
            cells[place[1]] = cells.get(place[1], Action())._replace(mask=True)
        self.notes = [Note(*place, "\n\n".join(words)) for place, words in notes.items()]

    def _is_all_masked(self, place: Place, top: int, bottom: int, left: int) -> bool:
        """Tell whether a merged cell is the first, and stands for no row whose secret must stay."""
        rows = range(top, bottom + 1)
        return place == (top, left) and all((row, left) in self.masked for row in rows)
