"""Files are put in place whole, or not at all."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from portops.errors import InputError
from portops.files import private_file, private_folder, put_result, replacing
from portops.store.database import open_database
from tests.conftest import open_to_others


def test_a_new_file_is_put_in_place_at_the_end(tmp_path: Path) -> None:
    """Until the end there is no file of that name; folders on the way are made."""
    target = tmp_path / "out" / "plan.csv"
    with replacing(target) as beside:
        beside.write_text("new")
        assert beside.parent == target.parent
        assert not list(target.parent.glob("*.csv"))
        assert not target.exists()
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, error: type[BaseException]
) -> None:
    """An interrupt by the keyboard is an error as well."""
    target = tmp_path / "plan.csv"
    target.write_text("old")
    with pytest.raises(error), replacing(target) as beside:
        beside.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_target_that_cannot_be_replaced_leaves_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses while Excel has the file open: an OSError, and the old file is kept."""
    target = tmp_path / "plan.xlsx"
    target.write_text("old")

    def refuse(self: Path, _: Path) -> None:
        raise PermissionError(13, "used by another process", str(self))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError), replacing(target) as beside:
        beside.write_text("new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    """The file is one writer's or the other's."""
    target = tmp_path / "plan.csv"
    together = threading.Barrier(2)

    def write(letter: str) -> None:
        with replacing(target) as beside:
            together.wait()
            beside.write_text(letter * 10_000)
            together.wait()

    writers = [threading.Thread(target=write, args=(letter,)) for letter in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(set(target.read_text())) == 1
    assert list(tmp_path.iterdir()) == [target]


def test_a_long_name_is_no_obstacle(tmp_path: Path) -> None:
    """The path beside stays within what file systems take for a name."""
    target = tmp_path / ("a" * 240 + ".csv")
    with replacing(target) as beside:
        beside.write_text("new")
    assert target.read_text() == "new"


def _open_in_excel(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Refuse to replace one file, as Windows does while Excel has it open."""
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.name == name:
            raise PermissionError(13, "used by another process", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)


def test_a_result_that_is_open_in_excel_is_written_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each run has a file of its own, which is said; nothing else is left."""
    target = tmp_path / "plan.checked.xlsx"
    target.write_text("old")
    _open_in_excel(monkeypatch, target.name)
    for number in (2, 3):
        path = put_result(target, lambda beside: beside.write_text("new"))
        assert path.name == f"plan.checked ({number}).xlsx"
        assert path.read_text() == "new"
        assert path.name in caplog.text
    assert target.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_result_that_cannot_be_written_at_all_is_said(tmp_path: Path) -> None:
    """The folder is a file: an error of ours, which says what to do."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="can't be written") as caught:
        put_result(tmp_path / "out" / "plan.csv", lambda beside: beside.write_text("new"))
    assert "--out" in caught.value.remedy


@pytest.mark.usefixtures("no_umask")
def test_what_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    """Files written whole or in place, and each folder on the way, whatever the umask."""
    with replacing(tmp_path / "results" / "w47" / "plan.csv") as beside:
        beside.write_text("new")
        assert not beside.stat().st_mode & 0o077, "not even while it is written"
    with private_file(tmp_path / "logs" / "weekly.log").open("a") as log:
        log.write("a line")
    private_folder(tmp_path / "letters" / "signed")
    for name in ("results", "logs", "letters"):
        assert not open_to_others(tmp_path / name)


@pytest.mark.usefixtures("no_umask")
def test_what_was_there_keeps_its_mode(tmp_path: Path) -> None:
    """A folder or log that a team shares stays shared; what is put into the folder is not."""
    shared = tmp_path / "team"
    shared.mkdir(0o775)
    log = shared / "weekly.log"
    log.touch(0o664)
    private_file(log)
    with replacing(private_folder(shared) / "plan.csv") as beside:
        beside.write_text("new")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (shared, *shared.iterdir())}
    assert modes == {"team": 0o775, "weekly.log": 0o664, "plan.csv": 0o600}


@pytest.mark.usefixtures("no_umask")
def test_a_store_is_its_owners_alone_with_its_log(tmp_path: Path) -> None:
    """The file, and while it is open its -wal and -shm."""
    with open_database(f"sqlite:///{tmp_path / 'store.db'}") as database:
        with database.reading():
            names = {path.name for path in tmp_path.iterdir()}
        assert names == {"store.db", "store.db-wal", "store.db-shm"}
        assert not [path for path in tmp_path.iterdir() if path.stat().st_mode & 0o077]
