"""`portops plan`: the requests that a submission would create, asked about and foreseen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from portops.cli.options import check_options, open_desk, run_plan
from portops.cli.output import emit, note, progress, say, table
from portops.cli.understood import print_understood
from portops.results.followed import plain_rows
from portops.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from portops.results.forecast import Forecast
    from portops.results.planned import Planned


def print_plan(planned: Planned) -> None:
    """Print the requests that are ready, then those held back with the reason."""
    ready, held = planned.ready, planned.held_back
    say(
        f"Ready for {planned.provider}: {counted(len(ready), 'request')} with "
        f"{counted(int(ready['count'].sum()), 'number')}. "
        f"Held back: {counted(len(held), 'request')}."
    )
    if not ready.empty:
        columns = ["request", "losing_carrier", "account_number", "count", "split"]
        say()
        table(
            "Ready",
            ("request", "losing carrier", "account", "numbers", "split"),
            [
                (request, carrier, account, int(count), split)
                for request, carrier, account, count, split in ready[columns]
                .fillna("")
                .itertuples(index=False, name=None)
            ],
        )
    if not held.empty:
        say()
        table(
            "Held back",
            ("request", "numbers", "because of"),
            [
                (request, int(count), why)
                for request, count, why in held[["request", "count", "held_back"]]
                .fillna("")
                .itertuples(index=False, name=None)
            ],
        )


def _print_portability(answers: pd.DataFrame) -> None:
    refused = answers[~answers["portable"]]
    oldest = f", asked since {answers['asked_at'].min():%b %d %H:%M} UTC" if len(answers) else ""
    say(
        f"Portability: {len(answers) - len(refused):,} can be ported, "
        f"{len(refused):,} cannot{oldest}."
    )
    if len(refused):
        table(
            "",
            ("number", "why", "code", "asked (UTC)"),
            [
                (
                    answer.phone_number,
                    answer.reason,
                    answer.code,
                    f"{answer.asked_at:%Y-%m-%d %H:%M}",
                )
                for answer in refused.itertuples()
            ],
        )


def _print_forecast(forecast: Forecast) -> None:
    say(forecast.summary())
    if forecast.learned_from:
        rows = forecast.shown()
        titles = ("request", "carrier", "numbers", "accepted", "between", "why")
        table("", titles, list(rows.itertuples(index=False, name=None)))


@click.command("plan", epilog="Example: portops plan migration.xlsx --documents statements")
@check_options()
@click.option(
    "--portability",
    "asks",
    is_flag=True,
    help="Ask the provider whether each number can be ported.",
)
@click.option(
    "--forecast",
    "foresees",
    is_flag=True,
    help="Say how much of each request should be accepted on the first try, and why.",
)
@click.pass_context
def plan_command(ctx: click.Context, /, *, asks: bool, foresees: bool, **options: Any) -> None:
    """Show the port requests that a submission of WORKBOOKs would create; nothing is sent."""
    answers = None
    with open_desk(ctx, store=options["store"], provider=options["provider"]) as desk:
        planned = run_plan(desk, options)
        if asks:
            with progress("Asking", len(planned.numbers), quiet=options["as_json"]) as step:
                desk.progress = step
                planned, answers = desk.portability(planned)
        forecast = desk.forecast(planned) if foresees else None
        if options["as_json"]:
            more: dict[str, Any] = {} if answers is None else {"portability": plain_rows(answers)}
            more |= {} if forecast is None else {"forecast": forecast.as_json()}
            emit({**planned.as_json(), **more})
        else:
            print_understood(planned.checked)
            say()
            print_plan(planned)
            if answers is not None:
                say()
                _print_portability(answers)
            if forecast is not None:
                say()
                _print_forecast(forecast)
        if options["out"] is not None:
            for path in desk.write_plan(planned, options["out"]):
                note(f"Written: {path}")
    sys.exit(1 if len(planned.held_back) else 0)
