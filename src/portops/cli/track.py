"""`portops pull`, `portops status` and `portops cancel`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portops import api
from portops.cli.options import Day, json_option, load_settings, provider_option, store_option
from portops.cli.output import emit, note, progress, say, table
from portops.errors import InputError
from portops.facts import statuses
from portops.facts.causes import CAUSES
from portops.store import journal
from portops.store.database import exists, open_database
from portops.store.history import read_history
from portops.tracking.state import ended, impossible
from portops.wording import counted, words
from portops.workbooks.corrections import write_corrections

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from portops.settings import Settings


@click.command("pull", epilog="Example: portops pull --provider sandbox")
@click.option("--full", is_flag=True, help="Ask for requests that have ended as well.")
@provider_option
@store_option
@json_option
@click.pass_context
def pull_command(
    ctx: click.Context, provider: str | None, store: str | None, *, full: bool, as_json: bool
) -> None:
    """Bring the status history up to date from the provider."""
    settings = stored(load_settings(ctx, store=store, provider=provider))
    with open_database(settings.store) as database:
        total = len(journal.tracked(database, settings.provider))
    with progress("Asking", total, quiet=as_json) as step:
        pulled = api.pull(full=full, settings=settings, report=step)
    if as_json:
        emit(
            {
                "requests": pulled.asked,
                "listed": pulled.listed,
                "new_events": pulled.new_events,
                "missing": list(pulled.missing),
            }
        )
        return
    say(
        f"{counted(pulled.listed, 'request')} looked at, {pulled.asked:,} had changed, "
        f"{counted(pulled.new_events, 'new event')}."
    )
    for sid in pulled.missing[:10]:
        note(f"Warning: {settings.provider} does not list {sid}; see `portops reconcile`.")


def stored(settings: Settings) -> Settings:
    """Return the settings when their store is there; raises InputError when it is not."""
    if not exists(settings.store):
        raise InputError(
            f"There is no store at {settings.store} yet.",
            "Submit a workbook first, or name the store with --store or PORTOPS_STORE.",
        )
    return settings


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.copy()
    for name in rows.select_dtypes("datetimetz").columns:
        text = rows[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ").astype(object)
        rows[name] = text.where(rows[name].notna(), None)
    return [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]


def _one(settings: Settings, sid: str, *, as_json: bool) -> None:
    events = api.history(settings=settings)
    mine = events[events["request_sid"] == sid]
    rank = mine["status"].map(statuses.RANK)
    mine = mine.assign(rank=rank).sort_values(
        ["occurred_at", "rank", "phone_number"], kind="stable"
    )
    if mine.empty:
        raise InputError(f"The store has no request {sid}.", "See all with `portops status`.")
    columns = [
        "occurred_at",
        "phone_number",
        "status",
        "cause",
        "reason_code",
        "reason",
        "port_date",
    ]
    odd = impossible(mine)
    mine = mine.assign(
        flag=mine["event_id"]
        .map(dict(zip(odd["event_id"], "cannot follow " + odd["after"], strict=True)))
        .fillna("")
    )
    columns += ["flag"] if len(odd) else []
    row = _plain(api.status(settings=settings).query("request_sid == @sid"))[0]
    with open_database(settings.store) as database:
        agreed = journal.agreement_of(database, sid) or {}
        steps = journal.steps_of(database, sid)
    if as_json:
        emit({**row, **agreed, "history": _plain(mine[columns]), "journal": steps})
        return
    if mine["port_date"].isna().all():
        columns.remove("port_date")
    say(f"{row['request']}  {sid}")
    say(
        f"{row['status']}, created {row['created']}, {counted(row['numbers'], 'number')} "
        f"({row['completed']} completed, {row['rejected']} rejected), {row['losing_carrier']}"
    )
    if agreed:
        say(f"Submitted by {agreed['operator']}, who agreed on {agreed['created_at'][:10]} to:")
        say("\n".join(f"  {line}" for line in str(agreed["agreement"]).splitlines()))
    say()
    table(
        "History (UTC)",
        columns,
        [tuple(each[name] for name in columns) for each in _plain(mine[columns])],
    )
    if steps:
        say()
        table(
            "Submission (UTC)",
            ("at", "state", "note"),
            [(each["at"][:19], each["state"], each["note"]) for each in steps],
        )


@click.command("status", epilog="Example: portops status --open")
@click.argument("sid", required=False)
@click.option("--open", "only_open", is_flag=True, help="Only requests that have not ended.")
@click.option("--status", "wanted", type=click.Choice(statuses.STATUSES), help="Only this status.")
@click.option("--due", is_flag=True, help="Only what waits for somebody here, most urgent first.")
@click.option("--workbook", help="Only requests of this workbook (its name, or a part of it).")
@store_option
@json_option
@click.pass_context
def status_command(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context,
    sid: str | None,
    *,
    only_open: bool,
    due: bool,
    wanted: str | None,
    workbook: str | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Show every request with status, Request SID, created date, numbers and carrier's words.

    With a SID: its whole history, who submitted it and what was agreed.
    """
    settings = stored(load_settings(ctx, store=store))
    if sid is not None:
        _one(settings, sid, as_json=as_json)
        return
    shown = api.status(settings=settings)
    if only_open:
        shown = shown[~shown["status"].isin(statuses.TERMINAL)]
    if wanted is not None:
        shown = shown[shown["status"] == wanted]
    if workbook is not None:
        shown = shown[shown["workbooks"].str.contains(workbook, regex=False)]
    todo = api.next_actions(settings=settings)
    if due:
        shown = shown[shown["request_sid"].isin(todo.loc[todo["urgency"] >= 2, "request_sid"])]
    next_ = dict(zip(todo["request_sid"], todo["next_action"], strict=True))
    rows = [{**row, "next_action": next_.get(row["request_sid"])} for row in _plain(shown)]
    if due:
        place = {sid: at for at, sid in enumerate(todo["request_sid"])}
        rows.sort(key=lambda row: place[row["request_sid"]])
    if as_json:
        emit({"requests": rows})
        return
    if not rows:
        say("No request fits.")
        return
    table(
        "",
        (
            "status",
            "Request SID",
            "created",
            "numbers",
            "done",
            "request",
            "carrier action",
            "next",
        ),
        [
            (
                r["status"],
                r["request_sid"],
                r["created"][:10],
                r["numbers"],
                r["completed"],
                r["request"],
                r["carrier_action"],
                r["next_action"],
            )
            for r in rows
        ],
    )
    for row in rows:
        if row["flags"]:
            note(f"Look at {row['request_sid']}: {row['flags']}.")
    say()
    counts = shown["status"].value_counts()
    say(", ".join(f"{count} {words(name)}" for name, count in counts.items()))


