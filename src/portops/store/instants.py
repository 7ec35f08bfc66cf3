"""Instants in the store: `datetime` in UTC on our side, ISO 8601 text in the database.

The text is the same on every database, and it sorts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from portops.texts import series

if TYPE_CHECKING:
    import pandas as pd


def as_text(moment: datetime) -> str:
    """Write an instant as the store keeps it: ISO 8601 in UTC with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def as_texts(moments: pd.Series) -> pd.Series:
    """Write a column of instants in UTC as the store keeps them; NaT stays missing."""
    # Arrow writes the six digits behind the second by itself.
    texts = pc.strftime(pa.array(moments), "%Y-%m-%dT%H:%M:%S+00:00")
    return series(texts.cast(pa.large_string()), moments.index)


class Instant(sa.TypeDecorator[datetime]):
    """A column of instants; a `datetime` without a time zone is refused."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        """Write an instant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return as_text(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        """Read an instant."""
        return None if value is None else datetime.fromisoformat(value)
