"""The four tables, as pandera models: NUMBERS, FINDINGS, REQUESTS and EVENTS.

The models are the documentation of the columns, and `validate` is what holds them to it.
Text columns are `str` with NaN for missing; in EVENTS an absent text is the empty text.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from portops.facts import causes, statuses
from portops.tables import findings
from portops.tables.columns import FIELDS, REQUEST_FIELDS

EVENT_COLUMNS = (
    "event_id",
    "provider",
    "request_sid",
    "phone_number",
    "status",
    "cause",
    "reason_code",
    "reason",
    "occurred_at",
    "losing_carrier",
    "line_type",
    "supersedes",
    "recorded_at",
    "port_date",
)

#: Columns of NUMBERS that tell where a number came from.
SOURCE_COLUMNS = ("file", "sheet", "row", "number_field", "number_text")

LINE_TYPES = ("landline", "wireless")


def _text(**options: Any) -> pa.Column:
    return pa.Column("str", nullable=True, **options)


_E164 = pa.Check.str_matches(r"^\+1[2-9]\d{9}$")
_UTC = pd.DatetimeTZDtype("us", "UTC")

NUMBERS = pa.DataFrameSchema(
    {
        "file": pa.Column("str", description="the workbook"),
        "sheet": pa.Column("str", description="its sheet"),
        "row": pa.Column("int64", pa.Check.ge(1), description="Excel's row number"),
        "number_field": _text(description="the field whose cell held the number"),
        "number_text": _text(description="the number as written"),
        **{
            name: pa.Column(object, nullable=True, description=field.help)
            if field.secret
            else _text(description=field.help)
            for name in REQUEST_FIELDS
            for field in [FIELDS[name]]
            if name not in {"phone_number", "line_type", "landline_numbers", "wireless_numbers"}
        },
        "phone_number": _text(checks=_E164, description="E.164; missing when there is none"),
        "line_type": _text(checks=pa.Check.isin(LINE_TYPES), description="landline or wireless"),
        "request": _text(description="the planned request"),
    },
    name="NUMBERS",
    description="One row a telephone number, with where it came from and its request's details.",
)

FINDINGS = pa.DataFrameSchema(
    {
        # Rules of other packages bring codes of their own.
        "code": pa.Column("str", pa.Check.str_matches(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")),
        "severity": pa.Column("str", pa.Check.isin(findings.SEVERITIES)),
        "row": pa.Column("Int64", nullable=True, description="the row that Excel shows"),
        **{
            name: _text()
            for name in findings.ALL_COLUMNS
            if name not in {"code", "severity", "row"}
        },
    },
    name="FINDINGS",
    description="One row a thing that is wrong, repaired or worth knowing.",
)

REQUESTS = pa.DataFrameSchema(
    {
        "request": pa.Column("str", unique=True, description="the planned request's name"),
        "losing_carrier": _text(),
        "account_number": _text(),
        "customer_name": _text(),
        "numbers": pa.Column(object, description="list of E.164 numbers, sorted"),
        "count": pa.Column("int64", pa.Check.ge(0)),
        "held_back": _text(description="why it is not submitted; missing when it is"),
        "part_of": _text(description="its name before it was split; missing when it was not"),
        "split": _text(description="how it was split; missing when it was not"),
    },
    name="REQUESTS",
    description="One row a port request: numbers that share carrier, account, address, person.",
)

EVENTS = pa.DataFrameSchema(
    {
        "event_id": pa.Column("str", unique=True),
        "provider": pa.Column("str"),
        "request_sid": pa.Column("str", pa.Check.str_length(min_value=1)),
        "phone_number": pa.Column("str", description="empty for the request as a whole"),
        "status": pa.Column("str", pa.Check.isin(statuses.STATUSES)),
        "cause": pa.Column("str", pa.Check.isin(["", *causes.CAUSES])),
        "reason_code": pa.Column("str"),
        "reason": pa.Column("str"),
        "occurred_at": pa.Column(_UTC),
        "losing_carrier": pa.Column("str"),
        "line_type": pa.Column("str", pa.Check.isin(["", *LINE_TYPES])),
        "supersedes": pa.Column("str", description="SID of the request it corrects"),
        "recorded_at": pa.Column(_UTC),
        "port_date": pa.Column(_UTC, nullable=True, description="agreed FOC date and time"),
    },
    name="EVENTS",
    description="One row a status change, append-only.",
)


def events(rows: list[dict[str, Any]] | pd.DataFrame, *, trusted: bool = False) -> pd.DataFrame:
    """Return rows as EVENTS: every column there, texts as `str`, instants in UTC.

    Absent texts become empty, an absent port date NaT. Rows are held against the model unless they are `trusted`: then
    they come from the store, which took in valid ones only. Raises pandera's SchemaErrors.
    """
    frame = pd.DataFrame(rows).reindex(columns=list(EVENT_COLUMNS))
    for name in EVENT_COLUMNS:
        if name in {"occurred_at", "recorded_at", "port_date"}:
            frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601").astype(_UTC)
        else:
            frame[name] = frame[name].astype("str").fillna("")
    return frame if trusted else EVENTS.validate(frame, lazy=True)
