"""Wording: how names, counts and shares are written for people."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Sequence
from typing import TypeVar

Value = TypeVar("Value")

#: Characters that no workbook and no XML can hold.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def letters_of(column: int) -> str:
    """Return the letters that Excel shows over a column, counted from 1."""
    letters = ""
    while column > 0:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def column_under(letters: str) -> int:
    """Return the column under these letters, counted from 1; raises ValueError for other texts."""
    if not re.fullmatch(r"[A-Za-z]{1,3}", letters):
        raise ValueError(f"'{letters}' are not the letters of a column")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def printable(value: Value) -> Value:
    """Return a text without control characters; anything else as it is."""
    return _UNPRINTABLE.sub("", value) if isinstance(value, str) else value  # type: ignore[return-value]


def words(name: str) -> str:
    """Write a status, cause or class as people read it: `foc_confirmed` as FOC confirmed."""
    spaced = name.replace("_", " ")
    return "FOC" + spaced[3:] if spaced.startswith("foc ") else spaced


def counted(count: int, noun: str) -> str:
    """Write so many of something: 1 number, 1,200 numbers."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def part(count: int, total: int) -> str:
    """Write how many of some: all, most, or the number."""
    if count == total:
        return "all"
    return "most" if count * 2 > total else f"{count:,}"


def percent(share: float | None) -> str:
    """Write a share: 17%; a dash where there is none."""
    return "–" if share is None or math.isnan(share) else f"{share * 100:.0f}%"


def spans(rows: Sequence[int]) -> str:
    """Write row numbers as people do: 4, 7 to 9; at most twelve runs of them."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    texts = [str(first) if first == last else f"{first} to {last}" for first, last in runs]
    return ", ".join(texts[:12]) + (f" and {len(texts) - 12} more" if len(texts) > 12 else "")


def one_line(text: str) -> str:
    """Write a text in one line, so that it can stand in a mail's header: breaks become spaces."""
    printable = "".join(mark if mark.isprintable() else " " for mark in text)
    return " ".join(printable.split())


def quoted(text: str) -> str:
    """Put a text into quotes that a shell takes off again, so that it can be copied as printed."""
    plain = one_line(text)
    # Between double quotes a shell still reads these; between single ones it reads nothing.
    return shlex.quote(plain) if re.search(r'["$`\\!]', plain) else f'"{plain}"'


def map_option(header: str, field: str) -> str:
    """Write the option that names a column's field so that it can be copied as printed."""
    return f"--map {quoted(f'{header}={field}')}"
