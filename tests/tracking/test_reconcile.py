"""Reconciliation: every number in exactly one class, whatever the sides say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import START, Served, desk_of, event, events, rows, write_book

import portops
from portops.facts import statuses
from portops.providers import open_provider
from portops.providers.sandbox import sandbox_call
from portops.reporting.reports.reconciliation import figures_of
from portops.results.reconciled import CLASSES
from portops.settings import Settings
from portops.store.database import open_database
from portops.tracking.reconcile import COMPARED, quiet_limits, reconcile
from portops.workbooks.ledger import write_ledger

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DETAILS = dict.fromkeys(COMPARED, "same")


def _store(*given_rows: tuple[str, str, str], **change: Any) -> pd.DataFrame:
    made = [
        {
            "phone_number": number,
            "request_sid": sid,
            "status": status,
            "request": f"r {sid}",
            "last_event_at": NOW - timedelta(hours=2),
            "created": NOW - timedelta(days=9),
            "corrected": False,
            **DETAILS,
            **change,
        }
        for number, sid, status in given_rows
    ]
    columns = [
        "phone_number",
        "request_sid",
        "status",
        "request",
        "last_event_at",
        "created",
        "corrected",
        *COMPARED,
    ]
    frame = pd.DataFrame(made, columns=columns)
    frame["last_event_at"] = pd.to_datetime(frame["last_event_at"], utc=True)
    return frame.astype(dict.fromkeys(("phone_number", "request_sid", "status"), "str"))


def _provider(*given_rows: tuple[str, str, str], **change: Any) -> pd.DataFrame:
    return _store(*given_rows, **change)[["phone_number", "request_sid", "status", *COMPARED]]


def _book(*numbers: str, held_back: str | None = None, **change: Any) -> pd.DataFrame:
    made = [
        {
            "phone_number": number,
            "file": "m.xlsx",
            "sheet": "Numbers",
            "row": 2 + place,
            "request": "r",
            "held_back": held_back,
            **DETAILS,
            **change,
        }
        for place, number in enumerate(numbers)
    ]
    return pd.DataFrame(made).astype({"held_back": "str"})


N = "+12125550100"
SAME = (N, "KW1", "in_progress")


@pytest.mark.parametrize(
    ("wanted", "sides"),
    [
        ("agreed", {"store": _store(SAME), "provider": _provider(SAME), "workbook": _book(N)}),
        ("not_submitted", {"store": _store(), "provider": _provider(), "workbook": _book(N)}),
        (
            "held_back",
            {
                "store": _store(),
                "provider": _provider(),
                "workbook": _book(N, held_back="email.missing"),
            },
        ),
        ("missing_at_provider", {"store": _store(SAME), "provider": _provider()}),
        ("unknown_at_provider", {"store": _store(), "provider": _provider(SAME)}),
        ("detail_differs", {"store": _store(SAME), "provider": _provider(SAME, city="Other")}),
        (
            "detail_differs",
            {
                "store": _store(SAME),
                "provider": _provider(SAME),
                "workbook": _book(N, street="Other"),
            },
        ),
        ("status_stale", {"store": _store(SAME), "provider": _provider((N, "KW1", "rejected"))}),
        # Ended on both sides, each in its own words: there is nothing to pull.
        *(
            (
                "agreed",
                {"store": _store((N, "KW1", here)), "provider": _provider((N, "KW1", there))},
            )
            for here, there in (("canceled", "expired"), ("expired", "canceled"))
        ),
        (
            "status_stale",
            {
                "store": _store((N, "KW1", "canceled")),
                "provider": _provider((N, "KW1", "completed")),
            },
        ),
        (
            "completed_not_in_inventory",
            {
                "store": _store((N, "KW1", "completed")),
                "provider": _provider((N, "KW1", "completed")),
                "inventory": [],
            },
        ),
        (
            "in_inventory_not_completed",
            {"store": _store(SAME), "provider": _provider(SAME), "inventory": [N]},
        ),
        (
            "duplicate_open",
            {
                "store": _store(SAME, (N, "KW2", "submitted")),
                "provider": _provider(SAME, (N, "KW2", "submitted")),
            },
        ),
        (
            "duplicate_open",
            {"store": _store(SAME), "provider": _provider(SAME, (N, "KW9", "in_review"))},
        ),
        (
            "stuck",
            {
                "store": _store(SAME, last_event_at=NOW - timedelta(days=30)),
                "provider": _provider(SAME),
                "limits": pd.Series({"in_progress": 7.0}),
            },
        ),
        (
            "agreed",
            {
                "store": _store(SAME, last_event_at=NOW - timedelta(days=6)),
                "provider": _provider(SAME),
                "limits": pd.Series({"in_progress": 7.0}),
            },
        ),
        (
            "agreed",
            {
                "store": _store(
                    (N, "KW1", "waiting_for_signature"), last_event_at=NOW - timedelta(days=20)
                ),
                "provider": _provider((N, "KW1", "waiting_for_signature")),
                "limits": pd.Series({"waiting_for_signature": 7.0}),
            },
        ),
        (
            "agreed",
            {
                "store": _store((N, "KW1", "completed")),
                "inventory": [N],
                "provider": _provider((N, "KW1", "completed")),
            },
        ),
    ],
)
def test_each_class(wanted: str, sides: dict[str, Any]) -> None:
    """One number, one class."""
    found = reconcile(**sides, now=NOW)
    assert found.numbers["class"].tolist() == [wanted]
    assert found.counts == {name: int(name == wanted) for name in CLASSES}
    assert found.differing == int(wanted != "agreed")


def test_differences_are_said_field_by_field() -> None:
    """Another writing is none; a side that says nothing is none."""
    store = _store(SAME, city="New York", street="12 Mill Road", email=None)
    provider = _provider(SAME, city="NEW  YORK", street="14 Mill Rd.", email="a@example.com")
    found = reconcile(store=store, provider=provider, workbook=_book(N, city="Boston"), now=NOW)
    row = found.numbers.iloc[0]
    assert row["class"] == "detail_differs"
    assert "city: workbook 'Boston', submitted 'New York'" in row["differences"]
    assert "service address: submitted '12 Mill Road', provider '14 Mill Rd.'" in row["differences"]
    assert "e-mail" not in row["differences"].lower()


_NUMBERS = st.sampled_from([f"+121255501{n:02d}" for n in range(6)])
_ROWS = st.lists(
    st.tuples(_NUMBERS, st.sampled_from(["KW1", "KW2", "KW3"]), st.sampled_from(statuses.STATUSES)),
    max_size=10,
    unique_by=lambda row: row[:2],
)


@given(
    store=_ROWS,
    provider=_ROWS,
    book=st.lists(_NUMBERS, max_size=5),
    inventory=st.none() | st.lists(_NUMBERS, max_size=5),
)
def test_every_number_is_in_exactly_one_class(
    store: list, provider: list, book: list, inventory: list | None
) -> None:
    """The counts add up to the numbers that any side but the inventory alone knows."""
    found = reconcile(
        store=_store(*store),
        provider=_provider(*provider),
        workbook=_book(*book) if book else None,
        inventory=inventory,
        now=NOW,
    )
    known = {row[0] for row in (*store, *provider)} | set(book)
    assert set(found.numbers["phone_number"]) == known
    assert found.numbers["phone_number"].is_unique
    assert sum(found.counts.values()) == found.total == len(known)
    assert found.inventory_only == len(set(inventory or []) - known)


def test_how_long_is_long() -> None:
    """The 90th percentile of a status, where enough numbers went through it."""
    made = []
    for place in range(20):
        number = f"+1212555{place:04d}"
        made += [
            event("KW1", number, "in_review", "2026-11-01T00:00:00Z"),
            event(
                "KW1",
                number,
                "in_progress",
                pd.Timestamp("2026-11-01T00:00Z") + pd.Timedelta(days=place + 1),
            ),
        ]
    limits = quiet_limits(events(*made))
    assert limits.to_dict() == {"in_review": pytest.approx(18.1)}


def test_the_whole_against_a_provider(
    statement: Path, settings: Settings, served: Served, tmp_path: Path
) -> None:
    """Workbook, store, sandbox and inventory; the ledger opens, links and filters."""
    clock = served.sandbox.clock
    frame = rows(
        {},
        {},
        {"Account Number": "9", "Customer Name": "Red Barn"},
        {"Account Number": "77", "Email": "nobody"},
    )
    path = write_book(tmp_path / "book.xlsx", frame)
    planned = portops.plan(portops.check(path, documents=statement))
    done = desk_of(settings, clock=clock.now).submit(planned, agree=True)
    other = portops.plan(portops.check(rows({"Phone Number": "2125550177"}), documents=statement))
    elsewhere = settings.but(store=settings.store.replace("store.db", "other.db"))
    desk_of(elsewhere, clock=clock.now).submit(other, agree=True)
    desk_of(settings, clock=clock.now).pull()
    found = desk_of(settings, clock=clock.now).reconcile(planned)
    assert {name: count for name, count in found.counts.items() if count} == {
        "agreed": 3,
        "held_back": 1,
        "unknown_at_provider": 1,
    }
    sandbox_call(settings, "/sandbox/advance", {"days": 1})
    with open_provider(settings) as provider:
        provider.cancel(str(done.outcomes[1].request_sid))
    found = desk_of(settings, clock=clock.now).reconcile(
        planned, inventory=["(212) 555-0100", "+13125550100"]
    )
    assert found.counts["status_stale"] == 2
    assert found.counts["in_inventory_not_completed"] == 1
    assert found.inventory_only == 1
    assert found.numbers.loc[found.numbers["class"] == "held_back", "row"].tolist() == [5]
    book, table = write_ledger(found, tmp_path / "out")
    pages = openpyxl.load_workbook(book)
    assert pages.sheetnames[0] == "Summary"
    assert set(pages.sheetnames[1:]) == {name for name, count in found.counts.items() if count}
    page = pages["held_back"]
    assert page["P2"].hyperlink is not None
    assert page.auto_filter.ref == "A1:P2"
    assert len(pd.read_csv(table)) == found.total
    assert "5 numbers" in found._repr_html_()


def test_the_change_is_told_against_an_earlier_week(
    statement: Path, settings: Settings, served: Served
) -> None:
    """Like against like, and never against this week's own runs."""
    clock = served.sandbox.clock
    planned = portops.plan(portops.check(rows({}, {}), documents=statement))
    desk_of(settings, clock=clock.now).submit(planned, agree=True)
    first = desk_of(settings, clock=clock.now).reconcile()
    assert first.earlier is None
    cards = figures_of(first).cards().rows
    assert [card[2] for card in cards] == ["nothing to compare from the week before"] * 3
    monday = clock.now() + timedelta(days=7)
    with open_provider(settings) as provider:
        provider.cancel(str(next(iter(provider.listed())).request_sid))
    later = desk_of(settings, clock=lambda: monday).reconcile()
    again = desk_of(settings, clock=lambda: monday + timedelta(days=1)).reconcile()
    for found in (later, again):
        assert found.earlier is not None
        assert found.earlier.counts == first.counts
    told = figures_of(later).cards().rows
    assert told[2][1:] == ("2", f"up 2 from {START:%B} {START.day}", False)
    assert told[0][2] == f"same as {START:%B} {START.day}"
    row = next(each for each in figures_of(later)["classes"] if each["class"] == "status_stale")
    assert (row["numbers"], row["before"]) == (2, 0)
    with_inventory = desk_of(settings, clock=lambda: monday).reconcile(inventory=["+12125550100"])
    assert with_inventory.earlier is None


def test_figures_name_what_was_compared() -> None:
    """The same sides, the same hash; another status, another hash."""
    sides = {"store": _store(SAME), "provider": _provider(SAME)}
    one, two = (figures_of(reconcile(**sides, now=NOW)) for _ in range(2))
    assert one.as_json() == two.as_json()
    moved = reconcile(store=_store(SAME), provider=_provider((N, "KW1", "completed")), now=NOW)
    data = [each.parameters["data"]["hash"] for each in (one, figures_of(moved))]
    assert data[0] != data[1]
    assert "Made of 1 number, compared on 2026-11-20 at 07:00" in one.data().words


def test_nothing_anywhere(settings: Settings, tmp_path: Path) -> None:
    """An empty store and an empty provider agree, and say so."""
    open_database(settings.store).close()
    found = desk_of(settings, clock=lambda: START).reconcile()
    assert (found.total, found.differing) == (0, 0)
    write_ledger(found, tmp_path)
