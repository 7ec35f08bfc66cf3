"""Leftovers: the folders in which reports are made, and what a killed run left of them."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

#: A folder in which a report is made: a dot, the report's name, and what `tempfile` adds.
_MADE_IN = re.compile(r"\.[\w-]+-[a-z0-9_]{8}")

#: Its lock, which ends with the process that makes the report, however that ends.
_LOCK = ".making.lock"

#: Seconds in which a new folder has got its lock.
_SLACK = 1.0


@contextmanager
def making(folder: Path, name: str) -> Iterator[Path]:
    """Give a folder inside `folder` to make the report `name` in; it is removed at the end."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{name}-") as beside:
        work = Path(beside)
        with FileLock(work / _LOCK):
            yield work


def remove_leftovers(out: Path, began: float) -> int:
    """Remove what killed runs left in a folder of reports and its weeks; returns how many.

    `began` (seconds since 1970) is when this run began. A folder whose report is still being made,
    by whoever, is left alone.
    """
    folders = [out, *(path for path in out.iterdir() if path.is_dir() and not path.is_symlink())]
    removed = 0
    for folder in folders:
        for path in folder.iterdir():
            is_made_in = _MADE_IN.fullmatch(path.name) and path.is_dir() and not path.is_symlink()
            if is_made_in and path.stat().st_mtime < began - _SLACK and _is_dead(path):
                shutil.rmtree(path, ignore_errors=True)
                removed += 1
    return removed


def _is_dead(work: Path) -> bool:
    """Return whether nobody makes a report in this folder any more."""
    if not (work / _LOCK).exists():
        return True
    try:
        with FileLock(work / _LOCK, timeout=0):
            return True
    except (Timeout, OSError):
        return False
