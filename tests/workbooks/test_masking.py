"""PINs in the marked copy: masked where the store keeps them, and taken back from the mask."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from tests.conftest import Served, desk_of, rows, write_book

from portops.redaction import KEPT, Secret
from portops.settings import Settings
from portops.workbooks import copying

KEY = "a phrase for the tests"
PINS = ("73519024", "73519025")


@pytest.fixture
def known(settings: Settings) -> Settings:
    """Settings with a key."""
    return settings.but(secret_key=Secret(KEY))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook with two wireless numbers and a landline."""
    wireless = {"Number Type": "Wireless"}
    frame = rows(*({**wireless, "Wireless PIN": pin} for pin in PINS), {})
    return write_book(tmp_path / "mine.xlsx", frame)


def _cells(path: Path) -> list[object]:
    page = openpyxl.load_workbook(path)["Numbers"]
    column = next(cell.column for cell in page[1] if cell.value == "Wireless PIN")
    return [page.cell(row, column).value for row in range(2, page.max_row + 1)]


def _bytes(path: Path) -> bytes:
    with zipfile.ZipFile(path) as package:
        return b"".join(package.read(name) for name in package.namelist())


def _submitted(book: Path, statement: Path, settings: Settings) -> None:
    desk = desk_of(settings)
    done = desk.submit(desk.plan(desk.check(book, documents=statement)), agree=True)
    assert done.count("submitted") == len(done.outcomes)


@pytest.mark.usefixtures("served")
def test_kept_pins_are_masked_and_come_back(
    book: Path, statement: Path, known: Settings, tmp_path: Path
) -> None:
    """Before a submission nothing else has them, so they stay; after it the copy shows none."""
    desk = desk_of(known)
    desk.write(desk.check(book, documents=statement), tmp_path / "before")
    assert _cells(tmp_path / "before" / "mine.checked.xlsx") == [*PINS, None]
    _submitted(book, statement, known)
    desk.write(desk.check(book, documents=statement), tmp_path / "after")
    copy = tmp_path / "after" / "mine.checked.xlsx"
    assert _cells(copy) == [KEPT, KEPT, None]
    assert not [pin for pin in PINS if pin.encode() in _bytes(copy)]
    assert _cells(book) == [*PINS, None], "the analyst's own file is not touched"
    again = desk.check(copy, documents=statement)
    assert "pin.missing" not in set(again.findings["code"])
    assert [pin.reveal() for pin in again.numbers["pin"].dropna()] == list(PINS)
    # The copy of a copy is masked as well.
    desk.write(again, tmp_path / "third")
    assert _cells(tmp_path / "third" / "mine.checked.checked.xlsx") == [KEPT, KEPT, None]


@pytest.mark.usefixtures("served")
def test_pins_that_are_not_the_kept_ones_stay(
    book: Path, statement: Path, known: Settings, tmp_path: Path
) -> None:
    """A changed PIN is nowhere else; `keep_pins` leaves all; another key masks nothing."""
    _submitted(book, statement, known)
    changed = openpyxl.load_workbook(book)
    page = changed["Numbers"]
    column = next(cell.column for cell in page[1] if cell.value == "Wireless PIN")
    page.cell(2, column).value = "99887766"
    changed.save(book)
    desk = desk_of(known)
    checked = desk.check(book, documents=statement)
    desk.write(checked, tmp_path / "out")
    assert _cells(tmp_path / "out" / "mine.checked.xlsx") == ["99887766", KEPT, None]
    desk.write(checked, tmp_path / "all", keep_pins=True)
    assert _cells(tmp_path / "all" / "mine.checked.xlsx") == ["99887766", PINS[1], None]
    desk_of(known.but(secret_key=Secret("quite another phrase"))).write(checked, tmp_path / "x")
    assert _cells(tmp_path / "x" / "mine.checked.xlsx") == ["99887766", PINS[1], None]


def test_a_mask_without_a_kept_pin_is_said(statement: Path, known: Settings) -> None:
    """A copy that is checked with another store: the PIN is missing, in plain words."""
    wireless = {"Number Type": "Wireless"}
    frame = rows(*({**wireless, "Wireless PIN": mask} for mask in (KEPT, "•••", " •••• Kept ")))
    checked = desk_of(known).check(frame, documents=statement)
    missing = checked.findings[checked.findings["code"] == "pin.missing"]
    assert len(missing) == 3
    assert missing["message"].str.startswith("The PIN is masked here").all()
    assert "pin.shape" not in set(checked.findings["code"])
    landline = desk_of(known).check(rows({"Wireless PIN": KEPT}), documents=statement)
    assert landline.counts["error"] == 0, "a landline needs none"


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("second", ["kept", "changed"])
def test_a_cell_for_several_numbers(
    statement: Path, known: Settings, tmp_path: Path, second: str
) -> None:
    """Merged over rows: masked when it is the kept PIN of each of them."""
    wireless = {"Number Type": "Wireless", "Wireless PIN": PINS[0]}
    path = write_book(tmp_path / "mine.xlsx", rows(wireless, wireless))
    _submitted(path, statement, known)
    if second == "changed":
        path = write_book(path, rows(wireless, {**wireless, "Wireless PIN": "99887766"}))
    desk = desk_of(known)
    checked = desk.check(path, documents=statement)
    merged = openpyxl.load_workbook(path)
    page = merged["Numbers"]
    column = next(cell.column_letter for cell in page[1] if cell.value == "Wireless PIN")
    page.merge_cells(f"{column}2:{column}3")
    merged.save(path)
    desk.write(checked, tmp_path / "out")
    wanted = KEPT if second == "kept" else PINS[0]
    assert _cells(tmp_path / "out" / "mine.checked.xlsx")[0] == wanted


