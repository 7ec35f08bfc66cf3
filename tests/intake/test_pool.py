"""A folder is one batch, read by several processes, and the answer is that of one."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from tests.conftest import rows, write_book

from portops.desk import Desk
from portops.errors import InputError
from portops.intake import pool
from portops.intake.folders import workbooks_in
from portops.results.checked import Checked
from portops.results.reading import FileRead
from portops.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of workbooks: with PINs, a duplicate across two, and a hidden sheet."""
    folder = tmp_path / "batch"
    folder.mkdir()
    wireless = {"Number Type": "Wireless", "PIN": "4821", "Phone Number": "(212) 555-0101"}
    write_book(folder / "b.xlsx", rows({}, wireless, {"Phone Number": "212-736-50"}))
    write_book(folder / "a.xlsx", rows({}, {"Phone Number": "(212) 736-5009", "City": None}))
    rows({"Phone Number": "2127365011"}).to_csv(folder / "c.csv", index=False)
    book = openpyxl.load_workbook(write_book(folder / "d.xlsx", rows({})))
    book.worksheets[0].sheet_state = "hidden"
    book.create_sheet("Cover")["A1"] = "See the other sheet"
    book.active = 1
    book.save(folder / "d.xlsx")
    (folder / "README.txt").write_text("Notes about the batch\n")
    (folder / "a.findings.csv").write_text("code\n")
    (folder / "~$b.xlsx").write_bytes(b"Excel's own")
    (folder / "older").mkdir()
    return folder


def _check(folder: Path, processes: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Checked, list]:
    heard: list[FileRead] = []
    monkeypatch.setattr(pool, "processes_for", lambda _: processes)
    settings = Settings(store=f"sqlite:///{folder.parent / 'none.db'}")
    with Desk(settings, progress=heard.append) as desk:
        return desk.check(folder, as_of="2026-11-25"), heard


def test_workbooks_of_a_folder_are_taken_by_name(folder: Path) -> None:
    """Notes, our own results, Excel's locks and sub-folders are no workbooks of it."""
    names = [path.name for path in workbooks_in(folder)]
    assert names == ["a.xlsx", "b.xlsx", "c.csv", "d.xlsx"]


def test_a_folder_without_workbooks_is_said(tmp_path: Path) -> None:
    """Nothing to check is no clean batch."""
    with pytest.raises(InputError, match="has no workbook in it"):
        workbooks_in(tmp_path)


def test_several_processes_give_the_answer_of_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row for row: numbers with their PINs, findings, and how the columns were understood."""
    alone, _ = _check(folder, 1, monkeypatch)
    asked: list[str] = []
    ask = pool._Reader.ask
    monkeypatch.setattr(
        pool._Reader,
        "ask",
        lambda reader, original, options: (
            asked.append(original.name) or ask(reader, original, options)
        ),
    )
    # Nothing may be read here: that would be no test of the processes.
    monkeypatch.setattr(pool, "read_original", None)
    together, heard = _check(folder, 2, monkeypatch)
    assert len(asked) == 4
    for name in ("numbers", "findings", "mapping"):
        pd.testing.assert_frame_equal(getattr(together, name), getattr(alone, name))
    assert together.numbers["pin"].iloc[3].reveal() == "4821"
    assert "number.duplicate" in set(together.findings["code"])
    assert together.sheets == alone.sheets
    assert together.workbooks == alone.workbooks
    for mine, theirs in zip(together.originals, alone.originals, strict=True):
        cells = [[grid.rows for grid in original.grids()] for original in (mine, theirs)]
        assert cells[0] == cells[1]
    assert [word.files for word in heard] == [1, 2, 3, 4]
    assert {word.of for word in heard} == {4}
    assert heard[-1].rows == together.rows == 7


def test_the_first_workbook_that_cannot_be_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one process would, in the order of the files; nothing hangs."""
    (folder / "b.xlsx").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(InputError) as alone:
        _check(folder, 1, monkeypatch)
    with pytest.raises(InputError) as together:
        _check(folder, 2, monkeypatch)
    assert "b.xlsx" in str(together.value)
    assert (str(together.value), together.value.remedy) == (str(alone.value), alone.value.remedy)


def test_what_a_process_cannot_answer_is_read_here(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies costs time and nothing else."""
    alone, _ = _check(folder, 1, monkeypatch)

    def gone(*_: object) -> None:
        raise EOFError

    monkeypatch.setattr(pool._Reader, "ask", gone)
    together, heard = _check(folder, 2, monkeypatch)
    pd.testing.assert_frame_equal(together.findings, alone.findings)
    assert heard[-1].files == 4


def test_a_few_small_workbooks_start_no_process(folder: Path) -> None:
    """Starting one would take longer than reading them."""
    originals = [pool.Original(name=str(p), path=p) for p in workbooks_in(folder)]
    assert pool.processes_for(originals) == 1
