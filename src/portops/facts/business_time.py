"""Weeks and business days.

A week is an ISO week in the report's time zone; business days are Monday to Friday without US
federal holidays (observed dates). Instants are UTC everywhere else.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from portops.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_ZONE = "America/New_York"


def zone(name: str) -> ZoneInfo:
    """Return the time zone of that IANA name; raises InputError for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InputError(
            f"'{name}' is not a time zone.", "Use an IANA name such as America/Chicago."
        ) from error


@cache
def calendar() -> np.busdaycalendar:
    """Return Monday to Friday without US federal holidays, 2000 to 2099."""
    import holidays

    days = holidays.country_holidays("US", years=range(2000, 2100))
    return np.busdaycalendar(holidays=[np.datetime64(day) for day in days])


def business_days(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Count business days from `start` (included) to `end` (excluded), both arrays of dates."""
    return np.busday_count(start, end, busdaycal=calendar())


def is_business_day(day: date) -> bool:
    """Tell whether a losing carrier works on that day."""
    return bool(np.is_busday(np.datetime64(day), busdaycal=calendar()))


def local_dates(instants: pd.Series, timezone: str) -> np.ndarray:
    """Turn UTC instants into dates (datetime64[D]) of the time zone."""
    local = instants.dt.tz_convert(zone(timezone)).dt.tz_localize(None)
    dates: np.ndarray = local.to_numpy().astype("datetime64[D]")
    return dates


def local_date(instant: datetime, timezone: str) -> np.datetime64:
    """Turn one instant into its date in the time zone."""
    return np.datetime64(instant.astimezone(zone(timezone)).date())


def midnight(day: date, timezone: str) -> datetime:
    """Return the UTC instant at which that day begins in the time zone."""
    return datetime.combine(day, time(), tzinfo=zone(timezone)).astimezone(UTC)


def to_date(value: date | str | None) -> date | None:
    """Read a day given as a date or as ISO text; an empty text is None. Raises InputError."""
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        raise InputError(
            f"'{value}' is not a date.", "Write it as year, month and day: 2026-11-23."
        ) from None


def monday(week: str) -> date:
    """Return the Monday of an ISO week such as `2026-W47`; raises InputError for anything else."""
    match = re.fullmatch(r"(\d{4})-?W(\d{1,2})", week.strip().upper())
    try:
        if match is None:
            raise ValueError
        return date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise InputError(
            f"'{week}' is not a week.", "Write the ISO year and week, such as 2026-W47."
        ) from None


def week_name(day: date) -> str:
    """Return the ISO week of a day, such as `2026-W47`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def week_bounds(week: str, timezone: str) -> tuple[datetime, datetime]:
    """Return the UTC instants at which the week begins and ends (the end is not part of it)."""
    first = monday(week)
    return midnight(first, timezone), midnight(first + timedelta(days=7), timezone)


def weeks_ending(week: str, count: int) -> list[str]:
    """Return `count` week names up to and including `week`, oldest first."""
    last = monday(week)
    return [week_name(last - timedelta(weeks=back)) for back in range(count - 1, -1, -1)]


def week_began(now: datetime, timezone: str) -> datetime:
    """Return the UTC instant at which the week of `now` began in the time zone."""
    return week_bounds(week_name(now.astimezone(zone(timezone)).date()), timezone)[0]


def last_full_week(now: datetime, timezone: str) -> str:
    """Return the newest week that has ended at `now` in the time zone."""
    return week_name(now.astimezone(zone(timezone)).date() - timedelta(days=7))
