"""Write files whole: a reader finds the old file or the new one, never half of one."""

from __future__ import annotations

import logging
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from portops.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)

#: Permissions of a new file, before the user's umask takes its share.
MODE = 0o666

#: So many names are tried for a result whose own name cannot be had.
NAMES = 100


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give an empty file beside `target` that ends in `.part`, and take it away at the end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, so that two processes never write to the same file; its end keeps it from
    # those who look for `*.csv`. Names have a length limit, so the target's own name is cut.
    beside = target.with_name(f".{target.name[:40]}.{secrets.token_hex(6)}.part")
    os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, MODE))
    try:
        yield beside
    finally:
        # On Windows a writer that failed may still hold it; the error that matters is its own.
        with suppress(OSError):
            beside.unlink(missing_ok=True)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a path beside `target` to write to; put it in place at the end.

    The path is an empty file that ends in `.part`; folders on the way are made. An error leaves
    `target` as it was and nothing beside it. Raises OSError when the file cannot be written or put
    in place: on Windows, PermissionError while another program has `target` open.
    """
    with _beside(target) as beside:
        yield beside
        beside.replace(target)


def put_result(target: Path, write: Callable[[Path], object]) -> Path:
    """Write a result whole and return where it is; `write` is given the path to write to.

    A file that is open in Excel cannot be replaced: the result is then written beside it under a
    name that is free, such as `stem (2).xlsx`, and a warning says so. Raises InputError when
    nothing can be written there.
    """
    try:
        with _beside(target) as beside:
            write(beside)
            return _place(beside, target)
    except OSError as error:
        raise InputError(
            f"{target} cannot be written ({error.strerror or error}).",
            "Close it where it is open, or choose another folder with --out.",
        ) from error


def _place(beside: Path, target: Path) -> Path:
    """Move a written file to its name, or to the first free one like it."""
    try:
        beside.replace(target)
    except PermissionError:
        others = [
            target.with_name(f"{target.stem} ({number}){target.suffix}")
            for number in range(2, NAMES)
        ]
        free = next((other for other in others if not other.exists()), None)
        if free is None:
            raise
        beside.replace(free)
        _log.warning(
            "%s could not be replaced; it may be open in Excel. The new file is '%s'.",
            target,
            free.name,
        )
        return free
    return target
