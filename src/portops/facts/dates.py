"""Dates and times as people write them: `Nov 16–22`, `Wed, Nov 25, 10:44 a.m. ET`."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from portops.facts.business_time import monday, zone

#: How the zones of the lower 48 are written; any other by its own abbreviation.
_ZONES = {
    "America/New_York": "ET",
    "America/Chicago": "CT",
    "America/Denver": "MT",
    "America/Los_Angeles": "PT",
}


def days_of(name: str) -> str:
    """Write the days of a period by its name: `2026-W47` as Nov 16–22."""
    if "/" in name:
        first, last = (date.fromisoformat(day) for day in name.split("/"))
        return between(first, last)
    first = monday(name)
    return between(first, first + timedelta(days=6))


def between(first: date, last: date) -> str:
    """Write two days, both included; the year where they are not of one."""
    if first == last:
        return f"{first:%b} {first.day}"
    if first.year != last.year:
        return f"{first:%b} {first.day}, {first.year}–{last:%b} {last.day}, {last.year}"
    end = f"{last.day}" if first.month == last.month else f"{last:%b} {last.day}"
    return f"{first:%b} {first.day}–{end}"


def moment_of_day(instant: str | datetime, timezone: str) -> str:
    """Write an instant (or its ISO text) in a time zone: Wed, Nov 25, 10:44 a.m. ET."""
    moment = instant if isinstance(instant, datetime) else datetime.fromisoformat(instant)
    local = moment.astimezone(zone(timezone))
    half = "a.m." if local.hour < 12 else "p.m."
    clock = f"{local.hour % 12 or 12}:{local:%M} {half}"
    return f"{local:%a, %b} {local.day}, {clock} {_ZONES.get(timezone) or local.tzname()}"
