"""Tables of facts in TOML: held to their shape when they are read, and the line of what is wrong.

The shape is a dataclass; what reads it (pydantic) is loaded with the first table, not before.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib.resources.abc import Traversable
from typing import Any, TypeVar, get_args, get_type_hints

from portops.errors import SettingsError

T = TypeVar("T")

#: Where something stands in a file: the names of tables and keys, and places in lists from 0.
Place = tuple[str | int, ...]

#: For a shape's `__pydantic_config__`: a key that the shape does not have is an error.
NO_OTHER_KEYS = {"extra": "forbid"}

_UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}
_MISSING = {"missing", "missing_argument", "missing_keyword_only_argument"}

_HEADER = re.compile(r"^\s*(\[\[?)(.+?)\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*=""")


def load(path: Traversable, shape: type[T], *, named: str | None = None) -> T:
    """Read a TOML file as a value of this shape: a dataclass, or a dict of them.

    Each table below the table `named` ("" for the whole file) gets its own key as `name`. Raises
    SettingsError, which names the file, the line, what is wrong there and what is allowed.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.", "Fix the file.") from error
    if named is not None:
        rows = raw if not named else raw.get(named, {})
        for key, row in rows.items():
            if isinstance(row, dict):
                if "name" in row:
                    place = tuple(filter(None, (named, key, "name")))
                    raise fault(path, place, "'name' is the table's own; leave it out")
                row["name"] = key
    try:
        # Read as JSON, a list may stand for a tuple and still no text for a number.
        value: T = TypeAdapter(shape).validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as error:
        # A misspelled key is missing as well; that it is not known says more.
        first = min(error.errors(), key=lambda one: one["type"] not in _UNKNOWN)
        raise fault(path, first["loc"], _words(shape, first)) from error
    return value


def fault(path: Traversable, place: Place, words: str, remedy: str | None = None) -> SettingsError:
    """Make the error about a place in a file; `words` say what is wrong there."""
    line = line_of(path.read_text(encoding="utf-8-sig"), place)
    return SettingsError(f"{path}, line {line}: {words}.", remedy or "Fix that line of the file.")


def line_of(text: str, place: Place) -> int:
    """Return the line (from 1) on which a place of a TOML text begins, or the nearest around it."""
    lines: dict[Place, int] = {(): 1}
    table: Place = ()
    counts: dict[Place, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _path(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, key[1].strip("\"'")), number)
    return next(lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in lines)


def _path(dotted: str) -> Place:
    """Split a header's dotted name into its parts."""
    return tuple(part.strip(" \"'") for part in re.findall(r'"[^"]*"|\'[^\']*\'|[^.]+', dotted))


def _words(shape: Any, error: Mapping[str, Any]) -> str:
    """Say in plain words what pydantic found."""
    place, kind, value = error["loc"], error["type"], error["input"]
    if kind in _UNKNOWN:
        return f"'{place[-1]}' is not known there; known are: {', '.join(_keys(shape, place))}"
    if kind in _MISSING:
        return f"'{place[-1]}' is missing"
    if kind == "literal_error":
        return (
            f"'{value}' is not allowed for '{place[-1]}'; allowed are: {error['ctx']['expected']}"
        )
    if kind == "pattern_regex":
        return f"'{value}' is not a regular expression"
    # Of a list the key says more than the place in it.
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    message = str(error["msg"]).replace("Input should", "should", 1)
    return f"'{key}' {message}"


def _keys(shape: Any, place: Place) -> list[str]:
    """Return the keys that the shape has where the last one of `place` stands."""
    for part in place[:-1]:
        if is_dataclass(shape):
            shape = get_type_hints(shape)[str(part)]
        else:
            # dict[str, X] or tuple[X, ...]
            shape = get_args(shape)[1 if isinstance(part, str) else 0]
    return [field.name for field in fields(shape) if field.name != "name"]
