"""The desk: what it opens, what it refuses, and that settings count for every step."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from tests.conftest import SAMPLES, START, desk_of, event, events, rows

import portops
from portops.cli import main
from portops.errors import InputError, SettingsError
from portops.redaction import Secret
from portops.sealing import new_key
from portops.settings import Settings
from portops.store.database import open_database
from portops.store.history import append, rows_of
from portops.submission.jobs import jobs_of


def test_a_mistyped_store_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that read say that there is none, and leave the folder as it was."""
    monkeypatch.chdir(tmp_path)
    store = f"sqlite:///{tmp_path / 'typo.db'}"
    for step in (
        lambda: portops.history(store=store),
        lambda: portops.status(store=store),
        lambda: portops.pull(store=store),
        lambda: portops.actions(store=store),
        lambda: portops.corrections(store=store),
        lambda: portops.reconcile(store=store),
        lambda: portops.rejections("2026-W47", store=store),
        lambda: portops.publish("turnaround", store=store, out=tmp_path),
        lambda: portops.weekly("2026-W47", store=store, out=tmp_path),
    ):
        with pytest.raises(InputError, match="There is no store at"):
            step()
    assert list(tmp_path.iterdir()) == []


def test_a_check_without_a_store_makes_none(tmp_path: Path, statement: Path) -> None:
    """What the store knows is nothing, as long as there is none."""
    store = tmp_path / "later.db"
    assert portops.check(rows({}), documents=statement, store=f"sqlite:///{store}").rows == 1
    assert not store.exists()


def test_an_unknown_provider_is_refused_when_the_desk_opens() -> None:
    """With the names that there are."""
    with pytest.raises(SettingsError, match="'twillio' is not a provider") as refused:
        portops.Desk(provider="twillio")
    assert "twilio" in refused.value.remedy


def test_a_number_in_progress_is_seen_by_python_as_by_the_command(
    settings: Settings, statement: Path
) -> None:
    """The store counts in `portops.check` too."""
    planned = portops.plan(portops.check(rows({}), documents=statement))
    assert portops.submit(planned, agree=True, settings=settings).count("submitted") == 1
    other = rows({"Account Number": "9", "Phone Number": "(212) 555-0100"})
    checked = portops.check(other, documents=statement, settings=settings)
    assert "number.in_progress" in set(checked.findings["code"])


def test_a_plan_is_for_the_provider_that_was_checked_for(statement: Path) -> None:
    """Whichever names it: the settings, or the check itself."""
    assert portops.plan(portops.check(rows({}), documents=statement)).provider == "sandbox"
    checked = portops.check(rows({}), documents=statement, provider="telnyx")
    assert portops.plan(checked).provider == "telnyx"
    desk = desk_of(Settings(provider="twilio"))
    assert desk.plan(desk.check(rows({}), documents=statement)).provider == "twilio"


@pytest.mark.parametrize("wrap", [bytes, BytesIO])
def test_a_workbook_may_be_in_memory(wrap: type) -> None:
    """Uploaded bytes are read like the file."""
    path = SAMPLES / "faults" / "contact.xlsx"
    documents = SAMPLES / "statements"
    from_file = portops.check(path, documents=documents).findings.drop(columns="file")
    upload = portops.check(wrap(path.read_bytes()), documents=documents).findings
    pd.testing.assert_frame_equal(upload.drop(columns="file"), from_file)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"documents": "nodir"}, "nodir"),
        ({"as_of": "soon"}, "'soon' is not a date"),
        ({"sheet": "Nope"}, "Nope"),
        ({"given": {"Nope": "email"}}, "which no sheet has"),
    ],
)
def test_an_option_that_cannot_be_followed_is_refused(
    options: dict[str, object], words: str
) -> None:
    """Nothing is ignored in silence."""
    with pytest.raises(InputError, match=words):
        portops.check(rows({}), **options)  # type: ignore[arg-type]


