"""Labels: what a figure's columns are called for people, and how their values are written."""

from __future__ import annotations

from typing import Any

import pandas as pd

from portops.errors import InputError
from portops.facts.dates import days_of, moment_of_day
from portops.wording import percent, words

#: Names of columns where the column's own words do not do.
_LABELS = {
    "acceptance": "accepted first try",
    "bucket": "age in business days",
    "censored": "still open",
    "days_quiet": "days without news",
    "first_rejected": "rejected first",
    "high": "at most",
    "low": "at least",
    "median_business_days": "median business days",
    "n": "numbers",
    "name": "who",
    "numbers_days": "number-days",
    "oldest_business_days": "oldest, business days",
    "p75": "75% within",
    "p90": "90% within",
    "rejection_rate": "rejected, share",
    "request_sid": "request SID",
    "which": "which numbers",
    "who": "waits for",
    "with_rejected": "rejected, with it",
    "with_requests": "requests with it",
    "without_rejected": "rejected, without",
    "without_requests": "requests without",
}

#: Columns of codes that people read as words, and what their own words do not say.
_CODES = ("cause", "class", "provider_status", "status", "store_status", "top_cause", "what", "who")
_OWN_WORDS = {
    "customer": "the customer's signature",
    "desk": "us",
    "provider": "the provider",
    "carrier": "the losing carrier",
    "scheduled": "an agreed port date",
    "overdue": "a port date that has passed",
}

SHARES = ("acceptance", "difference", "high", "low", "rejection_rate", "share")


def label(column: str) -> str:
    """Return what a column is called for people."""
    return _LABELS.get(column, column.replace("_", " "))


def written(column: str, value: Any, *, timezone: str = "", unknown: str = "–") -> Any:
    """Write a value as people read it: shares in percent, weeks as days, codes as words."""
    if pd.isna(value):
        return unknown
    if column in SHARES and isinstance(value, float):
        return percent(value)
    if column == "who":
        return _OWN_WORDS.get(value, value)
    if column in _CODES:
        return words(value)
    if column == "week":
        return _days(value)
    if column == "due" and timezone:
        return moment_of_day(value, timezone)
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.1f}"
    return value


def _days(week: str) -> str:
    try:
        return days_of(week)
    except (InputError, ValueError):
        return week
