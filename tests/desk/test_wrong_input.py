"""Wrong input is refused by both doors alike: one class of error, exit code 2, the same words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import portops
from portops import cli
from portops.errors import InputError, PortopsError

#: What is wrong, as a command and as a call.
WRONG: dict[str, tuple[tuple[str, ...], Callable[[], Any]]] = {
    "a status": (
        ("status", "--status", "flying"),
        lambda: portops.status(status="flying"),
    ),
    "a week of the weekly run": (
        ("weekly", "--week", "2026-W99"),
        lambda: portops.weekly("2026-W99"),
    ),
    "a week of a report": (
        ("report", "turnaround", "--week", "2026-W99"),
        lambda: portops.publish("turnaround", week="2026-W99"),
    ),
    "a notebook": (
        ("report", "nope.ipynb"),
        lambda: portops.publish("nope.ipynb"),
    ),
    "a workbook without a name": (("check", ""), lambda: portops.check("")),
    "a workbook": (("check", "nope.xlsx"), lambda: portops.check("nope.xlsx")),
    "a field": (
        ("check", "nope.xlsx", "--set", "colour=red"),
        lambda: portops.check("nope.xlsx", fill={"colour": "red"}),
    ),
    "an inventory": (
        ("reconcile", "--inventory", "nope.csv"),
        lambda: portops.reconcile(inventory="nope.csv"),
    ),
    "a request": (("status", "KW404"), lambda: portops.Desk().request("KW404")),
}


@pytest.mark.parametrize("name", WRONG)
def test_both_doors_refuse_it_in_the_same_words(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What happened and what to do; and nothing is written on the way."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTOPS_STORE", "sqlite:///portops.db")
    with portops.Desk() as desk:
        desk.made_database()
    command, call = WRONG[name]
    with pytest.raises(PortopsError) as refused:
        call()
    assert type(refused.value) is InputError
    with pytest.raises(SystemExit) as ended:
        cli.main(list(command))
    assert ended.value.code == refused.value.exit_code == 2
    assert capsys.readouterr().err == f"portops: {refused.value}\n  {refused.value.remedy}\n"
    assert not list((tmp_path / "reports").glob("**/*.*"))


@pytest.mark.parametrize(
    ("call", "words", "remedy"),
    [
        (lambda: portops.publish("nope.ipynb"), "nope.ipynb does not exist.", "Check the name."),
        (lambda: portops.check(""), "'' is a folder.", "Check the name"),
    ],
)
def test_a_file_that_is_none_is_named(
    call: Callable[[], Any], words: str, remedy: str, tmp_path: Path, monkeypatch: Any
) -> None:
    """With advice that fits it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTOPS_STORE", "sqlite:///portops.db")
    with portops.Desk() as desk:
        desk.made_database()
    with pytest.raises(InputError) as refused:
        call()
    assert str(refused.value) == words
    assert refused.value.remedy.startswith(remedy)


def test_an_inventory_is_read_like_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not a number is refused, before the provider is asked."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTOPS_STORE", "sqlite:///portops.db")
    with portops.Desk() as desk:
        desk.made_database()
        with pytest.raises(InputError, match="holds 'bogus', which is not a US telephone number"):
            desk.reconcile(inventory=["(212) 555-0100", "bogus"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda desk: desk.receipts(None), "Expected Submitted but got NoneType."),
        (lambda desk: desk.receipts("book.xlsx"), "Expected Submitted but got str."),
        (lambda desk: desk.ledger([]), "Expected Reconciled but got list."),
        (lambda desk: desk.reconcile(inventory=3), "Expected Iterable but got int."),
        (lambda desk: desk.reconcile(inventory=[3]), "The inventory holds '3'"),
    ],
)
def test_the_wrong_result_is_refused_by_a_desk(
    call: Callable[[portops.Desk], Any], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a step writes or compares is looked at first."""
    monkeypatch.chdir(tmp_path)
    with portops.Desk(store="sqlite:///portops.db") as desk:
        desk.made_database()
        with pytest.raises(InputError) as refused:
            call(desk)
    assert str(refused.value).startswith(words)
    assert refused.value.remedy
