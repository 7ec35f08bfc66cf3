"""What providers have answered about the portability of numbers, with when they were asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from portops.store import schema
from portops.store.database import instant, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from portops.providers.base import Portability
    from portops.store.database import Database

COLUMNS = ("phone_number", "portable", "needs_pin", "code", "reason", "asked_at")

#: Numbers of one question.
_MOST = 10_000


def keep(database: Database, provider: str, answers: Iterable[Portability], now: datetime) -> None:
    """Keep answers, in place of older ones."""
    rows = [
        {
            "provider": provider,
            "phone_number": each.phone_number,
            "portable": each.portable,
            "needs_pin": each.needs_pin,
            "code": each.code or "",
            "reason": each.reason or "",
            "asked_at": instant(now),
        }
        for each in answers
    ]
    with database.writing() as connection:
        upsert(connection, schema.portability, rows, ["provider", "phone_number"])


def read(database: Database, provider: str, numbers: Sequence[str]) -> pd.DataFrame:
    """Return what is known of these numbers: `phone_number, portable, needs_pin, code, reason,
    asked_at` (UTC).
    """  # noqa: D205 - the columns belong to the first sentence
    table = schema.portability
    rows: list[sa.Row[tuple[object, ...]]] = []
    with database.reading() as connection:
        for start in range(0, len(numbers), _MOST):
            query = sa.select(*table.c[COLUMNS]).where(
                table.c.provider == provider,
                table.c.phone_number.in_(list(numbers[start : start + _MOST])),
            )
            rows += connection.execute(query).all()
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    found["asked_at"] = pd.to_datetime(found["asked_at"], utc=True, format="ISO8601")
    texts = ["phone_number", "code", "reason"]
    return found.astype({**dict.fromkeys(texts, "str"), "portable": bool, "needs_pin": bool})
