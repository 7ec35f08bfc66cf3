"""The archive that a workbook is: parts read as they are asked for, copied as they lie, replaced."""

from __future__ import annotations

import copy
import io
import shutil
import struct
import zipfile
from typing import IO, TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

#: A workbook that unpacks to more is refused, as it is by a check.
MOST_UNPACKED = 2 * 1024**3

#: A part that is read in one go, such as the styles, unpacks to no more.
MOST_WHOLE = 64 * 1024**2

_PIECE = 4 * 1024**2
_ENCRYPTED, _SIZES_BEHIND = 0x1, 0x8
_LOCAL = struct.Struct("<4s22xHH")


class Unpatchable(Exception):
    """A package that cannot be patched; its text says why."""


class _Part:
    """One entry of an archive, as it lies in the file."""

    def __init__(self, info: zipfile.ZipInfo) -> None:
        self.info = info

    def copy(self, source: BinaryIO, target: zipfile.ZipFile) -> None:
        """Copy the packed bytes, so that they need not be good, nor be packed again."""
        source.seek(self.info.header_offset)
        head = source.read(_LOCAL.size)
        if len(head) != _LOCAL.size or head[:4] != b"PK\x03\x04":
            raise Unpatchable(f"{self.info.filename} is not where the archive says")
        _, name, extra = _LOCAL.unpack(head)
        source.seek(self.info.header_offset + _LOCAL.size + name + extra)
        info = copy.copy(self.info)
        # The sizes are in front now, and what else a writer left beside them says nothing of the part.
        info.flag_bits &= ~_SIZES_BEHIND
        info.extra = b""
        file = target.fp
        assert file is not None  # noqa: S101 - it was opened for writing
        file.seek(target.start_dir)
        info.header_offset = file.tell()
        file.write(info.FileHeader())
        rest = info.compress_size
        while rest:
            piece = source.read(min(_PIECE, rest))
            if not piece:
                raise Unpatchable(f"{info.filename} is cut off")
            file.write(piece)
            rest -= len(piece)
        target.start_dir = file.tell()
        target.filelist.append(info)
        target.NameToInfo[info.filename] = info


class Archive:
    """A workbook's parts by their names; raises Unpatchable where they are not what they should be.

    Names are told apart without regard to case, as the standard for packages says.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._zip = zipfile.ZipFile(file)
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        self._parts = {info.filename.casefold(): _Part(info) for info in infos}
        # Of two parts with one name, readers do not all take the same.
        if len(self._parts) != len(infos):
            raise Unpatchable("two parts have one name")
        if any(info.flag_bits & _ENCRYPTED for info in infos):
            raise Unpatchable("a part is encrypted")
        if sum(info.file_size for info in infos) > MOST_UNPACKED:
            raise Unpatchable("it unpacks to too much")

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._parts

    def size(self, name: str) -> int:
        """Bytes of a part, unpacked."""
        return self._parts[name.casefold()].info.file_size

    def read(self, name: str) -> bytes:
        """Return a part; raises KeyError where there is none."""
        if self.size(name) > MOST_WHOLE:
            raise Unpatchable(f"{name} is too large")
        return self._zip.read(self._parts[name.casefold()].info)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Give a part in pieces."""
        with self._zip.open(self._parts[name.casefold()].info) as part:
            while piece := part.read(_PIECE):
                yield piece

    def names(self, ending: str) -> list[str]:
        """Return the names of parts with an ending."""
        return [name for name in self._parts if name.endswith(ending)]

    def write(self, target: Path, changed: Mapping[str, Iterable[bytes]]) -> None:
        """Write the archive with other contents of some parts, in their order, after all the rest.

        A part without any bytes is left out. The contents may be made while they are written.
        """
        changing = {name.casefold() for name in changed}
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
            for name, part in self._parts.items():
                if name not in changing:
                    part.copy(self._file, new)
            for name, pieces in changed.items():
                self._add(new, name, pieces)

    def _add(self, new: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
        content = iter(pieces)
        first = next((piece for piece in content if piece), None)
        if first is None:
            return
        old = self._parts.get(name.casefold())
        info = zipfile.ZipInfo(name if old is None else old.info.filename)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        large = old is not None and old.info.file_size > MOST_UNPACKED // 2
        with new.open(info, "w", force_zip64=large) as part:
            part.write(first)
            for piece in content:
                part.write(piece)


def in_memory(parts: Mapping[str, Iterable[bytes]]) -> IO[bytes]:
    """Make a package of these parts only."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, pieces in parts.items():
            with package.open(name, "w") as part:
                shutil.copyfileobj(io.BytesIO(b"".join(pieces)), part)
    made.seek(0)
    return made
