"""Reading and examining in one call, until the doors make both calls themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portops.checks.examining import CheckOptions, examine
from portops.facts.limits import limits_of
from portops.intake.sources import ReadOptions, Source, read, read_sources, several
from portops.workbooks.results import write_results

if TYPE_CHECKING:
    import pandas as pd

    from portops.checks.rule import Rule
    from portops.redaction import Secret
    from portops.results.checked import Checked

__all__ = ["Options", "check", "check_sources", "read", "write_results"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to read and check: see `ReadOptions` and `CheckOptions`; `provider` decides the limits."""

    sheet: str | None = None
    documents: Path | None = None
    provider: str = "sandbox"
    given: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, str] = field(default_factory=dict)
    keep_all: bool = False
    open_numbers: pd.DataFrame | None = None
    refused: pd.DataFrame | None = None
    pins: Mapping[str, Secret] = field(default_factory=dict)
    as_of: date | None = None
    schema: Any = None
    rules: Sequence[Rule] = ()


def check_sources(sources: Sequence[Source], options: Options | None = None) -> Checked:
    """Check workbooks, or tables with their own headers, as one batch."""
    options = options or Options()
    limits = limits_of(options.provider)
    reading = read_sources(
        sources, ReadOptions(sheet=options.sheet, given=options.given, fill=options.fill)
    )
    return examine(
        reading,
        CheckOptions(
            limits=limits,
            documents=options.documents,
            fill=options.fill,
            keep_all=options.keep_all,
            open_numbers=options.open_numbers,
            refused=options.refused,
            pins=options.pins,
            as_of=options.as_of,
            schema=options.schema,
            rules=options.rules,
        ),
    )


def check(source: Source | Sequence[Source], **options: Any) -> Checked:
    """Check a workbook, a table with its own headers, or several as one batch."""
    if isinstance(options.get("documents"), str):
        options["documents"] = Path(options["documents"])
    return check_sources(several(source), Options(**options))
