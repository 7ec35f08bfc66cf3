"""`portops pull`, `portops corrections` and `portops cancel`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from portops.cli.options import Day, json_option, open_desk, provider_option, store_option
from portops.cli.output import emit, note, progress, say
from portops.facts.causes import CAUSES
from portops.wording import counted

if TYPE_CHECKING:
    from datetime import date


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
    with open_desk(ctx, store=store, provider=provider) as desk:
        with progress("Asking", desk.tracked, quiet=as_json) as step:
            desk.progress = step
            pulled = desk.pull(full=full)
        name = desk.settings.provider
    if as_json:
        emit(pulled.as_json())
        return
    say(
        f"{counted(pulled.listed, 'request')} checked, {pulled.asked:,} had changed, "
        f"{counted(pulled.new_events, 'new event')}."
    )
    for sid in pulled.missing[:10]:
        note(f"Warning: {name} does not list {sid}; see `portops reconcile`.")


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
    """Write what was rejected to FILE, prefilled, with the cause and the cells to fix marked.

    Correct it, then check and submit it like any workbook: the new requests supersede the old.
    """
    with open_desk(ctx, store=store) as desk:
        refused = desk.corrections(file, since=since)
    causes = {str(cause): int(count) for cause, count in refused["cause"].value_counts().items()}
    requests = refused["request_sid"].nunique()
    if as_json:
        written = str(file) if len(refused) else None
        emit({"file": written, "numbers": len(refused), "causes": causes})
        return
    if refused.empty:
        say("No rejected number is waiting for a correction; nothing was written.")
        return
    say(f"{counted(len(refused), 'rejected number')} of {counted(requests, 'request')}: {file}")
    for cause, count in causes.items():
        about = CAUSES[cause or "other"]
        say(f"  {count:>5,}  {about.label}: {about.fix}")


@click.command("cancel", epilog="Example: portops cancel KW0123... --number +12125550100")
@click.argument("sid", required=False)
@click.option("--batch", help="Cancel every open request of this batch.")
@click.option("--number", metavar="E164", help="Cancel this number only.")
@provider_option
@store_option
@json_option
@click.pass_context
def cancel_command(  # noqa: PLR0913 - one parameter per option
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
    with open_desk(ctx, store=store, provider=provider) as desk:
        sids = desk.cancel(sid, number, batch=batch)
    if as_json:
        emit({"request_sids": sids, "request_sid": sid, "phone_number": number, "canceled": True})
        return
    for canceled in sids:
        say(f"Canceled: {canceled}{f', {number}' if number else ''}.")
