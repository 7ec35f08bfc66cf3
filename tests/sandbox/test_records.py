"""Carriers decide by what they have on file; the sandbox keeps what was ordered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import SAMPLES, START

from portops.errors import InputError
from portops.sandbox import orders, records
from portops.sandbox.clock import Clock
from portops.sandbox.database import SandboxDatabase
from portops.sandbox.orders import Number, Order
from portops.sandbox.records import Record

RECORD = Record(
    phone_number="+12125550100",
    losing_carrier="Granite Tel",
    line_type="wireless",
    account_number="1002",
    pin="AB12CD34",
    customer_name="Copper Hill Bakery",
    authorized_name="Avery Larkspur",
    street="12 Mill Road",
    city="New York",
    state="NY",
    postal_code="10001",
    status="active",
)
ORDERED: dict[str, Any] = {
    "account_number": "10-02",
    "customer_name": "COPPER HILL BAKERY",
    "authorized_representative": "avery larkspur",
    "address": {"street": "12 Mill Road", "city": "New York", "state": "NY", "zip": "10001-1234"},
}


@pytest.mark.parametrize(
    ("on_file", "code"),
    [
        ({}, "no verdict"),
        ({"account_number": "1003"}, 22156),
        ({"pin": "ZZ99YY88"}, 22155),
        ({"customer_name": "Red Barn Bakery"}, None),
        ({"authorized_name": "Casey Oakenfold"}, 22153),
        ({"street": "14 Mill Road"}, 22154),
        ({"postal_code": "10002"}, None),
        ({"status": "inactive"}, 22152),
        ({"status": "frozen"}, 22151),
        ({"status": "pending_order"}, None),
    ],
)
def test_each_difference_has_its_code(on_file: dict[str, str], code: int | str | None) -> None:
    """Case, punctuation and ZIP+4 don't matter; a real difference does."""
    verdict = records.judge(replace(RECORD, **on_file), ORDERED, "AB12CD34")
    assert (verdict.code if verdict else "no verdict") == code


def test_a_number_without_a_record_matches() -> None:
    """The carrier has no reason to reject it."""
    assert records.judge(None, ORDERED, None) is None


def test_a_record_shows_no_pin() -> None:
    """Only its phone number is in its repr."""
    assert "AB12" not in repr(RECORD)


def test_the_samples_records_load_and_a_damaged_file_names_its_line(tmp_path: Path) -> None:
    """A bad status is named with its line."""
    assert len(records.load(SAMPLES / "carrier-records.csv")) > 100
    damaged = tmp_path / "records.csv"
    damaged.write_text(
        (SAMPLES / "carrier-records.csv").read_text().replace(",active", ",asleep", 1)
    )
    with pytest.raises(InputError, match="line 2"):
        records.load(damaged)


def _order(**changes: Any) -> Order:
    number = Number(sid="PU1", phone_number="+12125550100", mobile=False)
    return Order(
        sid="KW1", seed=1, carrier="Granite Tel", created_at=START, numbers=(number,), **changes
    )


def test_a_status_is_the_same_whenever_it_is_asked_for() -> None:
    """The status follows from the order and the time, and only moves forward."""
    order = _order(signed_at=START + timedelta(days=1))
    seen = [
        orders.state_of(order, order.numbers[0], START + timedelta(hours=hour)).status
        for hour in range(0, 24 * 60, 6)
    ]
    expected = ["In Review", "Waiting for Signature", "Submitted", "Pending", "Completed"]
    assert list(dict.fromkeys(seen)) == expected


def test_carriers_have_delays_of_their_own_drawn_from_the_seed() -> None:
    """Another carrier has another pace; the same seed gives the same pace."""

    def done(seed: int, carrier: str) -> Any:
        order = replace(_order(signed_at=START), seed=seed, carrier=carrier)
        return orders.timeline(order, order.numbers[0])[-1].since

    assert done(1, "Granite Tel") == done(1, "Granite Tel")
    assert len({done(seed, carrier) for seed in (1, 2) for carrier in ("A", "B", "C")}) > 1


def test_the_database_and_the_clock_survive_a_restart(tmp_path: Path) -> None:
    """Their state is in the folder."""
    database = SandboxDatabase(tmp_path)
    clock = Clock(database, START)
    clock.advance(1.5)
    database.close()
    reopened = SandboxDatabase(tmp_path)
    assert Clock(reopened, START + timedelta(days=99)).now() == START + timedelta(days=1.5)
    reopened.close()


def test_any_thread_may_ask_the_time_and_read_the_database(tmp_path: Path) -> None:
    """Also while it is written to, as happens when a submission and the sandbox share a process."""
    database = SandboxDatabase(tmp_path)
    clock = Clock(database, START)

    def ask(thread: int) -> set[object]:
        seen: set[object] = set()
        for turn in range(300):
            seen |= {clock.now(), database.setting("stands_at"), len(database.received()) >= 0}
            if thread == 0:
                database.set("seed", str(turn))
        return seen

    with ThreadPoolExecutor(8) as pool:
        seen = set().union(*pool.map(ask, range(8)))
    assert seen == {START, START.isoformat(), True}
    database.close()
