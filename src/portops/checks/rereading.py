"""What statements came to: read in processes of their own, or kept from being read before."""

from __future__ import annotations

import hashlib
import json
import zlib
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from portops.checks import ocr
from portops.checks.gist import EDITION
from portops.checks.worker import POOL, Answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from portops.checks.step import Kept

#: What a statement's key begins with: a plain SHA-256 of its content, which the store has of those
#: that were uploaded, opens nothing.
_KEYED = b"portops statement\0"

#: So many statements are read before what they came to is kept: a check that is stopped goes on
#: where it was.
_AT_ONCE = 2_000


@cache
def _edition() -> str:
    """Name what reads: another edition of it may read the same file otherwise."""
    pictures = version("rapidocr-onnxruntime") if ocr.available() else "none"
    return f"{EDITION} pdf {version('pypdfium2')} ocr {pictures}"


def _key(path: Path) -> bytes:
    return hashlib.sha256(_KEYED + path.read_bytes()).digest()


def _pack(answer: Answer) -> bytes:
    return zlib.compress(json.dumps([answer.fault, answer.gist, answer.scanned]).encode(), 1)


def _unpack(entry: bytes) -> Answer:
    return Answer(*json.loads(zlib.decompress(entry)))


def read(files: Sequence[tuple[Path, str]], kept: Kept | None) -> list[Answer]:
    """Return what files came to, each a path and its kind, in their order.

    Those whose content `kept` has are not read, and the others are kept.
    """
    if kept is None or not files:
        return POOL.read(files)
    keys = [_key(path) for path, _ in files]
    entries = kept.fetch(keys, _edition())
    unread = {key: file for key, file in zip(keys, files, strict=True) if key not in entries}
    answers = {key: _unpack(entry) for key, entry in entries.items()}
    wanted = list(unread)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        new = dict(zip(some, POOL.read([unread[key] for key in some]), strict=True))
        kept.keep({key: _pack(a) for key, a in new.items() if a.lasting}, _edition())
        answers |= new
    return [answers[key] for key in keys]
