"""`portops demo`."""

from __future__ import annotations

from pathlib import Path

import click

from portops.cli.options import json_option
from portops.cli.output import emit, progress, say
from portops.demo import DAYS, WEEK, run_demo
from portops.wording import percent, words


@click.command("demo", epilog="Example: portops demo --out reports/demo")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports/demo"),
    show_default=True,
    help="Where everything goes.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Decides the fates.")
@click.option(
    "--provider",
    type=click.Choice(["sandbox", "twilio", "telnyx"]),
    default="sandbox",
    show_default=True,
    help="Whose API is spoken to the sandbox.",
)
@json_option
def demo_command(*, out: Path, seed: int, provider: str, as_json: bool) -> None:
    """Check, plan, submit, follow for eight simulated weeks, and report.

    Takes the sample workbooks and a sandbox on a free local port; nothing leaves this machine.
    """
    with progress("Eight simulated weeks", DAYS, quiet=as_json) as step:
        demo = run_demo(
            out,
            seed=seed,
            provider=provider,
            tell=(lambda _: None) if as_json else say,
            step=step,
        )
    if as_json:
        emit(demo.as_json())
        return
    say()
    say(f"Checked, marked and planned workbooks: {out / 'workbooks'}")
    say(f"Store with the whole history:          {out / 'portops.db'}")
    for published in demo.reports:
        say(f"Report:                                {published.html}")
    say(f"All of them:                           {out / 'index.html'}")
    figures = demo.figures
    median = figures["median_turnaround_business_days"]
    say()
    say(
        f"In {WEEK}: {figures['first_rejected']} of {figures['decided']} decided numbers were "
        f"rejected on the first try ({percent(figures['rejection_rate'])})."
    )
    say(f"Most frequent cause: {words(figures['top_cause'] or 'none')}.")
    say(f"Median turnaround: {median if median is not None else '–'} business days.")
    say(f"({demo.seconds:.0f} seconds)")
