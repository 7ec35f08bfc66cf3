"""What providers have answered about the portability of numbers, with when they were asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from portops.store import schema
from portops.store.database import upsert

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
            "phone_number": answer.phone_number,
            "portable": answer.portable,
            "needs_pin": answer.needs_pin,
            "code": answer.code or "",
            "reason": answer.reason or "",
            "asked_at": now,
        }
        for answer in answers
    ]
    with database.writing() as connection:
        upsert(connection, schema.portability, rows, ["provider", "phone_number"])


def read(database: Database, provider: str, numbers: Sequence[str]) -> pd.DataFrame:
    """Return what was answered about these numbers: `phone_number, portable, needs_pin, code, reason,
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
    answers = pd.DataFrame(rows, columns=list(COLUMNS))
    texts = ["phone_number", "code", "reason"]
    types = {**dict.fromkeys(texts, "str"), "portable": "bool", "needs_pin": "bool"}
    return answers.astype({**types, "asked_at": "datetime64[us, UTC]"})
