"""Measure checks of growing batches, by one process and by a dask cluster: `python benchmarks/scale.py`.

Whole commands: CPU of all processes, the most memory of all together, and seconds on the clock,
which is what several processes save.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from measure import Taken, portops, python
from report import history

import workbooks

_READ = "import sys; from portops.store import flatfile; events = flatfile.read_csv(sys.argv[1])"
_FIGURES = f"""{_READ}
from portops.reporting.reports.turnaround import turnaround
from portops.reporting.reports.weekly_rejections import rejections
rejections(events, period="2026-W40"); turnaround(events, period="2026-W40")
"""


def _check(folder: Path, source: Path, *more: str) -> tuple[Taken, float]:
    start = time.perf_counter()
    taken = portops(
        "check",
        source,
        "--no-mark",
        "--out",
        folder / "out",
        "--store",
        f"sqlite:///{folder / 'store.db'}",
        *workbooks.GIVEN,
        *more,
    )
    return taken, time.perf_counter() - start


def _told(what: str, taken: Taken, clock: float) -> None:
    print(
        f"{what} | {taken.seconds:.1f} s of CPU | {clock:.1f} s | {taken.gigabytes:.2f} GB",
        flush=True,
    )


def engines(folder: Path, sizes: list[int]) -> None:
    """Check batches of these many rows, by one process and by a cluster of this machine."""
    for size in sizes:
        file = workbooks.write_csv(folder / "rows.csv", size, statements=False)
        _told(f"{size:,} rows, one process", *_check(folder, file))
        _told(f"{size:,} rows, --engine dask", *_check(folder, file, "--engine", "dask"))
        file.unlink()


def many(folder: Path, count: int, rows: int = 5_000) -> None:
    """Check a folder of so many workbooks."""
    inbox = folder / "inbox"
    inbox.mkdir()
    for place in range(count):
        workbooks.write_xlsx(inbox / f"sender-{place:03d}.xlsx", rows)
    _told(f"{count} workbooks of {rows:,} rows, several processes", *_check(folder, inbox))


def figures(folder: Path, counts: list[int]) -> None:
    """Make both reports' figures of so many events, each in a process of its own."""
    for count in counts:
        file = history(folder / "history.csv", count)
        taken = python(_FIGURES, str(file))
        reading = python(_READ, str(file))
        print(
            f"{count:,} events: both reports' figures | {taken.seconds - reading.seconds:.1f} s of "
            f"CPU | {taken.gigabytes:.2f} GB with the history, read in {reading.seconds:.1f} s",
            flush=True,
        )
        file.unlink()


def main(*sizes: int) -> None:
    """Make the data, and measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engines(folder, list(sizes) or [100_000, 300_000, 1_000_000])
        many(folder, 40)
        figures(folder, [1_000_000, 3_000_000])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
