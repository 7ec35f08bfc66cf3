"""Follow one request: its row of the tracker, its history, its journal, what was agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portops.errors import InputError
from portops.facts import statuses
from portops.results.followed import Followed, plain_rows
from portops.store import batches, journal, remarks
from portops.store.history import read_history
from portops.tracking.actions import next_actions
from portops.tracking.state import impossible, tracker

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from portops.store.database import Database


def follow(database: Database, request_sid: str) -> Followed:
    """Return one request; raises InputError when the store does not have it."""
    events = read_history(database, [request_sid])
    if events.empty:
        raise InputError(
            f"The store has no request {request_sid}.", "See all with `portops status`."
        )
    tracked = journal.tracked(database)
    table = tracker(events, tracked[tracked["request_sid"] == request_sid])
    return Followed(
        row=plain_rows(table)[0],
        events=_flagged(events),
        journal=journal.steps_of(database, request_sid),
        agreement=batches.agreement_of(database, request_sid) or {},
        remarks=remarks.read(database, request_sid),
    )


def _flagged(events: pd.DataFrame) -> pd.DataFrame:
    """Return a request's events in order, with `flag` at those that cannot have followed."""
    rank = events["status"].map(statuses.RANK)
    ordered = events.assign(rank=rank).sort_values(
        ["occurred_at", "rank", "phone_number"], kind="stable"
    )
    odd = impossible(ordered.drop(columns="rank"))
    flags = dict(zip(odd["event_id"], "cannot follow " + odd["after"], strict=True))
    return ordered.drop(columns="rank").assign(
        flag=ordered["event_id"].map(flags).astype("str").fillna("")
    )


def due(
    events: pd.DataFrame, tracked: pd.DataFrame, now: datetime, timezone: str
) -> list[dict[str, Any]]:
    """Return what waits on this desk at `now` (UTC) as plain rows, the most urgent first.

    This is what `portops status --due`, the reports and the mail show.
    """
    actions = next_actions(events, tracked, now, timezone)
    return plain_rows(narrowed(tracker(events, tracked), actions, due=True))


def narrowed(
    table: pd.DataFrame,
    actions: pd.DataFrame,
    *,
    open_only: bool = False,
    status: str | None = None,
    workbook: str | None = None,
    due: bool = False,
) -> pd.DataFrame:
    """Return the rows of the tracker that are asked for, with `next_action`.

    `due` keeps what waits on this desk, the most urgent first; `workbook` is a name or a part.
    """
    kept = table.assign(
        next_action=table["request_sid"].map(
            dict(zip(actions["request_sid"], actions["next_action"], strict=True))
        )
    ).astype({"next_action": "str"})
    if open_only:
        kept = kept[~kept["status"].isin(statuses.TERMINAL)]
    if status is not None:
        kept = kept[kept["status"] == status]
    if workbook is not None:
        kept = kept[kept["workbooks"].str.contains(workbook, regex=False)]
    if due:
        urgent = actions.loc[actions["urgency"] >= 2, "request_sid"]
        kept = kept[kept["request_sid"].isin(urgent)]
        place = {sid: position for position, sid in enumerate(actions["request_sid"])}
        kept = kept.sort_values("request_sid", key=lambda sids: sids.map(place), kind="stable")
    return kept.reset_index(drop=True)
