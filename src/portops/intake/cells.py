"""Cells to texts, as a person sees them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from portops.texts import series
from portops.wording import column_under, letters_of

# Control characters (but tab and line ends) break workbooks, letters and bodies further on.
_ODD_SPACES = "[\x00-\x08\x0b\x0c\x0e-\x1f\u00a0\u2007\u202f\u200b\ufeff]"
_ODD = _ODD_SPACES + "|[\u2018\u2019\u201c\u201d]"
# A float that an export wrote out: the number and nothing behind its point.
_WHOLE = r"^\s*\d{5,}\.0+\s*$"
_SMART = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})


def as_text(value: Any) -> str | None:
    """Write one cell as a person sees it, None when it is blank.

    Numbers of 15 digits and more come out in scientific notation, as Excel shows them: it has
    lost what follows.
    """
    if value is None or value == "" or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, str):
        text = re.sub(_ODD_SPACES, " ", value).translate(_SMART).strip()
        return (text.partition(".")[0] if re.match(_WHOLE, text) else text) or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        if abs(value) >= 1e15:
            return f"{value:.15g}".upper()
        return str(int(value)) if float(value).is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def column_as_text(values: Any) -> pd.Series:
    """Write a column as text, NaN for blanks; columns of nothing but text take the quick way."""
    try:
        texts = values if isinstance(values, pa.Array) else pa.array(values, pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pd.Series([as_text(value) for value in values], dtype="str")
    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary
    if pc.any(pc.match_substring_regex(distinct, f"{_ODD}|{_WHOLE}")).as_py():
        clean = pa.array([as_text(text) for text in distinct.to_pylist()], pa.large_string())
    else:
        trimmed = pc.utf8_trim_whitespace(distinct)
        clean = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.large_string()), trimmed)
    return series(clean.take(encoded.indices), pd.RangeIndex(len(texts)))


def letter_of(column: int) -> str:
    """Return the letters that Excel shows over a column, counted from 0."""
    return letters_of(column + 1)


def column_of(letters: str) -> int:
    """Return the column under these letters, counted from 0."""
    return column_under(letters) - 1


def even(rows: Sequence[Sequence[Any]], nothing: Any = None) -> list[list[Any]]:
    """Return rows of cells of even length, filled up with `nothing`."""
    width = max(map(len, rows), default=0)
    return [[*row, *[nothing] * (width - len(row))] for row in rows]


def even_texts(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Return rows of cells as texts of even length."""
    return even([[as_text(cell) or "" for cell in row] for row in rows], "")
