"""Write files whole: a reader finds the old file or the new one, never half of one."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Permissions of a new file, before the user's umask takes its share.
MODE = 0o666


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
