"""`portops adopt`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from portops.cli.options import check_options, open_desk, run_plan_if_named
from portops.cli.output import emit, note, say, table
from portops.wording import counted, words

if TYPE_CHECKING:
    from portops.results.adopted import Stray


def _asked(stray: Stray) -> bool:
    """Ask on the terminal whether a request that has ended is taken in."""
    return click.confirm(
        f"{stray.request} ({stray.request_sid}, {counted(len(stray.numbers), 'number')}) was "
        f"{words(stray.status)} at the provider. Adopt it? It then counts as submitted"
    )


@click.command("adopt", epilog="Example: portops adopt migration.xlsx --documents statements")
@check_options(required=False)
@click.option("--yes", is_flag=True, help="Adopt canceled and rejected requests without asking.")
@click.pass_context
def adopt_command(ctx: click.Context, /, *, yes: bool, **options: Any) -> None:
    """Take requests that the provider has and the store does not into the store.

    After a store was lost or restored: requests come back with their SIDs and history. Those with
    the same numbers as a request of WORKBOOKs count as that request, so it is not sent again.
    Asks before each that was canceled or rejected; without a terminal those are left and named.

    Exit status 1: some were left.
    """
    as_json = options["as_json"]
    on_terminal = sys.stdin.isatty() and not as_json
    agrees = _asked if on_terminal and not yes else (lambda _: yes)
    with open_desk(ctx, store=options["store"], provider=options["provider"]) as desk:
        planned = run_plan_if_named(desk, options)
        result = desk.adopt(planned, agrees=agrees)
    if as_json:
        emit(result.as_json())
    else:
        for title, strays in (("Adopted", result.adopted), ("Left", result.left)):
            if strays:
                table(
                    title,
                    ("request", "Request SID", "numbers", "status"),
                    [(s.request, s.request_sid, len(s.numbers), words(s.status)) for s in strays],
                )
                say()
        say(result.summary())
        if result.left:
            note("Adopt the ones left with --yes, or submit them anew with `submit --again`.")
    sys.exit(1 if result.left else 0)
