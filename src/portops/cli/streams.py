"""Stdout and stderr that stop no run: any code page, and a reader that has gone away."""

from __future__ import annotations

import io
import os
import sys
from typing import Any


class _Patient(io.FileIO):
    """A pipe that goes on as a hole once nobody reads it, as in `portops status | head`.

    What a command does after its first lines, such as writing receipts, is still to be done.
    """

    def write(self, data: Any) -> int:
        """Write bytes; all of them count as written when the reader has gone."""
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            hole = os.open(os.devnull, os.O_WRONLY)
            os.dup2(hole, self.fileno())
            os.close(hole)
            return memoryview(data).nbytes


def _patient(stream: Any) -> Any:
    """Return the stream with a patient end, where it leads to a file or a pipe."""
    if type(stream) is not io.TextIOWrapper or stream.isatty():
        return stream
    buffered = isinstance(stream.buffer, io.BufferedWriter)
    raw = stream.buffer.raw if isinstance(stream.buffer, io.BufferedWriter) else stream.buffer
    if type(raw) is not io.FileIO:
        return stream
    stream.flush()
    patient = _Patient(raw.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(patient) if buffered else patient,
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _unraised(about: sys.UnraisableHookArgs) -> None:
    """Keep quiet about a file that can't be closed because its disk is full: that was told."""
    if not isinstance(about.exc_value, OSError):
        sys.__unraisablehook__(about)


def prepare() -> None:
    """Make both streams fit for every text and every reader."""
    sys.unraisablehook = _unraised
    sys.stdout, sys.stderr = _patient(sys.stdout), _patient(sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A Windows console of another code page must not stop a run.
            stream.reconfigure(errors="replace")
