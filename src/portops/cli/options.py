"""Options that several commands share, and the settings they lead to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from portops.cli.output import note, reading
from portops.errors import InputError
from portops.reporting.periods import Period

if TYPE_CHECKING:
    from portops.desk import Desk, Progress
    from portops.results.checked import Checked
    from portops.results.planned import Planned
    from portops.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


class Names(click.ParamType):  # type: ignore[type-arg]
    """A name of a registry, which is read when it is needed."""

    name = "NAME"

    def __init__(self, module: str, registry: str, *, suffix: str = "") -> None:
        self._module, self._registry, self._suffix = module, registry, suffix

    def _names(self) -> list[str]:
        names: list[str] = getattr(import_module(self._module), self._registry).names()
        return names

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Show the names."""
        names = "|".join(self._names())
        return f"[{names}]" if param.param_type_name == "option" else f"{{{names}}}"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Take a name that is there, or where `suffix` is given the path of a file."""
        if self._suffix and str(value).endswith(self._suffix):
            return str(value)
        if value not in self._names():
            self.fail(f"'{value}' is not one of {', '.join(self._names())}.", param, ctx)
        return str(value)


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)
store_option = click.option("--store", metavar="URL", help="The store (default: PORTOPS_STORE).")
provider_option = click.option(
    "--provider",
    type=Names("portops.providers", "PROVIDERS"),
    help="The provider (default: PORTOPS_PROVIDER, else sandbox).",
)
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for what is written (default: reports).",
)


class Day(click.ParamType):  # type: ignore[type-arg]
    """A date such as 2026-11-23."""

    name = "DATE"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        """Read an ISO date."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is not a date such as 2026-11-23", param, ctx)


class Week(click.ParamType):  # type: ignore[type-arg]
    """An ISO week such as 2026-W47, or days such as 2026-11-01/2026-11-15."""

    name = "WEEK"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Read an ISO week, or the days from one to another."""
        return Period.named(str(value)).name


def _pairs(name: str) -> Callable[[Any, Any, tuple[str, ...]], dict[str, str]]:
    def read(ctx: Any, param: Any, values: tuple[str, ...]) -> dict[str, str]:
        pairs = {}
        for value in values:
            left, sign, right = value.rpartition("=") if name == "--map" else value.partition("=")
            if not sign or not left.strip() or not right.strip():
                # What was typed is not repeated: it may be a PIN.
                form = "HEADER=FIELD" if name == "--map" else "FIELD=VALUE"
                raise click.BadParameter(f"write it as {form}", ctx, param)
            if left.strip() in pairs:
                named = f"the column '{left.strip()}'" if name == "--map" else left.strip()
                raise click.BadParameter(f"{named} is named twice; keep one", ctx, param)
            pairs[left.strip()] = right.strip()
        return pairs

    return read


def check_options(*, required: bool = True) -> Callable[[Command], Command]:
    """Add what `check`, `plan`, `submit` and `reconcile` have in common."""

    def add(command: Command) -> Command:
        for option in _check_options(required=required):
            command = option(command)
        return command

    return add


def _check_options(*, required: bool) -> tuple[Callable[[Any], Any], ...]:
    return (
        out_option,
        click.option(
            "--all",
            "keep_all",
            is_flag=True,
            help="List every repair instead of rolling up more than 1,000.",
        ),
        click.option("--no-mark", is_flag=True, help="Write no marked copy."),
        click.option(
            "--keep-pins",
            is_flag=True,
            help="Leave PINs readable in the marked copy, also those that the store keeps.",
        ),
        click.option(
            "--understood",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE.csv",
            help="Write every number with its details as they would be sent (PINs as •••).",
        ),
        click.option(
            "--set",
            "fill",
            multiple=True,
            callback=_pairs("--set"),
            metavar="FIELD=VALUE",
            help="Give a field its value where it is blank.",
        ),
        click.option(
            "--map",
            "given",
            multiple=True,
            callback=_pairs("--map"),
            metavar='"HEADER=FIELD"',
            help="Name the field of one of your columns.",
        ),
        click.option(
            "--learn",
            metavar="NAME",
            help="Keep how this workbook was read as a profile of its sender.",
        ),
        click.option(
            "--profile",
            metavar="NAME",
            help="Read with this profile (default: the one that fits; none: without one).",
        ),
        click.option("--as-of", type=Day(), help="Check as if it were this day."),
        click.option(
            "--documents",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder of the statements (default: beside each workbook).",
        ),
        click.option("--sheet", help="Read this sheet only."),
        click.option(
            "--engine",
            type=click.Choice(["dask"]),
            help="Check in parts, by a dask cluster on this machine or of --scheduler.",
        ),
        click.option(
            "--scheduler", metavar="ADDRESS", help="The cluster's scheduler: tcp://host:8786."
        ),
        click.option("--strict", is_flag=True, help="Count warnings as errors."),
        click.argument("workbooks", nargs=-1, required=required, metavar="WORKBOOK|FOLDER..."),
        provider_option,
        store_option,
        json_option,
    )


def load_settings(ctx: click.Context, **changes: Any) -> Settings:
    """Read the settings and replace what the command line gives."""
    config = (ctx.find_root().obj or {}).get("config")
    from portops.desk.opened import settings_here

    return settings_here(config).but(**changes)


def open_desk(ctx: click.Context, progress: Progress | None = None, **changes: Any) -> Desk:
    """Open a desk with the settings that the command line changes."""
    from portops.desk import Desk

    settings = load_settings(ctx, **changes)
    return Desk(settings) if progress is None else Desk(settings, progress=progress)


def run_check(desk: Desk, options: dict[str, Any]) -> Checked:
    """Check the workbooks that the command line names, and keep a profile where it asks for one."""
    with reading(quiet=options["as_json"]) as desk.progress:
        checked = desk.check(
            list(options["workbooks"]),
            sheet=options["sheet"],
            documents=options["documents"],
            given=options["given"],
            fill=options["fill"],
            profile=options["profile"],
            keep_all=options["keep_all"],
            as_of=options["as_of"],
            engine=options["engine"],
            scheduler=options["scheduler"],
        )
    for use in checked.profiles:
        for line in use.lines:
            note(line)
    if options["learn"]:
        note(f"Profile '{options['learn']}' kept: {desk.learn(checked, options['learn'])}")
    if options["understood"] is not None:
        note(f"Written: {desk.understood(checked, options['understood'])}")
    return checked


def run_plan(desk: Desk, options: dict[str, Any]) -> Planned:
    """Check the workbooks that the command line names, and plan their requests."""
    return desk.plan(run_check(desk, options), strict=options["strict"])


def run_plan_if_named(desk: Desk, options: dict[str, Any]) -> Planned | None:
    """Check and plan the workbooks, where the command line names any."""
    if options["workbooks"]:
        return run_plan(desk, options)
    if options["learn"] or options["profile"]:
        raise InputError(
            "--learn and --profile are about a workbook, and none is named.",
            "Name the workbook, or leave the option out.",
        )
    return None
