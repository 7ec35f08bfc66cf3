"""What past reconciliations counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from portops.store import comparisons
from portops.store.database import Database

MONDAY = datetime(2026, 11, 16, 5, tzinfo=UTC)


def test_the_last_one_before_a_moment(database: Database) -> None:
    """Of the same provider and the same sides; what is of that moment itself is not before it."""
    for hours, count in ((-30, 1), (-2, 2), (0, 3), (5, 4)):
        comparisons.keep(
            database,
            "sandbox",
            "store provider",
            MONDAY + timedelta(hours=hours),
            {"agreed": count},
        )
    comparisons.keep(database, "twilio", "store provider", MONDAY - timedelta(hours=1), {})
    comparisons.keep(
        database, "sandbox", "store provider inventory", MONDAY - timedelta(hours=1), {}
    )
    last = comparisons.last_before(database, "sandbox", "store provider", MONDAY)
    assert last == (MONDAY - timedelta(hours=2), {"agreed": 2})
    first = MONDAY - timedelta(hours=30)
    assert comparisons.last_before(database, "sandbox", "store provider", first) is None
