"""A file that a check has written."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Marked(NamedTuple):
    """A file that was written, and what a reader of it has to know."""

    path: Path
    note: str = ""
