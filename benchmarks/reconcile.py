"""Measure a reconciliation of a million numbers: workbook, store, provider, inventory."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from portops.tracking.reconcile import COMPARED, reconcile
from portops.workbooks.ledger import write_ledger

NUMBERS, NOW = 1_000_000, datetime(2026, 11, 20, tzinfo=UTC)


def main() -> None:
    """Make the four sides, compare them, write the ledger."""
    place = np.arange(NUMBERS)
    number = pd.Series("+1" + pd.Series(2_122_000_000 + place).astype("str"), dtype="str")
    account = pd.Series(place // 50).astype("str")
    status = pd.Series(np.array(["completed", "in_progress", "rejected"])[place % 3], dtype="str")
    details = {name: ("value " + account).astype("str") for name in COMPARED}
    store = pd.DataFrame(
        {
            "phone_number": number,
            "request_sid": "KW" + account,
            "status": status,
            "request": "r" + account,
            "last_event_at": pd.Timestamp(NOW) - timedelta(days=3),
            "created": pd.Timestamp(NOW) - timedelta(days=9),
            "corrected": False,
            **details,
        }
    ).iloc[: NUMBERS - 1_000]
    provider = store[["phone_number", "request_sid", "status", *COMPARED]].iloc[1_000:].copy()
    provider.loc[provider.index[:500], "city"] = "Other"
    book = pd.DataFrame(
        {
            "phone_number": number,
            "file": "m.csv",
            "sheet": "m",
            "row": place + 2,
            "request": "r" + account,
            "held_back": pd.Series(np.nan, number.index, dtype="str"),
            **details,
        }
    )
    start = time.process_time()
    found = reconcile(
        store=store, provider=provider, workbook=book, inventory=number[place % 3 == 0], now=NOW
    )
    compared = time.process_time() - start
    with tempfile.TemporaryDirectory() as out:
        write_ledger(found, Path(out))
    whole = time.process_time() - start
    unit = 1024 if sys.platform == "darwin" else 1
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2 / unit
    print(
        f"{found.total:,} numbers reconciled | {compared:.1f} s | written {whole:.1f} s | {memory:.2f} GB"
    )
    print({name: count for name, count in found.counts.items() if count})


if __name__ == "__main__":
    main()
