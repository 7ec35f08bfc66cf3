"""`portops status`: the tracker, or one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from portops.cli.options import json_option, open_desk, store_option
from portops.cli.output import emit, note, say, table
from portops.facts import statuses
from portops.results.followed import plain_rows
from portops.wording import words

if TYPE_CHECKING:
    from portops.results.followed import Followed

#: Title and column of the tracker as it is printed.
_COLUMNS = {
    "status": "status",
    "Request SID": "request_sid",
    "created": "created",
    "numbers": "numbers",
    "done": "completed",
    "request": "request",
    "carrier action": "carrier_action",
    "next": "next_action",
}


def _print_one(followed: Followed) -> None:
    say(f"{followed.row['request']}  {followed.row['request_sid']}")
    say(followed.summary())
    agreed = followed.agreement
    if agreed:
        say(f"Submitted by {agreed['operator']}, who agreed on {agreed['created_at']:%Y-%m-%d} to:")
        say("\n".join(f"  {line}" for line in str(agreed["agreement"]).splitlines()))
    say()
    history = plain_rows(followed.history)
    columns = list(followed.history.columns)
    table("History (UTC)", columns, [tuple(row[name] for name in columns) for row in history])
    if followed.remarks:
        say()
        comments = [
            (f"{remark['at']:%Y-%m-%d %H:%M}", remark["author"], remark["words"])
            for remark in followed.remarks
        ]
        table("Comments (UTC)", ("at", "from", "comment"), comments)
    if followed.journal:
        say()
        steps = [
            (f"{step['at']:%Y-%m-%d %H:%M:%S}", step["state"], step["note"])
            for step in followed.journal
        ]
        table("Submission (UTC)", ("at", "state", "note"), steps)


def _print_all(rows: list[dict[str, Any]]) -> None:
    if not rows:
        say("No request fits.")
        return
    short = [{**row, "created": row["created"][:10]} for row in rows]
    table("", list(_COLUMNS), [tuple(row[name] for name in _COLUMNS.values()) for row in short])
    for row in rows:
        if row["flags"]:
            note(f"Look at {row['request_sid']}: {row['flags']}.")
    say()
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["status"]] = counts.get(row["status"], 0) + 1
    say(", ".join(f"{count} {words(name)}" for name, count in counts.items()))


@click.command("status", epilog="Example: portops status --open")
@click.argument("sid", required=False)
@click.option("--open", "open_only", is_flag=True, help="Only requests that have not ended.")
@click.option("--status", metavar=f"[{'|'.join(statuses.STATUSES)}]", help="Only this status.")
@click.option("--due", is_flag=True, help="Only items waiting on your team, most urgent first.")
@click.option("--workbook", help="Only requests of this workbook (its name, or a part of it).")
@store_option
@json_option
@click.pass_context
def status_command(
    ctx: click.Context, /, sid: str | None, *, store: str | None, as_json: bool, **narrow: Any
) -> None:
    """Show every request with status, Request SID, created date, numbers and carrier's words.

    With a SID: its whole history, who submitted it and what was agreed.
    """
    with open_desk(ctx, store=store) as desk:
        if sid is not None:
            followed = desk.request(sid)
            emit(followed.as_json()) if as_json else _print_one(followed)
            return
        rows = plain_rows(desk.status(**narrow))
    emit({"requests": rows}) if as_json else _print_all(rows)
