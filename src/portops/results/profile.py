"""A profile: how one sender's workbooks are read, and what became of it on a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: The name that no profile has: `--profile none` reads a workbook without one.
NO_PROFILE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How a sender's workbooks are read.

    `columns` map titles to fields, or to `ignore`, or to `contents` where the title alone does not
    tell; `given` is what `--map` named, `fill` what `--set` gave; `shape` is how the tables lie.
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, str] = field(default_factory=dict)
    shape: str = ""

    @property
    def titles(self) -> dict[str, str]:
        """Every title that it has seen, with its field."""
        return {**self.columns, **self.given}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileUse:
    """What became of a profile on one workbook.

    `chosen` is `named` or `found`; a profile that was not `applied` only came near. `gone` are its
    titles that the workbook does not have, `new` those of the workbook that it does not have, with
    the field they look like. `unset` are its `--set` values that were not used; `rivals` are other
    profiles that fit alike.
    """

    file: str
    name: str
    chosen: str
    applied: bool
    gone: tuple[str, ...] = ()
    new: tuple[tuple[str, str | None], ...] = ()
    shape: str = ""
    shape_now: str = ""
    set: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "file": self.file,
            "profile": self.name,
            "chosen": self.chosen,
            "applied": self.applied,
            "missing": list(self.gone),
            "new": [{"header": title, "field": name} for title, name in self.new],
            "shape": self.shape,
            "shape_now": self.shape_now,
            "set": list(self.set),
            "unset": list(self.unset),
            "rivals": list(self.rivals),
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """Say in sentences what became of it, what is missing and what is new."""
        if self.rivals:
            others = ", ".join((self.name, *self.rivals))
            words = f"{self.file} fits several profiles alike: {others}. None was used."
            return (f"{words} Choose one with --profile.",)
        if not self.applied:
            head = (
                f"{self.file} is close to profile '{self.name}', but its layout has changed, so the "
                f"profile was not used. Apply it with --profile {self.name}."
            )
        elif self.chosen == "found":
            head = (
                f"{self.file} fits profile '{self.name}' and was read with it. "
                f"Read it without one with --profile {NO_PROFILE}."
            )
        else:
            head = f"{self.file} was read with profile '{self.name}'."
        return (head, *self._details())

    def _details(self) -> list[str]:
        lines = []
        if self.applied and self.set:
            lines.append(f"  Filled in where blank, from the profile: {', '.join(self.set)}.")
        if self.unset:
            texts = ", ".join(self.unset)
            lines.append(
                f"  Not filled in, because these titles fit anyone's workbook: {texts}. "
                f"Use --profile {self.name} to fill them in."
            )
        if self.gone:
            lines.append(f"  Missing in this workbook: {', '.join(map(repr, self.gone))}.")
        if self.new:
            titles = ", ".join(
                f"{title!r}" + (f" (looks like {name})" if name else "") for title, name in self.new
            )
            lines.append(f"  New in this workbook: {titles}.")
        if self.applied and self.shape_now and self.shape and self.shape != self.shape_now:
            lines.append(f"  Its layout was '{self.shape}' and is '{self.shape_now}' now.")
        return lines
