"""Rules about numbers that were rejected before: what was refused must not come back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from portops.checks.rule import Column, Rule
from portops.checks.step import Columns, Given, Step
from portops.facts.causes import CAUSES
from portops.redaction import Secret
from portops.texts import blank, fold

if TYPE_CHECKING:
    from collections.abc import Mapping

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


#: The fields that are compared.
_FIELDS = tuple(dict.fromkeys(name for cause in COMPARED for name in CAUSES[cause].fields))


def _corrections(facts: pd.DataFrame, given: Given) -> Columns:
    """Name the cause whose fields are as they were, and the request that was rejected for it."""
    unchanged, refused_in = blank(facts.index), blank(facts.index)
    if given.refused is None or given.refused.empty:
        return {"unchanged": unchanged, "refused_in": refused_in}
    last = given.refused.drop_duplicates("phone_number", keep="last").set_index("phone_number")
    mine = facts[facts["phone_number"].isin(last.index)]
    before = last.loc[mine["phone_number"]]
    cause = before["cause"].to_numpy(dtype=object)
    same = np.zeros(len(mine), dtype=bool)
    for name in set(cause) & (set(COMPARED) - {"document"}):
        here = cause == name
        same[here] = _same(mine[here], before[here], CAUSES[name].fields, given.pins)
    causes = pd.Series(cause, mine.index).where(same)
    document = _same_document(facts, given)
    causes = causes.reindex(facts.index).mask(document, "document")
    sids = pd.Series(before["request_sid"].to_numpy(), mine.index)
    return {
        "unchanged": causes.astype("str"),
        "refused_in": sids.reindex(facts.index).astype("str"),
    }


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
                ],
                dtype=bool,
            )
            continue
        then = pd.Series([_text(details.get(name)) for details in before["details"]], dtype="str")
        now = fold(mine[name].reset_index(drop=True)).fillna("")
        same &= (now == fold(then).fillna("")).to_numpy()
    return same


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _same_document(facts: pd.DataFrame, given: Given) -> np.ndarray:
    """Tell which rows name a statement that was refused and is the same file still."""
    same = np.zeros(len(facts), dtype=bool)
    if given.refused is None or given.documents is None:
        return same
    wanted = given.refused[given.refused["cause"] == "document"]
    wanted = wanted.drop_duplicates("phone_number", keep="last").set_index("phone_number")
    before = facts["phone_number"].map(
        wanted["details"].map(lambda details: _text(details.get("statement_content")))
    )
    rows = np.flatnonzero((before.notna() & facts["statement"].notna() & (before != "")).to_numpy())
    names = facts["statement"].iloc[rows]
    now = {name: given.documents.digest(name) for name in names.unique()}
    same[rows] = (names.map(now) == before.iloc[rows]).to_numpy()
    return same


CORRECTIONS = Step(
    reads=tuple(dict.fromkeys(("phone_number", "statement", *_FIELDS))),
    adds=("unchanged", "refused_in"),
    derive=_corrections,
)


def _unchanged(cause: str) -> Column:
    return lambda facts: facts["unchanged"] != cause


RULES = tuple(
    Rule(
        code="correction.unchanged",
        severity="error",
        meaning="resubmitted with the refused field as it was",
        field=field,
        holds=_unchanged(cause),
        message=f"'{{value}}' is what request {{refused_in}} was rejected for "
        f"({CAUSES[cause].label.lower()}), and it is as it was. {CAUSES[cause].fix}",
    )
    for cause, field in COMPARED.items()
)
