"""What was understood of the workbooks, in words: sheets, columns, what is left out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from portops.cli.output import say
from portops.tables.columns import FIELDS
from portops.wording import counted, one_line, percent

if TYPE_CHECKING:
    from portops.results.checked import Checked
    from portops.results.reading import Sheet

#: Everything fits a terminal of so many columns; a table's own columns are so wide.
WIDTH = 80
_COLUMNS = (("Column", 20), ("Read as", 20), ("Why", 14), ("Sure", 4), ("First value", 14))

#: So many columns are printed, and so many of the things that are left out.
MOST_COLUMNS, MOST_LEFT_OUT = 32, 6

_SHAPES = {
    "table": "a table",
    "block": "a table with labels above it",
    "form": "a form",
    "list": "a list of numbers",
    "columns": "a table on its side",
    "accounts": "details of the numbers on another sheet",
}
_WHY = {
    "words": "title",
    "contents": "its values",
    "both": "title + values",
    "given": "as given",
    "profile": "kept profile",
}


def print_understood(checked: Checked) -> None:
    """Print what is in, the sheets and their columns, and what is left out."""
    say(checked.size)
    left = MOST_COLUMNS
    columns = _columns(checked)
    for sheet in checked.sheets:
        if not sheet.read:
            continue
        mine = columns[(columns["file"] == sheet.file) & (columns["sheet"] == sheet.sheet)]
        shown = mine.head(max(left, 0))
        say()
        _print(Text(_heading(sheet, several=len(checked.workbooks) > 1)))
        for number, (header, table) in enumerate(shown.groupby("table", sort=False)):
            if number:
                _print(Text(f"Below row {int(str(header))}:"))
            blank = table["field"].notna() & (table["examples"].str.len() == 0)
            _table([_line(column) for column in table[~blank].itertuples()], head=not number)
            if blank.any():
                _print(Text(one_line(f"Without values: {', '.join(table.loc[blank, 'header'])}")))
        if len(mine) > len(shown):
            say(f"… and {counted(len(mine) - len(shown), 'more column')} (--json lists all)")
        left -= len(mine)
    out = checked.findings[checked.findings["code"] == "workbook.not_to_port"]
    left_out = set(zip(out["file"], out["sheet"], out["value"], strict=True))
    _not_read(
        [
            sheet
            for sheet in checked.sheets
            if not sheet.read and (sheet.file, sheet.sheet, sheet.sheet) not in left_out
        ]
    )
    _left_out(out)


def _print(text: Text | Table) -> None:
    # Cells are what people wrote: text, and never markup of the terminal.
    own = Console().width if sys.stdout.isatty() else WIDTH
    Console(width=min(own, WIDTH), highlight=False, markup=False).print(text)


def _heading(sheet: Sheet, *, several: bool) -> str:
    name = f"{Path(sheet.file).name}, {sheet.sheet}" if several else sheet.sheet
    shape = _SHAPES.get(sheet.shape or "table", str(sheet.shape))
    rows = f", {counted(sheet.rows, 'row')}" if sheet.rows else ""
    return one_line(f"Sheet {name}: {shape}{rows}")


def _columns(checked: Checked) -> pd.DataFrame:
    """Return the columns and labels, once each; `table` is the header row of its own table.

    Labels above a table (0) come first, and what was not understood last in each table.
    """
    columns = checked.understood
    own = ["file", "sheet", "header_row", "letter", "header", "field"]
    columns = columns[~columns[own].duplicated()]
    out = checked.findings[checked.findings["code"] == "workbook.not_to_port"]
    flags = set(zip(out["file"], out["sheet"], out["column"], strict=True))
    named = zip(columns["file"], columns["sheet"], columns["header"], strict=True)
    columns = columns.assign(
        flag=[place in flags for place in named],
        table=columns["header_row"].where(
            (columns["value_row"] == 0) & ~columns["letter"].str.startswith("@"), 0
        ),
        last=columns["field"].isna(),
    )
    return columns.sort_values(["table", "last"], kind="stable")


def _line(row: Any) -> tuple[str, ...]:
    """Write one column: title, field, why, how sure, first value."""
    title = one_line(row.header)
    if pd.isna(row.field):
        if row.how == "given":
            return title, "left alone", _WHY["given"], "", one_line(row.value)
        if row.flag:
            return title, "says what moves", "its values", "", one_line(", ".join(row.examples))
        near = f"near {FIELDS[row.near].label}" if isinstance(row.near, str) else ""
        return title, "not used", near, "", one_line(", ".join(row.examples))
    why = f"label at {row.letter}{row.header_row}" if row.how == "block" else _WHY[row.how]
    sure = percent(row.confidence).replace(" ", "")
    return title, FIELDS[row.field].label, why, sure, one_line(row.value)


def _table(lines: list[tuple[str, ...]], *, head: bool) -> None:
    drawn = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=head
    )
    for name, width in _COLUMNS:
        side = "right" if name == "Sure" else "left"
        drawn.add_column(name, width=width, no_wrap=True, overflow="ellipsis", justify=side)  # type: ignore[arg-type]
    for line in lines:
        style = "dim" if line[1] in {"not used", "left alone"} else None
        drawn.add_row(*map(Text, line), style=style)
    _print(drawn)


def _not_read(sheets: list[Sheet]) -> None:
    if not sheets:
        return
    names = [
        f"{sheet.sheet} ({counted(sheet.rows, 'row') + ', ' if sheet.rows else ''}{sheet.why})"
        for sheet in sheets
    ]
    say()
    _print(Text(one_line(f"Not read: {'; '.join(names[:MOST_LEFT_OUT])}") + _more(names)))


def _left_out(out: pd.DataFrame) -> None:
    """Print the rows and sheets that do not move, with the cell that says so."""
    if out.empty:
        return
    say()
    say("Left out:")
    for cell, message in out[["cell", "message"]].head(MOST_LEFT_OUT).itertuples(index=False):
        _print(Text(one_line(f"{cell}: {message}")))
    if len(out) > MOST_LEFT_OUT:
        say(f"{_more(list(out['cell'])).strip()} in the findings")


def _more(things: list[Any]) -> str:
    rest = len(things) - MOST_LEFT_OUT
    return f" … and {rest:,} more" if rest > 0 else ""
