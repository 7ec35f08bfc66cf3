"""The review of a workbook: chosen, corrected by drop-downs, filtered, written."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd
import pytest

import portops
from portops.errors import InputError
from portops.intake.settling import IGNORE
from portops.reviewing.columns import UNDO, UNREAD
from portops.reviewing.form import Review
from portops.settings import Settings
from portops.tables.columns import FIELDS
from tests.conftest import rows, write_book

SECRET = "Zebra4711X"


@pytest.fixture
def settings(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return Settings(store=store_url, operator="tester")


@pytest.fixture
def book(tmp_path: Path, statement: Path) -> Path:
    """A workbook of two numbers, one with a PIN that nobody may see."""
    table = rows({}, {"Number Type": "Wireless", "Wireless PIN": SECRET})
    return write_book(tmp_path / "shops.xlsx", table)


def _review(settings: Settings, workbook: Path | None, statement: Path) -> Review:
    return portops.review(workbook, documents=statement, settings=settings)


def _line(form: Review, title: str) -> Any:
    """Return the line of the column of a title."""
    return next(
        line for line in form.columns.lines if line.field.description.endswith(f", {title}")
    )


def _upload(form: Review, path: Path) -> None:
    """Hand a file in as the browser does."""
    form.upload.value = (
        {
            "name": path.name,
            "type": "",
            "size": path.stat().st_size,
            "content": memoryview(path.read_bytes()),
            "last_modified": datetime(2026, 11, 23, tzinfo=UTC),
        },
    )


def _all(widget: Any) -> list[Any]:
    """Return a widget and all inside it."""
    inner = [one for child in getattr(widget, "children", ()) for one in _all(child)]
    return [widget, *inner]


def _state(form: Review) -> str:
    """Return everything that a saved notebook keeps of the form."""
    return "".join(json.dumps(one.get_state(), default=str) for one in _all(form._view))


def test_it_shows_how_each_column_was_read(settings: Settings, book: Path, statement: Path) -> None:
    """Sheet, letter, title, first value, field, why and how sure; all fields to choose from."""
    form = _review(settings, book, statement)
    line = _line(form, "Account Number")
    for text in ("Numbers", "Account Number"):
        assert f"<span>{text}</span>" in line.where.value
    assert line.field.value == "account_number"
    assert line.field.description.startswith("Field of Numbers, column ")
    assert "its title says" in line.how.value
    assert "%</span>" in line.how.value
    labels = {label for label, _ in line.field.options}
    assert labels == {field.label for field in FIELDS.values()} | {"Leave alone"}
    assert len(form.columns.lines) == len(form.checked.understood)
    assert "2 numbers" in form.message.value


def test_a_choice_changes_the_findings_and_can_be_undone(
    settings: Settings, book: Path, statement: Path
) -> None:
    """The line stays the same widget, so that the keyboard stays where it is."""
    form = _review(settings, book, statement)
    before, lines = form.checked.counts, form.columns.lines
    line = _line(form, "Email")
    line.field.value = IGNORE
    assert form.checked.counts["error"] > before["error"]
    assert "workbook.column_missing" in form.findings.table.value
    assert "more." in form.findings.summary.value
    assert "Your choice" in line.how.value
    assert [id(each) for each in form.columns.lines] == [id(each) for each in lines]
    line.field.value = UNDO
    assert line.field.value == "email"
    assert form.checked.counts == before
    assert form.columns.given == {}
    line.field.value = "notes"
    assert form.checked.mapping.set_index("header").loc["Email", "field"] == "notes"


def test_a_column_that_was_not_understood_is_settled(
    settings: Settings, tmp_path: Path, statement: Path
) -> None:
    """With a title that says nothing, and with none at all."""
    table = rows({}, {}, {}).rename(columns={"Customer Name": "Blorb", "Losing Carrier": ""})
    form = _review(settings, write_book(tmp_path / "odd.xlsx", table), statement)
    odd = _line(form, "column C")
    odd.field.value = "notes"
    assert "notes" in set(form.checked.mapping["field"])
    odd.field.value = IGNORE
    assert odd.field.value == IGNORE
    blorb = _line(form, "Blorb")
    blorb.field.value = IGNORE
    assert "customer_name" not in set(form.checked.mapping["field"].dropna())
    blorb.field.value = "customer_name"
    assert "customer_name" in set(form.checked.mapping["field"])


def test_secrets_stay_hidden(settings: Settings, book: Path, statement: Path) -> None:
    """Whatever the column of PINs is taken for, and in what a notebook is saved with."""
    form = _review(settings, book, statement)
    _upload(form, book)
    line = _line(form, "Wireless PIN")
    for choice in (IGNORE, UNDO, IGNORE):
        line.field.value = choice
        assert SECRET not in _state(form)
        assert SECRET not in json.dumps(form._repr_mimebundle_(), default=str)
    assert form.upload.value == ()


def test_a_chosen_file_is_checked_and_its_marked_copy_written(
    settings: Settings, book: Path, statement: Path, tmp_path: Path
) -> None:
    """As bytes, under its own name."""
    form = _review(settings, None, statement)
    assert form.mark.disabled
    with pytest.raises(InputError, match="No workbook is chosen"):
        _ = form.checked
    _upload(form, book)
    assert "shops.xlsx: 2 rows" in form.message.value
    form.out.value = str(tmp_path / "out")
    form.mark.click()
    assert (tmp_path / "out" / "shops.checked.xlsx").is_file()
    assert (tmp_path / "out" / "shops.findings.csv").is_file()
    assert "shops.checked.xlsx" in form.written.value


def test_how_it_was_read_is_kept_as_a_profile(
    settings: Settings, tmp_path: Path, statement: Path
) -> None:
    """The sender's next workbook is read the same way; `none` reads it without."""
    table = rows({}, {}).rename(columns={"Losing Carrier": "Ships With"})
    first = write_book(tmp_path / "first.xlsx", table)
    form = _review(settings, first, statement)
    form.learn.click()
    assert "can't be a profile's name" in form.learned.value
    _line(form, "Ships With").field.value = "notes"
    form.name.value = "acme"
    form.learn.click()
    assert "acme" in form.learned.value
    again = _review(settings, write_book(tmp_path / "next.xlsx", table), statement)
    line = _line(again, "Ships With")
    assert line.field.value == "notes"
    assert "By profile" in line.how.value
    assert "with profile 'acme'" in again.message.value
    again.profile.value = "none"
    assert "profile" not in again.message.value
    again.name.value = "../acme"
    again.learn.click()
    assert "can't be a profile's name" in again.learned.value


