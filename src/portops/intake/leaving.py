"""Rows that are left out of a table: flagged, remarked upon, or one more feature of a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from portops.intake.cells import letter_of
from portops.intake.staying import flag, forbidden, may_be_flag
from portops.intake.titles import readings
from portops.wording import counted, spans

if TYPE_CHECKING:
    from portops.intake.cutting import Table
    from portops.intake.notices import Notices

#: Kinds of column in which people remark what does not move.
_REMARKS = frozenset({"-internal", "-plan", "-flag", "-portion", ""})


def flagged(table: Table, notices: Notices) -> np.ndarray:
    """Tell which rows move, by the columns that say so; what stays is named."""
    moving = np.ones(len(table.frame), dtype=bool)
    for position, (title, other, contents, texts) in table.spare.items():
        if not may_be_flag(title, other, contents):
            continue
        values = texts()
        view = flag(title, values)
        if view is None:
            continue
        letter = letter_of(position)
        rows = table.frame["row"].to_numpy()
        out = view.says < 0
        if out.any():
            words = sorted(set(values[out].dropna().unique()))[:4]
            quoted = ", ".join(f"'{word}'" for word in words) or "nothing"
            first = int(rows[out][0])
            notices.add(
                "workbook.not_to_port",
                first,
                f"{counted(int(out.sum()), 'row')} ({spans(rows[out].tolist())}) "
                f"{'is' if out.sum() == 1 else 'are'} left out: '{title}' says {quoted}.",
                cell=f"{table.sheet}!{letter}{first}",
                column=title,
                value=", ".join(words),
            )
        moving &= ~out
        unclear = (view.says == 0) & moving
        if view.asks and unclear.any():
            for row, value in zip(rows[unclear], values[unclear], strict=True):
                notices.add(
                    "cell.placeholder",
                    int(row),
                    f"'{title}' does not say whether the number moves. Write yes or no.",
                    cell=f"{table.sheet}!{letter}{row}",
                    column=title,
                    value=None if pd.isna(value) else value,
                )
    return moving


def forbidden_rows(table: Table, moving: np.ndarray, notices: Notices) -> np.ndarray:
    """Leave out the rows in which a remark says outright that their number does not move."""
    remarks = [
        (title or f"column {letter_of(position)}", letter_of(position), texts())
        for position, (title, other, contents, texts) in table.spare.items()
        if (other in _REMARKS or not title) and contents.shares.get("letters", 0.0) >= 0.2
    ]
    if "notes" in table.frame:
        place = next((p for p in table.places if p.field == "notes"), None)
        if place is not None:
            remarks.append((place.header, place.letter, table.frame["notes"]))
    for title, letter, values in remarks:
        out = forbidden(values) & moving
        if not out.any():
            continue
        rows = table.frame["row"].to_numpy()[out]
        words = sorted(set(values[out].dropna().unique()))[:4]
        notices.add(
            "workbook.not_to_port",
            int(rows[0]),
            f"{counted(len(rows), 'row')} ({spans(rows.tolist())}) "
            f"{'is' if len(rows) == 1 else 'are'} left out: '{title}' says "
            + ", ".join(f"'{word}'" for word in words)
            + ".",
            cell=f"{table.sheet}!{letter}{int(rows[0])}",
            column=title,
            value=", ".join(words),
        )
        moving = moving & ~out
    return moving


#: What the columns of a service record are called that make several rows of one number.
_FEATURES = frozenset(
    ["usoc", "feature", "features", "description", "product", "item", "charge", "charges", "fid"]
)


def repeated(table: Table) -> np.ndarray:
    """Tell which rows are one more feature of a number above: all else of them is the same."""
    later = np.zeros(len(table.frame), dtype=bool)
    features = [
        texts
        for title, _, contents, texts in table.spare.values()
        if contents.counted > 1 and _FEATURES & set(readings(title).own)
    ]
    if len(table.numbers) != 1 or not features:
        return later
    details = table.frame.drop(columns="row").assign(number=table.numbers[0][2])
    same = details.duplicated() & details["number"].notna()
    if same.any():
        rows = details.assign(**{f"feature {n}": texts() for n, texts in enumerate(features)})
        # A row that says the very same again is there twice, which is told.
        later = (same & ~rows.duplicated()).to_numpy()
    return later
