"""`portops adopt`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from portops.cli.options import check_options, open_desk, run_plan_if_named
from portops.cli.output import emit, note, say, table
from portops.wording import counted, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portops.desk import Desk
    from portops.results.adopted import Stray
    from portops.results.planned import Planned

#: Of `submit` and `reconcile`, which meet such requests.
adopt_option = click.option(
    "--adopt",
    is_flag=True,
    help="Adopt open requests of these numbers that only the provider knows (asked on a terminal).",
)


def _asked(stray: Stray) -> bool:
    """Ask on the terminal whether a request that has ended is taken in."""
    return click.confirm(
        f"{stray.request} ({stray.request_sid}, {counted(len(stray.numbers), 'number')}) was "
        f"{words(stray.status)} at the provider. Adopt it? It then counts as submitted"
    )


def _print(title: str, strays: Iterable[Stray]) -> None:
    table(
        title,
        ("request", "Request SID", "numbers", "status"),
        [(s.request, s.request_sid, len(s.numbers), words(s.status)) for s in strays],
    )
    say()


def offer(desk: Desk, planned: Planned | None, *, adopt: bool, as_json: bool) -> None:
    """Offer to adopt what the provider has of our numbers, and the store does not know.

    Asked on a terminal, where no is the answer unless somebody says yes; `adopt` says yes for
    requests that are open. Nothing is adopted otherwise.
    """
    asks = sys.stdin.isatty() and not as_json
    if not (adopt or asks):
        return
    strays = desk.adopt(planned, ours=True, dry_run=True).left
    chosen = [stray for stray in strays if not stray.asks]
    if chosen and not adopt:
        _print("At the provider, and not in the store", chosen)
        if not click.confirm(f"Adopt {'it' if len(chosen) == 1 else 'them'}?"):
            chosen = []
    if asks:
        chosen += [stray for stray in strays if stray.asks and _asked(stray)]
    if chosen:
        sids = [stray.request_sid for stray in chosen]
        taken = desk.adopt(planned, ours=True, request_sids=sids, agrees=lambda _: True)
        note(taken.summary())


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
                _print(title, strays)
        say(result.summary())
        if result.left:
            note("Adopt the ones left with --yes, or submit them anew with `submit --again`.")
    sys.exit(1 if result.left else 0)
