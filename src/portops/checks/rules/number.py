"""Rules about the telephone number and the kind of line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portops.checks.rule import Rule, Say, suggestion
from portops.checks.step import Columns, Given, Step
from portops.facts import nanp
from portops.texts import blank, contains, matches

if TYPE_CHECKING:
    import pandas as pd

_LANDLINE = (
    "landline",
    "land line",
    "land",
    "wireline",
    "wire",
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

_SAYS_WIRELESS = r"\b(?:wireless|mobile|cell\w*|smartphone)\b"
_SAYS_LANDLINE = (
    r"\b(?:land[ -]?lines?|wire[ -]?line|pots|copper|analog|fixed|desk(?: ?line)?|office line|home line|"
    r"home/office|voip|sip|pri|centrex|digital voice)\b"
)

#: Kinds that may be submitted.
_MOVABLE = ("ok", "territory", "fictional")


def _numbers(facts: pd.DataFrame, _: Given) -> Columns:
    """Read the telephone numbers: E.164 where they can be, and of which kind they are."""
    read = nanp.classify(facts["number_text"])
    unread = read["kind"].isin(["invalid", "missing"])
    number = read["phone_number"].where(~unread) if unread.any() else read["phone_number"]
    return {"phone_number": number, "kind": read["kind"], "readable": read["phone_number"]}


def _line_types(facts: pd.DataFrame, _: Given) -> Columns:
    words = facts["written.line_type"].str.lower().str.strip(" .")
    singular = words.str.removesuffix("s").map(_LINE_WORDS)
    exact = words.map(_LINE_WORDS).fillna(singular).astype("str")
    # Words such as `Home/office line`: one kind is named and the other is not.
    wireless, landline = contains(words, _SAYS_WIRELESS), contains(words, _SAYS_LANDLINE)
    named = exact.isna() & (wireless != landline)
    exact = exact.mask(named & wireless, "wireless").mask(named & landline, "landline")
    return {"line_type": exact.astype("str")}


def _billing_numbers(facts: pd.DataFrame, _: Given) -> Columns:
    written = facts["written.billing_number"]
    filled = written[written.notna()]
    if filled.empty:
        return {"billing_number": written}
    read = nanp.classify(filled)["phone_number"].fillna(filled)
    return {"billing_number": read.reindex(written.index)}


def _in_progress(facts: pd.DataFrame, given: Given) -> Columns:
    """Name the open request of another account that has the number (account: `account_key`)."""
    sids = blank(facts.index)
    if given.open_numbers is None:
        return {"open_in": sids}
    first = given.open_numbers.drop_duplicates("phone_number").set_index("phone_number")
    mine = facts[facts["phone_number"].isin(first.index)]
    if mine.empty:
        return {"open_in": sids}
    other = mine["phone_number"].map(first["account"]) != mine["account"]
    sid = mine["phone_number"].map(first["request_sid"]).where(other)
    return {"open_in": sid.reindex(facts.index).astype("str")}


NUMBERS = Step(reads=("number_text",), adds=("phone_number", "kind", "readable"), derive=_numbers)
LINE_TYPES = Step(
    reads=("written.line_type",), adds=("line_type",), derive=_line_types, distinct=True
)
BILLING_NUMBERS = Step(
    reads=("written.billing_number",),
    adds=("billing_number",),
    derive=_billing_numbers,
    distinct=True,
)
IN_PROGRESS = Step(reads=("phone_number", "account"), adds=("open_in",), derive=_in_progress)


def _kind(kind: str, severity: str, meaning: str, message: str, **options: Any) -> Rule:
    return Rule(
        code=f"number.{kind}",
        severity=severity,
        meaning=meaning,
        field="phone_number",
        holds=lambda facts: facts["kind"] != kind,
        message=message,
        say=Say.NUMBER,
        **options,
    )


RULES = (
    _kind(
        "missing",
        "error",
        "no telephone number",
        "There is no telephone number. Write one, or delete the row.",
        absent=True,
        causes=("missing_information",),
    ),
    _kind(
        "invalid",
        "error",
        "not a valid number of the numbering plan",
        "'{value}' is not a valid US telephone number. Compare it with the statement.",
        suggest=lambda facts: facts["readable"].where(
            matches(facts["readable"], r"^\+1[2-9]\d{9}$")
        ),
        causes=("number_invalid",),
    ),
    _kind(
        "not_us",
        "error",
        "a valid number of another country",
        "'{value}' belongs to another country and cannot be ported as a US number.",
        causes=("number_invalid",),
    ),
    _kind(
        "territory",
        "warning",
        "a number of a US territory",
        "'{value}' is a number of a US territory; few providers port these. Ask yours first.",
        causes=("not_portable",),
    ),
    _kind(
        "toll_free",
        "error",
        "toll-free numbers move by another process",
        "'{value}' is toll-free: these move through the RespOrg, not by a port-in request.",
        causes=("not_portable",),
    ),
    _kind(
        "premium",
        "error",
        "premium and personal numbers cannot be moved here",
        "'{value}' is a premium or personal number and cannot be ported.",
        causes=("not_portable",),
    ),
    _kind(
        "fictional",
        "info",
        "555-0100 to 555-0199 is set aside for fiction",
        "'{value}' is set aside for fiction: fine in samples only.",
    ),
    _kind(
        "extension",
        "error",
        "an extension cannot be ported",
        "'{value}' names an extension. Only the number itself can be ported; give the main "
        "number a row of its own.",
        suggest=suggestion("phone_number"),
        causes=("number_invalid",),
    ),
    Rule(
        code="number.reformatted",
        severity="fixed",
        meaning="rewritten as +1NPANXXXXXX",
        field="phone_number",
        say=Say.NUMBER,
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
        severity="fixed",
        meaning="a range became its numbers",
        field="phone_number",
        say=Say.NUMBER,
        holds=lambda facts: ~facts["from_range"],
        message="'{value}' is a range; this is one of its numbers.",
        suggest=suggestion("phone_number"),
    ),
    Rule(
        code="number.duplicate",
        causes=("duplicate",),
        severity="error",
        meaning="the same number more than once in the batch",
        field="phone_number",
        say=Say.NUMBER,
        holds=lambda facts: facts["twice"].isna(),
        message="'{value}' is there more than once: {twice}. Keep one of them.",
    ),
    Rule(
        code="number.in_progress",
        causes=("duplicate",),
        severity="error",
        meaning="already in an open request of the store",
        field="phone_number",
        say=Say.NUMBER,
        holds=lambda facts: facts["open_in"].isna(),
        message="'{value}' is already in the open request {open_in} of another account.",
    ),
    Rule(
        code="line_type.missing",
        causes=("missing_information",),
        severity="error",
        meaning="neither landline nor wireless",
        field="line_type",
        holds=lambda facts: facts["line_type"].notna() | (facts["kind"] == "missing"),
        message="Neither landline nor wireless (found: '{value}'). Write one of the two.",
        absent=True,
    ),
)
