"""The engine that works on parts of a batch in the processes of a dask cluster.

A task is sent with all that it needs, so that the scheduler can give it to another worker when the
one that had it dies. At most so many tasks are under way that every worker has the next one waiting.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from portops.errors import InputError
from portops.extras import require
from portops.scaling import spread
from portops.sealing import new_key

if TYPE_CHECKING:
    import pandas as pd
    from distributed import Client

    from portops.checks.merging import Judged
    from portops.checks.passes import Gathered, Known, Parts, Ruling
    from portops.checks.step import Given

#: A worker may die so often under one task.
_RETRIES = 3

#: Seconds that a scheduler has to answer.
_PATIENCE = 20


class Dask:
    """Works on parts by the workers of a client's cluster."""

    def __init__(self, client: Client) -> None:
        self._client, self._key = client, spread.Key(new_key())

    @property
    def workers(self) -> int:
        """How many tasks can be worked on at once."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    @property
    def address(self) -> str:
        """Where the scheduler of the cluster is."""
        return str(self._client.scheduler_info()["address"])

    def gather(
        self, parts: Parts, given: Given, fillers: Mapping[str, Collection[str]]
    ) -> Iterator[Gathered]:
        """Give what is gathered of each part, in their order."""
        yield from self._in_order(
            spread.gather, len(parts), lambda place: (*self._packed(parts, given, place), fillers)
        )

    def judge(
        self, parts: Parts, given: Given, told: Known, ruling: Ruling
    ) -> Iterator[tuple[list[Judged], pd.DataFrame]]:
        """Give what each part has, and its NUMBERS repaired, in their order."""
        asked = (ruling.present, ruling.keep_all)
        for judged, parcel in self._in_order(
            spread.judge,
            len(parts),
            lambda place: (*self._packed(parts, given, place), told.of(place), asked),
        ):
            yield judged, parcel.unpacked(self._key)

    def _packed(
        self, parts: Parts, given: Given, place: int
    ) -> tuple[spread.Parcel, spread.Luggage]:
        numbers = parts.load(place)
        return spread.Parcel(numbers, self._key), spread.Luggage(given, numbers, self._key)

    def _in_order(
        self, task: Callable[..., Any], count: int, pack: Callable[[int], tuple[Any, ...]]
    ) -> Iterator[Any]:
        under_way: deque[Any] = deque()
        places = iter(range(count))
        while True:
            while len(under_way) < 2 * self.workers and (place := next(places, None)) is not None:
                under_way.append(
                    self._client.submit(task, *pack(place), self._key, pure=False, retries=_RETRIES)
                )
            if not under_way:
                return
            yield under_way.popleft().result()


@contextmanager
def dask_cluster(scheduler: str | None = None) -> Iterator[Dask]:
    """Open the cluster at an address, or one of this machine's processors, and close it.

    Raises SettingsError where the extra `scale` is missing, InputError when nobody answers there.
    """
    require("scale", "The engine dask")
    import dask
    from distributed import Client

    # It tells of every process that it starts.
    logging.getLogger("distributed").setLevel(logging.WARNING)
    # A part is a few megabytes; dask warns of more than ten that they might better be spread.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        if scheduler is None:
            from distributed.deploy.subprocess import SubprocessCluster

            # Not `LocalCluster`, which runs a caller's script again.
            with (
                SubprocessCluster(
                    n_workers=os.cpu_count() or 1,
                    threads_per_worker=1,
                    scheduler_kwargs={"dashboard": False},
                ) as cluster,
                Client(cluster) as client,
            ):
                yield Dask(client)
            return
        try:
            client = Client(scheduler, timeout=_PATIENCE)
        except (OSError, ValueError, TypeError) as error:
            raise InputError(
                f"No dask scheduler answers at {scheduler}.",
                "Start one with `dask scheduler`, and workers with `dask worker ADDRESS`.",
            ) from error
        with client:
            yield Dask(client)
