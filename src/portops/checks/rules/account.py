"""Rules about the account, its PIN and the kind of customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from portops.checks.rule import Rule, Say
from portops.checks.step import Across, Columns, Given, Step
from portops.texts import blank, constant, contains, matches

if TYPE_CHECKING:
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

#: What is said where a wireless number has no PIN; the second where its cell is masked.
_NO_PIN = "A wireless number needs its transfer PIN or the last four digits of the SSN."
_MASKED_PIN = "The PIN is masked here, and this store does not keep it. Enter the PIN itself."

#: A PIN of digits only.
_DIGITS = r"\d{4,15}$"

_SCIENTIFIC = r"^\s*\d(?:[.,]\d+)?\s*[eE]\s*\+?\d+\s*$"

#: A bill or a portal that shows the last digits only: `****4418`.
_HIDDEN = r"^\s*[*xX\x{2022}]{2,}[\s-]*\d{2,6}\s*$"

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


_SAYS_BUSINESS = r"\b(?:business|biz|commercial|corporate|company|enterprise|government|office)\b"
_SAYS_HOME = r"\b(?:resident\w*|residence|home|household|personal\w*|consumer|individual|private)\b"


def _customer_types(words: pd.Series) -> pd.Series:
    """Read kinds of customer; in a phrase, one kind must be named and the other not."""
    exact = words.map(_CUSTOMER_WORDS).astype("str")
    business, home = contains(words, _SAYS_BUSINESS), contains(words, _SAYS_HOME)
    named = exact.isna() & (business != home)
    return exact.mask(named & business, "Business").mask(named & home, "Residential").astype("str")


def _accounts(facts: pd.DataFrame, _: Given) -> Columns:
    """Read account numbers (missing where digits are lost), kinds of customer, usual shapes."""
    written = facts["written.account_number"]
    digits_lost = matches(written, _SCIENTIFIC) | matches(written, _HIDDEN)
    account_number = written.where(~digits_lost)
    words = facts["written.customer_type"].str.lower().str.strip().str.rstrip(".")
    bare = account_number.str.replace(r"[\s.-]", "", regex=True)
    usual = blank(facts.index)
    for carrier, shape, description in _SHAPES:
        theirs = contains(facts["losing_carrier"], carrier) & bare.notna()
        usual = usual.mask(theirs & ~matches(bare, shape + "$"), description)
    return {
        "digits_lost": digits_lost,
        "account_number": account_number,
        "customer_type": _customer_types(words),
        "usual_shape": usual,
    }


def _kept(given: Given) -> dict[str, Secret]:
    """Return the PINs of numbers that were rejected for something else: a blank means them."""
    if given.refused is None or not given.pins:
        return {}
    wrong = set(given.refused.loc[given.refused["cause"] == "pin", "phone_number"])
    return {number: pin for number, pin in given.pins.items() if number not in wrong}


def _own_pins(facts: pd.DataFrame, given: Given) -> tuple[pd.Series, pd.Series]:
    """Return the PIN of each row, or the one that the store keeps for it, and where cells are masked."""
    own, social, kept = facts["written.pin"], facts["written.ssn_last4"], _kept(given)
    if kept:
        again = own.isna() & social.isna() & facts["phone_number"].isin(list(kept))
        own = own.where(~again, facts["phone_number"].map(kept).astype(object))
    masked = facts["pin_masked"] & own.isna() & social.isna()
    if masked.any():
        recalled = dict(given.recall(facts.loc[masked, "phone_number"].dropna().unique().tolist()))
        own = own.where(~masked, facts["phone_number"].map(recalled).astype(object))
    return own, masked


def _wireless(facts: pd.DataFrame) -> np.ndarray:
    # A number of which nobody says what it is has a PIN because it is wireless.
    return (facts["line_type"].fillna("wireless") == "wireless").to_numpy(dtype=bool)


def _pins(facts: pd.DataFrame, given: Given) -> Columns:
    """Make one PIN of PIN and SSN digits; find what is wrong with it and where zeros may be lost."""
    return _pins_of(facts, given, _usual_lengths([_pin_lengths(facts, given)]))


def _pin_lengths(facts: pd.DataFrame, given: Given) -> pd.DataFrame:
    """Count the PINs of digits by carrier and length: `carrier, length, count`."""
    own, _ = _own_pins(facts, given)
    filled = own.notna().to_numpy() & _wireless(facts)
    pins = pd.Series([secret.reveal() for secret in own[filled]], dtype="str")
    # A PIN itself is in nothing that leaves this function.
    counted = pd.DataFrame(
        {
            "carrier": facts.loc[filled, "losing_carrier"].fillna("").to_numpy(),
            "length": pins.str.len().to_numpy(dtype="int64"),
        }
    )[matches(pins, _DIGITS).to_numpy()]
    return counted.groupby(["carrier", "length"]).size().rename("count").reset_index()


def _usual_lengths(parts: Sequence[pd.DataFrame]) -> Mapping[str, int]:
    """Return the length that nearly all PINs of a carrier have, where there is one."""
    counts = pd.concat(parts).groupby(["carrier", "length"])["count"].sum().reset_index()
    total = counts.groupby("carrier")["count"].transform("sum")
    usual = counts[(total >= 5) & (counts["count"] >= 0.8 * total)]
    return dict(zip(usual["carrier"], usual["length"], strict=True))


def _pins_of(facts: pd.DataFrame, given: Given, usual: Mapping[str, int]) -> Columns:
    own, masked = _own_pins(facts, given)
    social, wireless = facts["written.ssn_last4"], _wireless(facts)
    flags = {
        name: np.zeros(len(facts), dtype=bool)
        for name in ("pin_bad", "ssn_last4_bad", "zeros_lost")
    }
    for name, column, good in (
        ("pin", own, r"[A-Za-z0-9]{4,15}$"),
        ("ssn_last4", social, r"\d{4}$"),
    ):
        filled = column.notna().to_numpy() & wireless
        if not filled.any():
            continue
        # The texts stay in this function: what leaves it says only whether they are good.
        texts = pd.Series([secret.reveal() for secret in column[filled]], dtype="str")
        flags[f"{name}_bad"][filled] = ~matches(texts, good).to_numpy()
        if name == "pin":
            carriers = facts.loc[filled, "losing_carrier"]
            flags["zeros_lost"][filled] = _zeros_lost(texts, carriers, usual)
    return {
        "pin": own.where(own.notna(), social),
        "pin_wanted": constant(_NO_PIN, facts.index).mask(masked, _MASKED_PIN),
        **{name: pd.Series(values, facts.index) for name, values in flags.items()},
    }


def _zeros_lost(pins: pd.Series, carrier: pd.Series, usual: Mapping[str, int]) -> np.ndarray:
    """Tell which PINs are one or two digits shorter than nearly all others of their carrier."""
    digits = matches(pins, _DIGITS).to_numpy()
    length = pins.str.len().to_numpy(dtype="int64")
    wanted = carrier.fillna("").map(usual).fillna(0).to_numpy(dtype="int64")
    lost: np.ndarray = digits & (length < wanted) & (length >= wanted - 2)
    return lost


ACCOUNTS = Step(
    reads=("written.account_number", "written.customer_type", "losing_carrier"),
    adds=("digits_lost", "account_number", "customer_type", "usual_shape"),
    derive=_accounts,
    distinct=True,
)
PINS = Step(
    reads=(
        "written.pin",
        "written.ssn_last4",
        "pin_masked",
        "phone_number",
        "line_type",
        "losing_carrier",
    ),
    adds=("pin", "pin_wanted", "pin_bad", "ssn_last4_bad", "zeros_lost"),
    derive=_pins,
    across=Across(_pin_lengths, lambda parts, *_: [_usual_lengths(parts)] * len(parts), _pins_of),
)

RULES = (
    Rule(
        code="account.missing",
        causes=("account_number", "missing_information"),
        severity="error",
        meaning="no account number",
        field="account_number",
        holds=lambda facts: facts["written.account_number"].notna(),
        message="There is no account number. It is on the billing statement.",
        absent=True,
    ),
    Rule(
        code="account.digits_lost",
        causes=("account_number",),
        severity="error",
        meaning="digits of the account number are lost (Excel) or hidden (`****4418`)",
        field="account_number",
        holds=lambda facts: ~facts["digits_lost"],
        message="'{value}': digits of this account number are lost or hidden, and they cannot be "
        "restored. Format the column as text and type the number again from the statement.",
    ),
    Rule(
        code="account.shape",
        severity="warning",
        meaning="unlike the losing carrier's account numbers",
        field="account_number",
        holds=lambda facts: facts["usual_shape"].isna(),
        message="'{value}' is unlike the account numbers of {losing_carrier}: {usual_shape}. "
        "Compare it with the statement.",
        say=Say.GROUP,
    ),
    Rule(
        code="pin.missing",
        causes=("pin",),
        severity="error",
        meaning="a wireless number without PIN or last four SSN digits",
        field="pin",
        holds=lambda facts: (facts["line_type"] != "wireless") | facts["pin"].notna(),
        message="{pin_wanted} Ask the customer for it.",
    ),
    Rule(
        code="pin.shape",
        causes=("pin",),
        severity="error",
        meaning="neither a PIN of 4 to 15 characters nor four SSN digits",
        field="pin",
        holds=lambda facts: ~facts["pin_bad"],
        message="This is no transfer PIN: 4 to 15 letters or digits. A shorter one may have lost "
        "its leading zeros: format the column as text and type it again.",
    ),
    Rule(
        code="pin.shape",
        causes=("pin",),
        severity="error",
        meaning="neither a PIN of 4 to 15 characters nor four SSN digits",
        field="ssn_last4",
        holds=lambda facts: ~facts["ssn_last4_bad"],
        message="These are not the last four digits of an SSN. Three digits have mostly lost a "
        "leading zero: format the column as text and type it again.",
    ),
    Rule(
        code="pin.shape",
        causes=("pin",),
        severity="warning",
        meaning="a PIN shorter than the others of its carrier",
        field="pin",
        holds=lambda facts: ~facts["zeros_lost"],
        message="This PIN is shorter than the other ones of {losing_carrier}; its leading zeros "
        "were probably lost in Excel. Compare it with what the customer sent.",
    ),
    Rule(
        code="customer_type.missing",
        causes=("missing_information",),
        severity="error",
        meaning="neither Residential nor Business",
        field="customer_type",
        holds=lambda facts: facts["customer_type"].notna(),
        message="Neither Residential nor Business (found: {value}). Write one of the two.",
        absent=True,
    ),
)
