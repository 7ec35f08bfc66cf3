"""Write files whole and for their owner only: what portops writes holds PINs, names and links.

A reader finds the old file or the new one, never half of one. Files get mode 0600 and folders
0700, whatever the user's umask is; a folder that was there keeps its mode.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a path beside `target` to write to; put it in place at the end.

    The path is an empty file that ends in `.part`; folders on the way are made. An error leaves
    `target` as it was and nothing beside it. Raises OSError when the file cannot be written or put
    in place: on Windows, PermissionError while another program has `target` open.
    """
    private_folder(target.parent)
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