def test_what_cannot_be_read_is_said_and_the_check_stays(
    settings: Settings, book: Path, statement: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What happened, and what to do; a cell that names the file fails as any step does."""
    form = _review(settings, book, statement)
    form.path.value = "away.xlsx"
    assert "away.xlsx" in form.message.value
    assert form.checked.workbooks == (str(book),)
    form.documents.value = "nowhere"
    assert "nowhere" in form.message.value
    form.documents.value = str(statement)
    assert "2 numbers" in form.message.value
    line, real = _line(form, "Email"), form.desk.check

    def refuse(*_: object, **more: Any) -> Any:
        if more["given"]:
            raise InputError("Without it no row is a header.", "Choose another field.")
        return real(*_, **more)

    monkeypatch.setattr(form.desk, "check", refuse)
    line.field.value = IGNORE
    assert "Choose another field." in form.message.value
    assert (line.field.value, form.columns.given) == ("email", {})
    with pytest.raises(InputError):
        portops.review("away.xlsx", settings=settings)


def test_another_workbook_begins_anew(
    settings: Settings, book: Path, statement: Path, tmp_path: Path
) -> None:
    """Choices belong to the workbook they were made for."""
    form = _review(settings, book, statement)
    _line(form, "Email").field.value = IGNORE
    other = write_book(tmp_path / "other.xlsx", rows({}), sheet="Lines")
    form.path.value = str(other)
    assert form.columns.given == {}
    assert _line(form, "Email").field.value == "email"
    assert "After your choice" not in form.findings.summary.value


def test_findings_are_filtered(settings: Settings, tmp_path: Path, statement: Path) -> None:
    """By severity and by code; a filter stays while there is something for it."""
    table = rows({"Email": "avery"}, {"Number Type": None})
    form = _review(settings, write_book(tmp_path / "bad.xlsx", table), statement)
    findings = form.findings
    assert [value for _, value in findings.severity.options][:2] == ["", "error"]
    findings.severity.value = "error"
    assert "number.fictional" not in findings.table.value
    assert "email.invalid" in findings.table.value
    findings.code.value = "line_type.missing"
    assert "email.invalid" not in findings.table.value
    _line(form, "Email").field.value = IGNORE
    assert (findings.severity.value, findings.code.value) == ("error", "line_type.missing")
    findings.severity.value = "warning"
    assert "Nothing was found" in findings.table.value


def test_the_arrow_keys_check_once(settings: Settings, book: Path, statement: Path) -> None:
    """A closed list changes at every key; the workbook is checked when the hand rests."""
    form = _review(settings, book, statement)
    checks = []
    form.columns._chosen = form._soon
    real = form._check
    form._check = lambda *given: checks.append(given) or real(*given)  # type: ignore[method-assign]

    async def keys() -> None:
        line = _line(form, "Email")
        for name in ("notes", "range", IGNORE):
            line.field.value = name
        await asyncio.sleep(1)

    asyncio.run(keys())
    assert len(checks) == 1
    assert "email" not in set(form.checked.mapping["field"].dropna())


def test_every_widget_has_a_label(settings: Settings, book: Path, statement: Path) -> None:
    """Whoever hears the page knows what each choice is for."""
    inputs = (widgets.Text, widgets.Dropdown, widgets.Button, widgets.FileUpload)
    found = [
        one for one in _all(_review(settings, book, statement)._view) if isinstance(one, inputs)
    ]
    assert len(found) > 8
    assert all(one.description.strip() for one in found)
    assert len({one.description for one in found}) == len(found)


def test_the_words_of_a_workbook_are_text(
    settings: Settings, tmp_path: Path, statement: Path
) -> None:
    """A title that holds markup does nothing."""
    table = rows({}).assign(**{"<img src=x onerror=alert(1)>": "<script>1</script>"})
    form = _review(settings, write_book(tmp_path / "sly.xlsx", table), statement)
    state = _state(form).replace("&lt;", "")
    shown = "".join(one.value for one in _all(form._view) if isinstance(one, widgets.HTML))
    assert "img src" in state
    assert "<img" not in shown
    assert "<script" not in shown
    assert pd.isna(form.checked.mapping.iloc[-1]["field"])
    assert _line(form, "<img src=x onerror=alert(1)>").field.value == UNREAD
