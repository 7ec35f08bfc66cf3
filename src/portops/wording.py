"""Wording: how names, counts and shares are written for people."""

from __future__ import annotations

import math


def words(name: str) -> str:
    """Write a status, cause or class as people read it: `foc_confirmed` as FOC confirmed."""
    spaced = name.replace("_", " ")
    return "FOC" + spaced[3:] if spaced.startswith("foc ") else spaced


def counted(count: int, noun: str) -> str:
    """Write so many of something: 1 number, 1,200 numbers."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def part(count: int, whole: int) -> str:
    """Write how many of some: all, most, or the number."""
    if count == whole:
        return "all"
    return "most" if count * 2 > whole else f"{count:,}"


def percent(share: float | None) -> str:
    """Write a share: 17 %; a dash where there is none."""
    return "–" if share is None or math.isnan(share) else f"{share * 100:.0f} %"
