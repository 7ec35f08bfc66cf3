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
from interegular import parse_pattern
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
    return "^(?:" + "|".join(f"(?:{each})" for each in patterns) + ")$"


#: Columns from this length on are matched by a state machine, which takes a while to make.
_MANY = 50_000


@cache
def _machine(patterns: tuple[str, ...]) -> tuple[np.ndarray, int, np.ndarray]:
    """Make the machine of ten-digit texts that match every pattern: steps, start, which states end.

    States are counted in tens, so that state plus digit is the place of the next state.
    """
    whole = parse_pattern(r"\d{10}").to_fsm()
    for pattern in patterns:
        whole &= parse_pattern(pattern.removeprefix("^").removesuffix("$")).to_fsm()
    whole = whole.reduce()  # type: ignore[no-untyped-call]
    names = {state: place for place, state in enumerate(sorted(whole.states))}
    nowhere = len(names)
    steps = np.full((nowhere + 1) * 10, nowhere * 10, dtype="int32")
    ends = np.zeros(nowhere + 1, dtype=bool)
    for state, place in names.items():
        ends[place] = state in whole.finals
        for digit in range(10):
            after = whole.map[state].get(whole.alphabet[str(digit)])
            steps[place * 10 + digit] = names.get(after, nowhere) * 10
    return steps, names[whole.initial] * 10, ends


class _Column:
    """Ten-digit texts, matched by Arrow or, where there are many, by machine."""

    def __init__(self, national: pd.Series) -> None:
        self._texts = arrow(national)
        self._digits = self._by_place() if len(national) >= _MANY else None

    def _by_place(self) -> np.ndarray | None:
        """Return the digits as ten rows, None where the texts are not ten digits each."""
        texts = self._texts
        if texts.null_count or texts.offset:
            return None
        _, ends, data = texts.buffers()
        kind = "int64" if texts.type == pa.large_string() else "int32"
        bounds = np.frombuffer(ends, dtype=kind)[: len(texts) + 1]
        if (np.diff(bounds) != 10).any():
            return None
        whole = np.frombuffer(data, dtype="uint8")[bounds[0] : bounds[-1]] - 48
        return np.ascontiguousarray(whole.reshape(-1, 10).T) if whole.max() <= 9 else None

    def matches(self, *patterns: str) -> np.ndarray:
        """Tell which texts match every one of the patterns, each written as a whole."""
        if self._digits is None:
            found = np.ones(len(self._texts), dtype=bool)
            for pattern in patterns:
                found &= flags(pc.match_substring_regex(self._texts, pattern))
            return found
        steps, start, ends = _machine(patterns)
        state = np.full(len(self._texts), start, dtype="int32")
        for digit in self._digits:
            state = steps[state + digit]
        reached: np.ndarray = ends[state // 10]
        return reached

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
    for each in COUNTRY_CODE_TO_REGION_CODE[1]:
        leading = _metadata(each).leading_digits
        hit = column.starts(leading) if leading else column.valid_in(each)
        region[(region == "") & hit] = each
    return region


def _kind_of(national: pd.Series) -> np.ndarray:
    """Classify ten-digit texts (NaN allowed, and invalid)."""
    column, metadata = _Column(national), _metadata("US")
    us = column.valid_in("US")
    kind = np.full(len(national), "invalid", dtype=object)
    kind[us] = "ok"
    kind[us & column.matches(r"^\d{3}55501\d{2}$")] = "fictional"
    premium = _whole(
        each.national_number_pattern for each in (metadata.premium_rate, metadata.personal_number)
    )
    kind[us & column.matches(premium)] = "premium"
    kind[us & column.matches(_whole([metadata.toll_free.national_number_pattern]))] = "toll_free"
    odd = np.flatnonzero(~us)
    if len(odd):
        rest = national.iloc[odd]
        region = region_of(rest)
        valid = np.zeros(len(odd), dtype=bool)
        others = _Column(rest)
        for each in set(region) - {""}:
            valid |= (region == each) & others.valid_in(each)
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
        read = {each: _read_odd(each) for each in text[odd].unique()}
        kind[odd] = text[odd].map({each: answer[0] for each, answer in read.items()}).to_numpy()
        national[odd] = text[odd].map({each: answer[1] for each, answer in read.items()})
    to_plan = kind == "national"
    kind[to_plan] = _kind_of(national if to_plan.all() else national[to_plan])
    return pd.DataFrame(
        {"phone_number": "+1" + national, "kind": pd.Series(kind, texts.index, dtype="str")}
    )


def display(phone_number: str) -> str:
    """Write an E.164 number of country code 1 as people do: (212) 555-0100."""
    digits = phone_number.removeprefix("+1")
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
