"""The four tables: NUMBERS, FINDINGS, REQUESTS and EVENTS, and their columns."""

from __future__ import annotations

from portops.tables.models import (
    EVENT_COLUMNS,
    EVENTS,
    FINDINGS,
    LINE_TYPES,
    NUMBERS,
    REQUESTS,
    SOURCE_COLUMNS,
    events,
)

__all__ = [
    "EVENTS",
    "EVENT_COLUMNS",
    "FINDINGS",
    "LINE_TYPES",
    "NUMBERS",
    "REQUESTS",
    "SOURCE_COLUMNS",
    "events",
]
