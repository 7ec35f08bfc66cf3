"""Reconcile: what the workbook says, what was submitted, what the provider has, what arrived.

Pure: four tables in, every number in exactly one class out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from portops.facts import statuses
from portops.results.reconciled import CLASSES, COLUMNS, Reconciled
from portops.tables.columns import FIELDS
from portops.texts import arrow, blank, fold, groups, series, take
from portops.tracking.state import present

#: Details that are compared, field by field.
COMPARED = (
    "customer_type",
    "customer_name",
    "account_number",
    "billing_number",
    "authorized_name",
    "email",
    "street",
    "street_2",
    "city",
    "state",
    "postal_code",
)

#: Statuses of a number that was not ported and will not be.
_ENDED = ("canceled", "expired")

#: Statuses in which the provider or the carrier has to act: who else is waited for (a signature, a
#: correction, an agreed date) is no reason to ask the provider.
_ASKED = ("submitted", "in_review", "in_progress")

#: So many passages through a status are needed to say how long is long.
ENOUGH = 20


def quiet_limits(events: pd.DataFrame) -> pd.Series:
    """Return for each status the 90th percentile of the days (24 h) that numbers stay in it."""
    numbers = events[events["phone_number"] != ""].sort_values(
        ["request_sid", "phone_number", "occurred_at"], kind="stable"
    )
    until = numbers.groupby(["request_sid", "phone_number"], sort=False)["occurred_at"].shift(-1)
    days = (until - numbers["occurred_at"]).dt.total_seconds() / 86_400
    by = days.dropna().groupby(numbers["status"])
    return by.quantile(0.9)[by.size() >= ENOUGH]


def ours(events: pd.DataFrame, tracked: pd.DataFrame, planned: pd.DataFrame) -> pd.DataFrame:
    """Return what the store knows of each (request, number).

    `planned` are the journal's numbers. Columns: `phone_number, request_sid, request, status,
    last_event_at, created` (UTC), `corrected` and the details.
    """
    now = present(events)
    state = now[now["phone_number"] != ""][["request_sid", "phone_number", "status", "occurred_at"]]
    accepted = planned.dropna(subset=["request_sid"])[["request_sid", "phone_number"]]
    table = accepted.merge(state, how="outer", on=["request_sid", "phone_number"])
    ends = now[(now["phone_number"] == "") & now["status"].isin(["canceled", "expired"])]
    over = table["request_sid"].map(ends.set_index("request_sid")["status"])
    open_ = ~table["status"].isin(statuses.TERMINAL)
    table["status"] = table["status"].where(over.isna() | ~open_, over).fillna("submitted")
    created = events.groupby("request_sid")["occurred_at"].min()
    about = pd.DataFrame(tracked["details"].tolist(), index=tracked.index).reindex(
        columns=list(COMPARED)
    )
    about = about.assign(request_sid=tracked["request_sid"], request=tracked["request"])
    table = table.merge(about, how="left", on="request_sid")
    table["created"] = pd.to_datetime(created.reindex(table["request_sid"]).to_numpy(), utc=True)
    replaced = events.loc[events["supersedes"] != "", ["supersedes", "phone_number"]]
    pairs = pd.MultiIndex.from_frame(table[["request_sid", "phone_number"]])
    table["corrected"] = pairs.isin(pd.MultiIndex.from_frame(replaced.drop_duplicates()))
    texts = ["request_sid", "phone_number", "status", "request", *COMPARED]
    return table.rename(columns={"occurred_at": "last_event_at"}).astype(
        dict.fromkeys(texts, "str")
    )


def _newest(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Keep one row a number: the newest open one, else the newest."""
    rank = table.assign(open=~table["status"].isin(statuses.TERMINAL) & ~table["corrected"])
    order = rank.sort_values(["open", key], kind="stable", na_position="first")
    return order.drop_duplicates("phone_number", keep="last").set_index("phone_number")


def _twice_open(mine: pd.DataFrame, theirs: pd.DataFrame) -> pd.Index:
    """Return the numbers that are in more than one open request, here and there together."""
    columns = ["phone_number", "request_sid"]
    corrected = pd.MultiIndex.from_frame(mine.loc[mine["corrected"], columns])
    parts = []
    for table in (mine, theirs):
        open_ = table[~table["status"].isin([*statuses.TERMINAL])]
        parts.append(open_[~pd.MultiIndex.from_frame(open_[columns]).isin(corrected)][columns])
    both = pd.concat(parts).drop_duplicates()
    count = both.groupby("phone_number").size()
    return count.index[count > 1]


def _differences(left: pd.DataFrame, right: pd.DataFrame, names: tuple[str, str]) -> pd.Series:
    """Say field by field where two tables of details differ; a blank on one side says nothing."""
    fields = [name for name in COMPARED if name in left and name in right]
    columns = [table[name].reset_index(drop=True) for name in fields for table in (left, right)]
    if not len(left):
        return pd.Series(dtype="str")
    group, first = groups(columns)
    differences = np.full(len(first), "", dtype=object)
    for name in fields:
        one, two = (table[name].iloc[first].reset_index(drop=True) for table in (left, right))
        a, b = fold(one).fillna(""), fold(two).fillna("")
        wrong = ((a != b) & (a != "") & (b != "")).to_numpy()
        label = FIELDS[name].label.lower()
        for place in np.flatnonzero(wrong):
            words = f"{label}: {names[0]} '{one[place]}', {names[1]} '{two[place]}'"
            differences[place] = f"{differences[place]}; {words}" if differences[place] else words
    return take(pd.Series(differences, dtype="str"), group, left.index)


def _table(
    store: pd.DataFrame, mine: pd.DataFrame, provider: pd.DataFrame, book: pd.DataFrame | None
) -> pd.DataFrame:
    """Put side by side what store, provider and workbook say of each number, given by place."""
    theirs = _newest(provider.assign(corrected=False), "request_sid")
    index = pd.Index(store["phone_number"]).union(pd.Index(provider["phone_number"]))
    if book is not None:
        index = book.index if index.empty else index.union(book.index)
    table = pd.DataFrame(index=pd.Index(index.unique(), dtype="int64", name="phone_number"))
    for name, column in (
        ("request_sid", "request_sid"),
        ("request", "request"),
        ("store_status", "status"),
    ):
        table[name] = mine[column].reindex(table.index)
    table["last_event_at"] = pd.to_datetime(mine["last_event_at"].reindex(table.index), utc=True)
    # The provider's request of the same SID counts; else its newest one.
    same = provider.set_index(["phone_number", "request_sid"])
    same = same[~same.index.duplicated()]
    pairs = pd.MultiIndex.from_arrays([table.index, table["request_sid"]])
    there = pairs.isin(same.index)
    table["provider_request_sid"] = table["request_sid"].where(
        there, theirs["request_sid"].reindex(table.index)
    )
    table["provider_status"] = theirs["status"].reindex(table.index)
    table.loc[there, "provider_status"] = same["status"].reindex(pairs[there]).to_numpy()
    table["there"] = there
    table["in_book"] = False
    for name in ("file", "sheet", "held_back"):
        table[name] = blank(table.index) if book is None else book[name].reindex(table.index)
    table["row"] = pd.Series(pd.NA, table.index, dtype="Int64")
    if book is not None:
        table["in_book"] = table.index.isin(book.index)
        table["row"] = book["row"].reindex(table.index).astype("Int64")
        table["request"] = table["request"].fillna(book["request"].reindex(table.index))
    differs = blank(table.index)
    if book is not None:
        both = table.index[table["request_sid"].notna() & table["in_book"]]
        differs.loc[both] = _differences(book.loc[both], mine.loc[both], ("workbook", "submitted"))
    both = table.index[there]
    right = same.reindex(pairs[there]).set_axis(both)
    beyond = _differences(mine.loc[both], right, ("submitted", "provider"))
    differs.loc[both] = _joined(differs.loc[both], beyond)
    table["differences"] = differs.replace("", np.nan)
    return table


def _places_of(columns: Sequence[pd.Series]) -> tuple[list[np.ndarray], pd.Series]:
    """Give all numbers their places in order, which are quicker to look up than texts.

    Returns the places of each column's numbers, and the numbers by place.
    """
    encoded = arrow(pd.concat(columns, ignore_index=True)).dictionary_encode("encode")
    order = pc.array_sort_indices(encoded.dictionary)
    rank = np.empty(len(order), dtype="int64")
    rank[np.asarray(order)] = np.arange(len(order))
    places = rank[np.asarray(encoded.indices)]
    ends = np.cumsum([len(column) for column in columns])[:-1]
    names = series(encoded.dictionary.take(order), pd.RangeIndex(len(order)))
    return np.split(places, ends), names


def reconcile(
    *,
    store: pd.DataFrame,
    provider: pd.DataFrame,
    workbook: pd.DataFrame | None = None,
    inventory: Sequence[str] | pd.Series | None = None,
    limits: pd.Series | None = None,
    now: datetime,
) -> Reconciled:
    """Put every number into exactly one class.

    `store` is `ours(…)`; `provider` has `phone_number, request_sid, status` and the details as
    the provider has them; `workbook` has `phone_number, file, sheet, row, request, held_back` and
    the details; `inventory` are the E.164 numbers that the platform holds; `limits` are
    `quiet_limits(…)`; `now` is UTC.
    """
    book = None
    if workbook is not None:
        book = workbook.dropna(subset=["phone_number"]).drop_duplicates("phone_number")
    sides = [side for side in (store, provider, book) if side is not None]
    places, names = _places_of([side["phone_number"] for side in sides])
    numbered = [side.assign(phone_number=own) for side, own in zip(sides, places, strict=True)]
    store, provider = numbered[:2]
    book = None if book is None else numbered[2].set_index("phone_number")
    table = _table(store, _newest(store, "created"), provider, book)
    quiet = (pd.Timestamp(now) - table["last_event_at"]).dt.total_seconds() / 86_400
    table["days_quiet"] = quiet.round(1)
    table["in_inventory"] = pd.Series(pd.NA, table.index, dtype="boolean")
    extra = 0
    if inventory is not None:
        held = pd.Series(inventory, dtype="str").dropna().drop_duplicates()
        inside = np.asarray(pc.is_in(arrow(names), value_set=arrow(held)))
        table["in_inventory"] = pd.array(inside[table.index], dtype="boolean")
        extra = len(held) - int(inside.sum())
    table["class"] = _classes(table, _twice_open(store, provider), quiet, limits)
    for at, name in enumerate(("what", "next_step")):
        table[name] = table["class"].map({key: words[at] for key, words in CLASSES.items()})
    table = table.reset_index()
    table["phone_number"] = take(names, table["phone_number"].to_numpy(), table.index)
    table = table[list(COLUMNS)]
    order = {name: place for place, name in enumerate(CLASSES)}
    place = table["class"].map(order).to_numpy()
    table = table.iloc[np.lexsort((np.arange(len(table)), place))].reset_index(drop=True)
    sizes = table["class"].value_counts()
    counts = {name: int(sizes.get(name, 0)) for name in CLASSES}
    return Reconciled(numbers=table, counts=counts, inventory_only=extra, as_of=now)


def _classes(
    table: pd.DataFrame, twice: pd.Index, quiet: pd.Series, limits: pd.Series | None
) -> pd.Series:
    """Return each number's class: the first of `CLASSES` that fits."""
    in_store, in_book = table["request_sid"].notna(), table["in_book"]
    at_provider = table["provider_status"].notna()
    completed = (table["provider_status"] == "completed") | (table["store_status"] == "completed")
    inside = table["in_inventory"].fillna(value=False).astype(bool)
    outside = ~table["in_inventory"].fillna(value=True).astype(bool)
    open_ = in_store & ~table["store_status"].isin(statuses.TERMINAL)
    usual = {} if limits is None else limits.to_dict()
    limit = table["store_status"].map(usual).astype("float64")
    tests = {
        "duplicate_open": table.index.isin(twice),
        "missing_at_provider": open_ & ~table["there"],
        "unknown_at_provider": at_provider & ~in_store,
        "in_inventory_not_completed": inside & ~completed,
        "completed_not_in_inventory": outside & completed,
        "held_back": in_book & ~in_store & table["held_back"].notna(),
        "not_submitted": in_book & ~in_store,
        "status_stale": in_store
        & table["there"]
        & (table["store_status"] != table["provider_status"])
        # Canceled here and expired there: both have ended without a port, and no pull changes it.
        & ~(table["store_status"].isin(_ENDED) & table["provider_status"].isin(_ENDED)),
        "detail_differs": table["differences"].notna(),
        "stuck": open_ & table["store_status"].isin(_ASKED) & (quiet > limit) & (quiet >= 1),
    }
    hits = [np.asarray(tests[name], dtype=bool) for name in tests]
    return pd.Series(np.select(hits, list(tests), "agreed"), table.index, dtype="str")


def _joined(first: pd.Series, second: pd.Series) -> pd.Series:
    """Put two columns of words together."""
    one, two = arrow(first.fillna("")), arrow(second.fillna(""))
    both = series(one, first.index).where(
        series(two, first.index) == "", series(one, first.index) + "; " + series(two, first.index)
    )
    return both.str.removeprefix("; ")
