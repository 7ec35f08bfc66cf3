"""How long a port should take, and which open numbers are past that. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: Business days that a port should take, by line type; an unknown line counts as a landline.
TARGET_DAYS = {"landline": 10, "wireless": 5}


def past_target(waiting: pd.DataFrame) -> int:
    """Count the open numbers whose `days` exceed the target of their `line_type`."""
    return int(is_late(waiting).sum())


def is_late(waiting: pd.DataFrame) -> np.ndarray:
    """Tell of each open number whether its `days` exceed the target of its `line_type`."""
    wireless = (waiting["line_type"] == "wireless").to_numpy(dtype=bool)
    target = np.where(wireless, TARGET_DAYS["wireless"], TARGET_DAYS["landline"])
    late: np.ndarray = waiting["days"].to_numpy() > target
    return late
