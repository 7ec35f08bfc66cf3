"""Rules about the telephone number and the kind of line."""

from __future__ import annotations

import pandas as pd

from portops import nanp
from portops.check.rules.rule import Rule, matches, suggestion
from portops.grouping import account_key

_LANDLINE = (
    "landline", "land line", "land", "wireline", "wired", "fixed", "fixed line", "local", "pots",
    "voip", "business line", "l", "ll",
)  # fmt: skip
_WIRELESS = (
    "wireless", "mobile", "cell", "cellular", "cell phone", "cellphone", "mobile phone", "w", "m",
    "c",
)  # fmt: skip
_LINE_WORDS = dict.fromkeys(_LANDLINE, "landline") | dict.fromkeys(_WIRELESS, "wireless")

#: Kinds that may be submitted.
_MOVABLE = ("ok", "territory", "fictional")


def derive(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `phone_number`, `kind`, `readable`, `line_type` and where a number stands twice."""
    read = nanp.classify(facts["number_text"])
    facts["kind"] = read["kind"]
    facts["readable"] = read["phone_number"]
    facts["phone_number"] = read["phone_number"].where(~read["kind"].isin(["invalid", "missing"]))
    words = facts["written.line_type"].str.lower().str.strip(" .")
    singular = words.str.removesuffix("s").map(_LINE_WORDS)
    facts["line_type"] = words.map(_LINE_WORDS).fillna(singular).astype("str")
    facts["billing_number"] = facts["written.billing_number"]
    known = facts["billing_number"].notna()
    if known.any():
        btn = nanp.classify(facts.loc[known, "billing_number"])["phone_number"]
        facts.loc[known, "billing_number"] = btn.fillna(facts.loc[known, "billing_number"])
    return facts


def places_of_duplicates(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `twice`: all cells in which the row's number stands, when it stands more than once."""
    twice = facts["phone_number"].notna() & facts["phone_number"].duplicated(keep=False)
    facts["twice"] = pd.Series(pd.NA, facts.index, dtype="str")
    if twice.any():
        cells = facts.loc[twice, "number_cell"].groupby(facts.loc[twice, "phone_number"])
        facts.loc[twice, "twice"] = cells.transform(", ".join)
    return facts


def in_progress(facts: pd.DataFrame, open_numbers: pd.DataFrame) -> pd.DataFrame:
    """Add `open_in`: the SID of another account's open request with the same number.

    `open_numbers` has `phone_number`, `request_sid` and `account` (as `grouping.account_key`).
    """
    known = open_numbers.drop_duplicates("phone_number").set_index("phone_number")
    sid = facts["phone_number"].map(known["request_sid"])
    theirs = facts["phone_number"].map(known["account"])
    facts["open_in"] = sid.where(theirs != account_key(facts)).astype("str")
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
    _kind("missing", "missing", "There is no telephone number. Write one, or delete the row.",
          absent=True),
    _kind("invalid", "invalid",
          "'{value}' is not a valid US telephone number. Compare it with the statement.",
          suggest=lambda facts: facts["readable"].where(
              matches(facts["readable"], r"^\+1[2-9]\d{9}$"))),
    _kind("not_us", "not_us",
          "'{value}' belongs to another country and cannot be ported as a US number."),
    _kind("territory", "territory",
          "'{value}' is a number of a US territory; few providers port these. Ask yours first."),
    _kind("toll_free", "toll_free",
          "'{value}' is toll-free: these move through the RespOrg, not by a port-in request."),
    _kind("premium", "premium", "'{value}' is a premium or personal number and cannot be ported."),
    _kind("fictional", "fictional", "'{value}' is set aside for fiction: fine in samples only."),
    _kind("extension", "extension",
          "'{value}' names an extension. Only the number itself can be ported; give the main "
          "number a row of its own.", suggest=suggestion("phone_number")),
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
)  # fmt: skip
