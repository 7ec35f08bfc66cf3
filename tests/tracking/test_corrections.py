"""From a rejected batch to a corrected one: prefilled, checked with its cause in mind, followed."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from tests.conftest import Served, desk_of, rows, write_book

import portops
from portops.providers.sandbox import sandbox_call
from portops.redaction import Secret
from portops.results.checked import Checked
from portops.sandbox.records import Record
from portops.settings import Settings
from portops.workbooks.corrections import write_corrections

ON_FILE = {
    "losing_carrier": "Granite Tel",
    "line_type": "landline",
    "account_number": "100200300400",
    "pin": "",
    "customer_name": "Copper Hill Bakery",
    "authorized_name": "Avery Larkspur",
    "street": "12 Mill Road",
    "city": "New York",
    "state": "NY",
    "postal_code": "10001",
    "status": "active",
}


@pytest.fixture
def known(settings: Settings) -> Settings:
    return settings.but(secret_key=Secret("a phrase for the tests"))


def _check(source: object, statement: Path, settings: Settings) -> Checked:
    return desk_of(settings).check(source, documents=statement)


def _reject(source: object, statement: Path, settings: Settings, served: Served) -> list[str]:
    """Submit, sign and wait until the carrier has spoken; gives the SIDs."""
    clock = served.sandbox.clock.now
    planned = portops.plan(_check(source, statement, settings))
    done = desk_of(settings, clock=clock).submit(planned, agree=True)
    assert done.count("submitted") == len(done.outcomes), done.as_table()
    sids = [str(each.request_sid) for each in done.outcomes]
    sandbox_call(settings, "/sandbox/advance", {"days": 1})
    for sid in sids:
        sandbox_call(settings, f"/sandbox/sign/{sid}", {})
    sandbox_call(settings, "/sandbox/advance", {"days": 9})
    desk_of(settings, clock=clock).pull()
    return sids


def _records(served: Served, **numbers: dict[str, str]) -> None:
    for number, change in numbers.items():
        phone = f"+1{number.strip('n')}"
        served.sandbox.records[phone] = Record(phone_number=phone, **{**ON_FILE, **change})


def test_the_round_trip(statement: Path, known: Settings, served: Served, tmp_path: Path) -> None:
    """Rejected, corrected in the workbook that comes back, submitted, superseded, followed."""
    _records(
        served,
        n2125550100={"account_number": "555"},
        n2125550101={
            "line_type": "wireless",
            "pin": "Zebra4711X",
            "account_number": "777",
            "customer_name": "Copper Hill Bakery Inc",
        },
    )
    mobile = {"Account Number": "777", "Number Type": "Wireless", "Wireless PIN": "Zebra4711X"}
    old = _reject(rows({}, mobile), statement, known, served)
    found = portops.corrections(settings=known)
    assert dict(zip(found["phone_number"], found["cause"], strict=True)) == {
        "+12125550100": "account_number",
        "+12125550101": "customer_name",
    }
    path = write_corrections(found, tmp_path / "again.xlsx")
    page = openpyxl.load_workbook(path)["Corrections"]
    head = {cell.value: cell.column for cell in page[1]}
    first = {name: page.cell(2, at) for name, at in head.items()}
    second = {name: page.cell(3, at) for name, at in head.items()}
    if first["Phone Number"].value != "+12125550100":
        first, second = second, first
    assert first["Rejected For"].value == "Account number"
    assert first["Account Number"].comment.text.startswith("The account number does not match")
    assert first["Account Number"].fill.fgColor.rgb == "00F8CBAD"
    assert second["Customer Name"].comment is not None
    assert b"Zebra" not in path.read_bytes()
    assert second["Wireless PIN"].value is None
    unchanged = _check(path, statement, known).findings.query("severity == 'error'")
    assert sorted(zip(unchanged["code"], unchanged["column"], strict=True)) == [
        ("correction.unchanged", "Account Number"),
        ("correction.unchanged", "Customer Name"),
    ]
    book = openpyxl.load_workbook(path)
    book["Corrections"][first["Account Number"].coordinate] = "555"
    book["Corrections"][second["Customer Name"].coordinate] = "Copper Hill Bakery Inc"
    book.save(path)
    checked = _check(path, statement, known)
    assert checked.counts["error"] == 0, checked.findings[["code", "cell", "message"]].to_numpy()
    new = _reject(path, statement, known, served)
    assert set(new).isdisjoint(old)
    sandbox_call(known, "/sandbox/advance", {"days": 30})
    desk_of(known, clock=served.sandbox.clock.now).pull()
    status = portops.status(settings=known).set_index("request_sid")
    assert set(status.loc[new, "supersedes"]) == set(old)
    assert set(status.loc[new, "status"]) == {"completed"}
    assert portops.corrections(settings=known).empty
    weekly = portops.rejections("2026-W47", settings=known)
    assert weekly["resubmission"]["completed"] == 2


def test_the_same_workbook_again_is_already_submitted(
    statement: Path, known: Settings, served: Served
) -> None:
    """Held back for what was refused, and told with the SID it has."""
    _records(served, n2125550100={"account_number": "555"})
    old = _reject(rows({}), statement, known, served)
    checked = _check(rows({}), statement, known)
    found = checked.findings.query("severity == 'error'").iloc[0]
    assert (found["code"], found["column"]) == ("correction.unchanged", "Account Number")
    assert old[0] in found["message"]
    done = desk_of(known, clock=served.sandbox.clock.now).submit(portops.plan(checked), agree=True)
    assert [(each.status, each.request_sid) for each in done.outcomes] == [
        ("already_submitted", old[0])
    ]


@pytest.mark.parametrize(
    ("on_file", "first", "same", "corrected"),
    [
        (
            {"line_type": "wireless", "pin": "Right123"},
            {"Number Type": "Wireless", "Wireless PIN": "Wrong123"},
            {"Number Type": "Wireless", "Wireless PIN": "Wrong123"},
            {"Number Type": "Wireless", "Wireless PIN": "Right123"},
        ),
        (
            {"street": "99 Other Street"},
            {},
            {"Service Address": "12 MILL ROAD"},
            {"Service Address": "99 Other Street"},
        ),
        ({"postal_code": "10002"}, {}, {}, {"Postal Code": "10002"}),
        ({"authorized_name": "Robin Teal"}, {}, {}, {"Authorized Representative": "Robin Teal"}),
    ],
)
def test_what_was_refused_must_change(  # noqa: PLR0917
    statement: Path,
    known: Settings,
    served: Served,
    on_file: dict,
    first: dict,
    same: dict,
    corrected: dict,
) -> None:
    """Another writing of the same is no change; the value on file is."""
    _records(served, n2125550100=on_file)
    _reject(rows(first), statement, known, served)
    again = _check(rows(same), statement, known).findings
    assert "correction.unchanged" in set(again["code"])
    assert "Wrong123" not in again.to_string()
    now = _check(rows(corrected), statement, known).findings
    assert "correction.unchanged" not in set(now["code"])


def test_next_actions_say_what_to_do(statement: Path, known: Settings, served: Served) -> None:
    """From the unsigned letter to the morning of the port, in words."""
    clock = served.sandbox.clock
    planned = portops.plan(
        _check(rows({}, {"Account Number": "9", "Customer Name": "Red Barn"}), statement, known)
    )
    done = desk_of(known, clock=clock.now).submit(planned, agree=True)
    first, second = (str(each.request_sid) for each in done.outcomes)

    def says() -> dict[str, str]:
        desk_of(known, clock=clock.now).pull()
        found = desk_of(known, clock=clock.now).actions()
        return dict(zip(found["request_sid"], found["next_action"], strict=True))

    assert says()[first] == "wait for the carrier"
    clock.advance(9.5)
    assert says()[first] == "LOA unsigned for 9 days: remind avery.larkspur@example.com"
    clock.advance(15)
    assert "it expires in 5 days" in says()[first]
    sandbox_call(known, f"/sandbox/sign/{first}", {})
    seen = []
    for _ in range(40):
        clock.advance(0.5)
        words = says().get(first)
        if words is None:
            break
        if not seen or seen[-1] != words:
            seen.append(words)
    told = " | ".join(seen)
    for words in ("ports on", "days: tell the customer", "ports tomorrow", "ports today at"):
        assert words in told
    assert second not in says()
    assert (
        portops.status(settings=known).set_index("request_sid").loc[second, "status"] == "expired"
    )


def test_impossible_steps_are_kept_and_flagged() -> None:
    """A completed port that goes back into review is history, and somebody should look."""
    from tests.conftest import event, events

    from portops.tracking.state import impossible, tracker

    given = events(
        event("KW1", "+12125550100", "completed", "2026-11-03T10:00:00Z"),
        event("KW1", "+12125550100", "in_review", "2026-11-04T10:00:00Z"),
        event("KW2", "+12125550101", "rejected", "2026-11-03T10:00:00Z"),
        event("KW2", "+12125550101", "in_progress", "2026-11-04T10:00:00Z"),
    )
    assert impossible(given)[["request_sid", "after"]].to_numpy().tolist() == [["KW1", "completed"]]
    known = pd.DataFrame(columns=["request_sid", "request", "workbooks", "details"])
    flags = tracker(given, known).set_index("request_sid")["flags"]
    assert flags.to_dict() == {"KW1": "in review after completed", "KW2": ""}


def test_commands(
    statement: Path,
    known: Settings,
    served: Served,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`portops corrections` with nothing rejected writes nothing."""
    from portops.cli import main

    monkeypatch.chdir(tmp_path)
    write_book(tmp_path / "x.xlsx", rows({}))
    _records(served, n2125550100={"account_number": "555"})
    monkeypatch.setenv("PORTOPS_STORE", known.store)
    _reject(rows({"Account Number": "1"}), statement, known, served)
    for arguments, there in (
        (["corrections", "c.xlsx", "--since", "2030-01-01"], False),
        (["corrections", "c.xlsx"], True),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        assert (tmp_path / "c.xlsx").exists() is there


def _pin_filled_in(path: Path, pin: str) -> None:
    book = openpyxl.load_workbook(path)
    page = book["Corrections"]
    head = {cell.value: cell.column for cell in page[1]}
    page.cell(2, head["Wireless PIN"]).value = pin
    book.save(path)


@pytest.mark.parametrize("keyed", [True, False])
def test_a_corrected_pin_is_submitted(
    statement: Path, settings: Settings, served: Served, tmp_path: Path, *, keyed: bool
) -> None:
    """Only the PIN differs: a new request that supersedes the old, once, with and without a key."""
    used = settings.but(secret_key=Secret("a phrase for the tests")) if keyed else settings
    _records(served, n2125550100={"line_type": "wireless", "pin": "Right123"})
    mobile = {"Number Type": "Wireless", "Wireless PIN": "Wrong123"}
    original = write_book(tmp_path / "original.xlsx", rows(mobile))
    (old,) = _reject(original, statement, used, served)
    clock = served.sandbox.clock.now

    def submit(source: object, **options: bool) -> list[tuple[str, str | None, str | None]]:
        planned = portops.plan(_check(source, statement, used))
        rehearsed = desk_of(used, clock=clock).submit(planned, dry_run=True, **options)
        done = desk_of(used, clock=clock).submit(planned, agree=True, **options)
        expected = [
            "ready" if each.status == "submitted" else each.status for each in done.outcomes
        ]
        assert [each.status for each in rehearsed.outcomes] == expected
        return [(each.status, each.request_sid, each.error) for each in done.outcomes]

    ((status, sid, why),) = submit(original)
    if keyed:
        assert (status, sid) == ("already_submitted", old)
    else:
        assert (status, sid) == ("held_back", None)
        assert old in str(why)
        assert "PORTOPS_SECRET_KEY" in str(why)
    path = write_corrections(portops.corrections(settings=used), tmp_path / "again.xlsx")
    _pin_filled_in(path, "Right123")
    ((status, new, why),) = submit(path)
    assert status == "submitted", why
    assert new != old
    for source in (path, original):
        assert [(status, sid) for status, sid, _ in submit(source)] == [("already_submitted", new)]
    events = portops.history(settings=used)
    assert set(events.loc[events["request_sid"] == new, "supersedes"]) == {old}
    assert len([each for each in served.received() if each["accepted"]]) == 2
    for file in tmp_path.glob("store.db*"):
        assert b"Right123" not in file.read_bytes()


def test_a_pin_corrected_in_the_same_workbook(
    statement: Path, settings: Settings, known: Settings, served: Served, tmp_path: Path
) -> None:
    """With a key it is seen; without one it has to be asked for, and that is told."""
    right = {"line_type": "wireless", "pin": "Right123"}
    _records(served, n2125550100=right, n2125550101=right)
    keyless = settings.but(store=f"sqlite:///{tmp_path / 'keyless.db'}")
    # A number for each store: what one has asked of the provider is foreign to the other.
    for used, phone in ((known, "2125550100"), (keyless, "2125550101")):
        mobile = {"Phone Number": phone, "Number Type": "Wireless", "Wireless PIN": "Wrong123"}
        (old,) = _reject(rows(mobile), statement, used, served)
        corrected = portops.plan(
            _check(rows({**mobile, "Wireless PIN": "Right123"}), statement, used)
        )
        desk = desk_of(used, clock=served.sandbox.clock.now)
        done = desk.submit(corrected, agree=True)
        if used is not known:
            assert done.count("held_back") == 1
            done = desk.submit(corrected, agree=True, again=True)
        assert done.count("submitted") == 1
        new = str(done.outcomes[0].request_sid)
        assert new != old
        again = desk.submit(corrected, agree=True)
        assert [each.request_sid for each in again.outcomes] == [new]
        desk.cancel(new)
