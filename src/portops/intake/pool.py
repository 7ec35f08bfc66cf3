"""Many workbooks are read by several processes, each workbook by one of them.

No fork and no `multiprocessing`: a process is started for this alone (see `apart`), so that it is
the same on every system and a caller's script is not run again. A job and its answer are one frame
each, after their length. What a process cannot answer is read right here, as if there were none.
"""

from __future__ import annotations

import os
import pickle
import queue
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from portops import apart
from portops.errors import InputError
from portops.intake.opening import opened, read_original, with_every_sheet
from portops.redaction import Secret
from portops.results.original import Original
from portops.results.reading import FileRead, Reading
from portops.tables.columns import SECRET_FIELDS

if TYPE_CHECKING:
    import subprocess

    from portops.intake.sources import ReadOptions

#: Starting a process costs about as much as reading so many bytes of workbooks.
WORTH_IT = 4 * 1024**2

_LENGTH = struct.Struct("<Q")

#: Hears of every workbook that was read.
Tell = Callable[[FileRead], None]


class Answer(NamedTuple):
    """What a process says of a workbook: its reading, or what is wrong and what to do.

    `secrets` are the texts of the secret columns, which travel through the pipe and nowhere else;
    `hidden` says that its hidden sheets were read too.
    """

    reading: Reading | None
    secrets: dict[str, list[str | None]]
    hidden: bool = False
    error: str = ""
    remedy: str = ""


def _send(pipe: IO[bytes], value: object) -> None:
    frame = pickle.dumps(value, protocol=5)
    pipe.write(_LENGTH.pack(len(frame)))
    pipe.write(frame)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    """Return the next value; raises EOFError when there is none."""
    head = pipe.read(_LENGTH.size)
    if len(head) != _LENGTH.size:
        raise EOFError
    frame = pipe.read(_LENGTH.unpack(head)[0])
    # Both ends of the pipe are this program.
    return pickle.loads(frame)  # noqa: S301


def _bare(reading: Reading, *, hidden: bool) -> Answer:
    """Take the secrets and the original, which cannot travel, out of a reading."""
    numbers, secrets = reading.numbers, {}
    for name in SECRET_FIELDS:
        column = numbers[name]
        secrets[name] = [value.reveal() if isinstance(value, Secret) else None for value in column]
        numbers = numbers.assign(**{name: None})
    return Answer(replace(reading, numbers=numbers, originals=()), secrets, hidden)


def _dressed(answer: Answer, original: Original) -> Reading:
    """Put the secrets and the original back."""
    reading = answer.reading
    assert reading is not None  # noqa: S101 - an error was raised before
    nothing = float("nan")
    columns = {
        name: [nothing if text is None else Secret(text) for text in texts]
        for name, texts in answer.secrets.items()
    }
    numbers = reading.numbers.copy(deep=False)
    for name, values in columns.items():
        numbers[name] = pd.Series(values, numbers.index, dtype=object)
    own = with_every_sheet(original) if answer.hidden else original
    return replace(reading, numbers=numbers, originals=(own,))


class _Reader:
    """One process that reads workbooks, one after the other."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, original: Original, options: ReadOptions) -> Answer:
        """Have a workbook read; raises OSError or EOFError when the process is gone."""
        if self._process is None:
            self._process = apart.start("portops.intake.pool:serve")
        process = self._process
        assert process.stdin is not None  # noqa: S101 - it was opened with pipes
        assert process.stdout is not None  # noqa: S101
        path = None if original.path is None else original.path.resolve()
        _send(process.stdin, (original.name, original.suffix, path, options))
        answer: Answer = _receive(process.stdout)
        return answer

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            apart.end(process)


def _read(reader: _Reader, original: Original, options: ReadOptions) -> Reading:
    """Have a workbook read; where the process cannot, read it here, whatever then happens."""
    if original.path is None:
        return read_original(original, options)
    try:
        answer = reader.ask(original, options)
    except (OSError, EOFError, pickle.PickleError, TypeError):
        reader.close()
        return read_original(original, options)
    if answer.error:
        raise InputError(answer.error, answer.remedy)
    return (
        read_original(original, options) if answer.reading is None else _dressed(answer, original)
    )


class _Work:
    """The workbooks to read, handed out in their order, and what became of each."""

    def __init__(self, originals: Sequence[Original], options: ReadOptions, tell: Tell) -> None:
        self.results: list[Reading | BaseException | None] = [None] * len(originals)
        self._originals, self._options, self._tell = originals, options, tell
        self._places: queue.SimpleQueue[int] = queue.SimpleQueue()
        for place in range(len(originals)):
            self._places.put(place)
        self._lock = threading.Lock()
        self._failed = False
        self._rows = self._done = 0

    def stop(self) -> None:
        self._failed = True

    def run(self, reader: _Reader) -> None:
        """Read until there is nothing left, or one failed: those before it are out already."""
        while not self._failed:
            try:
                place = self._places.get_nowait()
            except queue.Empty:
                return
            self.one(place, reader)

    def one(self, place: int, reader: _Reader) -> None:
        original = self._originals[place]
        try:
            reading = _read(reader, original, self._options)
        except BaseException as error:  # raised by who asked, in the files' order
            self.results[place] = error
            self._failed = True
            return
        self.results[place] = reading
        with self._lock:
            self._done += 1
            self._rows += reading.rows
            self._tell(FileRead(original.name, self._done, len(self._originals), self._rows))


def processes_for(originals: Sequence[Original]) -> int:
    """Say how many processes these workbooks are worth; 1 is this one alone."""
    files = [original for original in originals if original.path and original.path.is_file()]
    size = sum(original.size for original in files)
    return max(1, min(os.cpu_count() or 1, len(files), size // WORTH_IT))


def read_all(originals: Sequence[Original], options: ReadOptions, tell: Tell) -> list[Reading]:
    """Read workbooks, in several processes where that is worth it; the answer is the same.

    Raises what reading the first of them raises that cannot be read.
    """
    return list(_read_all(originals, options, tell, processes_for(originals)))


def _read_all(
    originals: Sequence[Original], options: ReadOptions, tell: Tell, processes: int
) -> Iterator[Reading]:
    if processes < 2:
        rows = 0
        for done, original in enumerate(originals, start=1):
            reading = read_original(original, options)
            rows += reading.rows
            tell(FileRead(original.name, done, len(originals), rows))
            yield reading
        return
    work, readers = _Work(originals, options, tell), [_Reader() for _ in range(processes)]
    threads = [threading.Thread(target=work.run, args=(reader,), daemon=True) for reader in readers]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        work.stop()
        for reader in readers:
            reader.close()
    for result in work.results:
        if isinstance(result, BaseException):
            raise result
        assert result is not None  # noqa: S101 - only what follows a failure is not read
        yield result


def serve() -> None:
    """Read workbooks as they are asked for, until nobody asks."""
    # Libraries may print: the answers have a channel of their own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            name, suffix, path, options = _receive(sys.stdin.buffer)
        except EOFError:
            return
        original = opened(Original(name=name, suffix=suffix, path=path), options)
        try:
            reading = read_original(original, options)
            answer = _bare(reading, hidden=reading.originals[0] is not original)
        except InputError as error:
            answer = Answer(None, {}, error=str(error), remedy=error.remedy)
        except Exception:  # who asked reads it again, and sees why
            answer = Answer(None, {})
        _send(answers, answer)
