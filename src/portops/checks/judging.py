"""Make findings of one lazy validation: pandera says which rows fail, this says where and what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from pandera.errors import SchemaErrors

from portops.checks.rule import Rule, Say
from portops.checks.schema import blaming, field_of, judging_schema, value_of
from portops.results.checked import PLACE_COLUMNS
from portops.tables.columns import FIELDS
from portops.tables.findings import FIXED, ROLL_UP_ABOVE
from portops.texts import groups, matches, take

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A longer text is cut where it is shown.
_SHOWN = 200

#: The cell that a row's field is in.
CELL = ["file", "sheet", "row"]

#: Facts that every finding says something of.
_MADE_OF = {*CELL, *PLACE_COLUMNS, "number_field", "number_written", "request", "phone_number"}


def failing_of(facts: pd.DataFrame, rules: Sequence[Rule]) -> Iterator[tuple[Rule, np.ndarray]]:
    """Give the rules that do not hold everywhere, each with the places of the rows that fail."""
    try:
        judging_schema(rules).validate(facts, lazy=True, inplace=True)
    except SchemaErrors as report:
        for error in report.schema_errors:
            yield error.check.rule, np.flatnonzero(~error.check_output.to_numpy())


def _message(rule: Rule, rows: pd.DataFrame, value: pd.Series) -> pd.Series:
    """Write the rule's message for each failing row, once for each distinct filling."""
    names = [name for name in rule.names if name != "value"]
    columns = [value.fillna("nothing"), *(rows[name].astype("str").fillna("") for name in names)]
    group, first = groups(columns)
    fillings = zip(*(column.iloc[first] for column in columns), strict=True)
    written = [
        rule.fill({"value": text, **dict(zip(names, rest, strict=True))})
        for text, *rest in fillings
    ]
    return take(pd.Series(written, dtype="str"), group, rows.index)


def _cut(text: pd.Series) -> pd.Series:
    long = matches(text, f"(?s).{{{_SHOWN + 1}}}")
    return text.mask(long, text.str[:_SHOWN] + "…") if long.any() else text


def _suggestion(rule: Rule, rows: pd.DataFrame) -> pd.Series:
    """Ask the rule for its repairs, as text on the rows' own index."""
    if rule.suggest is None:
        return pd.Series(pd.NA, rows.index, dtype="str")
    repairs = rule.suggest(rows)
    if not isinstance(repairs, pd.Series) or not repairs.index.equals(rows.index):
        raise TypeError("it gives no Series on the index of the rows it was given")
    return repairs.astype("str")


