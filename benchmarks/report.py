"""Measure a report run at 100,000 events against papermill running an empty notebook."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import papermill
import pyarrow as pa

from portops.desk import Desk
from portops.reporting.chains import READS
from portops.reporting.reports.turnaround import turnaround
from portops.reporting.reports.weekly_rejections import rejections
from portops.settings import Settings
from portops.store import flatfile
from portops.store.arrow import _as_rows, read_columns
from portops.store.database import open_database
from portops.store.schema import events

STEPS = ("submitted", "in_review", "waiting_for_signature", "in_progress", "completed")


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def history(path: Path, count: int) -> Path:
    """Write a history of so many events, a fifth of the numbers rejected and not completed."""
    place = np.arange(count)
    number, step = place // 5, place % 5
    status = np.array(STEPS)[step]
    status[(step == 4) & (number % 5 == 0)] = "rejected"
    start = pd.Timestamp("2026-05-04T14:00Z")
    at = start + pd.to_timedelta(number % 4_000 * 3_600 + step * 170_000, unit="s")
    pd.DataFrame(
        {
            "event_id": [f"{event:032x}" for event in place],
            "provider": "sandbox",
            "request_sid": [f"KW{place // 10:032d}" for place in number],
            "phone_number": [f"+1{2_122_000_000 + place}" for place in number],
            "status": status,
            "cause": np.where(status == "rejected", "address", ""),
            "reason_code": "",
            "reason": "",
            "occurred_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "losing_carrier": [f"Carrier {place % 12}" for place in number],
            "line_type": "landline",
            "supersedes": "",
            "recorded_at": "2026-11-23T00:00:00Z",
        }
    ).to_csv(path, index=False)
    return path


def main() -> None:
    """Measure the figures at a million events, then the runs at a hundred thousand."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        million = flatfile.read_csv(history(folder / "m.csv", 1_000_000))
        start = time.process_time()
        rejections(million, period="2026-W40")
        turnaround(million, period="2026-W40")
        print(
            f"both reports' figures, 1,000,000 events | {time.process_time() - start:.1f} s of CPU"
        )
        del million
        url = f"sqlite:///{folder / 'store.db'}"
        with open_database(url) as database:
            flatfile.import_csv(database, history(folder / "h.csv", 100_000))
            plain = pa.schema([(name, pa.large_string()) for name in READS])
            mine = min(_seconds(lambda: read_columns(database, events, READS)) for _ in range(3))
            peer = min(_seconds(lambda: _as_rows(database, events, plain)) for _ in range(3))
            print(
                f"100,000 events read by columns | {mine:.2f} s | row by row {peer:.2f} s | "
                f"{mine / peer:.2f} times"
            )
        cells = [
            nbformat.v4.new_code_cell(
                "import portops\nportops.rejections; portops.turnaround; portops.draw\n"
                "import matplotlib.pyplot"
            )
        ]
        empty = nbformat.v4.new_notebook(
            cells=cells,
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
        )
        nbformat.write(empty, folder / "empty.ipynb")
        settings = Settings(store=url)
        for report in ("weekly-rejections", "turnaround"):
            runs, peers = [], []
            for _ in range(3):
                start = time.perf_counter()
                papermill.execute_notebook(
                    folder / "empty.ipynb", folder / "out.ipynb", progress_bar=False
                )
                peers.append(time.perf_counter() - start)
                start = time.perf_counter()
                with Desk(settings) as desk:
                    desk.publish(report, week="2026-W40", out=folder)
                runs.append(time.perf_counter() - start)
            mine, peer = min(runs), min(peers)
            print(
                f"report {report}, 100,000 events | {mine:.2f} s | empty notebook {peer:.2f} s | "
                f"{mine - peer:.2f} s more, {mine / peer:.2f} times"
            )


if __name__ == "__main__":
    main()
