"""Measure checks of workbooks as customers send them, whole processes: `python benchmarks/real.py`.

Start and files are in the figures, and so are the processes that read statements. The bare read
of the same file by python-calamine is measured in the same run. The seconds of a machine that has
other things to do are too many by what `import pandas` takes too many.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import Taken, portops, python

import workbooks

_BARE = (
    "import sys; from python_calamine import CalamineWorkbook; "
    "CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_name('TNs').to_python()"
)
_STORE = "import sys; from portops.store.database import open_database; open_database(sys.argv[1]).close()"


def _check(folder: Path, file: Path, documents: Path, *more: str) -> Taken:
    return portops(
        "check",
        file,
        "--documents",
        documents,
        "--no-mark",
        "--out",
        folder / "out",
        "--store",
        f"sqlite:///{folder / 'store.db'}",
        *more,
    )


def _told(what: str, taken: Taken, peer: float = 0.0, start: float = 0.0) -> None:
    ratio = f" | {taken.seconds / peer:.2f} times" if peer else ""
    without = f", {(taken.seconds - start) / peer:.2f} without start-up" if peer and start else ""
    print(f"{what} | {taken.seconds:.2f} s | {taken.gigabytes:.2f} GB{ratio}{without}", flush=True)


def main(small: int = 100_000, large: int = 1_000_000) -> None:
    """Make the data, and measure each check."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bills, nothing = folder / "bills", folder / "nothing"
        nothing.mkdir()
        python(_STORE, f"sqlite:///{folder / 'store.db'}")
        _told("import pandas", python("import pandas", times=3))
        one = folder / "one.csv"
        workbooks.write_csv(one, 1)
        start = _check(folder, one, nothing, *workbooks.GIVEN)
        start = min(start, _check(folder, one, nothing, *workbooks.GIVEN))
        _told("start-up: check of one row", start)
        workbooks.statements(small, bills)
        workbooks.one_statement(small, bills)
        for kind in workbooks.KINDS:
            file = workbooks.write_xlsx(folder / f"{kind}.xlsx", small, kind)
            peer = python(_BARE, str(file), times=2).seconds
            _told(f"{kind}, {small:,} rows of .xlsx: bare read", Taken(peer, 0, 0))
            for what in ("statements read", "read before"):
                taken = _check(folder, file, bills, *workbooks.GIVEN)
                _told(f"{kind}, {what}", taken, peer, start.seconds)
            file.unlink()
        file = workbooks.write_csv(folder / "plain.csv", large, statements=False)
        taken = _check(folder, file, nothing, *workbooks.GIVEN)
        _told(f"{large:,} rows of .csv, no statements", taken)
        file.unlink()
        workbooks.statements(large, bills)
        file = workbooks.write_csv(folder / "usual.csv", large)
        for what in ("read", "read before"):
            taken = _check(folder, file, bills, *workbooks.GIVEN)
            _told(f"{large:,} rows of .csv, statements {what}", taken)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
