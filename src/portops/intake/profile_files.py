"""Profiles as files: one small TOML a sender, which people read, correct and keep with their work."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from portops.errors import InputError
from portops.facts import loading
from portops.files import cannot_write, replacing
from portops.intake.settling import CONTENTS, IGNORE
from portops.results.profile import NO_PROFILE, Profile
from portops.tables.columns import FIELDS, SECRET_FIELDS

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}(?<!\.)", re.ASCII)

#: Names that Windows keeps for devices, whatever follows a dot.
_DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")

_HEAD = """\
# How portops reads this sender's workbooks. Made by `portops check --learn {name}`; edit it freely.
# A column is a field, "ignore", or "contents" where its title alone does not tell.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """What a profile's file holds."""

    __pydantic_config__: ClassVar = loading.NO_OTHER_KEYS

    shape: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    map: dict[str, str] = field(default_factory=dict)
    set: dict[str, str] = field(default_factory=dict)


def file_of(folder: Path, name: str) -> Path:
    """Return the file of a profile; raises InputError for a name that is no safe file name."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or _DEVICES.fullmatch(name):
        raise InputError(
            f"'{name}' can't be a profile's name: it is the name of a file as well.",
            "Use letters, digits, dots, hyphens and underscores, such as acme-corp.",
        )
    if name.casefold() == NO_PROFILE:
        raise InputError(
            f"'{name}' can't be a profile's name: --profile {NO_PROFILE} means no profile.",
            "Choose another name, such as the sender's.",
        )
    return folder / f"{name}.toml"


def names_in(folder: Path) -> list[str]:
    """Return the names of the profiles that are kept in a folder."""
    return sorted(path.stem for path in folder.glob("*.toml") if not path.name.startswith("."))


def read_profile(path: Path) -> Profile:
    """Read one profile; raises SettingsError, with file and line, for one that is damaged."""
    values = loading.load(path, _File)
    for title, name in values.columns.items():
        if name not in FIELDS and name not in {IGNORE, CONTENTS}:
            raise _no_field(path, ("columns", title), name, f"{IGNORE}, {CONTENTS}, ")
    for title, name in values.map.items():
        if name not in FIELDS and name != IGNORE:
            raise _no_field(path, ("map", title), name, f"{IGNORE}, ")
    for name in values.set:
        if name in SECRET_FIELDS:
            raise loading.fault(
                path,
                ("set", name),
                f"'{name}' is a secret, and secrets do not belong in a file",
                "Remove it there; the workbook gives it, or --set.",
            )
        if name not in FIELDS:
            raise _no_field(path, ("set", name), name, "")
    return Profile(
        name=path.stem,
        columns=values.columns,
        given=values.map,
        fill=values.set,
        shape=values.shape,
    )


def _no_field(path: Path, place: loading.Place, name: str, more: str) -> Exception:
    return loading.fault(
        path, place, f"'{name}' is not a field", f"Use one of: {more}{', '.join(FIELDS)}."
    )


def named_profile(folder: Path, name: str) -> Profile:
    """Read the profile of this name; raises InputError where there is none."""
    path = file_of(folder, name)
    if not path.is_file():
        kept = ", ".join(names_in(folder))
        raise InputError(
            f"There is no profile '{name}': {path} does not exist.",
            f"Profiles kept there: {kept}." if kept else f"Keep one first: check --learn {name}.",
        )
    return read_profile(path)


def all_profiles(folder: Path) -> list[Profile]:
    """Read every profile of a folder; none where there is no folder."""
    return [read_profile(folder / f"{name}.toml") for name in names_in(folder)]


def write_profile(profile: Profile, folder: Path) -> Path:
    """Write a profile, in place of one of the same name; returns its file."""
    path = file_of(folder, profile.name)
    parts = [_HEAD.format(name=profile.name), f"shape = {_quoted(profile.shape)}\n"]
    for table, values in (
        ("columns", profile.columns),
        ("map", profile.given),
        ("set", profile.fill),
    ):
        if values:
            parts.append(f"\n[{table}]\n" + _lines(values))
    try:
        with replacing(path) as beside:
            beside.write_text("".join(parts), encoding="utf-8", newline="\n")
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def _lines(values: Mapping[str, str]) -> str:
    return "".join(f"{_key(name)} = {_quoted(value)}\n" for name, value in values.items())


def _key(text: str) -> str:
    return text if re.fullmatch(r"[a-z0-9_]+", text, re.ASCII) else _quoted(text)


def _quoted(text: str) -> str:
    """Write a text as TOML does; a literal one where it holds quotes, which reads easier."""
    if '"' in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")
