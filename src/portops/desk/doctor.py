"""The doctor: what is set up, and how to fix what is not."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from portops import assets, sealing
from portops.errors import PortopsError, StoreError
from portops.store import journal, vault
from portops.store.database import VERSION
from portops.wording import counted

if TYPE_CHECKING:
    from portops.desk import Desk


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one look gave: `status` is `ok`, `note` (works without it) or `fix`; what to do."""

    what: str
    status: str
    seen: str
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """Return it as plain values."""
        return {
            "what": self.what,
            "status": self.status,
            "found": self.seen,
            "remedy": self.remedy,
        }


#: Status, what was seen, what to do.
Seen = tuple[str, str, str]


def _store(desk: Desk) -> Seen:
    if not desk.has_store:
        url = desk.settings.store
        return "note", f"there is no store at {url} yet", "It is made at the first submit."
    count = len(journal.known_sids(desk.database))
    return "ok", f"opens, schema {VERSION}, {count:,} requests", ""


def _provider(desk: Desk) -> Seen:
    next(iter(desk.provider().listed()), None)
    return "ok", f"{desk.settings.provider} answers and takes the credentials", ""


def _sealed(desk: Desk) -> list[bytes]:
    """Return the PINs that the store keeps; what is wrong with the store is said in its own row."""
    try:
        return vault.sealed(desk.database) if desk.has_store else []
    except StoreError:
        return []


def _key(desk: Desk) -> Seen:
    given = desk.settings.secret_key
    cipher = sealing.open_cipher(given)
    kept = _sealed(desk)
    if cipher is None and kept:
        words = f"no key, and the store keeps {counted(len(kept), 'PIN')} sealed"
        remedy = (
            f"Set {sealing.VARIABLE} to the key that sealed them, or remove them with "
            "`portops secrets purge --all`."
        )
        return "fix", words, remedy
    if cipher is None:
        remedy = f"Set {sealing.VARIABLE} (portops secrets key makes one), or use a keyring."
        return "note", "no key: PINs are not kept in the store", remedy
    for sealed in kept:
        cipher.unseal(sealed)
    where = sealing.VARIABLE if given else "the system's keyring"
    opens = f", opens {counted(len(kept), 'kept PIN')}" if kept else ""
    return "ok", f"from {where}{opens}", ""


def _kernel(_: Desk) -> Seen:
    remedy = "Run: python -m ipykernel install --user"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return "note", "reports are not installed", "pip install 'portops[reports]'"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return "fix", "there is no kernel python3", remedy
    program = Path(spec.argv[0])
    if program.is_absolute() and not program.exists():
        return "fix", f"the kernel starts {program}, which is not there", remedy
    assets.notebook("weekly-rejections").read_bytes()
    return "ok", "the kernel and the notebooks are there", ""


def _out(desk: Desk) -> Seen:
    folder = Path(desk.settings.out)
    there = folder if folder.is_dir() else folder.absolute().parent
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        remedy = "Choose another with --out, or `out` in portops.toml."
        return "fix", f"{folder} cannot be written to ({error.strerror})", remedy
    return "ok", f"{folder} can be written to", ""


def _documents(_: Desk) -> Seen:
    for name in ("statements", "documents", "data/samples/statements"):
        if Path(name).is_dir():
            count = sum(path.is_file() for path in Path(name).iterdir())
            return "ok", f"{name} has {count:,} files", ""
    remedy = "Statements are looked for beside each workbook; --documents names another folder."
    return "note", "no folder of statements here", remedy


def _mail(desk: Desk) -> Seen:
    if desk.settings.smtp_url is None:
        return "note", "no mail server is set", "Set PORTOPS_SMTP_URL to mail the weekly digest."
    return "ok", "a mail server is set", ""


def _scans(_: Desk) -> Seen:
    if find_spec("rapidocr_onnxruntime") is None:
        return "note", "scanned statements are not read", "pip install 'portops[ocr]'"
    return "ok", "scanned statements are read", ""


CHECKS: dict[str, Callable[[Desk], Seen]] = {
    "store": _store,
    "provider": _provider,
    "secret key": _key,
    "notebooks": _kernel,
    "output folder": _out,
    "documents": _documents,
    "mail": _mail,
    "scans": _scans,
}


def diagnose(desk: Desk) -> list[Diagnosis]:
    """Look at settings, credentials, store, notebook kernel and folders."""
    settings = desk.settings
    words = f"provider {settings.provider}, operator {settings.operator}"
    rows = [Diagnosis("settings", "ok", words)]
    for name, look in CHECKS.items():
        try:
            rows.append(Diagnosis(name, *look(desk)))
        except PortopsError as error:
            rows.append(Diagnosis(name, "fix", str(error), error.remedy))
    return rows
