"""Cells with several numbers: lists, ranges, and the PINs that pair with them."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pandas as pd

from portops.errors import InputError
from portops.facts.placeholders import is_placeholder
from portops.intake.packing import MOST_ROWS
from portops.texts import constant, contains

#: A range of more numbers than this is taken for a mistake and left as written.
LONGEST_RANGE = 10_000

#: Bytes of text that may come from repeating the cells of rows with several numbers.
_MOST_TEXT = 192 * 1024**2

_SEVERAL = (
    r"[,;\n|&]|\d\s*/\s*[+(]?\d|\band\b|\bto\b|\bthru\b|\bthrough\b|\d{4}\s*[-–—]\s*[+(]?\d[\d\s().-]*$"
    r"|\d{4}\s*[-–—:(]?\s*[A-Za-z]"
)
_SEPARATORS = re.compile(r"[,;\n|&]|\s/\s*|(?<=\d{4})/(?=[+(]?\d{3})|\band\b", re.I)
_FULL = r"\+?1?[\s.\-]*\(?\d{3}\)?[\s.\-/]*\d{3}[\s.\-]*\d{4}"
_RANGE = re.compile(
    rf"^\s*(?P<first>{_FULL})\s*(?:to|thru|through|[-–—])\s*(?P<last>\d{{1,4}}|{_FULL})\s*$", re.I
)

#: A number with words behind it, which say what it is for; an extension is none of them.
_NOTED = re.compile(
    rf"^\s*(?P<number>{_FULL})[\s\-–:,(]+(?!x\b|x?\d|ext)[A-Za-z][\w #&/().'-]*$", re.I
)

#: A number with words before it, as in running text: `intake 505-555-0111`.
_LED = re.compile(rf"^\s*(?:and\s+)?[A-Za-z][A-Za-z &/'.-]*?[\s:]+(?P<number>{_FULL})\W*$", re.I)


def expand(text: str) -> list[str] | None:
    """Write out a range such as `212-555-0100 to 0119` as ten-digit numbers; None when it is none.

    A shorter end replaces as many last digits: `0100-19` is 0100 to 0119.
    """
    match = _RANGE.match(text)
    if match is None:
        return None
    first = re.sub(r"\D", "", match["first"])[-10:]
    end = re.sub(r"\D", "", match["last"])
    last = end[-10:] if len(end) >= 10 else first[: 10 - len(end)] + end
    count = int(last) - int(first) + 1
    if first[:6] != last[:6] or not 1 < count <= LONGEST_RANGE:
        return None
    return [str(int(first) + step) for step in range(count)]


def _fits(numbers: int, text: int = 0) -> None:
    """Raise InputError for more numbers, or a longer text on all of their rows, than there is room."""
    if numbers > MOST_ROWS or text > _MOST_TEXT:
        raise InputError(
            f"cells with several numbers come to {numbers:,} numbers, more than can be checked.",
            "Split the workbook, and see that its ranges are what you mean.",
        )


def _only_words(part: str) -> bool:
    return bool(re.fullmatch(r"[\sA-Za-z'&.-]+", part)) and not is_placeholder(part.strip())


def split(text: str) -> list[tuple[str, bool]]:
    """Split one cell into (number as written, whether it was written out from a shorter form)."""
    pieces: list[tuple[str, bool]] = []
    parts = _SEPARATORS.split(text)
    for part, following in itertools.zip_longest(parts, parts[1:], fillvalue=""):
        if _only_words(part) and re.search(_FULL, following):
            # `the fax, 505-555-0118`: words that belong to the number behind them.
            continue
        if part.strip():
            run = expand(part)
            _fits(len(pieces) + len(run or ()))
            noted = None if run else _NOTED.match(part) or _LED.match(part)
            short = re.fullmatch(r"\s*-?(\d{4})\s*", part)
            if short and pieces and re.fullmatch(rf"\s*{_FULL}\s*", pieces[-1][0]):
                # `502-583-0114 / 0115` names two numbers.
                digits = re.sub(r"\D", "", pieces[-1][0])[-10:-4]
                pieces.append((digits + short[1], True))
            elif noted:
                pieces.append((noted["number"].strip(), False))
            else:
                pieces += [(number, True) for number in run] if run else [(part.strip(), False)]
    return pieces or [(text, False)]


def _pins(text: str | float, count: int) -> list[str | float]:
    """Give each of `count` numbers its PIN: one for all, or a list in the same order."""
    if not isinstance(text, str):
        return [np.nan] * count
    listed = [part.strip() for part in re.split(r"[,;\n|/]", text)]
    return list(listed) if len(listed) == count and count > 1 else [text] * count


def split_cells(table: pd.DataFrame, field: str, cells: pd.Series, letter: str) -> pd.DataFrame:
    """Make one row a number of the `cells` of a column, in their order and on their old index.

    `field` is what the column is, `letter` where it is. Adds `number_field`, `number_column`,
    `number_text` and `from_range`; pairs `pin` and `ssn_last4` lists.
    """
    plain = table.assign(
        number_field=constant(field, table.index),
        number_column=constant(letter, table.index),
        number_text=cells,
        from_range=False,
    )
    several = contains(cells, _SEVERAL).to_numpy()
    if not several.any():
        return plain
    pieces: list[list[tuple[str, bool]]] = []
    total = 0
    for text in cells[several]:
        pieces.append(split(text))
        total += len(pieces[-1])
        _fits(total)
    counts = np.array([len(cell) for cell in pieces])
    # Every number has the other cells of its row, which may be long.
    others = table[several].drop(columns="row", errors="ignore")
    lengths = sum(np.asarray(others[name].str.len().fillna(0)) for name in others)
    _fits(total, int((lengths * counts).sum()))
    times = np.ones(len(plain), dtype="int64")
    times[several] = counts
    rows = np.repeat(np.arange(len(plain)), times)
    # Where no cell has more than one number, every row stays where it is.
    repeated = plain if total == len(pieces) else plain.iloc[rows]
    flat = [piece for cell in pieces for piece in cell]
    split_up = several[rows]
    changed = {
        "number_text": _put(repeated["number_text"], split_up, [text for text, _ in flat]),
        "from_range": _put(repeated["from_range"], split_up, [ranged for _, ranged in flat]),
    }
    for secret in ("pin", "ssn_last4"):
        if secret in repeated:
            paired = [
                _pins(text, count)
                for text, count in zip(table.loc[several, secret], counts, strict=True)
            ]
            pins = [pin for cell in paired for pin in cell]
            changed[secret] = _put(repeated[secret], split_up, pins)
    return repeated.assign(**changed)


def _put(column: pd.Series, where: np.ndarray, values: list[Any]) -> pd.Series:
    """Return a column with these values at the places that are marked, in their order."""
    changed = column.array.copy()
    changed[np.flatnonzero(where)] = pd.Series(values, dtype=column.dtype).array
    return pd.Series(changed, column.index)
