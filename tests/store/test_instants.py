"""Instants: `datetime` in UTC outside, sortable text inside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
import sqlalchemy as sa

from portops.store import schema
from portops.store.database import Database
from portops.store.instants import as_text, as_texts

MOMENT = datetime(2026, 10, 5, 10, 30, tzinfo=timezone(timedelta(hours=-4)))
TEXT = "2026-10-05T14:30:00.000000+00:00"


def _keep(database: Database, moment: object) -> None:
    row = {"provider": "x", "content_hash": "x", "document_sid": "x", "uploaded_at": moment}
    with database.writing() as connection:
        connection.execute(schema.documents.insert(), row)


def test_an_instant_comes_back_in_utc_and_is_kept_as_sortable_text(database: Database) -> None:
    """Stores that are there already hold exactly this text."""
    _keep(database, MOMENT)
    column = schema.documents.c.uploaded_at
    with database.reading() as connection:
        moment = connection.execute(sa.select(column)).scalar_one()
        text = connection.execute(sa.select(sa.type_coerce(column, sa.Text))).scalar_one()
        later = sa.select(sa.func.count()).where(column > MOMENT - timedelta(microseconds=1))
        assert connection.execute(later).scalar_one() == 1
    assert (moment, moment.tzinfo) == (MOMENT, UTC)
    assert text == TEXT


def test_an_instant_without_a_time_zone_is_refused(database: Database) -> None:
    """It could be anybody's."""
    with pytest.raises(sa.exc.StatementError, match="no time zone"):
        _keep(database, MOMENT.replace(tzinfo=None))


def test_a_column_of_instants_is_written_as_one_is() -> None:
    """NaT stays missing."""
    column = pd.Series([MOMENT, None, MOMENT + timedelta(microseconds=7)])
    column = column.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    texts = as_texts(column)
    assert texts[[0, 2]].tolist() == [TEXT, as_text(MOMENT + timedelta(microseconds=7))]
    assert texts.isna().tolist() == [False, True, False]
