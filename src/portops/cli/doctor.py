"""`portops doctor`: what is set up, and how to mend what is not."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portops import assets
from portops import sealing as secrets
from portops.cli.options import json_option, load_settings, provider_option, store_option
from portops.cli.output import emit, say, table
from portops.errors import PortopsError
from portops.providers import open_provider
from portops.store import journal
from portops.store.database import VERSION, exists, open_database

if TYPE_CHECKING:
    from portops.settings import Settings

#: What a check found: `ok`, `note` (works without it) or `mend`, in words, and what to do.
Found = tuple[str, str, str]


def _store(settings: Settings) -> Found:
    if not exists(settings.store):
        return (
            "note",
            f"there is no store at {settings.store} yet",
            "It is made at the first submit.",
        )
    with open_database(settings.store) as database:
        count = len(journal.known_sids(database))
    return "ok", f"opens, schema {VERSION}, {count:,} requests", ""


def _provider(settings: Settings) -> Found:
    with open_provider(settings) as provider:
        next(iter(provider.listed()), None)
    return "ok", f"{settings.provider} answers and takes the credentials", ""


def _key(settings: Settings) -> Found:
    cipher = secrets.open_cipher(settings.secret_key)
    if cipher is None:
        return (
            "note",
            "no key: PINs are not kept in the store",
            (
                f"Set {secrets.VARIABLE} (portops secrets key makes one), or use the system's keyring."
            ),
        )
    where = secrets.VARIABLE if settings.secret_key else "the system's keyring"
    return "ok", f"from {where}", ""


def _kernel(_: Settings) -> Found:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return "mend", "there is no kernel python3", "Run: python -m ipykernel install --user"
    program = Path(spec.argv[0])
    if program.is_absolute() and not program.exists():
        return (
            "mend",
            f"the kernel starts {program}, which is not there",
            ("Run: python -m ipykernel install --user"),
        )
    assets.notebook("weekly-rejections").read_bytes()
    return "ok", "the kernel and the notebooks are there", ""


def _out(settings: Settings) -> Found:
    folder = Path(settings.out)
    there = folder if folder.is_dir() else folder.absolute().parent
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        return (
            "mend",
            f"{folder} cannot be written to ({error.strerror})",
            ("Choose another with --out, or `out` in portops.toml."),
        )
    return "ok", f"{folder} can be written to", ""


def _documents(_: Settings) -> Found:
    for name in ("statements", "documents", "data/samples/statements"):
        if Path(name).is_dir():
            count = sum(each.is_file() for each in Path(name).iterdir())
            return "ok", f"{name} has {count:,} files", ""
    return (
        "note",
        "no folder of statements here",
        ("Statements are looked for beside each workbook; --documents names another folder."),
    )


def _mail(settings: Settings) -> Found:
    if settings.smtp_url is None:
        return "note", "no mail server is set", "Set PORTOPS_SMTP_URL to mail the weekly digest."
    return "ok", "a mail server is set", ""


def _ocr(_: Settings) -> Found:
    if find_spec("rapidocr_onnxruntime") is None:
        return "note", "scanned statements are not read", "pip install 'portops[ocr]'"
    return "ok", "scanned statements are read", ""


CHECKS: dict[str, Callable[[Settings], Found]] = {
    "store": _store,
    "provider": _provider,
    "secret key": _key,
    "notebooks": _kernel,
    "output folder": _out,
    "documents": _documents,
    "mail": _mail,
    "scans": _ocr,
}


@click.command("doctor", epilog="Example: portops doctor")
@provider_option
@store_option
@json_option
@click.pass_context
def doctor_command(
    ctx: click.Context, provider: str | None, store: str | None, *, as_json: bool
) -> None:
    """Look at settings, credentials, store, notebook kernel and folders; say how to mend each.

    Exit status 0: nothing to mend; 1: something is.
    """
    settings = load_settings(ctx, store=store, provider=provider)
    rows = [("settings", "ok", f"provider {settings.provider}, operator {settings.operator}", "")]
    for name, check in CHECKS.items():
        try:
            rows.append((name, *check(settings)))
        except PortopsError as error:
            rows.append((name, "mend", str(error), error.remedy))
    broken = [row for row in rows if row[1] == "mend"]
    if as_json:
        emit(
            {
                "checks": [
                    dict(zip(("what", "status", "found", "remedy"), row, strict=True))
                    for row in rows
                ]
            }
        )
    else:
        table(
            "",
            ("", "what", "found", "what to do"),
            [
                ({"ok": "✓", "note": "·", "mend": "✗"}[status], name, found, remedy)
                for name, status, found, remedy in rows
            ],
        )
        say()
        say("All is well." if not broken else f"{len(broken)} to mend.")
    sys.exit(1 if broken else 0)