@click.command(
    "corrections", epilog="Example: portops corrections rejected.xlsx --since 2026-11-16"
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--since", type=Day(), help="Only what was rejected from this day on (UTC).")
@store_option
@json_option
@click.pass_context
def corrections_command(
    ctx: click.Context, file: Path, *, since: date | None, store: str | None, as_json: bool
) -> None:
    """Write what was rejected to FILE, prefilled, with the cause and the cells to mend marked.

    Correct it, then check and submit it like any workbook: the new requests supersede the old.
    """
    if file.suffix.lower() != ".xlsx":
        raise click.UsageError(f"'{file}' must end in .xlsx")
    settings = stored(load_settings(ctx, store=store))
    found = api.refused(settings=settings, since=since)
    if not found.empty:
        write_corrections(found, file)
    causes = {str(cause): int(count) for cause, count in found["cause"].value_counts().items()}
    requests = found["request_sid"].nunique()
    if as_json:
        emit({"file": str(file) if len(found) else None, "numbers": len(found), "causes": causes})
        return
    if found.empty:
        say("No number is rejected and waits for a correction; nothing was written.")
        return
    say(f"{counted(len(found), 'rejected number')} of {counted(requests, 'request')}: {file}")
    for cause, count in causes.items():
        say(f"  {count:>5,}  {CAUSES[cause].label}: {CAUSES[cause].fix}")


@click.command("cancel", epilog="Example: portops cancel KW0123... --number +12125550100")
@click.argument("sid", required=False)
@click.option("--batch", help="Cancel every open request of this batch.")
@click.option("--number", metavar="E164", help="Cancel this number only.")
@provider_option
@store_option
@json_option
@click.pass_context
def cancel_command(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context,
    sid: str | None,
    *,
    batch: str | None,
    number: str | None,
    provider: str | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Cancel a port request at the provider, or one number of it, and note it in the history."""
    if (sid is None) == (batch is None) or (batch is not None and number is not None):
        raise click.UsageError("name one SID (with --number one of its numbers), or one --batch")
    settings = stored(load_settings(ctx, store=store, provider=provider))
    with open_database(settings.store) as database:
        sids = [sid] if batch is None else journal.sids_of_batch(database, batch)
        over = ended(read_history(database))
    if batch is not None:
        sids = [each for each in sids if each not in over]
        if not sids:
            raise InputError(
                f"The store has no open request of batch {batch}.",
                "See all with `portops status --open`.",
            )
    for each in sids:
        api.cancel(str(each), number, settings=settings)
    if as_json:
        emit({"request_sids": sids, "request_sid": sid, "phone_number": number, "canceled": True})
        return
    for each in sids:
        say(f"Canceled: {each}{f', {number}' if number else ''}.")
