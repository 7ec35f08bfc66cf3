"""Columns of text: each distinct text is worked on once, by Arrow's kernels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def arrow(text: pd.Series) -> pa.Array:
    """Return a text column as one Arrow array (no copy where it is one already)."""
    array = pa.array(text.astype("str"))
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def series(array: pa.Array, index: pd.Index) -> pd.Series:
    """Return an Arrow array of text as a text column."""
    return pd.Series(pd.array(array, dtype="str"), index=index)


def constant(text: str, index: pd.Index) -> pd.Series:
    """Return a column that says the same everywhere."""
    return series(pa.repeat(pa.scalar(text, pa.large_string()), len(index)), index)


def blank(index: pd.Index) -> pd.Series:
    """Return a text column without any text."""
    return series(_nulls(len(index)), index)


@lru_cache(maxsize=2)
def _nulls(count: int) -> pa.Array:
    """Return so many missing texts: tables have dozens of such columns, which share one."""
    return pa.nulls(count, pa.large_string())


def spaced(left: pd.Series, right: pd.Series) -> pd.Series:
    """Join two text columns with a space; missing where both are."""
    joint = (left.fillna("") + " " + right.fillna("")).str.strip()
    return joint.where(joint != "").astype("str")


def contains(text: pd.Series, pattern: str) -> pd.Series:
    """Tell where a text holds the pattern (RE2; case does not count); blanks do not."""
    hits = pc.match_substring_regex(arrow(text), pattern, ignore_case=True)
    return pd.Series(flags(hits), index=text.index)


def matches(text: pd.Series, pattern: str) -> pd.Series:
    """Tell where a text begins with the pattern (RE2); blanks do not."""
    hits = pc.match_substring_regex(arrow(text), f"^(?:{pattern})")
    return pd.Series(flags(hits), index=text.index)


def flags(hits: pa.Array) -> np.ndarray:
    """Return Arrow's answers as flags; a missing text is no hit."""
    answers: np.ndarray = np.asarray(pc.fill_null(hits, False))  # noqa: FBT003 - pyarrow's order
    return answers


#: What makes white space more than one space: RE2's other white space, and two of them.
_ODD_SPACES = ("  ", "\t", "\n", "\r", "\f")


def squeeze(text: pd.Series) -> pd.Series:
    """Make every run of white space one space."""
    texts = arrow(text)
    # Looking for a few letters is ten times as quick as the pattern, and most columns have none.
    if not any(pc.any(pc.match_substring(texts, odd)).as_py() for odd in _ODD_SPACES):
        return series(texts, text.index)
    return series(pc.replace_substring_regex(texts, r"\s+", " "), text.index)


def fold(text: pd.Series) -> pd.Series:
    """Fold texts for comparison: case, spaces and punctuation do not count."""
    lower = pc.utf8_lower(arrow(text))
    return series(pc.replace_substring_regex(lower, r"[^a-z0-9]+", ""), text.index)


def codes_of(column: pd.Series) -> tuple[np.ndarray, int]:
    """Give each distinct value of a column a number from 1; 0 is missing.

    Returns the numbers and how many there are, 0 included.
    """
    if isinstance(column.dtype, pd.StringDtype):
        encoded = arrow(column).dictionary_encode()
        indices = np.asarray(pc.fill_null(encoded.indices, -1)).astype("int64")
        return indices + 1, len(encoded.dictionary) + 1
    codes, values = pd.factorize(column)
    return codes.astype("int64") + 1, len(values) + 1


def groups(columns: Sequence[pd.Series]) -> tuple[np.ndarray, np.ndarray]:
    """Give each distinct row of some columns a number.

    Returns the number of each row's group, counted in order of appearance, and the position of
    each group's first row.
    """
    rows, size = codes_of(columns[0])
    for column in columns[1:]:
        codes, count = codes_of(column)
        if size * count > 2**62:
            rows, uniques = pd.factorize(rows)
            size = len(uniques)
        rows = rows * count + codes
        size *= count
    group, uniques = pd.factorize(rows)
    first = np.full(len(uniques), -1, dtype="int64")
    first[group[::-1]] = np.arange(len(group) - 1, -1, -1)
    return group, first


def take(column: pd.Series, positions: np.ndarray, index: pd.Index) -> pd.Series:
    """Return the values at the positions, on another index."""
    if isinstance(column.dtype, pd.StringDtype) and column.isna().all():
        return blank(index)
    return pd.Series(column.array.take(positions), index=index)
