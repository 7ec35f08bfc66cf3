"""What publishing gives: where a report was written, and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portops.errors import ReportError

if TYPE_CHECKING:
    from pathlib import Path

    from portops.results.figures import Figures

#: What is wrong with a notebook without figures, and what to do.
NO_FIGURES = (
    "The notebook shows no figures.",
    "Let one of its cells end with the figures.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Where a report was written; `shown` is None where a notebook of one's own has no figures."""

    name: str
    title: str
    shown: Figures | None
    files: tuple[Path, ...]

    @property
    def figures(self) -> Figures:
        """The figures; raises ReportError where the notebook shows none."""
        if self.shown is None:
            raise ReportError(*NO_FIGURES)
        return self.shown

    @property
    def html(self) -> Path:
        """The page."""
        return next(path for path in self.files if path.suffix == ".html")

    def as_json(self) -> dict[str, Any]:
        """Return the figures as plain values, and the files."""
        shown = self.shown.as_json() if self.shown is not None else {}
        return {**shown, "files": [str(path) for path in self.files]}