@pytest.mark.usefixtures("served")
def test_the_copy_of_a_large_workbook_is_masked_too(
    book: Path, statement: Path, known: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of it only rows with findings are written."""
    _submitted(book, statement, known)
    changed = openpyxl.load_workbook(book)
    for row in (2, 3):
        changed["Numbers"].cell(row, 8).value = "nobody"
    changed.save(book)
    monkeypatch.setattr(copying, "MOST_CELLS", 0)
    desk = desk_of(known)
    desk.write(desk.check(book, documents=statement), tmp_path / "out")
    copy = tmp_path / "out" / "mine.checked.xlsx"
    assert KEPT in _cells(copy)
    assert not [pin for pin in PINS if pin.encode() in _bytes(copy)]


def test_the_command_masks_after_a_submission(
    book: Path, statement: Path, served: Served, tmp_path: Path
) -> None:
    """The copy beside the receipts is masked, unless `--keep-pins`; its way back is the same."""
    environment = {"PORTOPS_SANDBOX_URL": served.url, "PORTOPS_SECRET_KEY": KEY}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "portops", *arguments, "--documents", str(statement)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment | {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)},
            stdin=subprocess.DEVNULL,
            check=False,
            encoding="utf-8",
        )

    assert run("submit", str(book), "--agree", "--keep-pins").returncode == 0
    copy = tmp_path / "reports" / "mine.checked.xlsx"
    assert _cells(copy) == [*PINS, None]
    run("check", str(book))
    assert _cells(copy) == [KEPT, KEPT, None]
    done = run("submit", str(copy), "--agree", "--json")
    document = json.loads(done.stdout)
    assert (document["submitted"], document["already_submitted"]) == (0, 1), done.stdout


def test_notes_are_in_no_finding(statement: Path, known: Settings) -> None:
    """Notes hold PINs and words about customers: a schema of one's own cannot bring them out."""
    pandera = pytest.importorskip("pandera.pandas")
    schema = pandera.DataFrameSchema({"notes": pandera.Column(checks=pandera.Check.isin(["fine"]))})
    frame = rows({"Notes": "the PIN is 73519024"})
    checked = desk_of(known).check(frame, documents=statement, schema=schema)
    assert isinstance(checked.findings, pd.DataFrame)
    assert (checked.findings["column"] == "Notes").any()
    shown = checked._repr_html_() + json.dumps(checked.as_json()) + checked.findings.to_string()
    assert "73519024" not in shown


def test_secrets_that_no_request_needs_are_masked(
    statement: Path, known: Settings, tmp_path: Path
) -> None:
    """An SSN beside a PIN, read or not, and a landline's PIN; never the one a number needs."""
    wireless = {"Number Type": "Wireless"}
    frame = rows(
        {**wireless, "Wireless PIN": "73519024", "SSN": "6789"},
        {"Wireless PIN": "88112233", "SSN": None},
        {**wireless, "Wireless PIN": None, "SSN": "5544"},
        SSN=None,
    )
    frame["Social Security Number"] = ["123456789", "223456789", "323456789"]
    frame["Account PIN"] = ["4321", "4322", "4323"]
    path = write_book(tmp_path / "mine.xlsx", frame)
    desk = desk_of(known)
    checked = desk.check(path, documents=statement)
    desk.write(checked, tmp_path / "out")
    copy = tmp_path / "out" / "mine.checked.xlsx"
    page = openpyxl.load_workbook(copy)["Numbers"]
    places = {cell.value: cell.column for cell in page[1]}
    shown = {
        name: [page.cell(row, places[name]).value for row in (2, 3, 4)]
        for name in ("Wireless PIN", "SSN", "Social Security Number", "Account PIN")
    }
    assert shown == {
        "Wireless PIN": ["73519024", KEPT, None],
        "SSN": [KEPT, None, "5544"],
        "Social Security Number": [KEPT, KEPT, KEPT],
        "Account PIN": [KEPT, KEPT, KEPT],
    }
    again = desk.check(copy, documents=statement)
    assert again.counts["error"] == checked.counts["error"] == 0
    assert [pin.reveal() for pin in again.numbers["pin"].dropna()] == ["73519024", "5544"]
    desk.write(checked, tmp_path / "all", keep_pins=True)
    assert b"123456789" in _bytes(tmp_path / "all" / "mine.checked.xlsx")


@pytest.mark.parametrize("pair", ["pin:73519024", "73519024=pin", "=73519024", "pin 73519024"])
def test_a_mistaken_set_echoes_no_pin(book: Path, pair: str, tmp_path: Path) -> None:
    """Whatever is wrong with `--set`, its value is not written to the screen."""
    done = subprocess.run(
        [sys.executable, "-m", "portops", "check", str(book), "--set", pair],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)},
        stdin=subprocess.DEVNULL,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 2
    assert "--set" in done.stderr
    assert "73519024" not in done.stdout + done.stderr
