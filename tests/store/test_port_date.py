"""The port date became a column: old stores and files keep their events, each of them once."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from tests.conftest import START

from portops.errors import InputError
from portops.providers.twilio.translation import to_events
from portops.store import flatfile
from portops.store.database import Database, open_database
from portops.store.history import append, event_id, read_history, rows_of, stamp, taken_in
from portops.store.instants import as_text
from portops.tables import EVENT_COLUMNS

AGREED = datetime(2026, 10, 15, 15, 30, tzinfo=UTC)
OLD_COLUMNS = EVENT_COLUMNS[:-1]


def _answer(port_date: str = "2026-10-15T15:30:00Z") -> dict[str, Any]:
    """What the provider answers about a request whose port is agreed."""
    return {
        "port_in_request_sid": "KW1",
        "port_in_request_status": "Pending",
        "date_created": "2026-10-05T14:00:00Z",
        "phone_numbers": [
            {
                "phone_number": "+12125550100",
                "port_in_phone_number_status": "Pending",
                "status_last_time_updated_timestamp": "2026-10-07T12:00:00Z",
                "port_date": port_date,
            }
        ],
    }


def _pulled(port_date: str = "2026-10-15T15:30:00Z") -> dict[str, Any]:
    """The number's event as a pull stamps it."""
    return stamp({**to_events(_answer(port_date))[0], "provider": "twilio"}, START)


def _old_row(reason: str, status: str = "foc_confirmed") -> dict[str, str]:
    """An event as version 0003 kept it, with the id that it gave it."""
    row = {
        **dict.fromkeys(OLD_COLUMNS, ""),
        "provider": "twilio",
        "request_sid": "KW1",
        "phone_number": "+12125550100",
        "status": status,
        "occurred_at": "2026-10-07T12:00:00.000000+00:00",
        "recorded_at": as_text(START),
        "reason": reason,
    }
    parts = [
        "provider",
        "request_sid",
        "phone_number",
        "status",
        "occurred_at",
        "reason_code",
        "reason",
    ]
    joined = "\x1f".join(row[part] for part in parts)
    return {**row, "event_id": hashlib.sha256(joined.encode()).hexdigest()[:32]}


def _migrate(engine: sa.Engine, target: str, *, back: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("portops.store") / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if back else command.upgrade)(config, target)


def _old_store(url: str, rows: list[dict[str, str]]) -> None:
    """Make a store of version 0003 with these events."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    _migrate(engine, "0003")
    places = ", ".join(f":{name}" for name in OLD_COLUMNS)
    with engine.begin() as connection:
        connection.execute(
            sa.text(f"INSERT INTO events ({', '.join(OLD_COLUMNS)}) VALUES ({places})"), rows
        )
    engine.dispose()


def test_an_old_store_is_moved_and_the_same_answer_adds_nothing(store_url: str) -> None:
    """The reason of an agreed port becomes its port date; the id stays, so a pull adds nothing."""
    others = [
        _old_row("FOC date refused", "rejected"),
        _old_row("Words of the carrier's own"),
        _old_row("FOC date 2026-10-15T15:30Z", "rejected"),
    ]
    _old_store(store_url, [_old_row("FOC date 2026-10-15T15:30Z"), *others])
    with open_database(store_url) as database:
        history = read_history(database).set_index("event_id")
        agreed = history.loc[_old_row("FOC date 2026-10-15T15:30Z")["event_id"]]
        assert (agreed["port_date"], agreed["reason"]) == (pd.Timestamp(AGREED), "")
        for row in others:
            assert history.loc[row["event_id"], "reason"] == row["reason"]
            assert pd.isna(history.loc[row["event_id"], "port_date"])
        with database.writing() as connection:
            assert append(connection, rows_of(taken_in([_pulled()]))) == 0


def test_the_way_back_leads_to_the_old_store(tmp_path: Path) -> None:
    """Down and up again nothing is lost."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    _old_store(url, [_old_row("FOC date 2026-10-15T15:30Z")])
    open_database(url).close()
    engine = sa.create_engine(url)
    _migrate(engine, "0003", back=True)
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM events")).mappings().all()
    engine.dispose()
    assert [dict(row) for row in rows] == [_old_row("FOC date 2026-10-15T15:30Z")]


def test_a_reschedule_is_a_new_event(database: Database) -> None:
    """Another day is another happening; the same day again is not, in any zone."""
    again = _pulled("2026-10-15T10:30:00-05:00")
    later = _pulled("2026-10-16T15:30:00Z")
    with database.writing() as connection:
        assert append(connection, rows_of(taken_in([_pulled(), again, later]))) == 2
    dates = read_history(database)["port_date"].dt.day
    assert sorted(dates) == [15, 16]
    # All columns, some of them, and some requests alone tell the same.
    some = read_history(database, columns=("event_id", "occurred_at", "port_date"))
    alone = read_history(database, ["KW1"])
    assert sorted(some["port_date"].dt.day) == sorted(alone["port_date"].dt.day) == [15, 16]


def test_words_and_a_port_date_both_count_for_the_id() -> None:
    """A provider may give both."""
    bare = _pulled()
    told = {**bare, "reason": "moved by the carrier"}
    assert len({event_id(bare), event_id(told), event_id({**told, "port_date": ""})}) == 3


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_a_file_from_before_the_column_is_taken_in_as_it_is_meant(
    database: Database, tmp_path: Path
) -> None:
    """Without the column the date is taken out of the reason; the same answer adds nothing."""
    rows = [_old_row("FOC date 2026-10-15T15:30Z"), _old_row("Words of the carrier's own")]
    path = _write(tmp_path / "old.csv", rows)
    assert flatfile.import_csv(database, path) == (2, 2)
    with database.writing() as connection:
        assert append(connection, rows_of(taken_in([_pulled()]))) == 0
    flatfile.export_csv(database, tmp_path / "new.csv")
    text = (tmp_path / "new.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0].endswith(",recorded_at,port_date")
    back = pd.read_csv(tmp_path / "new.csv", keep_default_na=False).set_index("reason")
    assert back.loc["", "port_date"] == "2026-10-15T15:30:00.000000+00:00"
    assert back.loc["Words of the carrier's own", "port_date"] == ""
    assert flatfile.import_csv(database, tmp_path / "new.csv") == (2, 0)


def test_a_port_date_that_is_none_is_refused(database: Database, tmp_path: Path) -> None:
    """The row is named, and nothing is taken in."""
    row = {**_old_row(""), "port_date": "soon"}
    with pytest.raises(InputError, match="row 2: port_date 'soon' is no instant"):
        flatfile.import_csv(database, _write(tmp_path / "x.csv", [row]))
    assert read_history(database).empty
