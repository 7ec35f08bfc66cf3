"""Rules about the telephone number and the kind of line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from portops.checks.rules.rule import Rule, suggestion
from portops.facts import nanp
from portops.texts import arrow, blank, by_distinct, matches

_LANDLINE = (
    "landline",
    "land line",
    "land",
    "wireline",
    "wired",
    "fixed",
    "fixed line",
    "local",
    "pots",
    "voip",
    "business line",
    "l",
    "ll",
)
_WIRELESS = (
    "wireless",
    "mobile",
    "cell",
    "cellular",
    "cell phone",
    "cellphone",
    "mobile phone",
    "w",
    "m",
    "c",
)
_LINE_WORDS = dict.fromkeys(_LANDLINE, "landline") | dict.fromkeys(_WIRELESS, "wireless")

#: Kinds that may be submitted.
_MOVABLE = ("ok", "territory", "fictional")


def derive(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `phone_number`, `kind`, `readable`, `line_type` and `billing_number`."""
    read = nanp.classify(facts["number_text"])
    facts["kind"] = read["kind"]
    facts["readable"] = read["phone_number"]
    unread = facts["kind"].isin(["invalid", "missing"])
    facts["phone_number"] = (
        read["phone_number"].where(~unread) if unread.any() else facts["readable"]
    )
    facts = by_distinct(facts, ["written.line_type"], _line_types)
    return by_distinct(facts, ["written.billing_number"], _billing_numbers)


def _line_types(facts: pd.DataFrame) -> pd.DataFrame:
    words = facts["written.line_type"].str.lower().str.strip(" .")
    singular = words.str.removesuffix("s").map(_LINE_WORDS)
    facts["line_type"] = words.map(_LINE_WORDS).fillna(singular).astype("str")
    return facts


def _billing_numbers(facts: pd.DataFrame) -> pd.DataFrame:
    facts["billing_number"] = facts["written.billing_number"]
    known = facts["billing_number"].notna()
    if known.any():
        btn = nanp.classify(facts.loc[known, "billing_number"])["phone_number"]
        facts.loc[known, "billing_number"] = btn.fillna(facts.loc[known, "billing_number"])
    return facts


def twice(facts: pd.DataFrame) -> pd.Series:
    """Tell which rows have a number that stands more than once."""
    digits = pc.utf8_slice_codeunits(arrow(facts["phone_number"]), 1)
    numbers = pd.Series(np.asarray(pc.fill_null(pc.cast(digits, pa.int64()), 0)), facts.index)
    return numbers.duplicated(keep=False) & (numbers != 0)


def in_progress(facts: pd.DataFrame, open_numbers: pd.DataFrame) -> pd.DataFrame:
    """Add `open_in`: the SID of another account's open request with the same number.

    `open_numbers` has `phone_number`, `request_sid` and `account` (as `grouping.account_key`).
    """
    facts["open_in"] = blank(facts.index)
    hit = facts["phone_number"].isin(open_numbers["phone_number"])
    if hit.any():
        known = open_numbers.drop_duplicates("phone_number").set_index("phone_number")
        mine = facts.loc[hit]
        other = mine["phone_number"].map(known["account"]) != mine["account"]
        sid = mine["phone_number"].map(known["request_sid"]).where(other)
        facts.loc[hit, "open_in"] = sid.astype("str")
    return facts


def _kind(code: str, kind: str, message: str, **options: object) -> Rule:
    return Rule(
        code=f"number.{code}",
        field="phone_number",
        holds=lambda facts: facts["kind"] != kind,
        message=message,
        **options,  # type: ignore[arg-type]
    )


RULES = (
    _kind(
        "missing",
        "missing",
        "There is no telephone number. Write one, or delete the row.",
        absent=True,
    ),
    _kind(
        "invalid",
        "invalid",
        "'{value}' is not a valid US telephone number. Compare it with the statement.",
        suggest=lambda facts: facts["readable"].where(
            matches(facts["readable"], r"^\+1[2-9]\d{9}$")
        ),
    ),
    _kind(
        "not_us",
        "not_us",
        "'{value}' belongs to another country and cannot be ported as a US number.",
    ),
    _kind(
        "territory",
        "territory",
        "'{value}' is a number of a US territory; few providers port these. Ask yours first.",
    ),
    _kind(
        "toll_free",
        "toll_free",
        "'{value}' is toll-free: these move through the RespOrg, not by a port-in request.",
    ),
    _kind("premium", "premium", "'{value}' is a premium or personal number and cannot be ported."),
    _kind("fictional", "fictional", "'{value}' is set aside for fiction: fine in samples only."),
    _kind(
        "extension",
        "extension",
        "'{value}' names an extension. Only the number itself can be ported; give the main "
        "number a row of its own.",
        suggest=suggestion("phone_number"),
    ),
    Rule(
        code="number.reformatted",
        field="phone_number",
        holds=lambda facts: (
            ~facts["kind"].isin(_MOVABLE)
            | facts["from_range"]
            | (facts["number_text"] == facts["phone_number"])
        ),
        message="'{value}' is read as a US number.",
        suggest=suggestion("phone_number"),
    ),
    Rule(
        code="number.range_expanded",
        field="phone_number",
        holds=lambda facts: ~facts["from_range"],
        message="'{value}' is a range; this is one of its numbers.",
        suggest=suggestion("phone_number"),
    ),
    Rule(
        code="number.duplicate",
        field="phone_number",
        holds=lambda facts: facts["twice"].isna(),
        message="'{value}' stands more than once: {twice}. Keep one of them.",
    ),
    Rule(
        code="number.in_progress",
        field="phone_number",
        holds=lambda facts: facts["open_in"].isna(),
        message="'{value}' is already in the open request {open_in} of another account.",
    ),
    Rule(
        code="line_type.missing",
        field="line_type",
        holds=lambda facts: facts["line_type"].notna() | (facts["kind"] == "missing"),
        message="Neither landline nor wireless (found: '{value}'). Write one of the two.",
        absent=True,
    ),
)
