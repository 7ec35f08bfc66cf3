"""What rules find in parts of a batch, and how that becomes the findings of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from portops.checks.judging import (
    CELL,
    Present,
    Repairs,
    failing_of,
    findings_of,
    places_of,
    read_by,
    repairs_of,
    rolled_up,
)
from portops.checks.rule import Say
from portops.tables.findings import FIXED, ROLL_UP_ABOVE

if TYPE_CHECKING:
    import numpy as np

    from portops.checks.rule import Rule


class Judged(NamedTuple):
    """What one rule finds in a part of a batch.

    `rule` is its place among the rules, `failing` how many rows fail; `findings` (None where there
    are too many repairs to list) have the `_key` of what the rule speaks of, and whether it does
    so `_once`.
    """

    rule: int
    failing: int
    findings: pd.DataFrame | None
    repairs: list[Repairs]


def key_of(rule: Rule, facts: pd.DataFrame, places: np.ndarray) -> pd.Series:
    """Return what a rule speaks of once only, as a text; missing where it speaks of every row."""
    rows = facts.iloc[places]
    if rule.say is Say.NUMBER and rule.gather is None:
        return pd.Series(None, rows.index, dtype="str")
    key = pd.Series("", rows.index, dtype="str")
    for name in CELL if rule.say is Say.ROW else rule.within:
        key = key + rows[name].astype("str").fillna("\0") + "\x1f"
    return key


def _listed(rule: Rule, facts: pd.DataFrame, places: np.ndarray) -> pd.DataFrame:
    rows = read_by(rule, facts).iloc[places]
    once = rule.say is not Say.NUMBER
    if not once and rule.gather is not None:
        once = facts[rule.gather].to_numpy()[places]
    return findings_of(rule, rows).assign(_key=key_of(rule, facts, places), _once=once)


def judge_part(
    facts: pd.DataFrame, columns: pd.DataFrame, rules: Sequence[Rule], *, keep_all: bool = False
) -> list[Judged]:
    """Return what each rule finds in a part of a batch; `together` makes findings of all parts."""
    judged = []
    present = Present(columns)
    for rule, failing in failing_of(facts, rules):
        repairs = []
        if rule.severity == FIXED and not keep_all:
            repairs = repairs_of(rule, facts, failing)
        findings = None
        if not repairs or len(failing) <= ROLL_UP_ABOVE:
            places = places_of(rule, facts, failing, present)
            findings = _listed(rule, facts, places) if len(places) else pd.DataFrame()
        judged.append(Judged(rules.index(rule), len(failing), findings, repairs))
    return judged


def together(parts: Sequence[Sequence[Judged]], rules: Sequence[Rule]) -> pd.DataFrame:
    """Make the findings of a batch of what was found in its parts, as `judge` makes them of all."""
    by_rule: dict[int, list[Judged]] = {}
    for part in parts:
        for judged in part:
            by_rule.setdefault(judged.rule, []).append(judged)
    findings = []
    for place in sorted(by_rule):
        own = by_rule[place]
        if any(one.repairs for one in own) and sum(one.failing for one in own) > ROLL_UP_ABOVE:
            findings.append(rolled_up(rules[place], _of_sheets(own)))
            continue
        tables = [one.findings for one in own if one.findings is not None and len(one.findings)]
        if not tables:
            continue
        table = pd.concat(tables, ignore_index=True)
        again = table["_once"] & table["_key"].duplicated()
        findings.append(table[~again].drop(columns=["_key", "_once"]))
    return pd.concat(findings, ignore_index=True) if findings else pd.DataFrame()


def _of_sheets(parts: Sequence[Judged]) -> list[Repairs]:
    """Add up the repairs of each sheet, in the order of the sheets."""
    sheets: dict[tuple[str, str], Repairs] = {}
    for judged in parts:
        for repairs in judged.repairs:
            before = sheets.get(repairs.sheet)
            if before is None:
                sheets[repairs.sheet] = repairs
                continue
            examples = pd.concat([before.examples, repairs.examples]).head(3)
            sheets[repairs.sheet] = Repairs(before.cells + repairs.cells, examples)
    return list(sheets.values())
