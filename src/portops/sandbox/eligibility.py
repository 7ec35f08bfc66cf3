"""Eligibility: which numbers can be ported in at all, whoever has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from portops.facts.nanp import classify

if TYPE_CHECKING:
    from collections.abc import Iterable


def kinds_of(phone_numbers: Iterable[str]) -> dict[str, str]:
    """Return what kind of number each is (see `portops.facts.nanp`)."""
    numbers = list(phone_numbers)
    return dict(zip(numbers, classify(pd.Series(numbers, dtype="str"))["kind"], strict=True))


def ineligible(kind: str) -> tuple[int, str] | None:
    """Return why a number of this kind can't be ported in, as code and words; None when it can."""
    if kind in {"invalid", "missing", "extension"}:
        return 22102, "The phone number is not valid"
    if kind == "toll_free":
        return 22133, "Toll-free numbers are ported by hand"
    if kind not in {"ok", "fictional"}:
        return 22130, "The country or rate center is not supported"
    return None
