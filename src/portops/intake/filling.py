"""Ditto marks, filled with what is above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from portops.facts.placeholders import is_ditto, is_placeholder, speechless

if TYPE_CHECKING:
    import pandas as pd

    from portops.intake.notices import Notices


def fill_dittos(table: pd.DataFrame, notices: Notices) -> pd.DataFrame:
    """Give cells such as `"` and `same as above` the value above them, in a table of texts.

    A ditto under nothing, or under a placeholder, stays as it is: it says nothing.
    """
    for name in [str(column) for column in table if column != "row"]:
        column = table[name]
        marks = speechless(column, is_ditto)
        if not marks:
            continue
        ditto = column.isin(marks).to_numpy()
        above = np.maximum.accumulate(np.where(~ditto, np.arange(len(column)), -1))
        source = column.iloc[np.maximum(above, 0)].reset_index(drop=True)
        source.index = column.index
        nothing = {text for text in source[ditto].dropna().unique() if is_placeholder(text)}
        filled = ditto & (above >= 0) & ~source.isin(nothing).to_numpy()
        if not filled.any():
            continue
        table[name] = column.where(~filled, source).astype("str")
        valued = filled & source.notna().to_numpy()
        rows = table.index[valued]
        notices.cells(
            "cell.ditto",
            table["row"].loc[rows],
            name,
            column.loc[rows],
            "The cell means the one above it and is read so.",
            source.loc[rows],
        )
    return table
