"""From events to the present state: any order, any repeats, the same answer."""

from __future__ import annotations

import pandas as pd

from portops.facts import statuses


def present(events: pd.DataFrame) -> pd.DataFrame:
    """Return the last event of every (request, number) pair; the number is empty for the request.

    The last is the one that occurred last; of one instant, the one furthest along; the event's
    id settles the rest, so that the order in which events arrive does not count.
    """
    ordered = events.assign(rank=events["status"].map(statuses.RANK)).sort_values(
        ["occurred_at", "rank", "event_id"], kind="stable"
    )
    last = ordered.drop_duplicates(["request_sid", "phone_number"], keep="last")
    return last.drop(columns="rank").sort_values(["request_sid", "phone_number"], ignore_index=True)


def impossible(events: pd.DataFrame) -> pd.DataFrame:
    """Return the events that cannot have followed the one before them, with `after`, its status.

    They are part of the history and count like any other; a person should look at them.
    """
    ordered = events.assign(rank=events["status"].map(statuses.RANK)).sort_values(
        ["request_sid", "phone_number", "occurred_at", "rank", "event_id"], kind="stable"
    )
    before = ordered.groupby(["request_sid", "phone_number"])["status"].shift()
    pairs = pd.MultiIndex.from_arrays([before.fillna(""), ordered["status"]])
    wrong = {(first, then) for first, all_ in statuses.IMPOSSIBLE.items() for then in all_}
    flagged = ordered.assign(after=before)[pairs.isin(list(wrong))]
    return flagged.drop(columns="rank").reset_index(drop=True)


def request_status(events: pd.DataFrame) -> pd.Series:
    """Return each request's present status, by SID.

    A provider's own word on the request counts; where there is none, its numbers decide: the
    least advanced of those still open, else completed if any number is.
    """
    now = present(events)
    own = now[now["phone_number"] == ""].set_index("request_sid")["status"]
    numbers = now[now["phone_number"] != ""].copy()
    numbers["rank"] = numbers["status"].map(statuses.RANK)
    numbers["done"] = numbers["status"].isin(statuses.TERMINAL)
    order = numbers.sort_values(["done", "rank"], kind="stable")
    derived = order.drop_duplicates("request_sid").set_index("request_sid")["status"]
    return own.combine_first(derived).rename("status")


def ended(events: pd.DataFrame) -> set[str]:
    """Return the SIDs of requests that are completed, canceled or expired."""
    status = request_status(events)
    return set(status[status.isin(statuses.TERMINAL)].index)


def open_numbers(
    events: pd.DataFrame, planned: pd.DataFrame, tracked: pd.DataFrame
) -> pd.DataFrame:
    """Return the numbers that are in an open request now.

    `planned` is the journal's numbers (`request_key, request_sid, phone_number`), `tracked` its
    accepted requests. Returns `phone_number, request_sid, request_key, status, account`, oldest
    request first; rejected numbers are among them until their request is corrected or ended.
    """
    now = present(events)
    numbers = now[now["phone_number"] != ""]
    live = numbers[~numbers["status"].isin(statuses.TERMINAL)]
    ended = now[(now["phone_number"] == "") & now["status"].isin(["canceled", "expired"])]
    live = live[~live["request_sid"].isin(ended["request_sid"])]
    replaced = events.loc[events["supersedes"] != "", ["supersedes", "phone_number"]]
    corrected = pd.MultiIndex.from_frame(replaced.drop_duplicates())
    pairs = pd.MultiIndex.from_frame(live[["request_sid", "phone_number"]])
    live = live[~((live["status"] == "rejected") & pairs.isin(corrected))]
    keys = planned[["request_sid", "phone_number", "request_key"]].dropna()
    account = {
        sid: details.get("account")
        for sid, details in zip(tracked["request_sid"], tracked["details"], strict=True)
    }
    numbers = live.merge(keys, how="left", on=["request_sid", "phone_number"])
    numbers["account"] = numbers["request_sid"].map(account)
    return numbers.sort_values("occurred_at", kind="stable")[
        ["phone_number", "request_sid", "request_key", "status", "account"]
    ].reset_index(drop=True)


