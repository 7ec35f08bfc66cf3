"""The shell that goes through everything the provider has, for a reconciliation."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pandas as pd

from portops.tracking.reconcile import COMPARED

if TYPE_CHECKING:
    from portops.providers.base import Described, Provider


def _rows(one: Described) -> pd.DataFrame:
    rows = {
        "phone_number": list(one.numbers),
        "request_sid": one.request_sid,
        "status": [one.status_of(number) for number in one.numbers],
    }
    details = {name: one.details.get(name) for name in COMPARED}
    return pd.DataFrame({**rows, **details})


def survey(
    provider: Provider,
    *,
    concurrency: int = 8,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Return every number of every request of the provider.

    Columns: `phone_number, request_sid, status` and the details as the provider has them. Raises
    ProviderError and AccessError.
    """
    sids = [listed.request_sid for listed in provider.listed()]
    tables = []
    with ThreadPoolExecutor(max_workers=max(1, concurrency)) as pool:
        for one in pool.map(provider.describe, sids):
            tables.append(_rows(one))
            progress(one.request_sid)
    columns = ["phone_number", "request_sid", "status", *COMPARED]
    numbers = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    return numbers.astype(dict.fromkeys(columns, "str"))
