"""Write files whole: a reader finds the old file or the new one, never half of one."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from portops.errors import PortopsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Permissions of a new file, before the user's umask takes its share.
MODE = 0o666


def cannot_write(path: Path | str, error: OSError) -> PortopsError:
    """Say in words that a file or folder can't be written, and what to do about it."""
    what = error.filename if isinstance(error.filename, str) else str(path)
    remedies = {
        errno.ENOSPC: "Free some space on that disk",
        errno.EDQUOT: "Free some space: your quota on that disk is used up",
        errno.EROFS: "Choose a folder on a disk that can be written to",
        errno.EACCES: "Ask for permission to write there, or choose another folder",
        errno.EPERM: "Ask for permission to write there, or choose another folder",
    }
    remedy = remedies.get(error.errno or 0, "Check that it is a folder or file you can write to")
    reason = error.strerror or type(error).__name__
    return PortopsError(f"{what} can't be written ({reason}).", f"{remedy}, then run it again.")


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a path beside `target` to write to; put it in place at the end.

    The path is an empty file that ends in `.part`; folders on the way are made. An error leaves
    `target` as it was and nothing beside it. Raises OSError when the file cannot be written or put
    in place: on Windows, PermissionError while another program has `target` open.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, so that two processes never write to the same file; its end keeps it from
    # those who look for `*.csv`. Names have a length limit, so the target's own name is cut.
    beside = target.with_name(f".{target.name[:40]}.{secrets.token_hex(6)}.part")
    os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, MODE))
    try:
        yield beside
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
