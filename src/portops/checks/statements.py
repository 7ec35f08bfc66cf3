"""Look at billing statements: are they there, what are they, can they be read."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from rapidfuzz import fuzz, process

from portops.checks.evidence import Evidence
from portops.checks.gist import from_json
from portops.checks.rereading import read
from portops.errors import InputError
from portops.facts.limits import MEGABYTE
from portops.texts import groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from portops.checks.step import Kept
    from portops.checks.worker import Answer
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


#: Likeness is a fraction, and a limit that is exactly met may be missed by so much.
_ROUNDING = 0.001


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
    return inspect_all([path], limits)[path]


def inspect_all(
    paths: Iterable[Path], limits: Limits, *, kept: Kept | None = None
) -> dict[Path, Statement]:
    """Look at files, each once; those of which `kept` has the content are not read again."""
    looks = {path: _look(path, limits) for path in paths}
    kinds = [(path, kind) for path, kind in looks.items() if isinstance(kind, str)]
    answers = {path: answer for (path, _), answer in zip(kinds, read(kinds, kept), strict=True)}
    return {
        path: _of(path, answers[path]) if isinstance(look, str) else look
        for path, look in looks.items()
    }


def _of(path: Path, answer: Answer) -> Statement:
    if answer.gist is None:
        return Statement(path, "statement.unreadable", answer.fault or "it cannot be read")
    return Statement(path, evidence=Evidence(from_json(answer.gist), answer.scanned))


def _look(path: Path, limits: Limits) -> Statement | str:
    """Return the kind of a file that is fit to be read, else what is wrong with it."""
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
    return kind


class _Listed:
    """The files of a folder, by their names in small letters."""

    def __init__(self, folder: Path) -> None:
        self._paths: dict[str, Path] = {}
        self._alike: dict[str, list[str]] = {}
        if folder.is_dir():
            with os.scandir(folder) as entries:
                files = [entry.name for entry in entries if entry.is_file()]
            self._paths = {name.casefold(): folder / name for name in files}
        for name in self._paths:
            self._alike.setdefault(_digits(name), []).append(name)

    def get(self, name: str) -> Path | None:
        return self._paths.get(name.casefold())

    def nearest(self, name: str) -> str | None:
        """Return the file that is named nearly so.

        `statement-0017.pdf` is no misspelling of `statement-0016.pdf`: digits must agree.
        """
        wanted, alike = name.casefold(), self._alike.get(_digits(name))
        # Most names have no other of their digits, and all others need not be compared.
        best = alike and process.extractOne(wanted, alike, scorer=fuzz.ratio, score_cutoff=85)
        if not best:
            return None
        first = process.extractOne(
            wanted, list(self._paths), scorer=fuzz.ratio, score_cutoff=best[1] - _ROUNDING
        )
        nearest = (first or best)[0]
        return self._paths[nearest].name if _digits(nearest) == _digits(name) else None


def _digits(name: str) -> str:
    return re.sub(r"\D", "", name)


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
    workbooks: pd.Series,
    names: pd.Series,
    folder: Path | None,
    limits: Limits,
    *,
    kept: Kept | None = None,
) -> Documents:
    """Look at each statement that rows name, in `folder` or else beside the row's workbook.

    Those of which `kept` has the content are not read again.
    """
    _, first = groups([workbooks, names])
    named = pd.DataFrame({"workbook": workbooks.iloc[first], "name": names.iloc[first]}).dropna()
    statements: dict[tuple[str, str], Statement] = {}
    for workbook, own in named.groupby("workbook", sort=False)["name"]:
        where = folder or Path(str(workbook)).parent
        for name, statement in look_up(own, where, limits, kept=kept).items():
            statements[(str(workbook), name)] = statement
    return Documents(statements)


def look_up(
    names: Iterable[str], folder: Path, limits: Limits, *, kept: Kept | None = None
) -> dict[str, Statement]:
    """Find each named statement in the folder (case does not count) and look at it.

    Names are file names, with sub-folders at most: a name that leads out of the folder is not
    found. For `kept`, see `look_at`.
    """
    inside, listed = folder.resolve(), _Listed(folder)
    places: dict[str, Path | Statement] = {}
    for name in names:
        plain = name.replace("\\", "/")
        path = listed.get(plain.rsplit("/", 1)[-1] if ":" in plain else plain)
        if path is None and "/" in plain and ":" not in plain:
            below = folder / plain
            within = below.resolve().is_relative_to(inside) and below.is_file()
            path = below if within else None
        if path is None:
            near = listed.nearest(plain)
            places[name] = Statement(None, "statement.not_found", str(folder), near)
        else:
            places[name] = path
    paths = [path for path in places.values() if isinstance(path, Path)]
    looked = inspect_all(paths, limits, kept=kept)
    return {name: looked[at] if isinstance(at, Path) else at for name, at in places.items()}