def test_what_is_no_workbook_is_refused() -> None:
    """In words."""
    with pytest.raises(InputError, match="3 is no"):
        portops.check(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (lambda: portops.plan("x.xlsx"), "Expected Checked but got str"),
        (lambda: portops.plan(rows({})), "Expected Checked but got DataFrame"),
        (lambda: portops.submit("x.xlsx"), "Expected Planned but got str"),
        (lambda: portops.portability("x.xlsx"), "Expected Planned but got str"),
        (lambda: portops.reconcile("x.xlsx"), "Expected Planned but got str"),
        (lambda: portops.Desk().write("x.xlsx"), "Expected Checked but got str"),
        (lambda: portops.Desk().write_plan("x.xlsx"), "Expected Planned but got str"),
        (lambda: portops.Desk().letters("x.xlsx"), "Expected Planned but got str"),
        (lambda: portops.check(rows({}), settings={"store": "x"}), "Expected Settings but got d"),
        (lambda: portops.turnaround("2026-W47", events=[1]), "Expected DataFrame but got list"),
        (lambda: portops.check(rows({}), documents=3), "Expected str or Path but got int"),
        (lambda: portops.schema(documents=3), "Expected str or Path but got int"),
        (lambda: portops.check(rows({}), given=3), "Expected Mapping but got int"),
        (lambda: portops.check(rows({}), fill=["city"]), "Expected Mapping but got list"),
        (lambda: portops.check(rows({}), rules=3), "gives int, not a Rule"),
        (lambda: portops.schema(rules=[3]), "gives int among its rules"),
    ],
)
def test_a_value_of_another_kind_is_refused(step: Callable[[], object], words: str) -> None:
    """With what to give instead, and no AttributeError from within."""
    with pytest.raises(InputError, match=words) as refused:
        step()
    assert refused.value.remedy.startswith(("Give", "Name", "Check"))
    assert refused.value.remedy != InputError.remedy


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (lambda: portops.check("x", docments="x"), r"check\(\) .* Did you mean 'documents'"),
        (lambda: portops.schema(as_off="x"), r"schema\(\) .* Did you mean 'as_of'"),
        (lambda: portops.status(stor="x"), r"status\(\) .* Did you mean 'store'"),
        (lambda: portops.port_in(zebra=1), r"port_in\(\) .*'zebra'$"),
        (lambda: portops.figures("turnaround", strat=1), r"figures\(\) .* Did you mean 'start'"),
        (lambda: portops.rejections(as_off=1), r"rejections\(\) .* Did you mean 'as_of'"),
        (lambda: portops.turnaround(evnts=1), r"turnaround\(\) .* Did you mean 'events'"),
    ],
)
def test_a_misspelled_option_is_refused_by_the_step(step: Callable[[], object], words: str) -> None:
    """Under the name that was called, not that of a class within."""
    with pytest.raises(TypeError, match=words):
        step()


def test_results_are_plain_json(statement: Path) -> None:
    """No NaN anywhere: an absent text is null."""
    checked = portops.check(rows({"Email": "nobody"}), documents=statement)
    document = checked.as_json()
    assert [
        row["suggestion"] for row in document["findings"] if row["code"] == "email.invalid"
    ] == [None]
    planned = portops.plan(checked).as_json()
    assert planned["requests"][0]["split"] is None
    assert planned["requests"][0]["details"]["city"] == "New York"


def test_a_request_with_brackets_in_its_name_keeps_its_codes(statement: Path) -> None:
    """Only a request that was split has another name than its findings."""
    frame = rows({"Authorized Representative": "IT Dept"}, **{"Port Request Name": "Site [A]"})
    planned = portops.plan(portops.check(frame, documents=statement))
    (job,) = jobs_of(planned, lambda _: "")
    assert "contact.incomplete" in job.codes


def test_the_parts_of_a_split_request_keep_its_codes(statement: Path) -> None:
    """Findings carry the name from before; the plan says what each part is a part of."""
    frame = rows(
        *({"Phone Number": f"212-555-{n:04d}"} for n in range(1_001)),
        **{"Port Request Name": "Site [A]", "Authorized Representative": "IT Dept"},
    )
    planned = portops.plan(portops.check(frame, documents=statement))
    assert planned.requests["request"].tolist() == ["Site [A] [1 of 2]", "Site [A] [2 of 2]"]
    assert planned.requests["part_of"].tolist() == ["Site [A]", "Site [A]"]
    assert all("contact.incomplete" in job.codes for job in jobs_of(planned, lambda _: ""))


def _filled(url: str) -> str:
    history = events(
        event("KW1", "+12125550100", "submitted", START),
        event("KW1", "+12125550100", "rejected", "2026-10-07T14:00:00Z", cause="pin"),
    )
    with open_database(url) as database, database.writing() as connection:
        append(connection, rows_of(history))
    return url


