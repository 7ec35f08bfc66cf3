"""Telephone numbers of the North American Numbering Plan, a column at a time.

Validity and region come from libphonenumber's own patterns in the `phonenumbers` package, matched
by Arrow's regular expressions over the whole column. Only odd writing goes through
`phonenumbers.parse`, once for each distinct text. A metadata update of the package is picked up
as it is.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from portops.texts import arrow, flags, series

if TYPE_CHECKING:
    from collections.abc import Iterable

#: US territories, as libphonenumber calls them.
TERRITORIES = ("PR", "GU", "VI", "AS", "MP")

#: What a written number turns out to be; every number is exactly one of these.
KINDS = (
    "ok",
    "missing",
    "invalid",
    "extension",
    "not_us",
    "territory",
    "toll_free",
    "premium",
    "fictional",
)

# Punctuation and spaces that people put between the groups, non-breaking ones included.
_PLAIN = (
    r"^[\s\x{00A0}]*(?:\+?1)?[\s\x{00A0}.\-\x{2010}-\x{2015}/]*"
    r"\(?(\d{3})\)?[\s\x{00A0}.\-\x{2010}-\x{2015}/]*"
    r"(\d{3})[\s\x{00A0}.\-\x{2010}-\x{2015}/]*(\d{4})[\s\x{00A0}]*$"
)
_KINDS_OF_NUMBER = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)


def _whole(patterns: Iterable[str]) -> str:
    return "^(?:" + "|".join(f"(?:{pattern})" for pattern in patterns) + ")$"


class _Column:
    """Ten-digit texts, matched by Arrow."""

    def __init__(self, national: pd.Series) -> None:
        self._texts = arrow(national)

    def matches(self, *patterns: str) -> np.ndarray:
        """Tell which texts match every one of the patterns, each written as a whole."""
        answers = np.ones(len(self._texts), dtype=bool)
        for pattern in patterns:
            answers &= flags(pc.match_substring_regex(self._texts, pattern))
        return answers

    def starts(self, leading: str) -> np.ndarray:
        """Tell which texts start with the pattern."""
        return flags(pc.match_substring_regex(self._texts, f"^(?:{leading})"))

    def valid_in(self, region: str) -> np.ndarray:
        """Tell which texts are valid numbers of a region."""
        return self.matches(*_valid_patterns(region))


def _metadata(region: str) -> Any:
    return PhoneMetadata.metadata_for_region(region)


@cache
def _valid_patterns(region: str) -> tuple[str, str]:
    """Return the patterns a national number of that region must match: general, and one type."""
    metadata = _metadata(region)
    kinds = [getattr(metadata, kind) for kind in _KINDS_OF_NUMBER]
    typed = [
        kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern
    ]
    # Several kinds share a pattern; matching it once is enough.
    return _whole([metadata.general_desc.national_number_pattern]), _whole(dict.fromkeys(typed))


def is_us(national: pd.Series) -> np.ndarray:
    """Tell for each ten-digit text whether it is a valid number of region US.

    Equal to `phonenumbers.is_valid_number_for_region(number, "US")`.
    """
    return _Column(national).valid_in("US")


def region_of(national: pd.Series) -> np.ndarray:
    """Name the region of each ten-digit text, or the empty text where it has none.

    Equal to `phonenumbers.region_code_for_number` for country code 1.
    """
    column = _Column(national)
    region = np.full(len(national), "", dtype=object)
    for code in COUNTRY_CODE_TO_REGION_CODE[1]:
        leading = _metadata(code).leading_digits
        hit = column.starts(leading) if leading else column.valid_in(code)
        region[(region == "") & hit] = code
    return region


def _kind_of(national: pd.Series) -> np.ndarray:
    """Classify ten-digit texts (NaN allowed, and invalid)."""
    column, metadata = _Column(national), _metadata("US")
    us = column.valid_in("US")
    kind = np.full(len(national), "invalid", dtype=object)
    kind[us] = "ok"
    kind[us & column.matches(r"^\d{3}55501\d{2}$")] = "fictional"
    premium = _whole(
        about.national_number_pattern for about in (metadata.premium_rate, metadata.personal_number)
    )
    kind[us & column.matches(premium)] = "premium"
    kind[us & column.matches(_whole([metadata.toll_free.national_number_pattern]))] = "toll_free"
    odd = np.flatnonzero(~us)
    if len(odd):
        rest = national.iloc[odd]
        region = region_of(rest)
        valid = np.zeros(len(odd), dtype=bool)
        others = _Column(rest)
        for code in set(region) - {""}:
            valid |= (region == code) & others.valid_in(code)
        territory = valid & np.isin(region, TERRITORIES)
        kind[odd[territory]] = "territory"
        kind[odd[valid & ~territory]] = "not_us"
    return kind


def _read_odd(text: str) -> tuple[str, str | None]:
    """Read one oddly written number: its kind (`national` when it needs the plan), ten digits."""
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return "invalid", None
    if number.country_code != 1:
        return ("not_us" if phonenumbers.is_valid_number(number) else "invalid"), None
    national = str(number.national_number)
    if number.extension:
        return "extension", national if len(national) == 10 else None
    vanity = phonenumbers.is_alpha_number(text)
    if len(national) != 10 or (any(map(str.isalpha, text)) and not vanity):
        return "invalid", national if len(national) == 10 else None
    return "national", national


def classify(texts: pd.Series) -> pd.DataFrame:
    """Read written telephone numbers.

    Returns, on the same index, `phone_number` (E.164 or missing; also given for numbers that
    cannot be ported when they can be read) and `kind` (one of `KINDS`).
    """
    trimmed = pc.utf8_trim_whitespace(arrow(texts))
    # One pass reads what is plain; everything else stays as it is written.
    written = pc.replace_substring_regex(trimmed, _PLAIN, r"\1\2\3")
    plain = flags(pc.match_substring_regex(written, r"^\d{10}$"))
    national = series(
        pc.if_else(pa.array(plain), written, pa.scalar(None, written.type)), texts.index
    )

    kind = np.full(len(texts), "national", dtype=object)
    if not plain.all():
        text = series(trimmed, texts.index)
        missing = (text.isna() | (text == "")).to_numpy(dtype=bool)
        odd = ~plain & ~missing
        kind[missing] = "missing"
        read = {written: _read_odd(written) for written in text[odd].unique()}
        kinds = {written: answer[0] for written, answer in read.items()}
        kind[odd] = text[odd].map(kinds).to_numpy()
        national[odd] = text[odd].map({written: digits for written, (_, digits) in read.items()})
    to_plan = kind == "national"
    kind[to_plan] = _kind_of(national if to_plan.all() else national[to_plan])
    return pd.DataFrame(
        {"phone_number": "+1" + national, "kind": pd.Series(kind, texts.index, dtype="str")}
    )


@cache
def plausible(text: str) -> bool:
    """Tell whether one written number can be a number of country code 1 that is in use."""
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, "US")))
    except phonenumbers.NumberParseException:
        return False


def display(phone_number: str) -> str:
    """Write an E.164 number of country code 1 as people do: (212) 555-0100."""
    digits = phone_number.removeprefix("+1")
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
