"""Submit: every planned request reaches the provider exactly once."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from tests.conftest import START, Served, desk_of, rows

import portops
from portops.errors import InputError, SettingsError, Unavailable
from portops.facts import agreement
from portops.providers import open_provider
from portops.providers.twilio.adapter import Twilio
from portops.results.planned import Planned
from portops.results.submitted import Submitted
from portops.settings import Settings
from portops.store import batches, journal
from portops.store.database import open_database
from portops.workbooks.receipts import write_submitted


def _now() -> object:
    return START


def _two_accounts(**same: object) -> object:
    return rows({}, {}, {"Account Number": "9", "Customer Name": "Red Barn"}, **same)


def _plan(frame: object, folder: Path) -> Planned:
    return portops.plan(portops.check(frame, documents=folder))  # type: ignore[arg-type]


def _submit(planned: Planned, settings: Settings) -> Submitted:
    return desk_of(settings, clock=_now).submit(planned, agree=True)  # type: ignore[arg-type]


def test_the_agreement_comes_first(statement: Path, settings: Settings, served: Served) -> None:
    """Without it nothing is sent, and the seven points are named."""
    with pytest.raises(InputError, match="authority to port"):
        portops.submit(_plan(rows({}), statement), settings=settings)
    assert served.received() == []
    assert len(agreement.POINTS) == 7


def test_a_rehearsal_sends_and_writes_nothing(
    statement: Path, settings: Settings, served: Served
) -> None:
    """It says what would be sent, what is there already, what is held back; and the agreement."""
    _submit(_plan(rows({}), statement), settings)
    planned = _plan(
        rows(
            {},
            {"Account Number": "9", "Customer Name": "Red Barn"},
            {"Account Number": "77", "Email": "nobody"},
            {"Account Number": "5", "Phone Number": "2125550100"},
        ),
        statement,
    )
    before = (len(served.received()), _everything(settings))
    found = portops.submit(planned, dry_run=True, settings=settings)
    assert (len(served.received()), _everything(settings)) == before
    statuses = Counter(each.status for each in found.outcomes)
    assert statuses == {"already_submitted": 1, "ready": 1, "held_back": len(found.outcomes) - 2}
    shown = found._repr_html_()
    assert "1 request would be submitted; 1 submitted before" in shown
    assert "Nothing was sent." in shown
    assert agreement.POINTS[0] in shown
    done = _submit(planned, settings)
    assert {each.request for each in done.outcomes if each.status == "submitted"} == {
        each.request for each in found.outcomes if each.status == "ready"
    }


def _everything(settings: Settings) -> str:
    with closing(sqlite3.connect(settings.store.removeprefix("sqlite:///"))) as store:
        return "\n".join(store.iterdump())


def test_a_batch_is_submitted_and_said(statement: Path, settings: Settings, served: Served) -> None:
    """A Request SID each; operator, agreement and workbooks are recorded."""
    done = _submit(_plan(_two_accounts(), statement), settings)
    assert done.count("submitted") == 2
    assert all(each.request_sid.startswith("KW") for each in done.outcomes if each.request_sid)
    assert [each["accepted"] for each in served.received()] == [True, True]
    with open_database(settings.store) as database:
        agreed = batches.agreement_of(database, str(done.outcomes[0].request_sid))
    assert agreed is not None
    assert agreed["operator"] == "tester"
    assert "authority to port" in agreed["agreement"]


def test_submitting_again_creates_nothing(
    statement: Path, settings: Settings, served: Served
) -> None:
    """The second time every request is known, in the same or in another workbook."""
    first = _submit(_plan(_two_accounts(), statement), settings)
    again = _submit(_plan(_two_accounts(), statement), settings)
    assert again.count("already_submitted") == 2
    assert {e.request_sid for e in again.outcomes} == {e.request_sid for e in first.outcomes}
    assert len(served.received()) == 2


def test_a_statement_is_uploaded_once_by_its_content(
    statement: Path, settings: Settings, served: Served
) -> None:
    """Two requests and two names, one content: one upload."""
    (statement / "copy.pdf").write_bytes((statement / "statement.pdf").read_bytes())
    frame = rows({}, {"Account Number": "9", "Billing Statement": "copy.pdf"})
    assert _submit(_plan(frame, statement), settings).count("submitted") == 2
    assert served.sandbox.database.count("documents") == 1


def test_a_lost_answer_is_settled_and_not_sent_again(
    statement: Path, settings: Settings, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider took the request and the answer was lost: it is found by its numbers."""
    create = Twilio.create

    def lost(self: Twilio, request: object, documents: object) -> object:
        create(self, request, documents)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    planned = _plan(rows({}, {}), statement)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Twilio, "create", lost)
        _submit(planned, settings)
    with open_database(settings.store) as database:
        assert len(journal.tracked(database)) == 0
    later = desk_of(settings, clock=lambda: START + timedelta(minutes=5)).submit(
        planned, agree=True
    )
    assert later.count("submitted") == 1
    assert [each["accepted"] for each in served.received()] == [True]


