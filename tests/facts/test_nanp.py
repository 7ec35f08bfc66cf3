"""Telephone numbers: the column's answer is libphonenumber's answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import phonenumbers
import pytest

from portops.facts.nanp import classify, is_us, region_of

HAND_PICKED = [
    "2125550100",
    "9002345678",
    "8002345678",
    "8882345678",
    "7872345678",
    "6712345678",
    "3402345678",
    "6842345678",
    "6702345678",
    "4162345678",
    "8092345678",
    "8292345678",
    "8762345678",
    "2422345678",
    "5002345678",
    "5332345678",
    "7002345678",
    "7102345678",
    "2112345678",
    "9112345678",
    "2121234567",
    "1234567890",
    "0000000000",
    "2129112345",
    "6582345678",
    "9842345678",
    "2002345678",
    "9992345678",
]


def _theirs(national: str) -> tuple[bool, str]:
    number = phonenumbers.PhoneNumber(country_code=1, national_number=int(national))
    return (
        phonenumbers.is_valid_number_for_region(number, "US"),
        phonenumbers.region_code_for_number(number) or "",
    )


def test_validity_and_region_equal_phonenumbers() -> None:
    """300,000 random numbers and hand-picked ones: the same validity for the US, same region."""
    draw = np.random.default_rng(20261123)
    anywhere = draw.integers(10**9, 10**10, 100_000)
    plausible = draw.integers(2 * 10**9, 10**10, 200_000)
    texts = [str(text) for text in (*anywhere, *plausible)]
    column = pd.Series([*HAND_PICKED, *texts], dtype="str")
    us, regions = is_us(column), region_of(column)
    theirs = [_theirs(text) for text in column]
    ours = list(zip(us.tolist(), regions.tolist(), strict=True))
    # Short columns take another way; its answer is the same.
    assert is_us(column[:20_000]).tolist() == us[:20_000].tolist()
    assert region_of(column[:20_000]).tolist() == regions[:20_000].tolist()
    differ = [(text, a, b) for text, a, b in zip(column, ours, theirs, strict=True) if a != b]
    assert differ == []


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("(212) 736-5000", "ok", "+12127365000"),
        ("212.736.5000", "ok", "+12127365000"),
        ("+1 212 736 5000", "ok", "+12127365000"),
        ("12127365000", "ok", "+12127365000"),
        ("212 736‑5000", "ok", "+12127365000"),
        ("212-FLOWERS", "ok", "+12123569377"),
        ("2125550142", "fictional", "+12125550142"),
        ("212-736-5000 x12", "extension", "+12127365000"),
        ("8005550100", "toll_free", "+18005550100"),
        ("9002345678", "premium", "+19002345678"),
        ("4162345678", "not_us", "+14162345678"),
        ("+44 20 7946 0958", "not_us", None),
        ("7872345678", "territory", "+17872345678"),
        ("911", "invalid", None),
        ("212-736-500", "invalid", None),
        ("call the desk", "invalid", None),
        ("", "missing", None),
        (None, "missing", None),
    ],
)
def test_what_people_write(text: str | None, kind: str, number: str | None) -> None:
    """Each way of writing a number is understood, or named for what it is."""
    read = classify(pd.Series([text], dtype="str")).iloc[0]
    assert read["kind"] == kind
    assert (None if pd.isna(read["phone_number"]) else read["phone_number"]) == number


def test_the_index_is_kept() -> None:
    """Answers stand on the rows that were asked for."""
    read = classify(pd.Series(["2127365000", None], index=[7, 3], dtype="str"))
    assert list(read.index) == [7, 3]
