"""`portops doctor`."""

from __future__ import annotations

import sys

import click

from portops.cli.options import json_option, open_desk, provider_option, store_option
from portops.cli.output import emit, say, table
from portops.wording import counted

_MARKS = {"ok": "✓", "note": "·", "fix": "✗"}


@click.command("doctor", epilog="Example: portops doctor")
@provider_option
@store_option
@json_option
@click.pass_context
def doctor_command(
    ctx: click.Context, provider: str | None, store: str | None, *, as_json: bool
) -> None:
    """Check settings, credentials, store, notebook kernel and folders; say how to fix each.

    Exit status 0: ready; 1: something has to be fixed.
    """
    with open_desk(ctx, store=store, provider=provider) as desk:
        rows = desk.doctor()
    broken = [row for row in rows if row.status == "fix"]
    if as_json:
        emit({"checks": [row.as_json() for row in rows]})
    else:
        table(
            "",
            ("", "what", "found", "what to do"),
            [(_MARKS[row.status], row.what, row.seen, row.remedy) for row in rows],
        )
        say()
        unset = sum(row.status == "note" for row in rows)
        are = "is" if unset == 1 else "are"
        rest = f" {counted(unset, 'optional setting')} {are} not set." if unset else ""
        say(f"{counted(len(broken), 'thing')} to fix." if broken else f"Ready.{rest}")
    sys.exit(1 if broken else 0)
