"""Measure a submission of 1,000 requests against the limit that concurrency and latency allow."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pandas as pd
from fpdf import FPDF

import portops
from portops.demo import own_sandbox
from portops.settings import Settings

REQUESTS, LATENCY, CONCURRENCY = 1_000, 0.1, 8


def plan(folder: Path) -> portops.Planned:
    """Plan requests of one number each, with one statement."""
    page = FPDF()
    page.add_page()
    page.set_font("helvetica", size=12)
    page.cell(text="Statement")
    page.output(str(folder / "statement.pdf"))
    frame = pd.DataFrame(
        [
            {
                "Phone Number": f"212{7_000_000 + place}",
                "Number Type": "Landline",
                "Losing Carrier": "Granite Tel",
                "Account Number": f"A{place}",
                "Customer Type": "Business",
                "Customer Name": f"Shop {place}",
                "Authorized Representative": "Avery Larkspur",
                "Email": "a@example.com",
                "Service Address": "12 Mill Road",
                "City": "New York",
                "State": "NY",
                "Postal Code": "10001",
                "Billing Statement": "statement.pdf",
            }
            for place in range(REQUESTS)
        ]
    )
    return portops.plan(portops.check(frame, documents=folder))


def main() -> None:
    """Serve a slow sandbox in a process of its own, and submit to it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        planned = plan(folder)
        with own_sandbox(folder / "sandbox", "--latency", str(LATENCY * 1_000)) as url:
            settings = Settings(store=f"sqlite:///{folder / 'store.db'}", sandbox_url=url)
            start = time.perf_counter()
            done = portops.submit(
                planned,
                agree=True,
                concurrency=CONCURRENCY,
                ask_portability=False,
                settings=settings,
            )
            taken = time.perf_counter() - start
    # One upload, then the requests.
    limit = LATENCY + REQUESTS * LATENCY / CONCURRENCY
    print(
        f"{done.count('submitted')} requests, {CONCURRENCY} at a time, {LATENCY * 1_000:.0f} ms | "
        f"{taken:.2f} s | limit {limit:.2f} s | {taken / limit:.2f} times"
    )


if __name__ == "__main__":
    main()
