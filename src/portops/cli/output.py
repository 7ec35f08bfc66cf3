"""Words out: tables, progress on a terminal, and JSON that stands alone on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from portops.results.reading import FileRead

#: Colours of severities and of what became of a request; words say the same.
STYLES = {"error": "red", "warning": "yellow", "fixed": "green", "info": "blue"}


def console() -> Console:
    """Return stdout as a console; plain and wide in a pipe."""
    return Console(width=None if sys.stdout.isatty() else 140, highlight=False, soft_wrap=False)


def emit(document: Any) -> None:
    """Print one JSON document, in UTF-8 whatever the console's code page is."""
    text = json.dumps(document, indent=2, ensure_ascii=False, default=str)
    # Half a character, as in a file's name, is written as JSON's own \\u escape.
    click.echo(text.encode("utf-8", "backslashreplace"))


def say(text: str = "") -> None:
    """Print a line."""
    click.echo(text)


def note(text: str) -> None:
    """Print a line beside the result (stderr)."""
    click.echo(text, err=True)


def table(title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; numbers stand to the right."""
    # Cells are what people and carriers wrote: text, and never markup of the terminal.
    drawn = Table(
        title=Text(title) if title else None,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    for position, header in enumerate(headers):
        number = bool(rows) and all(isinstance(row[position], int | float) for row in rows)
        drawn.add_column(Text(header), justify="right" if number else "left", overflow="fold")
    for row in rows:
        style = next((STYLES[str(cell)] for cell in row if str(cell) in STYLES), None)
        drawn.add_row(*(Text("" if cell is None else str(cell)) for cell in row), style=style)
    console().print(drawn)


@contextmanager
def progress(title: str, total: int, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Show a bar on a terminal while something goes on; nothing in a pipe."""
    if quiet or not sys.stderr.isatty() or total == 0:
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda _: bar.advance(task)


@contextmanager
def reading(*, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Show how many workbooks of a batch are read, and how many rows; nothing in a pipe.

    What is heard of are `FileRead`s; one workbook alone shows nothing.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("workbooks, {task.fields[rows]:,} rows", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading", total=None, visible=False, rows=0)

        def step(word: str) -> None:
            if isinstance(word, FileRead) and word.of > 1:
                bar.update(task, total=word.of, completed=word.files, rows=word.rows, visible=True)

        yield step
