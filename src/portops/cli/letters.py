"""`portops loa`."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from portops.cli.options import check_options, load_settings, run_check
from portops.cli.output import emit, note, say
from portops.facts.limits import limits_of
from portops.files import replacing
from portops.letters.letter import Parties, write_letter
from portops.submission.jobs import jobs_of
from portops.submission.plan import plan
from portops.wording import counted

#: Who the numbers move to, where it is not said.
CARRIERS = {
    "twilio": "Twilio Inc.",
    "telnyx": "Telnyx LLC",
    "bandwidth": "Bandwidth Inc.",
    "sandbox": "Sandbox Communications",
}


def _names(requests: list[str]) -> list[str]:
    """Name a file for each request; alike ones get a number."""
    seen: dict[str, int] = {}
    found = []
    for request in requests:
        slug = re.sub(r"[^a-z0-9]+", "-", request.casefold()).strip("-")[:80] or "request"
        seen[slug] = seen.get(slug, 0) + 1
        found.append(f"{slug}{'' if seen[slug] == 1 else f'-{seen[slug]}'}.loa.pdf")
    return found


@click.command("loa", epilog="Example: portops loa migration.xlsx --documents statements")
@check_options()
@click.option("--carrier", help="The new carrier's name (default: the provider's).")
@click.option("--agent", help="The agent that acts for the new carrier, if there is one.")
@click.pass_context
def loa_command(
    ctx: click.Context, /, *, carrier: str | None, agent: str | None, **options: Any
) -> None:
    """Write the letter of authorization of each planned request of WORKBOOKs as PDF."""
    settings = load_settings(ctx, store=options["store"], provider=options["provider"])
    checked = run_check(settings, options)
    planned = plan(checked, provider=settings.provider, strict=options["strict"])
    out = options["out"] or Path(settings.out)
    out.mkdir(parents=True, exist_ok=True)
    parties = Parties(new_carrier=carrier or CARRIERS[settings.provider], agent=agent)
    today = options["as_of"] or datetime.now(UTC).astimezone().date()
    jobs = jobs_of(planned, lambda _: "")
    letters: list[dict[str, Any]] = []
    for job, name in zip(jobs, _names([job.port.request for job in jobs]), strict=True):
        target = out / name
        with replacing(target) as beside:
            beside.write_bytes(write_letter(job.port, parties, today))
        letters.append(
            {"request": job.port.request, "numbers": len(job.numbers), "file": str(target)}
        )
    held = len(planned.held_back)
    if options["as_json"]:
        emit({"letters": letters, "held_back": held})
    else:
        for each in letters:
            say(f"{each['file']}  ({each['request']}, {counted(each['numbers'], 'number')})")
        say(f"{counted(len(letters), 'letter')} written, {counted(held, 'request')} held back.")
        if limits_of(settings.provider).letter == "provider":
            note(f"{settings.provider} writes and mails its own letter; these are for your files.")
    sys.exit(1 if held else 0)
