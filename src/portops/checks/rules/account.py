"""Rules about the account, its PIN and the kind of customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from portops.checks.rules.rule import Rule
from portops.texts import blank, contains, matches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portops.redaction import Secret

_CUSTOMER_WORDS = dict.fromkeys(
    (
        "business",
        "bus",
        "biz",
        "b",
        "commercial",
        "company",
        "corporate",
        "corporation",
        "government",
        "enterprise",
        "soho",
    ),
    "Business",
) | dict.fromkeys(
    ("residential", "res", "resi", "r", "residence", "individual", "consumer", "personal", "home"),
    "Residential",
)

_SCIENTIFIC = r"^\s*\d(?:[.,]\d+)?\s*[eE]\s*\+?\d+\s*$"


#: What the carriers' account numbers look like without dashes; source: their public help pages.
#: An unlike one is a warning only, since carriers change them.
_SHAPES = (
    (r"at ?& ?t (?:wireless|mobility)|at&t mobile", r"\d{9,12}", "9 to 12 digits"),
    (r"verizon wireless|\bvzw\b", r"\d{10,14}", "10 to 14 digits"),
    (r"t-? ?mobile", r"\d{9}", "9 digits"),
    (r"comcast|xfinity", r"\d{16}", "16 digits"),
    (r"charter|spectrum", r"\d{16}", "16 digits"),
    (r"lumen|century ?link", r"\d{10}\d{3}", "the billing telephone number and 3 digits"),
    (r"twilio", r"(?i)AC[0-9a-f]{32}", "an account SID: AC and 32 characters"),
)

READS = ("written.account_number", "written.customer_type", "losing_carrier")


def derive(facts: pd.DataFrame) -> pd.DataFrame:
    """Add `account_number` (missing where digits are lost), `customer_type`, the usual shape."""
    written = facts["written.account_number"]
    facts["digits_lost"] = matches(written, _SCIENTIFIC)
    facts["account_number"] = written.where(~facts["digits_lost"])
    words = facts["written.customer_type"].str.lower().str.strip().str.rstrip(".")
    facts["customer_type"] = words.map(_CUSTOMER_WORDS).astype("str")
    bare = facts["account_number"].str.replace(r"[\s.-]", "", regex=True)
    facts["usual_shape"] = blank(facts.index)
    for carrier, shape, said in _SHAPES:
        theirs = contains(facts["losing_carrier"], carrier) & bare.notna()
        facts.loc[theirs & ~matches(bare, shape + "$"), "usual_shape"] = said
    return facts


def pins(facts: pd.DataFrame, kept: Mapping[str, Secret]) -> pd.DataFrame:
    """Add one `pin` of PIN and SSN digits, what is wrong with it and where zeros may be lost.

    `kept` are PINs of numbers that were rejected for something else: a blank stands for them.
    """
    own, social = facts["written.pin"], facts["written.ssn_last4"]
    if kept:
        again = own.isna() & social.isna() & facts["phone_number"].isin(list(kept))
        own = own.where(~again, facts["phone_number"].map(dict(kept)).astype(object))
    facts["pin"] = own.where(own.notna(), social)
    wireless = (facts["line_type"] == "wireless").to_numpy(dtype=bool)
    facts["zeros_lost"] = False
    for name, column, good in (
        ("pin", own, r"[A-Za-z0-9]{4,15}$"),
        ("ssn_last4", social, r"\d{4}$"),
    ):
        given = column.notna().to_numpy() & wireless
        facts[f"{name}_bad"] = False
        if not given.any():
            continue
        # The texts stay in this function: what leaves it says only whether they are good.
        texts = pd.Series([each.reveal() for each in column[given]], dtype="str")
        facts.loc[given, f"{name}_bad"] = ~matches(texts, good).to_numpy()
        if name == "pin":
            facts.loc[given, "zeros_lost"] = _zeros_lost(texts, facts.loc[given, "losing_carrier"])
    return facts


def _zeros_lost(pins: pd.Series, carrier: pd.Series) -> np.ndarray:
    """Tell which PINs are one or two digits shorter than nearly all others of their carrier."""
    digits = matches(pins, r"\d{4,15}$").to_numpy()
    length = pins.str.len().to_numpy(dtype="int64")
    lost = np.zeros(len(pins), dtype=bool)
    owner = pd.factorize(carrier.fillna(""))[0]
    for each in np.unique(owner[digits]):
        mine = digits & (owner == each)
        counted = np.bincount(length[mine])
        usual = int(counted.argmax())
        if counted.sum() >= 5 and counted[usual] >= 0.8 * counted.sum():
            lost |= mine & (length < usual) & (length >= usual - 2)
    return lost


RULES = (
    Rule(
        code="account.missing",
        field="account_number",
        holds=lambda facts: facts["written.account_number"].notna(),
        message="There is no account number. It stands on the billing statement.",
        absent=True,
    ),
    Rule(
        code="account.digits_lost",
        field="account_number",
        holds=lambda facts: ~facts["digits_lost"],
        message="'{value}': Excel has dropped digits of this account number and they cannot be "
        "restored. Format the column as text and type the number again from the statement.",
    ),
    Rule(
        code="account.shape",
        field="account_number",
        holds=lambda facts: facts["usual_shape"].isna(),
        message="'{value}' is unlike the account numbers of {losing_carrier}: {usual_shape}. "
        "Compare it with the statement.",
        once="",
    ),
    Rule(
        code="pin.missing",
        field="pin",
        holds=lambda facts: (facts["line_type"] != "wireless") | facts["pin"].notna(),
        message="A wireless number needs its transfer PIN or the last four digits of the SSN. "
        "Ask the customer for it.",
    ),
    Rule(
        code="pin.shape",
        field="pin",
        holds=lambda facts: ~facts["pin_bad"],
        message="This is no transfer PIN: 4 to 15 letters or digits. A shorter one may have lost "
        "its leading zeros: format the column as text and type it again.",
    ),
    Rule(
        code="pin.shape",
        field="ssn_last4",
        holds=lambda facts: ~facts["ssn_last4_bad"],
        message="These are not the last four digits of an SSN. Three digits have mostly lost a "
        "leading zero: format the column as text and type it again.",
    ),
    Rule(
        code="pin.shape",
        field="pin",
        holds=lambda facts: ~facts["zeros_lost"],
        message="This PIN is shorter than the other ones of {losing_carrier}; its leading zeros "
        "were probably lost in Excel. Compare it with what the customer sent.",
        grade="warning",
    ),
    Rule(
        code="customer_type.missing",
        field="customer_type",
        holds=lambda facts: facts["customer_type"].notna(),
        message="Neither Residential nor Business (found: {value}). Write one of the two.",
        absent=True,
    ),
)
