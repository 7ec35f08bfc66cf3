"""Look at billing statements: are they there, what are they, can they be read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from rapidfuzz import fuzz, process

from portops.checks.evidence import Evidence
from portops.checks.worker import WORKER
from portops.errors import InputError
from portops.facts.limits import MEGABYTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from portops.facts.limits import Limits

_BY_NAME = {
    ".pdf": "pdf",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".jpe": "jpeg",
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
}
_SIGNATURES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
)


class Statement(NamedTuple):
    """What is known of one statement: its file, and what is wrong with it (code and detail)."""

    path: Path | None
    fault: str | None = None
    detail: str = ""
    nearest: str | None = None
    evidence: Evidence | None = None


def folder_of(documents: str | Path | None) -> Path | None:
    """Return the folder of statements; raises InputError when there is no such folder."""
    if documents is None:
        return None
    folder = Path(documents)
    if not folder.is_dir():
        raise InputError(
            f"The documents folder '{folder}' {'is a file' if folder.exists() else 'does not exist'}.",
            "Name the folder in which the billing statements are.",
        )
    return folder


def kind_of(head: bytes) -> str | None:
    """Tell the kind of file from its first bytes: pdf, jpeg, png, tiff or None."""
    # Readers accept a PDF header anywhere in the first 1,024 bytes (ISO 32000, annex H).
    if b"%PDF-" in head[:1024]:
        return "pdf"
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), None)


def inspect(path: Path, limits: Limits) -> Statement:
    """Look at one file; the fault names the finding, the detail what a person needs to know."""
    size = path.stat().st_size
    if size == 0:
        return Statement(path, "statement.unreadable", "the file is empty")
    if size > limits.document_bytes:
        most = limits.document_bytes / MEGABYTE
        detail = f"{size / MEGABYTE:.1f} MB of {most:.0f} MB at most"
        return Statement(path, "statement.too_large", detail)
    with path.open("rb") as file:
        kind = kind_of(file.read(1024))
    if kind is None or kind not in limits.document_kinds:
        what = f"the file is a {kind.upper()}" if kind else "it is neither PDF nor image"
        return Statement(path, "statement.type", what)
    named = _BY_NAME.get(path.suffix.casefold())
    if named != kind:
        return Statement(
            path,
            "statement.type",
            f"the name says {path.suffix or 'nothing'}, the file is a {kind}",
        )
    fault, text, scanned = WORKER.read(path, kind)
    if fault:
        return Statement(path, "statement.unreadable", fault)
    return Statement(path, evidence=Evidence(text, scanned=scanned))


def _nearest(name: str, listed: dict[str, Path]) -> str | None:
    best = process.extractOne(name.casefold(), list(listed), scorer=fuzz.ratio, score_cutoff=85)
    # `statement-0017.pdf` is no misspelling of `statement-0016.pdf`: digits must agree.
    if best is None or re.sub(r"\D", "", best[0]) != re.sub(r"\D", "", name):
        return None
    return listed[best[0]].name


@dataclass(frozen=True)
class Documents:
    """Every statement that some workbooks name, looked at once; keys are (workbook, name)."""

    statements: Mapping[tuple[str, str], Statement]

    def of(self, workbook: object, name: object) -> Statement:
        """Return what is known of a named statement; a blank name has no file and no fault."""
        return self.statements.get((str(workbook), str(name)), _NO_STATEMENT)

    @cached_property
    def paths(self) -> dict[str, Path]:
        """Names of statements to the files that were found."""
        return {
            name: statement.path
            for (_, name), statement in self.statements.items()
            if statement.path is not None
        }

    def digest(self, name: str) -> str | None:
        """Return the SHA-256 of a statement's content, None where there is no file."""
        path = self.paths.get(name)
        return None if path is None else hashlib.sha256(path.read_bytes()).hexdigest()


_NO_STATEMENT = Statement(None)


def look_at(
    workbooks: pd.Series, names: pd.Series, folder: Path | None, limits: Limits
) -> Documents:
    """Look at each statement that rows name, in `folder` or else beside the row's workbook."""
    named = pd.DataFrame({"workbook": workbooks, "name": names}).dropna().drop_duplicates()
    statements: dict[tuple[str, str], Statement] = {}
    for workbook, own in named.groupby("workbook", sort=False)["name"]:
        where = folder or Path(str(workbook)).parent
        for name, statement in look_up(own, where, limits).items():
            statements[(str(workbook), name)] = statement
    return Documents(statements)


def look_up(names: Iterable[str], folder: Path, limits: Limits) -> dict[str, Statement]:
    """Find each named statement in the folder (case does not count) and look at it.

    Names are file names, with sub-folders at most: a name that leads out of the folder is not
    found.
    """
    inside = folder.resolve()
    listed = {}
    if folder.is_dir():
        listed = {path.name.casefold(): path for path in folder.iterdir() if path.is_file()}
    statements = {}
    for name in names:
        plain = name.replace("\\", "/")
        path = listed.get(plain.rsplit("/", 1)[-1].casefold() if ":" in plain else plain.casefold())
        below = folder / plain
        if path is None and "/" in plain and ":" not in plain:
            within = below.resolve().is_relative_to(inside) and below.is_file()
            path = below if within else None
        if path is None:
            near = _nearest(plain, listed)
            statements[name] = Statement(None, "statement.not_found", str(folder), near)
        else:
            statements[name] = inspect(path, limits)
    return statements
