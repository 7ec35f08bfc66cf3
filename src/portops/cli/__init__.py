"""The command line: arguments in, words out. Each command is loaded when it is called."""

from __future__ import annotations

import gc
import logging
import os
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from portops import __version__
from portops.apart import leave_out
from portops.cli import streams
from portops.errors import PortopsError
from portops.extras import require
from portops.files import cannot_write, takes_nothing

#: Every command: its module in this folder, and one line of help.
COMMANDS = {
    "demo": ("demo", "The whole job on sample workbooks, with reports at the end."),
    "template": ("template", "Write an empty intake workbook to fill in."),
    "check": ("check", "Check migration workbooks; write findings and a marked copy."),
    "plan": ("plan", "Show the port requests that a submission would create."),
    "loa": ("letters", "Write the letters of authorization of a plan."),
    "submit": ("submit", "Submit port requests; nothing is ever submitted twice."),
    "request": ("request", "One customer's request, guided in four steps."),
    "pull": ("track", "Bring the status history up to date from the provider."),
    "webhook": ("webhook", "Receive status changes as they happen."),
    "status": ("status", "The tracker: every request, or one with its whole history."),
    "reconcile": ("reconcile", "Compare workbook, store, provider and inventory."),
    "adopt": ("adopt", "Take requests in that the provider has and the store does not."),
    "corrections": ("track", "Write a workbook of what was rejected, ready to correct."),
    "history": ("history", "Take the status history in from a file, or write it to one."),
    "cancel": ("track", "Cancel a port request, or one number of it."),
    "store": ("store", "Back up the store, put it back, and check that it is sound."),
    "secrets": ("secrets", "The key that seals PINs, and what is kept under it."),
    "report": ("report", "Make a report, such as weekly-rejections."),
    "weekly": ("weekly", "Pull, reconcile, report and mail: what a scheduler starts."),
    "doctor": ("doctor", "Check settings, store, provider and kernel; say how to fix each."),
    "sandbox": ("sandbox", "A provider on this machine, for trying out and tests."),
}


#: The extras that a command needs.
EXTRAS = {
    "demo": ("sandbox", "reports"),
    "loa": ("loa",),
    "webhook": ("sandbox",),
    "report": ("reports",),
    "weekly": ("reports",),
    "sandbox": ("sandbox",),
}


def _switch(ctx: click.Context, _: click.Parameter, *, value: bool) -> None:
    if value:
        ctx.find_root().ensure_object(dict)["debug"] = True
        logging.getLogger().setLevel(logging.INFO)


def _debug_option() -> click.Option:
    return click.Option(
        ["--debug"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=lambda ctx, param, value: _switch(ctx, param, value=value),
        help="Show where an error comes from.",
    )


def _with_debug(command: click.Command) -> None:
    """Give a command, and those below it, the option `--debug`."""
    if any("--debug" in option.opts for option in command.params):
        return
    command.params.append(_debug_option())
    if isinstance(command, click.Group):
        for below in command.commands.values():
            _with_debug(below)


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        for extra in EXTRAS.get(cmd_name, ()):
            require(extra, f"`portops {cmd_name}`")
        module = import_module(f"portops.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        _with_debug(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


#: The \b keeps click from filling the lines below it.
_HELP = """Move US phone numbers to a new carrier: check, submit, track, report.

\b
portops demo                      see everything on sample data
portops check migration.xlsx      check a workbook
portops COMMAND --help            options and an example
"""


@click.group(cls=_Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="portops")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file (default: portops.toml in this folder).",
)
@click.pass_context
def app(ctx: click.Context, config: Path | None) -> None:
    """Move US phone numbers to a new carrier."""
    ctx.ensure_object(dict)["config"] = config


app.params.append(_debug_option())


def _fail(what: str, remedy: str, code: int = 2) -> NoReturn:
    click.echo(f"portops: {what}", err=True)
    click.echo(f"  {remedy}", err=True)
    sys.exit(code)


def _alone() -> None:
    """Set up a process that runs one command and ends."""
    # A command makes many objects that stay, and next to none that refer to one another.
    gc.set_threshold(200_000, 50, 100)
    # Arrow's own pool gives memory back and asks for it again, which takes a second of a million rows.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    leave_out()


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 the data has errors, 2 it could not be done."""
    given = sys.argv[1:] if arguments is None else arguments
    if arguments is None:
        _alone()
    streams.prepare()
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s"
    )
    state: dict[str, Any] = {"debug": False}
    try:
        result = app.main(args=given, prog_name="portops", standalone_mode=False, obj=state)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else "portops"
        _fail(error.format_message(), f"See `{path} --help` for options and an example.")
    except click.Abort:
        _fail("stopped.", "What was done is kept; run the same command to go on.", 130)
    except click.ClickException as error:
        _fail(error.format_message(), "Check the name and try again.")
    except PortopsError as error:
        if state["debug"]:
            traceback.print_exc()
        _fail(str(error), error.remedy, error.exit_code)
    except Exception as error:
        if state["debug"]:
            traceback.print_exc()
        if isinstance(error, OSError) and takes_nothing(error):
            told = cannot_write("A file", error)
            _fail(str(told), told.remedy)
        _fail(f"unexpected {type(error).__name__}: {error}", PortopsError.remedy)
    sys.exit(result if isinstance(result, int) else 0)
