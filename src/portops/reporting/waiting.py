"""Waiting: who has to act on each open number, and what falls due in the next days. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from portops.facts.business_time import business_days, local_date, local_dates
from portops.facts.business_time import calendar as business_calendar
from portops.facts.statuses import RANK, SIGN_WITHIN, TERMINAL
from portops.reporting.chains import first_submissions

#: Who an open number waits for, in the order in which reports list them.
OWNERS = ("customer", "desk", "provider", "carrier", "scheduled", "overdue")

#: The owner by status; a confirmed number is `scheduled`, or `overdue` once its port date passed.
_OWNER = {
    "draft": "desk",
    "submitted": "provider",
    "in_review": "provider",
    "waiting_for_signature": "customer",
    "in_progress": "carrier",
    "foc_confirmed": "scheduled",
    "action_required": "desk",
    "rejected": "desk",
}

#: Deadlines so long after the report's moment are listed.
AHEAD = timedelta(days=7)


def _latest(events: pd.DataFrame) -> pd.DataFrame:
    """Return the last event of every (request, number) that has not ended.

    The last is that of `tracking.state.present`; ends rank last, so one in the last instant is it.
    """
    own = events[events["phone_number"] != ""]
    last = own[own["occurred_at"] == own.groupby("pair")["occurred_at"].transform("max")]
    last = last[~last["pair"].isin(last.loc[last["status"].isin(TERMINAL), "pair"])]
    last = last.assign(rank=last["status"].map(RANK))
    return last.sort_values(["rank", "event_id"], kind="stable").drop_duplicates(
        "pair", keep="last"
    )


def _ended_requests(events: pd.DataFrame) -> pd.Series:
    """Return the SIDs of requests that were, as a whole, last canceled or expired."""
    about = events[events["phone_number"] == ""]
    about = about.assign(rank=about["status"].map(RANK)).sort_values(
        ["occurred_at", "rank", "event_id"], kind="stable"
    )
    last = about.drop_duplicates("request_sid", keep="last")
    return last.loc[last["status"].isin(["canceled", "expired"]), "request_sid"]


def open_numbers(
    events: pd.DataFrame, pairs: pd.DataFrame, moment: datetime, timezone: str
) -> pd.DataFrame:
    """Return every open (request, number) at `moment`, by its latest event.

    `events` are numbered and before `moment`; `pairs` are `chains.pairs(events)`. Columns are those
    of EVENTS, `who` (one of `OWNERS`) and `age`: business days since the first submission of its
    chain. A rejected number that a later request supersedes is not open.
    """
    last = _latest(events)
    last = last[~last["request_sid"].isin(_ended_requests(events))]
    replaced = events.loc[events["supersedes"] != "", ["supersedes", "phone_number"]]
    corrected = pd.MultiIndex.from_frame(replaced.drop_duplicates())
    here = pd.MultiIndex.from_frame(last[["request_sid", "phone_number"]])
    last = last[~((last["status"] == "rejected").to_numpy() & here.isin(corrected))]
    late = (last["status"] == "foc_confirmed") & (last["port_date"] < pd.Timestamp(moment))
    who = last["status"].map(_OWNER).where(~late, "overdue")
    began = first_submissions(pairs).reindex(last["pair"]).set_axis(last.index)
    if began.isna().any():
        own = events[events["pair"].isin(last["pair"]) & (events["phone_number"] != "")]
        earliest = own.groupby("pair")["occurred_at"].min().reindex(last["pair"])
        began = began.fillna(earliest.set_axis(last.index))
    start = local_dates(began, timezone)
    age = business_days(start, np.full(len(last), local_date(moment, timezone)))
    return last.assign(who=who, age=np.maximum(age, 0))


def waiting(open_: pd.DataFrame) -> list[dict[str, Any]]:
    """Count the open numbers by who has to act: all six owners, in order."""
    rows = []
    for who in OWNERS:
        mine = open_[open_["who"] == who]
        rows.append(
            {
                "who": who,
                "numbers": len(mine),
                "requests": int(mine["request_sid"].nunique()),
                "oldest_business_days": int(mine["age"].max()) if len(mine) else None,
            }
        )
    return rows


def calendar(
    open_: pd.DataFrame, moment: datetime, timezone: str, *, days: int = 10
) -> list[dict[str, Any]]:
    """Return the ports of the next business days: `date, numbers, requests`, days without none left out.

    `open_` are `open_numbers(…)`; a day is one of `timezone`, beginning with that of `moment`.
    """
    ports = open_[(open_["who"] == "scheduled") & open_["port_date"].notna()]
    today = local_date(moment, timezone)
    last = np.busday_offset(today, days - 1, roll="forward", busdaycal=business_calendar())
    ports = ports.assign(date=local_dates(ports["port_date"], timezone).astype("datetime64[s]"))
    ports = ports[(ports["date"] >= today) & (ports["date"] <= last)]
    return [
        {
            "date": f"{date:%Y-%m-%d}",
            "numbers": int(mine["phone_number"].nunique()),
            "requests": int(mine["request_sid"].nunique()),
        }
        for date, mine in ports.groupby("date")
    ]


def _letters(events: pd.DataFrame, open_: pd.DataFrame) -> pd.DataFrame:
    """Return when the letter of each number that waits for a signature expires."""
    mine = open_[open_["who"] == "customer"]
    own = events[events["pair"].isin(mine["pair"]) & (events["phone_number"] != "")]
    waits = own["status"] == "waiting_for_signature"
    before = own[~waits].groupby("pair")["occurred_at"].max()
    spell = own[waits]
    after = before.reindex(spell["pair"]).set_axis(spell.index)
    # A letter that went out again has its own thirty days.
    spell = spell[after.isna() | (spell["occurred_at"] >= after)]
    entered = spell.groupby("pair")["occurred_at"].min()
    due = entered.reindex(mine["pair"]).set_axis(mine.index) + SIGN_WITHIN
    return mine.assign(what="letter_expires", due=due)


def deadlines(
    events: pd.DataFrame, open_: pd.DataFrame, names: pd.DataFrame, moment: datetime
) -> list[dict[str, Any]]:
    """Return what falls due within `AHEAD` of `moment`, by due time: letters, then port days.

    `open_` are `open_numbers(…)`; `names` has `request` and `customer_name` by SID. `due` is UTC,
    as ISO 8601.
    """
    ports = open_[(open_["who"] == "scheduled") & open_["port_date"].notna()]
    ports = ports.assign(what="port_day", due=ports["port_date"])
    both = pd.concat([_letters(events, open_), ports])
    now = pd.Timestamp(moment)
    both = both[(both["due"] >= now) & (both["due"] <= now + AHEAD)]
    table = both.groupby(["due", "what", "request_sid"], as_index=False).agg(
        numbers=("phone_number", "nunique")
    )
    about = names.reindex(table["request_sid"])
    return [
        {
            "due": f"{due:%Y-%m-%dT%H:%M:%SZ}",
            "what": what,
            "request_sid": sid,
            "request": request,
            "customer_name": customer,
            "numbers": int(numbers),
        }
        for due, what, sid, numbers, request, customer in zip(
            *(table[name] for name in ("due", "what", "request_sid", "numbers")),
            about["request"].fillna(""),
            about["customer_name"].fillna(""),
            strict=True,
        )
    ]
