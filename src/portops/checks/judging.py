"""Apply the rules: pandera says what is wrong, this says where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from portops.checks.rules import RULES
from portops.redaction import MASK
from portops.tables.columns import FIELDS, SECRET_FIELDS
from portops.tables.findings import ROLL_UP_ABOVE
from portops.texts import groups, matches, take

if TYPE_CHECKING:
    from portops.checks.rules.rule import Rule


def _name(rule: Rule) -> str:
    return f"{rule.code}|{rule.field}|{rule.severity}"


def _failing(facts: pd.DataFrame) -> list[tuple[Rule, pd.Series]]:
    """Return the rules that do not hold everywhere, each with its mask of failing rows."""
    named = {_name(rule): rule for rule in RULES}
    schema = pa.DataFrameSchema(
        checks=[
            # One failure case is enough of pandera's own report; the mask has all rows.
            pa.Check(rule.holds, name=name, ignore_na=False, n_failure_cases=1)
            for name, rule in named.items()
        ]
    )
    try:
        schema.validate(facts, lazy=True, inplace=True)
    except SchemaErrors as report:
        failing = []
        for error in report.schema_errors:
            if not isinstance(error.check_output, pd.Series):  # a rule itself broke
                raise error from None
            failing.append((named[error.check.name], ~error.check_output.astype(bool)))
        order = {name: position for position, name in enumerate(named)}
        return sorted(failing, key=lambda each: order[_name(each[0])])
    return []


def _say(rule: Rule, rows: pd.DataFrame, value: pd.Series) -> pd.Series:
    """Write the rule's message for each failing row, once for each distinct filling."""
    names = [name for name in re.findall(r"\{([\w.]+)\}", rule.message) if name != "value"]
    columns = [value.fillna("nothing"), *(rows[name].astype("str").fillna("") for name in names)]
    group, first = groups(columns)
    some = [column.iloc[first] for column in columns]
    said = pd.Series(
        [
            rule.message.format(value=each, **dict(zip(names, rest, strict=True)))
            for each, *rest in zip(*some, strict=True)
        ],
        dtype="str",
    )
    return take(said, group, rows.index)


#: A longer text is cut where it is shown.
_SHOWN = 200


def _written(rule: Rule, rows: pd.DataFrame) -> pd.Series:
    if f"shown.{rule.field}" in rows and rule.code == "workbook.formula_error":
        return rows[f"shown.{rule.field}"]
    if rule.field == "phone_number":
        return _cut(rows["number_written"])
    column = rows[f"written.{rule.field}"]
    if rule.field in SECRET_FIELDS:
        return column.map(lambda secret: MASK, na_action="ignore").astype("str")
    return _cut(column)


def _cut(text: pd.Series) -> pd.Series:
    long = matches(text, f"(?s).{{{_SHOWN + 1}}}")
    return text.mask(long, text.str[:_SHOWN] + "…") if long.any() else text


def _findings_of(rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
    value = _written(rule, rows)
    return pd.DataFrame(
        {
            "code": rule.code,
            "severity": rule.severity,
            "file": rows["file"],
            "sheet": rows["sheet"],
            "row": rows["row"],
            "field": rows["number_field"] if rule.field == "phone_number" else rule.field,
            "number_field": rows["number_field"],
            "value": value,
            "message": _say(rule, rows, value),
            "suggestion": rule.suggest(rows) if rule.suggest else pd.NA,
            "request": rows["request"],
            "phone_number": rows["phone_number"],
        }
    )


def _rolled_up(rule: Rule, facts: pd.DataFrame, mask: pd.Series) -> pd.DataFrame:
    """Say a repair of very many cells once a sheet, with the count and three examples."""
    said = []
    places = np.flatnonzero(mask)
    sheets, firsts = groups([facts["file"].iloc[places], facts["sheet"].iloc[places]])
    for number in range(len(firsts)):
        mine = places[sheets == number]
        sheet, first = mine, facts.iloc[mine[:3]]
        one = _findings_of(rule, first)
        pairs = zip(one["value"].fillna(""), one["suggestion"].fillna(""), strict=True)
        shown = "; ".join(f"{old} → {new}" for old, new in pairs)
        label = FIELDS[rule.field].label
        line = one.iloc[[0]].assign(
            value=f"{len(sheet):,} cells",
            message=f"{len(sheet):,} cells of {label} were repaired, such as {shown}.",
            suggestion=shown,
            request=pd.NA,
            phone_number=pd.NA,
        )
        said.append(line)
    return pd.concat(said)


def _has_column(rule: Rule, where: pd.DataFrame, there: set[tuple[str, str, str]]) -> np.ndarray:
    """Tell which rows stand on a sheet that has the rule's column."""
    group, first = groups([where["file"], where["sheet"]])
    some = where.iloc[first].itertuples(index=False, name=None)
    known = np.array([(file, sheet, rule.field) in there for file, sheet in some], dtype=bool)
    return known.take(group)


def judge(facts: pd.DataFrame, columns: pd.DataFrame, *, keep_all: bool = False) -> pd.DataFrame:
    """Return what the rules find, with `field` instead of column and cell.

    `columns` has `file`, `sheet`, `field`: where each field has a column, or a value given for
    all. Rules about blanks are silent where there is none.
    """
    found = []
    there = set(columns[["file", "sheet", "field"]].itertuples(index=False, name=None))
    for rule, mask in _failing(facts):
        if rule.severity == "fixed" and mask.sum() > ROLL_UP_ABOVE and not keep_all:
            found.append(_rolled_up(rule, facts, mask))
            continue
        places = np.flatnonzero(mask)
        if rule.absent and rule.field != "phone_number":
            places = places[_has_column(rule, facts.iloc[places][["file", "sheet"]], there)]
        rows = facts.iloc[places]
        broken = f"formula_error.{rule.field}"
        if broken in rows and not rule.code.startswith("workbook."):
            # One fault, one finding: the cell with the error is said already.
            rows = rows[~rows[broken]]
        if rule.field != "phone_number":
            # Several numbers of one row share the cell that is pointed at.
            shared = ["file", "sheet", "row"]
            rows = rows[~rows.duplicated([*shared, "phone_number"] if rule.each else shared)]
        if rule.once is not None:
            # What is wrong with the whole of a request is said at its first row.
            whole = rows[rule.once] if rule.once else pd.Series(data=True, index=rows.index)
            rows = rows[~(whole & rows.duplicated(list(rule.within)))]
        if not rows.empty:
            found.append(_findings_of(rule, rows))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()
