"""What a report is about: an ISO week, or days of one's own choice; and as of when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from portops.errors import InputError
from portops.facts.business_time import last_full_week, midnight, monday, week_name, zone

#: The years that a report can be of: those of the calendar of business days.
FIRST_YEAR, LAST_YEAR = 2000, 2099

_INTERVAL = re.compile(r"(\d{4}-\d{2}-\d{2})(?:/|--)(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included, in the time zone of the report."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """How it is written: `2026-W47` for an ISO week, else `2026-11-01/2026-11-15`."""
        return week_name(self.first) if self.is_week else f"{self.first}/{self.last}"

    @property
    def is_week(self) -> bool:
        """Whether it is an ISO week."""
        return self.days == 7 and self.first.isoweekday() == 1

    @property
    def folder(self) -> str:
        """Its name where no slash may be: `2026-11-01--2026-11-15`."""
        return self.name.replace("/", "--")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def bounds(self, timezone: str) -> tuple[datetime, datetime]:
        """Return the UTC instants at which it begins and ends (the end is not part of it)."""
        return self.starts(timezone), midnight(self.last + timedelta(days=1), timezone)

    def starts(self, timezone: str, *, before: int = 0) -> datetime:
        """Return the UTC instant at which it, or the one so many `before` it, begins."""
        return midnight(self.first - timedelta(days=before * self.days), timezone)

    def series(self, count: int) -> list[Period]:
        """Return `count` periods of this length in a row, oldest first; this one is the last."""
        step = timedelta(days=self.days)
        return [
            Period(self.first - back * step, self.last - back * step)
            for back in range(count - 1, -1, -1)
        ]

    @classmethod
    def named(cls, name: str) -> Period:
        """Read a name back; raises InputError when it is none."""
        interval = _INTERVAL.fullmatch(str(name).strip())
        if interval is not None:
            return cls.between(interval[1], interval[2])
        first = _bounded(monday(str(name)))
        return cls(first, first + timedelta(days=6))

    @classmethod
    def between(cls, start: object, end: object) -> Period:
        """Return the days from `start` to `end`; raises InputError when they are no such days."""
        first, last = _day(start, "start"), _day(end, "end")
        if last < first:
            raise InputError(
                f"The period ends on {last}, before it starts on {first}.",
                "Swap start and end.",
            )
        return cls(first, last)


def period_of(
    week: str | None = None,
    start: object = None,
    end: object = None,
    *,
    timezone: str,
    now: datetime,
) -> Period:
    """Return the period that is asked for; the last full week at `now` when nothing is.

    `week` is an ISO week or an interval as `Period.name` writes it; `start` and `end` are days
    (dates or ISO text), both included. Raises InputError for anything else, or for both kinds.
    """
    if start in (None, "") and end in (None, ""):
        return Period.named(week or last_full_week(now, timezone))
    if week:
        raise InputError(
            "A week and a start or end are two periods.", "Give a week, or start and end."
        )
    if start in (None, "") or end in (None, ""):
        raise InputError("A period of days needs its start and its end.", "Give both.")
    return Period.between(start, end)


def moment_of(as_of: object, timezone: str) -> datetime | None:
    """Return the instant that `as_of` names; None when it names none.

    A date (or ISO text of one) is the end of that day in `timezone`; a datetime (or its ISO text)
    without a zone is local time there. Raises InputError for anything else.
    """
    if as_of is None or as_of == "":
        return None
    value = _read(as_of, "as_of", "2026-11-22, or a date or datetime")
    _bounded(value.date() if isinstance(value, datetime) else value)
    if not isinstance(value, datetime):
        return midnight(value + timedelta(days=1), timezone)
    return (value if value.tzinfo else value.replace(tzinfo=zone(timezone))).astimezone(UTC)


def _day(value: object, name: str) -> date:
    read = _read(value, name, "2026-11-01")
    return _bounded(read.date() if isinstance(read, datetime) else read)


def _bounded(day: date) -> date:
    """Return the day; beyond the calendar of business days weeks cannot be counted on."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InputError(
            f"{day} is outside the years that reports cover.",
            f"Use a date from {FIRST_YEAR} to {LAST_YEAR}.",
        )
    return day


def _read(value: object, name: str, example: str) -> date | datetime:
    if isinstance(value, date):
        return value
    try:
        text = value.strip() if isinstance(value, str) else ""
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{name}={value!r} is not a date.", f"Write it like {example}.") from None