def test_figures_are_of_a_week_or_of_any_days(store_url: str) -> None:
    """A week, or the days from one to another; as of a date, a text or an instant."""
    store = _filled(store_url)
    week = portops.rejections("2026-W41", store=store)
    days = portops.rejections(start="2026-10-05", end=date(2026, 10, 11), store=store)
    assert (week["decided"], week["first_rejected"]) == (1, 1)
    assert days.figures == week.figures
    two = portops.rejections(start="2026-10-01", end="2026-10-07", store=store)
    assert (two.week, two["decided"]) == ("2026-10-01/2026-10-07", 1)
    assert portops.rejections("2026-W41", as_of="2026-10-06", store=store)["decided"] == 0
    with pytest.raises(InputError, match="as_of='soon' is not a date"):
        portops.turnaround("2026-W41", as_of="soon", store=store)


def test_events_of_ones_own_are_checked(tmp_path: Path) -> None:
    """A user's table stands in for the store, and has to be EVENTS."""
    mine = events(event("KW1", "+12125550100", "rejected", "2026-10-07T14:00:00Z"))
    assert portops.rejections("2026-W41", events=mine)["decided"] == 1
    with pytest.raises(InputError, match="status 'flying'"):
        portops.rejections("2026-W41", events=mine.assign(status="flying"))
    with pytest.raises(InputError, match="phone_number 'bogus'"):
        portops.turnaround("2026-W41", events=mine.assign(phone_number="bogus"))


def test_a_notebook_of_ones_own_is_published(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under its own name, with the figures that it shows."""
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    cells = [
        nbformat.v4.new_markdown_cell("# Mine"),
        nbformat.v4.new_code_cell('week = ""', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("import portops\n\nportops.rejections(week)"),
    ]
    book = tmp_path / "mine.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), book)
    made = portops.publish(book, week="2026-W41", store=_filled(store_url), out=tmp_path / "out")
    assert made.figures["decided"] == 1
    assert {path.name for path in made.files} >= {"mine.html", "mine.json", "mine.pdf"}


def test_the_doctor_tries_the_key_on_what_is_kept(settings: Settings, statement: Path) -> None:
    """A key that opens nothing, and no key at all, are something to fix."""
    wireless = rows({"Number Type": "Wireless", "Wireless PIN": "4711"})
    right, wrong = (settings.but(secret_key=Secret(new_key())) for _ in range(2))
    planned = portops.plan(portops.check(wireless, documents=statement))
    assert portops.submit(planned, agree=True, settings=right).count("submitted") == 1
    seen = {}
    for name, held in (("right", right), ("wrong", wrong), ("none", settings)):
        looks = {look.what: look for look in desk_of(held).doctor()}
        seen[name] = looks["secret key"]
    assert {name: look.status for name, look in seen.items()} == {
        "right": "ok",
        "wrong": "fix",
        "none": "fix",
    }
    assert "another key" in seen["wrong"].seen
    assert "PORTOPS_SECRET_KEY" in seen["wrong"].remedy
    assert "purge" in seen["none"].remedy


def test_the_doctor_names_an_empty_store_once(tmp_path: Path) -> None:
    """The file is wrong, and not the key as well."""
    (tmp_path / "store.db").touch()
    empty = Settings(store=f"sqlite:///{tmp_path / 'store.db'}")
    looks = {look.what: look for look in desk_of(empty).doctor()}
    assert looks["store"].status == "fix"
    assert "empty" in looks["store"].seen
    assert "restore" in looks["store"].remedy
    assert looks["secret key"].status == "note"


def test_a_changed_store_is_told_by_the_command(
    settings: Settings, statement: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`portops store check` exits 1 and names the row; a sound store exits 0."""
    planned = portops.plan(portops.check(rows({}), documents=statement))
    portops.submit(planned, agree=True, settings=settings)

    def run() -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["store", "check", "--store", settings.store])
        return int(str(ended.value.code)), capsys.readouterr().out

    assert run()[0] == 0
    with sqlite3.connect(settings.store.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE events SET status = 'completed' WHERE phone_number <> ''")
    code, out = run()
    assert code == 1
    assert "edited after it was written" in " ".join(out.split())
    assert "+12125550100" in out
