"""The assignment of columns to fields that is best for all of them together."""

from __future__ import annotations

import numpy as np


def assign(gain: np.ndarray) -> list[int | None]:
    """Give each row (a column of the workbook) one column (a field), or None, for the greatest sum.

    `gain` has a row a column and a column a field; only gains above 0 are taken. It is the
    Hungarian method with potentials (Kuhn 1955, in the form of Jonker and Volgenant): at most some
    hundred columns, a few milliseconds.
    """
    rows, fields = gain.shape
    if not rows or not fields:
        return [None] * rows
    # A field of its own for each row that gains nothing stands for "no field".
    cost = np.concatenate([-np.maximum(gain, -1e6), np.zeros((rows, rows))], axis=1)
    width = cost.shape[1]
    by_row, by_field = np.zeros(rows + 1), np.zeros(width + 1)
    taken_by = np.zeros(width + 1, dtype=int)
    for row in range(1, rows + 1):
        taken_by[0] = row
        at, least = 0, np.full(width + 1, np.inf)
        before, done = np.zeros(width + 1, dtype=int), np.zeros(width + 1, dtype=bool)
        while taken_by[at]:
            done[at] = True
            owner = taken_by[at]
            open_fields = ~done[1:]
            reduced = cost[owner - 1] - by_row[owner] - by_field[1:]
            better = open_fields & (reduced < least[1:])
            least[1:][better] = reduced[better]
            before[1:][better] = at
            candidates = np.where(open_fields, least[1:], np.inf)
            nearest = int(candidates.argmin()) + 1
            step = candidates[nearest - 1]
            by_row[taken_by[done]] += step
            by_field[done] -= step
            least[1:][open_fields] -= step
            at = nearest
        while at:
            taken_by[at] = taken_by[before[at]]
            at = before[at]
    chosen: list[int | None] = [None] * rows
    for field in range(1, fields + 1):
        if taken_by[field] and gain[taken_by[field] - 1, field - 1] > 0:
            chosen[taken_by[field] - 1] = field - 1
    return chosen
