"""The four tables: NUMBERS, FINDINGS, REQUESTS and EVENTS, and their columns.

Each is a pandera `DataFrameModel` in a module of its own; its schema has the table's name. The
models document the columns and are what tables from outside are validated with. Texts are `str`
with NaN for missing; in EVENTS an absent text is the empty text.
"""

from __future__ import annotations

from portops.tables import events, findings, numbers, requests
from portops.tables.events import EVENT_COLUMNS, EVENTS, Events
from portops.tables.findings import FINDINGS, Findings
from portops.tables.numbers import LINE_TYPES, NUMBERS, SOURCE_COLUMNS, Numbers
from portops.tables.requests import REQUESTS, Requests

__all__ = [
    "EVENTS",
    "EVENT_COLUMNS",
    "FINDINGS",
    "LINE_TYPES",
    "NUMBERS",
    "REQUESTS",
    "SOURCE_COLUMNS",
    "Events",
    "Findings",
    "Numbers",
    "Requests",
    "events",
    "findings",
    "numbers",
    "requests",
]
