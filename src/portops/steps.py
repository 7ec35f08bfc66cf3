"""The steps as functions: each opens a desk by `portops.toml` and the environment, and closes it.

`settings`, `store` and `provider` change what the desk is opened with. For more than one step in
a row, open a `portops.Desk` yourself: it has the same methods.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from portops.desk import Desk, desk_for
from portops.extras import require

if TYPE_CHECKING:
    import pandas as pd

    from portops.checks.rule import Rule
    from portops.checks.supplied import AnySchema, Schema
    from portops.desk.comparing import Inventory
    from portops.desk.opened import Opening, Stored
    from portops.desk.publishing import Period
    from portops.desk.weekly import Weekly
    from portops.forms import PortInForm
    from portops.intake.sources import Source
    from portops.reporting.charts import Chart
    from portops.results.checked import Checked
    from portops.results.figures import Figures
    from portops.results.planned import Planned
    from portops.results.published import Published
    from portops.results.pulled import Pulled
    from portops.results.reconciled import Reconciled
    from portops.results.submitted import Submitted
    from portops.settings import Settings


def read(source: Source, *, sheet: str | None = None, **opening: Unpack[Opening]) -> pd.DataFrame:
    with desk_for("read", opening) as desk:
        return desk.read(source, sheet=sheet)


def check(  # noqa: PLR0913 - as the desk's
    source: Source | Sequence[Source],
    *,
    sheet: str | None = None,
    documents: str | Path | None = None,
    provider: str | None = None,
    given: Mapping[str, str] | None = None,
    fill: Mapping[str, str] | None = None,
    profile: str | None = None,
    keep_all: bool = False,
    as_of: date | str | None = None,
    schema: AnySchema | None = None,
    rules: Rule | Iterable[Rule] = (),
    engine: str | None = None,
    scheduler: str | None = None,
    **opening: Unpack[Stored],
) -> Checked:
    with desk_for("check", opening) as desk:
        return desk.check(
            source,
            sheet=sheet,
            documents=documents,
            provider=provider,
            given=given,
            fill=fill,
            profile=profile,
            keep_all=keep_all,
            as_of=as_of,
            schema=schema,
            rules=rules,
            engine=engine,
            scheduler=scheduler,
        )


def schema(
    *,
    documents: str | Path | None = None,
    files: bool = True,
    provider: str | None = None,
    as_of: date | str | None = None,
    rules: Rule | Iterable[Rule] = (),
    severities: Collection[str] = ("error",),
    **opening: Unpack[Stored],
) -> Schema:
    with desk_for("schema", opening) as desk:
        return desk.schema(
            documents=documents,
            files=files,
            provider=provider,
            as_of=as_of,
            rules=rules,
            severities=severities,
        )


def plan(
    checked: Checked,
    *,
    provider: str | None = None,
    strict: bool = False,
    **opening: Unpack[Stored],
) -> Planned:
    with desk_for("plan", opening) as desk:
        return desk.plan(checked, provider=provider, strict=strict)


def portability(
    planned: Planned, *, concurrency: int = 8, **opening: Unpack[Opening]
) -> tuple[Planned, pd.DataFrame]:
    with desk_for("portability", opening) as desk:
        return desk.portability(planned, concurrency=concurrency)


def submit(  # noqa: PLR0913 - as the desk's
    planned: Planned,
    *,
    agree: bool = False,
    dry_run: bool = False,
    concurrency: int = 8,
    ask_portability: bool = True,
    again: bool = False,
    deadline: timedelta | None = None,
    **opening: Unpack[Opening],
) -> Submitted:
    with desk_for("submit", opening) as desk:
        return desk.submit(
            planned,
            agree=agree,
            dry_run=dry_run,
            concurrency=concurrency,
            ask_portability=ask_portability,
            again=again,
            deadline=deadline,
        )


def pull(*, full: bool = False, **opening: Unpack[Opening]) -> Pulled:
    with desk_for("pull", opening) as desk:
        return desk.pull(full=full)


def status(
    *,
    open_only: bool = False,
    status: str | None = None,
    workbook: str | None = None,
    due: bool = False,
    **opening: Unpack[Opening],
) -> pd.DataFrame:
    with desk_for("status", opening) as desk:
        return desk.status(open_only=open_only, status=status, workbook=workbook, due=due)


def actions(**opening: Unpack[Opening]) -> pd.DataFrame:
    with desk_for("actions", opening) as desk:
        return desk.actions()


def cancel(
    request_sid: str | None = None,
    phone_number: str | None = None,
    *,
    batch: str | None = None,
    **opening: Unpack[Opening],
) -> list[str]:
    with desk_for("cancel", opening) as desk:
        return desk.cancel(request_sid, phone_number, batch=batch)


def corrections(
    file: str | Path | None = None,
    *,
    since: date | str | None = None,
    **opening: Unpack[Opening],
) -> pd.DataFrame:
    with desk_for("corrections", opening) as desk:
        return desk.corrections(file, since=since)


def reconcile(
    planned: Planned | None = None,
    *,
    inventory: Inventory | None = None,
    concurrency: int = 8,
    **opening: Unpack[Opening],
) -> Reconciled:
    with desk_for("reconcile", opening) as desk:
        return desk.reconcile(planned, inventory=inventory, concurrency=concurrency)


def history(**opening: Unpack[Opening]) -> pd.DataFrame:
    with desk_for("history", opening) as desk:
        return desk.history()


def figures(
    name: str,
    week: str | None = None,
    *,
    settings: Settings | None = None,
    store: str | None = None,
    provider: str | None = None,
    **period: Unpack[Period],
) -> Figures:
    with Desk(settings, store=store, provider=provider) as desk:
        return desk.figures(name, week, **period)


def rejections(
    week: str | None = None,
    *,
    settings: Settings | None = None,
    store: str | None = None,
    **period: Unpack[Period],
) -> Figures:
    with Desk(settings, store=store) as desk:
        return desk.rejections(week, **period)


def turnaround(
    week: str | None = None,
    *,
    settings: Settings | None = None,
    store: str | None = None,
    **period: Unpack[Period],
) -> Figures:
    with Desk(settings, store=store) as desk:
        return desk.turnaround(week, **period)


def publish(
    name: str | Path,
    *,
    week: str | None = None,
    as_of: date | str | None = None,
    out: str | Path | None = None,
    **opening: Unpack[Opening],
) -> Published:
    with desk_for("publish", opening) as desk:
        return desk.publish(name, week=week, as_of=as_of, out=out)


def weekly(
    week: str | None = None,
    *,
    out: str | Path | None = None,
    mail_to: Sequence[str] = (),
    pull: bool = True,
    **opening: Unpack[Opening],
) -> Weekly:
    with desk_for("weekly", opening) as desk:
        return desk.weekly(week, out=out, mail_to=mail_to, pull=pull)


def draw(figures: Figures, chart: str) -> Chart:
    """Draw one of a report's charts, such as `trend` or `pareto`.

    Raises InputError for a name that the report does not have, SettingsError where the extra
    `reports` is not installed.
    """
    require("reports", "Charts")
    from portops.reporting.report import draw

    return draw(figures, chart)


def port_in(**opening: Unpack[Opening]) -> PortInForm:
    """Return the guided request of one customer as a form for JupyterLab.

    Raises SettingsError where the extra `lab` is not installed.
    """
    require("lab", "The form")
    from portops.forms import PortInForm

    return PortInForm(desk_for("port_in", opening))


_SENDING = (read, check, schema, plan, portability, submit)
_FOLLOWING = (pull, status, actions, cancel, corrections, reconcile, history)
_REPORTING = (figures, rejections, turnaround, publish, weekly)

#: Every step, by its name; the words are the desk's own.
STEPS = (*_SENDING, *_FOLLOWING, *_REPORTING)
for _step in STEPS:
    _step.__doc__ = getattr(Desk, _step.__name__).__doc__