def findings_of(rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
    """Make findings of rows of which the rule speaks."""
    value = _cut(value_of(rule, rows))
    with blaming(rule, "message"):
        message = _message(rule, rows, value)
    with blaming(rule, "suggest"):
        suggestion = _suggestion(rule, rows)
    return pd.DataFrame(
        {
            "code": rule.code,
            "severity": rule.severity,
            "file": rows["file"],
            "sheet": rows["sheet"],
            "row": rows["row"],
            "field": field_of(rule, rows),
            "number_field": rows["number_field"],
            **{name: rows[name] for name in PLACE_COLUMNS},
            "value": value,
            "message": message,
            "suggestion": suggestion,
            "request": rows["request"],
            "phone_number": rows["phone_number"],
        }
    )


class Repairs(NamedTuple):
    """A repair of very many cells of a sheet: how many, and the findings of the first three."""

    cells: int
    examples: pd.DataFrame

    @property
    def sheet(self) -> tuple[str, str]:
        """The file and its sheet."""
        first = self.examples.iloc[0]
        return str(first["file"]), str(first["sheet"])


def repairs_of(rule: Rule, facts: pd.DataFrame, places: np.ndarray) -> list[Repairs]:
    """Count a repair's cells by sheet."""
    sheets, firsts = groups([facts["file"].iloc[places], facts["sheet"].iloc[places]])
    by_sheet = [places[sheets == number] for number in range(len(firsts))]
    return [Repairs(len(mine), findings_of(rule, facts.iloc[mine[:3]])) for mine in by_sheet]


def rolled_up(rule: Rule, repairs: Sequence[Repairs]) -> pd.DataFrame:
    """Make one finding a sheet of a repair of very many cells, with the count and three examples."""
    lines = []
    for cells, examples in repairs:
        pairs = zip(examples["value"].fillna(""), examples["suggestion"].fillna(""), strict=True)
        shown = "; ".join(f"{old} → {new}" for old, new in pairs)
        label = FIELDS[rule.field].label
        lines.append(
            examples.iloc[[0]].assign(
                value=f"{cells:,} cells",
                message=f"{cells:,} cells of {label} were repaired, such as {shown}.",
                suggestion=shown,
                request=None,
                phone_number=None,
            )
        )
    return pd.concat(lines)


class Present:
    """Which fields have a column, or a value given for all, in which table of a sheet."""

    def __init__(self, columns: pd.DataFrame) -> None:
        self._spans: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        names = ["file", "sheet", "field", "first_row", "last_row"]
        for file, sheet, name, first, last in columns[names].itertuples(index=False, name=None):
            self._spans.setdefault((file, sheet, name), []).append((first, last))
        # Rows between the same starts and ends are of the same tables.
        edges = set(columns["first_row"]) | {last + 1 for last in columns["last_row"]}
        self._edges = np.array(sorted(edges), dtype="int64")

    def have(self, name: str, where: pd.DataFrame) -> np.ndarray:
        """Tell which of these rows (`file, sheet, row`) are in a table that has the field."""
        rows = where["row"].to_numpy(dtype="int64")
        band = pd.Series(np.searchsorted(self._edges, rows, side="right"), where.index)
        group, first = groups([where["file"], where["sheet"], band.astype("str")])
        tables = where[["file", "sheet", "row"]].iloc[first].itertuples(index=False, name=None)
        there = [
            any(top <= row <= last for top, last in self._spans.get((file, sheet, name), ()))
            for file, sheet, row in tables
        ]
        return np.array(there, dtype=bool).take(group)


def _spoken(rule: Rule, facts: pd.DataFrame, places: np.ndarray) -> np.ndarray:
    """Keep the places of which the rule speaks: each number, a row's first, or a group's first."""
    if rule.say is Say.NUMBER and rule.gather is None:
        return places
    within = CELL if rule.say is Say.ROW else list(rule.within)
    again = facts[within].iloc[places].duplicated().to_numpy()
    if rule.say is Say.NUMBER and rule.gather is not None:
        again = again & facts[rule.gather].to_numpy()[places]
    spoken: np.ndarray = places[~again]
    return spoken


def read_by(rule: Rule, facts: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that a finding of the rule is made of; its own repairs may read any."""
    if rule.suggest is not None:
        return facts
    written = [f"{what}.{rule.field}" for what in ("written", "formula_error", "placeholder")]
    names = {*_MADE_OF, *written, *rule.names}
    return facts[[name for name in facts.columns if name in names]]


def places_of(rule: Rule, facts: pd.DataFrame, failing: np.ndarray, present: Present) -> np.ndarray:
    """Return the places of the rows that fail and of which the rule speaks."""
    places = failing
    if rule.absent and rule.field != "phone_number":
        places = places[present.have(rule.field, facts[CELL].iloc[places])]
    error = f"formula_error.{rule.field}"
    if error in facts and not rule.code.startswith("workbook."):
        # One fault, one finding: the cell with the error has one already.
        places = places[facts[error].isna().to_numpy()[places]]
    silent = f"placeholder.{rule.field}"
    if silent in facts and not rule.code.startswith(("workbook.", "cell.")):
        places = places[facts[silent].isna().to_numpy()[places]]
    with blaming(rule, "within"):
        return _spoken(rule, facts, places)


def judge(
    facts: pd.DataFrame, columns: pd.DataFrame, rules: Sequence[Rule], *, keep_all: bool = False
) -> pd.DataFrame:
    """Return what the rules find in the facts, with `field` instead of column and cell.

    `columns` has `file, sheet, field, first_row, last_row`: on which rows each field has a column,
    or a value given for all. Rules about blanks are silent where there is none. Raises RuleError for a broken rule.
    """
    findings = []
    present = Present(columns)
    for rule, failing in failing_of(facts, rules):
        if rule.severity == FIXED and len(failing) > ROLL_UP_ABOVE and not keep_all:
            findings.append(rolled_up(rule, repairs_of(rule, facts, failing)))
            continue
        places = places_of(rule, facts, failing, present)
        if len(places):
            findings.append(findings_of(rule, read_by(rule, facts).iloc[places]))
    return pd.concat(findings, ignore_index=True) if findings else pd.DataFrame()