def refused(events: pd.DataFrame, tracked: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers that are rejected now and were not corrected yet.

    Columns: `phone_number, request_sid, cause, reason_code, reason, occurred_at` (UTC),
    `line_type, losing_carrier, request, details` (of the journal); oldest first.
    """
    now = present(events)
    over = ended(events)
    numbers = now[(now["phone_number"] != "") & (now["status"] == "rejected")]
    numbers = numbers[~numbers["request_sid"].isin(over)]
    replaced = events.loc[events["supersedes"] != "", ["supersedes", "phone_number"]]
    pairs = pd.MultiIndex.from_frame(numbers[["request_sid", "phone_number"]])
    numbers = numbers[~pairs.isin(pd.MultiIndex.from_frame(replaced.drop_duplicates()))]
    entries = tracked.set_index("request_sid")[["request", "details"]]
    numbers = numbers.join(entries, on="request_sid", how="left")
    details = [entry if isinstance(entry, dict) else {} for entry in numbers["details"]]
    numbers["details"] = pd.Series(details, numbers.index, dtype=object)
    return numbers.sort_values("occurred_at", kind="stable")[
        [
            "phone_number",
            "request_sid",
            "cause",
            "reason_code",
            "reason",
            "occurred_at",
            "line_type",
            "losing_carrier",
            "request",
            "details",
        ]
    ].reset_index(drop=True)


def _carrier_action(now: pd.DataFrame) -> pd.Series:
    """Return what the carrier said last of each request, by SID, with the numbers it concerns.

    `now` are the last events (see `present`); port dates are told in UTC.
    """
    agreed = now["port_date"].dt.strftime("FOC date %Y-%m-%d %H:%M UTC").fillna("").astype("str")
    both = (now["reason"] != "") & (agreed != "")
    words = (now["reason"] + ", " + agreed).where(both, now["reason"] + agreed)
    spoken = pd.DataFrame(
        {
            "request_sid": now["request_sid"],
            "words": words,
            "who": now["phone_number"].str.replace("+1", "", regex=False),
        }
    )[words != ""]
    lines = (
        spoken.groupby(["request_sid", "words"])["who"]
        .agg(lambda numbers: ", ".join(filter(None, numbers)))
        .reset_index()
    )
    who = lines["who"].where(lines["who"] == "", " (" + lines["who"] + ")")
    action: pd.Series = (lines["words"] + who).groupby(lines["request_sid"]).agg("; ".join)
    return action


def _flags(events: pd.DataFrame) -> pd.Series:
    """Name the steps of each request that cannot have followed one another, by SID."""
    odd = impossible(events)
    odd["step"] = odd["status"].str.cat(odd["after"], sep=" after ").str.replace("_", " ")
    once = odd.drop_duplicates(["request_sid", "step"])
    return once.groupby("request_sid")["step"].agg("; ".join)


def tracker(events: pd.DataFrame, tracked: pd.DataFrame) -> pd.DataFrame:
    """Return the tracker: one row a request, newest first.

    Columns: `request_sid, request, customer_name, status, created, numbers, completed, rejected,
    losing_carrier, carrier_action, flags, provider, supersedes, workbooks`. `created` is UTC; `carrier_action` is
    what the carrier said last (its words, or the port date that is agreed), with the numbers it
    concerns; `flags` names steps that cannot have followed one another.
    """
    status = request_status(events)
    now = present(events)
    numbers = now[now["phone_number"] != ""]
    by = numbers.groupby("request_sid")
    count = by.size()
    created = events.groupby("request_sid")["occurred_at"].min()
    action = _carrier_action(now)
    carrier = numbers.drop_duplicates("request_sid").set_index("request_sid")["losing_carrier"]
    table = pd.DataFrame({"status": status, "created": created})
    table["numbers"] = count
    for name in ("completed", "rejected"):
        table[name] = numbers[numbers["status"] == name].groupby("request_sid").size()
    table["losing_carrier"] = carrier
    table["carrier_action"] = action
    entries = tracked.set_index("request_sid")
    table["request"] = entries["request"]
    table["customer_name"] = entries["details"].map(lambda details: details.get("customer_name"))
    table["provider"] = events.drop_duplicates("request_sid").set_index("request_sid")["provider"]
    replaced = events[events["supersedes"] != ""].drop_duplicates("request_sid")
    table["supersedes"] = replaced.set_index("request_sid")["supersedes"]
    table["workbooks"] = entries["workbooks"].map(", ".join) if len(entries) else ""
    table["flags"] = _flags(events)
    counts = ["numbers", "completed", "rejected"]
    table[counts] = table[counts].fillna(0).astype("int64")
    texts = ["losing_carrier", "carrier_action", "flags", "request", "customer_name"]
    texts += ["supersedes", "workbooks"]
    table[texts] = table[texts].astype("str").fillna("")
    table = table.rename_axis("request_sid").reset_index()
    order = [
        "request_sid",
        "request",
        "customer_name",
        "status",
        "created",
        "numbers",
        "completed",
        "rejected",
        "losing_carrier",
        "carrier_action",
        "flags",
        "provider",
        "supersedes",
        "workbooks",
    ]
    return table.sort_values(
        ["created", "request_sid"], ascending=[False, True], ignore_index=True
    )[order]
