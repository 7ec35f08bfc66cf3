"""Columns that were not understood: what they come nearest to, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from portops.intake.titles import readings
from portops.redaction import MASK
from portops.tables.columns import SECRET_FIELDS, UNSHOWN_FIELDS

if TYPE_CHECKING:
    import numpy as np

    from portops.intake.scoring import Column, Recognized

#: A field is named as the nearest from this score on, and feared to be a secret from that.
_NEAR, _FEARED = -1.0, -4.0

#: So many values of a column are shown.
_SHOWN = 3

_SECRET_TITLE = frozenset(
    "pin pins ssn passcode password social security secret taxid".split()  # noqa: SIM905 - a table of words
)
_SECRET_TEXT = re.compile(r"(?i)\b(?:pin|passcode|password|ssn|social)\b|\b\d{3}-\d{2}-\d{4}\b")


def name_nearest(
    columns: Sequence[Column], result: list[Recognized], gain: np.ndarray, fields: Sequence[str]
) -> None:
    """Name the field that each column without one comes nearest to, where one is near at all.

    `gain` has a score for each column and field. A column that may be a secret is marked as one.
    """
    secret = [place for place, name in enumerate(fields) if name in SECRET_FIELDS]
    for row, view in enumerate(result):
        if view.field is not None or view.how == "given":
            continue
        best = int(gain[row].argmax())
        near = fields[best] if gain[row, best] > _NEAR else ""
        alike = columns[row].contents.shares.get("pin", 0.0) > 0.3
        feared = alike and bool((gain[row, secret] > _FEARED).any())
        result[row] = view._replace(near=near, secret=feared)


def examples(column: Column, view: Recognized) -> tuple[str, ...]:
    """Return the first distinct values of a column as they may be shown: secrets as `•••`."""
    texts = tuple(dict.fromkeys(text for text in column.contents.values if text))[:_SHOWN]
    words = {*readings(column.title, *column.above).own}
    hidden = view.field in UNSHOWN_FIELDS or (
        view.field is None and (view.secret or view.near in UNSHOWN_FIELDS or words & _SECRET_TITLE)
    )
    if texts and hidden:
        return (MASK,)
    return tuple(MASK if _SECRET_TEXT.search(text) else text for text in texts)
