"""What works on a check: this process, or the workers of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portops.errors import InputError
from portops.extras import require

if TYPE_CHECKING:
    from portops.checks.examining import CheckOptions
    from portops.results.checked import Checked
    from portops.results.reading import Reading

#: The engines beside this process.
ENGINES = ("dask",)

#: So many rows are a part, which takes a worker some seconds.
PART = 100_000


def expect_engine(engine: str | None, scheduler: str | None) -> None:
    """Raise InputError for an unknown engine, SettingsError where its extra is missing."""
    if engine is None and scheduler is not None:
        raise InputError(
            "A scheduler is named, and no engine.", 'Name the engine as well: engine="dask".'
        )
    if engine is None:
        return
    if engine not in ENGINES:
        raise InputError(f"There is no engine '{engine}'.", "Name dask, or none.")
    require("scale", "The engine dask")


def examine_by(
    engine: str | None, scheduler: str | None, reading: Reading, options: CheckOptions
) -> Checked:
    """Check what was read by an engine; its answer is that of this process."""
    from portops.checks.examining import examine, examine_with

    if engine is None:
        return examine(reading, options)
    from portops.scaling.cluster import dask_cluster

    with dask_cluster(scheduler) as cluster:
        rows = len(reading.numbers)
        count = max(-(-rows // PART), min(2 * cluster.workers, -(-rows // 1_000)))
        return examine_with(cluster, reading, options, count)
