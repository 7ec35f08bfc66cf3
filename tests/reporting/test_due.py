"""What to do is one list, wherever it is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conftest import desk_of, event

from portops.reporting.press.digest import compose
from portops.reporting.reports.weekly_rejections.words import SHOWN_ACTIONS, action_words
from portops.results.followed import plain_rows
from portops.results.published import Published
from portops.settings import Settings
from portops.store.database import open_database
from portops.store.history import append, stamp

#: The end of 2026-W47 in New York: what a report of that week knows is what is known now.
NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)


def _fill(store_url: str) -> None:
    """Seven requests that wait on this desk, two that do not, one of them corrected."""
    rows = []
    for place in range(7):
        number = f"+1212555010{place}"
        sent = NOW - timedelta(days=20 + place)
        rows.append(event(f"KW{place}", number, "submitted", sent))
        late = {"cause": "pin"} if place % 2 else {}
        status = "rejected" if place % 2 else "waiting_for_signature"
        rows.append(event(f"KW{place}", number, status, sent + timedelta(hours=5), **late))
    rows.append(event("KW7", "+12125550107", "completed", NOW - timedelta(days=2)))
    rows.append(
        event("KW8", "+12125550101", "submitted", NOW - timedelta(days=1), supersedes="KW1")
    )
    _keep(store_url, rows)


def _keep(store_url: str, rows: list[dict[str, Any]]) -> None:
    made = [stamp({name: row[name] for name in row if name != "event_id"}, NOW) for row in rows]
    with open_database(store_url) as database, database.writing() as connection:
        append(connection, made)


def test_report_mail_notebook_and_status_say_the_same(store_url: str) -> None:
    """One function makes the list; nobody tells of a request twice."""
    _fill(store_url)
    desk = desk_of(Settings(store=store_url), clock=lambda: NOW)
    figures = desk.rejections("2026-W47")
    due = plain_rows(desk.status(due=True))
    assert len(due) == 6
    assert figures["actions"] == due
    lines = [action_words(row) for row in due[:SHOWN_ACTIONS]]
    assert figures.advice().lines == lines
    assert len({row["request_sid"] for row in due}) == len(due)
    report = Published(name="weekly-rejections", title="Weekly", shown=figures, files=())
    mail = compose([report], "desk@example.com", ["boss@example.com"], attach=None)
    text = mail.get_body(("plain",)).get_content()
    assert [line[4:] for line in text.splitlines() if line.startswith("  - ")] == lines


def test_ten_actions_at_most(store_url: str) -> None:
    """The JSON lists ten; the tracker has them all."""
    rows = [
        event(f"KW{n:02d}", f"+121255501{n:02d}", "rejected", NOW - timedelta(days=3), cause="pin")
        for n in range(12)
    ]
    _keep(store_url, rows)
    desk = desk_of(Settings(store=store_url), clock=lambda: NOW)
    assert len(desk.status(due=True)) == 12
    assert len(desk.rejections("2026-W47")["actions"]) == 10
