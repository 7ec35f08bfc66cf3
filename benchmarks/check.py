"""Measure the check against its peers in the same run: `make benchmarks`."""

from __future__ import annotations

import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl

HEADERS = (
    "Request",
    "Losing Carrier",
    "Account Number",
    "Customer Type",
    "Customer Name",
    "Authorized Representative",
    "Email",
    "Phone Number",
    "Number Type",
    "Service Address",
    "City",
    "State",
    "Postal Code",
)
PLACES = (
    ("Boston", "MA", "02108"),
    ("Chicago", "IL", "60602"),
    ("Dallas", "TX", "75202"),
    ("Denver", "CO", "80202"),
    ("Atlanta", "GA", "30303"),
    ("Seattle", "WA", "98101"),
)


def rows(count: int) -> Iterator[list[str]]:
    """Make rows of accounts with twenty numbers each."""
    for place in range(count):
        account = place // 20
        city, state, zip_code = PLACES[account % 6]
        number = f"{212 + place // 7_000_000}{2_000_000 + place % 7_000_000:07d}"
        yield [
            f"Site {account}",
            "Granite Tel",
            str(100_000_000_000 + account),
            "Business",
            f"Company {account}",
            "Avery Larkspur",
            f"a{account}@example.com",
            f"({number[:3]}) {number[3:6]}-{number[6:]}",
            "Landline",
            f"{account % 900 + 10} Mill Road",
            city,
            state,
            zip_code,
        ]


def clock(work: Callable[[], object], times: int = 1) -> float:
    """Return the least CPU seconds of some runs."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def workbook(path: Path) -> None:
    """Measure the check of a workbook against the bare read of it."""
    from python_calamine import CalamineWorkbook

    import portops
    from portops.workbooks.results import write_results

    def bare() -> object:
        return CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Sheet").to_python()

    peer, mine = clock(bare, 3), clock(lambda: portops.check(str(path)), 3)
    print(
        f"check of 100,000 x 13 .xlsx | {mine:.2f} s | bare read {peer:.2f} s | "
        f"{mine / peer:.2f} times"
    )
    checked = portops.check(str(path))
    found = checked.findings
    rows_ = sorted(random.Random(1).sample(range(2, 100_002), 5_000))
    extra = found.iloc[[0] * 5_000].assign(
        row=rows_, cell=[f"Sheet!H{row}" for row in rows_], severity="warning"
    )
    object.__setattr__(checked, "findings", extra.reset_index(drop=True))
    with tempfile.TemporaryDirectory() as out:
        marked = clock(lambda: write_results(checked, Path(out)), 3)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"marked copy of it, 5,000 findings | {marked:.2f} s, {memory:.2f} GB | "
        f"bare read {peer:.2f} s | {marked / peer:.2f} times"
    )


def table(path: Path) -> None:
    """Measure the check of a CSV of a million rows, with its memory."""
    import portops

    mine = clock(lambda: portops.check(str(path)), 3)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"check of 1,000,000 rows of .csv | {mine:.2f} s | | {memory:.2f} GB")


def numbers(_: Path) -> None:
    """Measure number validity by the column against `phonenumbers` one by one."""
    import pandas as pd
    import phonenumbers

    from portops.facts.nanp import is_us

    draw = random.Random(1)
    texts = pd.Series(
        [str(draw.randint(2 * 10**9, 10**10 - 1)) for _ in range(300_000)], dtype="str"
    )
    mine = clock(lambda: is_us(texts), 3)

    def one_by_one() -> object:
        return [
            phonenumbers.is_valid_number_for_region(phonenumbers.parse(each, "US"), "US")
            for each in texts[:30_000]
        ]

    peer = clock(one_by_one) * 10
    print(
        f"validity of 300,000 numbers | {mine:.3f} s | phonenumbers {peer:.2f} s | "
        f"{peer / mine:.0f} times faster"
    )


def help_(_: Path) -> None:
    """Measure the start of the command line."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "portops", "--help"], check=True, capture_output=True)
    print(f"portops --help | {time.perf_counter() - start:.2f} s | |")


def main() -> None:
    """Make the data, then measure each thing in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("Sheet")
        sheet.append(HEADERS)
        for row in rows(100_000):
            sheet.append(row)
        book.save(Path(folder) / "book.xlsx")
        with (Path(folder) / "table.csv").open("w", newline="") as file:
            csv.writer(file).writerows([HEADERS, *rows(1_000_000)])
        for name, file in (
            ("workbook", "book.xlsx"),
            ("table", "table.csv"),
            ("numbers", ""),
            ("help_", ""),
        ):
            code = (
                f"import check; from pathlib import Path; check.{name}(Path({folder!r}) / {file!r})"
            )
            subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)


if __name__ == "__main__":
    main()