@pytest.mark.parametrize("arrived", [True, False])
def test_what_an_earlier_workbook_left_open_is_settled_first(
    statement: Path,
    settings: Settings,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    *,
    arrived: bool,
) -> None:
    """A request cut off on its way stands, if it arrived, and its numbers are not sent again."""
    create = Twilio.create

    def lost(self: Twilio, request: object, documents: object) -> object:
        if arrived:
            create(self, request, documents)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Twilio, "create", lost)
        _submit(_plan(rows({}), statement), settings)
    corrected = _plan(rows({"Customer Name": "Copper Hill Bakery LLC"}), statement)
    done = desk_of(settings, clock=lambda: START + timedelta(minutes=5)).submit(
        corrected, agree=True
    )
    assert done.count("held_back" if arrived else "submitted") == 1
    assert [each["accepted"] for each in served.received()] == [True]
    with open_database(settings.store) as database:
        assert journal.ambiguous(database, "sandbox") == []
        assert len(journal.tracked(database)) == 1


def test_request_names_dates_and_notified_people_reach_the_provider(
    statement: Path, settings: Settings, served: Served
) -> None:
    """What the workbook says of them is what the provider is told."""
    frame = rows(
        {
            "Request Name": "Main office",
            "Target Port Date": "2026-10-28",
            "Notification Emails": "desk@example.com; boss@example.com",
        }
    )
    checked = portops.check(frame, documents=statement, as_of=START.date())
    done = _submit(portops.plan(checked), settings)
    assert done.outcomes[0].request == "Main office"
    body = served.sandbox.database.order(done.outcomes[0].request_sid).body
    assert body["target_port_in_date"] == "2026-10-28"
    assert body["notification_emails"] == ["desk@example.com", "boss@example.com"]


def test_a_provider_that_is_down_stops_the_batch(statement: Path, settings: Settings) -> None:
    """Nothing is lost: the same call goes on when it is back."""
    down = settings.but(sandbox_url="http://127.0.0.1:9")
    planned = _plan(_two_accounts(), statement)
    with pytest.raises(Unavailable, match="does not answer"):
        _submit(planned, down)
    stopped = portops.submit(planned, agree=True, ask_portability=False, settings=down)
    assert stopped.stopped is not None
    assert stopped.count("failed") == 2
    assert _submit(planned, settings).count("submitted") == 2


def test_a_refused_request_is_told_with_the_providers_words(
    statement: Path, settings: Settings
) -> None:
    """The other requests go on."""
    frame = rows({"Target Port Date": "2026-10-09"}, {"Account Number": "9"})
    checked = portops.check(frame, documents=statement, as_of=date(2026, 10, 1))
    done = _submit(portops.plan(checked), settings)
    assert (done.count("failed"), done.count("submitted")) == (1, 1)
    refused = next(each for each in done.outcomes if each.status == "failed")
    assert "7 days ahead" in str(refused.error)


def test_a_number_in_another_open_request_is_held_back(
    statement: Path, settings: Settings, served: Served
) -> None:
    """The store knows what is on its way."""
    _submit(_plan(rows({}), statement), settings)
    other = rows({"Account Number": "77", "Customer Name": "Somebody Else"})
    done = _submit(_plan(other, statement), settings)
    assert done.count("held_back") == 1
    assert "number.in_progress" in str(done.outcomes[0].error)
    assert len(served.received()) == 1


def test_no_pin_is_in_the_store_or_the_sandbox(
    statement: Path, settings: Settings, served: Served, tmp_path: Path
) -> None:
    """A PIN goes to the provider and nowhere else."""
    frame = rows({"Number Type": "Wireless", "Wireless PIN": "Zebra4711X"})
    assert _submit(_plan(frame, statement), settings).count("submitted") == 1
    for path in tmp_path.rglob("*.db*"):
        assert b"Zebra4711X" not in path.read_bytes(), path
    dump = "\n".join(sqlite3.connect(tmp_path / "store.db").iterdump())
    assert "+12125550100" in dump


def test_the_receipt_lists_every_number_with_its_sid(
    statement: Path, settings: Settings, tmp_path: Path
) -> None:
    """`<stem>.submitted.xlsx` says for each row what became of it."""
    planned = _plan(rows({}, {}, {"Account Number": "9", "Email": "nobody"}), statement)
    done = _submit(planned, settings)
    path = write_submitted(done, "table", tmp_path / "x.submitted.xlsx")
    page = openpyxl.load_workbook(path)["Submitted"]
    found = [tuple(cell.value for cell in row) for row in page.iter_rows(min_row=2)]
    assert Counter(row[3] for row in found) == {"submitted": 2, "held back": 1}
    assert found[0][4].startswith("KW")


def test_missing_credentials_are_a_setting_to_mend(statement: Path, store_url: str) -> None:
    """Twilio without credentials names the two variables."""
    with (
        pytest.raises(SettingsError, match="credentials"),
        open_provider(Settings(store=store_url, provider="twilio")),
    ):
        pass
