"""Workbooks that could fill the memory are read aside: in a process of its own that may die of it.

The reader makes a table of all cells up to the farthest one, gaps included, and ends the process
when there is no memory for it. Both sides are here: `read` asks, and `serve` answers with one line
of JSON a sheet and one packed column after the other, each after its length.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa

from portops import apart
from portops.errors import InputError
from portops.intake.books import pages, reading
from portops.intake.layout import layouts
from portops.intake.packing import MOST_ROWS, Packed, Packing, TooMuch
from portops.results.original import Grid, Original

if TYPE_CHECKING:
    import subprocess

#: Bytes of memory that reading one workbook may take, and seconds. A million rows of thirteen
#: columns take 1.3 GB and half a minute.
MEMORY, PATIENCE = 1_700 * 1024**2, 600.0

#: Cells, gaps included, and bytes of text with their places that are taken from one workbook: what
#: follows keeps several copies of them.
MOST_CELLS, MOST_TEXT = 40_000_000, 384 * 1024**2

#: So many bytes of one answer are a mistake.
_MOST_FRAME = 1024**3

_EVERY = 0.1
_LENGTH = struct.Struct("<Q")


def _too_large(original: Original, what: str) -> InputError:
    return InputError(
        f"{original} {what}.",
        "Delete the empty rows and columns around the table, split it, or save it as CSV.",
    )


def _frames(source: IO[bytes]) -> Any:
    """Return a function that takes the next answer; it raises EOFError when there is none."""

    def take() -> bytes:
        head = source.read(_LENGTH.size)
        size = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else _MOST_FRAME + 1
        frame = source.read(size) if size <= _MOST_FRAME else b""
        if len(frame) != size:
            raise EOFError
        return frame

    return take


def _watch(process: subprocess.Popen[bytes], ended: list[str]) -> None:
    """End the process when it takes too long or, where the system sets no limit, too much."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None:
        if time.monotonic() > deadline:
            ended.append(f"takes more than {PATIENCE / 60:.0f} minutes to read")
        elif apart.memory_of(process) > MEMORY:
            ended.append(f"takes more than {MEMORY / 1024**3:.1f} GB of memory to read")
        if ended:
            process.kill()
        time.sleep(_EVERY)


def _unpacked(frame: bytes) -> Packed:
    batch = pa.ipc.open_stream(frame).read_next_batch()
    return Packed(batch.column(0), batch.column(1) if batch.num_columns > 1 else None)


def _grid(original: Original, about: dict[str, Any], columns: list[Packed]) -> Grid:
    def since(first: int) -> list[Any]:
        return [column.since(first) for column in columns]

    return Grid(
        file=original.name,
        sheet=about["sheet"],
        head=about["head"],
        columns=since,
        hidden=frozenset(about["hidden"]),
        shown=about["shown"],
        note=about["note"],
    )


def read(original: Original, sheet: str | None, head: int) -> list[Grid]:
    """Read every sheet of a workbook that shows, or one, in a process of its own.

    Raises InputError when it cannot be read, or when that takes too much memory or time.
    """
    # Arrow's own allocators reserve more than they use, and the limit is on what is reserved.
    process = apart.start("portops.intake.aside:serve", {"ARROW_DEFAULT_MEMORY_POOL": "system"})
    assert process.stdin is not None  # noqa: S101 - it was opened with pipes
    assert process.stdout is not None  # noqa: S101
    ended: list[str] = []
    watcher = threading.Thread(target=_watch, args=(process, ended), daemon=True)
    watcher.start()
    question = {
        "name": original.name,
        "suffix": original.suffix,
        "path": str(original.path.resolve()) if original.path else None,
        "sheet": sheet,
        "head": head,
    }
    read_aside: list[Grid] = []
    take = _frames(process.stdout)
    try:
        process.stdin.write(json.dumps(question).encode() + b"\n")
        if not original.path:
            process.stdin.write(original.read())
        process.stdin.close()
        while True:
            about = json.loads(take())
            if "error" in about:
                raise InputError(about["error"], about["remedy"])
            if "done" in about:
                return read_aside
            columns = [_unpacked(take()) for _ in range(about["columns"])]
            head_rows = zip(*(column.since(0)[:head] for column in columns), strict=True)
            about["head"] = [[_plain(cell) for cell in row] for row in head_rows]
            read_aside.append(_grid(original, about, columns))
    except (EOFError, OSError) as error:
        process.wait()
        what = ended[0] if ended else "takes too much memory to read, or is damaged"
        raise _too_large(original, what) from error
    finally:
        apart.end(process)
        watcher.join()


def _plain(cell: Any) -> Any:
    return cell.as_py() if isinstance(cell, pa.Scalar) else cell


def _answer(question: dict[str, Any], send: Any) -> None:
    """Read one workbook and send its sheets; raises what reading raises."""
    path = Path(question["path"]) if question["path"] else None
    original = Original(
        name=question["name"],
        suffix=question["suffix"],
        path=path,
        data=None if path else sys.stdin.buffer.read(),
    )
    by_sheet, note = layouts(original)
    cells, text, height = MOST_CELLS, MOST_TEXT, 0
    with reading(original):
        for page in pages(original, question["sheet"], by_sheet):
            packing = Packing(cells, text)
            for row in page.rows:
                packing.add(row)
            about = {"sheet": page.name, "shown": page.shown, "note": note}
            about |= {"hidden": list(page.hidden), "columns": packing.width}
            cells, text = cells - packing.cells, text - packing.text
            height += packing.height
            if height > MOST_ROWS:
                raise TooMuch
            send(json.dumps(about).encode())
            for column in packing.columns():
                arrays = [array for array in column if array is not None]
                batch = pa.record_batch(arrays, ["texts", "kinds"][: len(arrays)])
                sink = pa.BufferOutputStream()
                with pa.ipc.new_stream(sink, batch.schema) as stream:
                    stream.write_batch(batch)
                send(sink.getvalue())


def serve() -> None:
    """Answer one question; dies when that takes too much memory."""
    apart.limit_memory(MEMORY)
    # Libraries may print: the answers have a channel of their own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def send(frame: Any) -> None:
        answers.write(_LENGTH.pack(len(frame)))
        answers.write(frame)
        answers.flush()

    question = json.loads(sys.stdin.buffer.readline())
    try:
        _answer(question, send)
    except InputError as error:
        send(json.dumps({"error": str(error), "remedy": error.remedy}).encode())
    except PermissionError:
        what, remedy = "cannot be opened.", "Close it in Excel, then try again."
        send(json.dumps({"error": f"{question['name']} {what}", "remedy": remedy}).encode())
    except TooMuch:
        refusal = _too_large(Original(name=question["name"]), "holds more than can be checked")
        send(json.dumps({"error": str(refusal), "remedy": refusal.remedy}).encode())
    else:
        send(json.dumps({"done": True}).encode())
