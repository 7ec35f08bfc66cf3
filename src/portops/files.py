"""Write files whole and for their owner only: what portops writes holds PINs, names and links.

A reader finds the old file or the new one, never half of one. Files get mode 0600 and folders
0700, whatever the user's umask is; a folder that was there keeps its mode.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from portops.errors import InputError, PortopsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)

#: Permissions of a new file and of a new folder: the owner's alone.
MODE, FOLDER_MODE = 0o600, 0o700


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner can enter, and those above it; return it.

    A folder that exists keeps its mode. Raises OSError when it cannot be made.
    """
    if not path.is_dir():
        if path.parent != path:
            private_folder(path.parent)
        path.mkdir(FOLDER_MODE, exist_ok=True)
    return path


def private_file(path: Path) -> Path:
    """Make an empty file that only its owner can read, for others to write to; return it.

    For what is not written whole: databases, logs, locks. A file that exists is left alone.
    Raises OSError when it cannot be made.
    """
    private_folder(path.parent)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, MODE))
    return path


def make_private(path: Path) -> Path:
    """Take a file that another program has just made from everybody but its owner; return it."""
    path.chmod(MODE)
    return path


#: What to do about a disk that takes nothing.
_DISK = {
    errno.ENOSPC: "Free some space on that disk",
    errno.EDQUOT: "Free some space: your quota on that disk is used up",
    errno.EROFS: "Choose a folder on a disk that can be written to",
}

#: So many names are tried for a result whose own name cannot be had.
NAMES = 100


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give an empty file beside `target` that ends in `.part`, and take it away at the end."""
    private_folder(target.parent)
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


def cannot_write(path: Path | str, error: OSError) -> PortopsError:
    """Say in words that a file or folder can't be written, and what to do about it."""
    what = error.filename if isinstance(error.filename, str) else str(path)
    remedies = {
        **_DISK,
        errno.EACCES: "Ask for permission to write there, or choose another folder",
        errno.EPERM: "Ask for permission to write there, or choose another folder",
    }
    remedy = remedies.get(error.errno or 0, "Check that it is a folder or file you can write to")
    reason = error.strerror or type(error).__name__
    return PortopsError(f"{what} can't be written ({reason}).", f"{remedy}, then run it again.")


def takes_nothing(error: BaseException) -> bool:
    """Tell whether an error says that the disk is full or can't be written to."""
    return isinstance(error, OSError) and error.errno in _DISK


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
        disk = _DISK.get(error.errno or 0)
        raise InputError(
            f"{target} can't be written ({error.strerror or error}).",
            f"{disk}, then run it again."
            if disk
            else "Close it where it is open, or choose another folder with --out.",
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
