"""A batch that is checked by a dask cluster gives what one process gives, row for row."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest
from tests.checks.test_passes import hard_batch, options_of
from tests.conftest import FUZZ, rows, write_book

from portops.checks.examining import CheckOptions, examine, examine_with
from portops.checks.passes import Here
from portops.desk import Desk
from portops.errors import InputError
from portops.intake.sources import read_sources
from portops.redaction import Secret
from portops.results.checked import Checked
from portops.scaling import spread
from portops.scaling.cluster import Dask, dask_cluster
from portops.sealing import new_key
from portops.settings import Settings
from portops.submission.plan import plan

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Dask]:
    """Start a cluster of two processes, once for all of these tests."""
    with dask_cluster() as engine:
        yield engine


def _same(one: Checked, other: Checked, options: CheckOptions) -> None:
    """Compare findings, numbers and requests row for row."""
    pd.testing.assert_frame_equal(one.findings, other.findings)
    pd.testing.assert_frame_equal(one.numbers, other.numbers)
    pd.testing.assert_frame_equal(one.mapping, other.mapping)
    plans = [plan(checked, options.limits, provider="twilio") for checked in (one, other)]
    pd.testing.assert_frame_equal(plans[0].requests, plans[1].requests)


#: How many partitions, and whether the rows are shuffled; all of them by `make fuzz`.
LONG = [(count, shuffled) for count in (1, 2, 7, 64) for shuffled in (False, True)]
SHORT = [(1, False), (2, True), (7, False)]


@pytest.mark.parametrize(("count", "shuffled"), LONG if FUZZ > 1_000 else SHORT)
def test_partitions_give_the_answer_of_one_process(
    tmp_path: Path,
    cluster: Dask,
    count: int,
    shuffled: bool,
) -> None:
    """Numbers twice, conflicts and requests that lie across partitions, sorted or not."""
    reading = hard_batch(tmp_path, 80)
    if shuffled:
        numbers = reading.numbers.sample(frac=1, random_state=3).reset_index(drop=True)
        reading = replace(reading, numbers=numbers)
    options = options_of(tmp_path)
    at_once = examine(reading, options)
    assert {"number.duplicate", "request.conflict"} <= set(at_once.findings["code"])
    _same(examine_with(cluster, reading, options, count), at_once, options)


def test_a_worker_that_dies_changes_nothing(
    tmp_path: Path, cluster: Dask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its task is given to another worker."""
    reading, options = hard_batch(tmp_path, 60), options_of(tmp_path)
    at_once = examine(reading, options)
    died = tmp_path / "died"
    monkeypatch.setattr(spread, "judge", _Dying(died))
    _same(examine_with(cluster, reading, options, 3), at_once, options)
    assert died.exists()


class _Dying:
    """Judges parts, and takes the first worker down that does."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __call__(self, *task: object) -> object:
        import os
        import signal

        from portops.scaling import spread

        try:
            os.close(os.open(self._mark, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return spread.judge(*task)
        os.kill(os.getpid(), signal.SIGKILL)
        return None


def test_what_is_kept_for_masked_cells_comes_along(tmp_path: Path, cluster: Dask) -> None:
    """The store stays at home; its PINs travel sealed."""
    wireless = {"Number Type": "Wireless", "Wireless PIN": "•••• kept"}
    reading = read_sources([rows(*[wireless] * 6)])
    kept = {"+12125550103": Secret("482193")}
    options = replace(options_of(tmp_path), recall=lambda _: kept)
    checked = examine_with(cluster, reading, options, 3)
    _same(checked, examine(reading, options), options)
    assert checked.numbers["pin"].iloc[3].reveal() == "482193"


def test_secrets_travel_sealed() -> None:
    """No PIN is in what goes to a worker, and none shows in a log."""
    reading = read_sources([rows({"Number Type": "Wireless", "Wireless PIN": "482193"})])
    key = spread.Key(new_key())
    parcel = spread.Parcel(reading.numbers, key)
    assert b"482193" not in pickle.dumps(parcel)
    assert repr(parcel) == "Parcel(1 rows)"
    assert new_key()[:6] not in repr(key)
    pd.testing.assert_frame_equal(parcel.unpacked(key), reading.numbers)


def test_a_scheduler_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for ever."""
    monkeypatch.setattr("portops.scaling.cluster._PATIENCE", 1)
    with (
        pytest.raises(InputError, match="No dask scheduler answers at tcp://"),
        dask_cluster("tcp://127.0.0.1:9"),
    ):
        pass


def test_the_desk_checks_by_a_cluster(tmp_path: Path, cluster: Dask) -> None:
    """A scheduler at an address is asked, and the answer is that of the desk alone."""
    book = write_book(tmp_path / "book.xlsx", rows({}, {"Phone Number": "212-736-50"}, {}))
    address = cluster.address
    with Desk(Settings(store=f"sqlite:///{tmp_path / 'none.db'}")) as desk:
        alone = desk.check(book, as_of="2026-11-25")
        together = desk.check(book, as_of="2026-11-25", engine="dask", scheduler=address)
    pd.testing.assert_frame_equal(together.findings, alone.findings)
    pd.testing.assert_frame_equal(together.numbers, alone.numbers)


def test_engines_are_asked_for_by_name(tmp_path: Path) -> None:
    """A word that is no engine, a scheduler without one, and rules of one's own are said."""
    with Desk(Settings(store=f"sqlite:///{tmp_path / 'none.db'}")) as desk:
        with pytest.raises(InputError, match="no engine 'spark'"):
            desk.check(rows({}), engine="spark")
        with pytest.raises(InputError, match="no engine"):
            desk.check(rows({}), scheduler="tcp://127.0.0.1:9")


def test_rules_of_ones_own_are_for_one_process(tmp_path: Path) -> None:
    """They may look at all rows, which a part does not have."""
    reading = read_sources([rows({})])
    options = replace(options_of(tmp_path), schema=pa.DataFrameSchema())
    with pytest.raises(InputError, match="may look at all rows"):
        examine_with(Here(), reading, options, 2)


def test_a_command_does_not_load_what_only_pandera_wants() -> None:
    """With the extra `scale`, the start of every command would take a second more."""
    code = (
        "import sys; from portops.cli import _alone; _alone(); import portops.tables; "
        "print([name for name in ('dask.dataframe', 'hypothesis') if sys.modules.get(name)])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
