"""Rules about numbers that were rejected before: what was refused must not come back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from portops.checks.rules.rule import Rule
from portops.facts.causes import CAUSES
from portops.redaction import Secret
from portops.texts import blank, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Causes whose columns can be compared with what was refused, and the column to point at.
COMPARED = {
    "account_number": "account_number",
    "pin": "pin",
    "customer_name": "customer_name",
    "authorized_name": "authorized_name",
    "address": "street",
    "postal_code": "postal_code",
    "billing_number": "billing_number",
    "port_date": "target_date",
    "document": "statement",
}


def derive(
    facts: pd.DataFrame, refused: pd.DataFrame | None, pins: Mapping[str, Secret]
) -> pd.DataFrame:
    """Add `unchanged` (the cause whose columns are as they were) and `refused_in` (the SID).

    `refused` has `phone_number, request_sid, cause, details` of rejected numbers; `pins` are the
    ones they were submitted with.
    """
    facts["unchanged"], facts["refused_in"] = blank(facts.index), blank(facts.index)
    if refused is None or refused.empty:
        return facts
    last = refused.drop_duplicates("phone_number", keep="last").set_index("phone_number")
    rows = np.flatnonzero(facts["phone_number"].isin(last.index).to_numpy())
    if not len(rows):
        return facts
    mine = facts.iloc[rows]
    before = last.loc[mine["phone_number"]]
    cause = before["cause"].to_numpy(dtype=object)
    same = np.zeros(len(rows), dtype=bool)
    for name in set(cause) & (set(COMPARED) - {"document"}):
        here = cause == name
        same[here] = _same(mine[here], before[here], CAUSES[name].fields, pins)
    facts.iloc[rows, facts.columns.get_loc("refused_in")] = before["request_sid"].to_numpy()
    facts.iloc[rows[same], facts.columns.get_loc("unchanged")] = cause[same]
    return facts


def _same(
    mine: pd.DataFrame, before: pd.DataFrame, fields: tuple[str, ...], pins: Mapping[str, Secret]
) -> np.ndarray:
    same = np.ones(len(mine), dtype=bool)
    for name in fields:
        if name == "pin":
            kept = mine["phone_number"].map(dict(pins))
            same &= np.array(
                [
                    isinstance(now, Secret) and now == then
                    for now, then in zip(mine["pin"], kept, strict=True)
                ]
            )
            continue
        then = pd.Series([_text(each.get(name)) for each in before["details"]], dtype="str")
        now = fold(mine[name].reset_index(drop=True)).fillna("")
        same &= (now == fold(then).fillna("")).to_numpy()
    return same


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def statements(
    facts: pd.DataFrame, refused: pd.DataFrame | None, content: Callable[[str], str | None]
) -> pd.DataFrame:
    """Mark the statements that were refused and are the same file still.

    `content` gives the digest of a statement's file by its name in the workbook.
    """
    if refused is None or refused.empty:
        return facts
    wanted = refused[refused["cause"] == "document"].drop_duplicates("phone_number", keep="last")
    then = {
        number: _text(details.get("statement_content"))
        for number, details in zip(wanted["phone_number"], wanted["details"], strict=True)
    }
    rows = np.flatnonzero(facts["phone_number"].isin(list(then)).to_numpy())
    place = facts.columns.get_loc("unchanged")
    for row in rows:
        name = facts["statement"].iloc[row]
        if isinstance(name, str) and content(name) == then[facts["phone_number"].iloc[row]] != "":
            facts.iloc[row, place] = "document"
    return facts


def _unchanged(cause: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda facts: facts["unchanged"] != cause


RULES = tuple(
    Rule(
        code="correction.unchanged",
        field=field,
        holds=_unchanged(cause),
        message=f"'{{value}}' is what request {{refused_in}} was rejected for "
        f"({CAUSES[cause].label.lower()}), and it is as it was. {CAUSES[cause].fix}",
    )
    for cause, field in COMPARED.items()
)
