"""The table of columns: how each was read, with a choice of its field."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import ipywidgets as widgets
import pandas as pd

from portops.intake.settling import IGNORE, fold_title
from portops.redaction import MASK
from portops.reviewing.look import LEFT, MIDDLE, RIGHT, bold, cells
from portops.tables.columns import FIELDS, UNSHOWN_FIELDS

if TYPE_CHECKING:
    from portops.results.checked import Checked

#: Below this share a reading asks to be looked at.
UNSURE = 0.8

#: Choices that name no field.
UNREAD, UNDO = "unread", "undo"

_CHOICES = [*((FIELDS[name].label, name) for name in FIELDS), ("Leave alone", IGNORE)]


class Line(NamedTuple):
    """The widgets of one column of the workbook."""

    where: Any
    field: Any
    how: Any
    row: Any


class Columns:
    """How each column was read. `given` are the choices made, their header to a field.

    `chosen` is called after every choice.
    """

    def __init__(self, chosen: Callable[[], None]) -> None:
        self.given: dict[str, str] = {}
        self._chosen, self._filling = chosen, False
        self._lines: dict[tuple[Any, ...], Line] = {}
        self._secret: set[tuple[Any, ...]] = set()
        where = cells("where", *map(bold, ("Sheet", "Column", "Title", "First value")))
        how = cells("how", *map(bold, ("Why", "How sure")))
        self._head = widgets.HBox(
            [
                widgets.HTML(where, layout=LEFT),
                widgets.HTML(bold("Field"), layout=MIDDLE),
                widgets.HTML(how, layout=RIGHT),
            ]
        )
        self.view = widgets.VBox([self._head]).add_class("portops-columns")

    @property
    def lines(self) -> list[Line]:
        """The lines as they are shown, in the workbook's order."""
        return list(self._lines.values())

    def clear(self) -> None:
        """Forget the lines of the workbook before, and what was chosen for it."""
        self._lines, self._secret, self.given = {}, set(), {}

    def show(self, checked: Checked) -> None:
        """Fill the lines in place, so that the one that was changed keeps the keyboard."""
        lines: dict[tuple[Any, ...], Line] = {}
        self._filling = True
        try:
            for record in checked.understood.to_dict("records"):
                key = tuple(record[name] for name in ("sheet", "header_row", "column", "value_row"))
                if key in lines:
                    continue
                lines[key] = self._lines.get(key) or self._line(record)
                self._fill(lines[key], key, record)
        finally:
            self._filling = False
        self._lines = lines
        rows = (self._head, *(line.row for line in lines.values()))
        if rows != self.view.children:
            self.view.children = rows

    def _line(self, record: dict[Any, Any]) -> Line:
        label = f"Field of {record['sheet']}, column {record['letter']}, {record['header']}"
        field = widgets.Dropdown(description=label, options=_CHOICES, layout=MIDDLE)
        field.observe(lambda change: self._choose(record["header"], change["new"]), names="value")
        where, how = widgets.HTML(layout=LEFT), widgets.HTML(layout=RIGHT)
        row = widgets.HBox([where, field, how], layout={"align_items": "center"})
        return Line(where, field, how, row)

    def _fill(self, line: Line, key: tuple[Any, ...], record: dict[Any, Any]) -> None:
        # What was once taken for a PIN stays masked, whatever it is taken for now.
        if record["field"] in UNSHOWN_FIELDS:
            self._secret.add(key)
        value = MASK if record["value"] and key in self._secret else record["value"]
        place = f"{record['letter']}{record['value_row'] or ''}"
        texts = (record["sheet"], place, record["header"], value)
        line.where.value = cells("where", *(escape(str(text)) for text in texts))
        own, unread = self._own(record["header"]), pd.isna(record["field"])
        options = list(_CHOICES)
        if own or unread:
            options.insert(0, ("Undo my choice", UNDO) if own else ("Not understood", UNREAD))
        now = own or (UNREAD if unread else record["field"])
        with line.field.hold_sync():
            if list(line.field.options) != options:
                line.field.options = options
            line.field.value = now
        sure = "Your choice" if own else _sure(record)
        line.how.value = cells("how", "" if own else escape(str(record["why"] or "")), sure)

    def _own(self, header: str) -> str:
        """Return the field that was chosen for the columns of a title."""
        title = fold_title(header)
        return next(
            (name for theirs, name in self.given.items() if fold_title(theirs) == title), ""
        )

    def _choose(self, header: str, name: str | None) -> None:
        if self._filling or name in {None, UNREAD}:
            return
        title = fold_title(header)
        others = {
            theirs: field for theirs, field in self.given.items() if fold_title(theirs) != title
        }
        self.given = others if name == UNDO else {**others, header: str(name)}
        self._chosen()


def _sure(record: dict[Any, Any]) -> str:
    if pd.isna(record["field"]):
        return "–"
    if record["how"] == "profile":
        return "By profile"
    share = f"{record['confidence']:.0%}"
    return share if record["confidence"] >= UNSURE else bold(f"{share}, look at it")
