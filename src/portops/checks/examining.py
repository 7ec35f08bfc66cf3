"""Examine what intake has read: derive the facts, look at statements, apply every rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops import tables
from portops.checks.columns import column_findings
from portops.checks.facts import derive, repaired, with_documents, written
from portops.checks.judging import judge
from portops.checks.merging import together
from portops.checks.passes import Engine, Parts, Ruling, cut, know
from portops.checks.rulebook import codes, rules
from portops.checks.statements import folder_of
from portops.checks.step import Given
from portops.checks.supplied import AnySchema, supplied_codes, supplied_findings
from portops.errors import InputError
from portops.redaction import Recall, forgotten
from portops.results.checked import Checked, cells_of
from portops.tables.findings import tidy

if TYPE_CHECKING:
    from portops.checks.rule import Rule
    from portops.checks.step import Kept
    from portops.facts.limits import Limits
    from portops.redaction import Secret
    from portops.results.reading import Reading


#: Where our own rules are; they say themselves where they look at other rows.
_OURS = "portops.checks."

#: No sheet has so many rows.
MOST_ROWS = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """How to check.

    `limits` are the provider's; `documents` is the folder of statements (default: beside each
    workbook); `fill` are the fields that reading gave a value where blank; `keep_all` does not roll
    up repairs; `as_of` stands for today. Of the store: `open_numbers` (`phone_number, request_sid,
    account`), `refused` numbers (`phone_number, request_sid, cause, details`), the `pins` these
    were submitted with, `recall` for the kept PINs of masked cells, and statements `kept` from
    being read before. Of the caller: a pandera `schema` of NUMBERS, and `rules` beside ours.
    """

    limits: Limits
    documents: Path | None = None
    fill: Mapping[str, str] = field(default_factory=dict)
    keep_all: bool = False
    open_numbers: pd.DataFrame | None = None
    refused: pd.DataFrame | None = None
    pins: Mapping[str, Secret] = field(default_factory=dict)
    recall: Recall = forgotten
    kept: Kept | None = None
    as_of: date | None = None
    schema: AnySchema | None = None
    rules: Sequence[Rule] = ()


def _given(reading: Reading, options: CheckOptions) -> Given:
    folder_of(options.documents)
    return Given(
        limits=options.limits,
        today=options.as_of or date.today(),  # noqa: DTZ011 - the analyst's own day
        mapping=reading.mapping,
        open_numbers=options.open_numbers,
        refused=options.refused,
        pins=options.pins,
        recall=options.recall,
        kept=options.kept,
    )


def _present(reading: Reading, fill: Mapping[str, str]) -> pd.DataFrame:
    """Return which fields have a column, or a value given for all, on which rows of a sheet."""
    filled = reading.mapping[["file", "sheet"]].drop_duplicates()
    filled = filled.merge(pd.DataFrame({"field": list(fill)}, dtype=object), how="cross")
    # A value that is given for all is there from the first row to the last.
    filled = filled.assign(first_row=0, last_row=MOST_ROWS)
    return pd.concat([reading.fields[list(filled.columns)], filled], ignore_index=True)


def _place(findings: pd.DataFrame, mapping: pd.DataFrame) -> pd.DataFrame:
    """Give findings their column and cell; a field without a column points at the number's."""
    own = cells_of(findings, mapping, findings["field"])
    number_cell = cells_of(findings, mapping, findings["number_field"])
    lost = own["column"].isna()
    own[lost] = number_cell[lost]
    row = findings["row"].astype("Int64")
    elsewhere = own["cell_row"].notna() & (own["cell_row"] != row)
    sheet = own["cell"].str.rpartition("!")[0]
    placed = findings.assign(
        column=own["column"],
        cell=own["cell"],
        row=row.where(~elsewhere, own["cell_row"]),
        sheet=findings["sheet"].where(~(elsewhere & sheet.notna()), sheet),
    )
    # The cell of a block, or of another sheet's row, stands for many numbers: it speaks once.
    again = elsewhere & placed.duplicated(["code", "file", "cell", "value"])
    return placed[~again]


def examine(reading: Reading, options: CheckOptions) -> Checked:
    """Check what was read, as one batch: whatever is wrong in it is a finding.

    Raises InputError when the documents folder does not exist, SettingsError for a broken rule.
    """
    given = _given(reading, options)
    facts = written(reading.numbers)
    given = with_documents(facts, given, options.documents)
    facts = derive(facts, given)
    applied = rules(options.rules)
    findings = judge(facts, _present(reading, options.fill), applied, keep_all=options.keep_all)
    numbers = repaired(facts)
    parts = [findings]
    if options.schema is not None:
        parts.append(supplied_findings(options.schema, numbers, facts))
    table = _table(parts, reading, options)
    return Checked(numbers=numbers, findings=table, **_about(reading, options, given, table))


def in_one_piece(options: CheckOptions) -> bool:
    """Tell whether somebody else's rules or schema are asked for, which may look at all rows."""
    return options.schema is not None or any(
        not rule.module.startswith(_OURS) for rule in rules(options.rules)
    )


def examine_parts(
    parts: Parts,
    reading: Reading,
    options: CheckOptions,
    keep: Callable[[pd.DataFrame], None],
    engine: Engine,
) -> dict[str, Any]:
    """Check a batch in parts; the findings are those of `examine`, row for row.

    The numbers of `reading` are not looked at. `keep` is given each part's NUMBERS, repaired, in
    their order; `engine` works on the parts. Returns everything of a `Checked` but the numbers.
    Raises as `examine` does, and InputError for somebody else's rules, which may look at all rows.
    """
    if in_one_piece(options):
        raise InputError(
            "A schema or rules of your own may look at all rows at once.",
            "Check without an engine, or without them.",
        )
    ruling = Ruling(rules(options.rules), _present(reading, options.fill), options.keep_all)
    told, given = know(parts, _given(reading, options), options.documents, engine)
    judged = []
    for found_here, numbers in engine.judge(parts, given, told, ruling):
        judged.append(found_here)
        keep(numbers)
    table = _table([together(judged, ruling.rules)], reading, options)
    return {"findings": table, **_about(reading, options, given, table)}


def examine_with(engine: Engine, reading: Reading, options: CheckOptions, count: int) -> Checked:
    """Check what was read in so many parts, on which an engine works; raises as `examine_parts`."""
    kept: list[pd.DataFrame] = []
    about = examine_parts(cut(reading.numbers, count), reading, options, kept.append, engine)
    return Checked(numbers=pd.concat(kept, ignore_index=True), **about)


def _table(
    findings: Sequence[pd.DataFrame], reading: Reading, options: CheckOptions
) -> pd.DataFrame:
    """Make FINDINGS of what was found in rows and columns."""
    parts = [column_findings(reading, options.fill), *findings]
    located = [
        _place(part, reading.mapping) if "number_field" in part else part
        for part in parts
        if not part.empty
    ]
    everything = pd.concat(located) if located else pd.DataFrame()
    table: pd.DataFrame = tables.FINDINGS.validate(tidy(everything, codes(options.rules)))
    return table


def _about(
    reading: Reading, options: CheckOptions, given: Given, table: pd.DataFrame
) -> dict[str, Any]:
    """Return how the workbooks were understood, and what the codes of the findings mean."""
    return {
        "workbooks": tuple(original.name for original in reading.originals),
        "mapping": reading.mapping,
        "rows": reading.rows,
        "skipped": reading.skipped,
        "sheets": reading.sheets,
        "profiles": reading.profiles,
        "documents": given.documents.paths if given.documents else {},
        "originals": reading.originals,
        "codes": {**codes(options.rules), **supplied_codes(table)},
    }
