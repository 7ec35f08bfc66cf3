"""EVENTS: one row per status change, append-only.

What a provider, a file or a user hands in is validated here, at the border. What the store gives
back was validated when it was taken in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Optional

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series  # noqa: TC002 - pandera reads the annotations

from portops.errors import InputError
from portops.facts import causes, statuses
from portops.tables.misfits import misfits
from portops.tables.numbers import LINE_TYPES

_UTC = pd.DatetimeTZDtype("us", "UTC")
_Instant = Annotated[pd.DatetimeTZDtype, "us", "UTC"]

#: Texts that people write may hold anything but NUL, which PostgreSQL does not take.
_WORDS = r"^[^\x00]*\Z"


def _short(least: int, most: int) -> dict[str, Any]:
    """Return the checks of a name without spaces."""
    size = f"{least} to {most}" if least else f"at most {most}"
    return {
        "str_matches": rf"^[^\s\x00]{{{least},{most}}}\Z",
        "metadata": {"problem": f"is not {size} characters without spaces"},
    }


def _choice(*allowed: str) -> dict[str, Any]:
    return {"isin": allowed, "metadata": {"problem": "is not one of the values allowed"}}


_words: dict[str, Any] = {"str_matches": _WORDS, "metadata": {"problem": "holds a NUL character"}}
_when: dict[str, Any] = {"metadata": {"problem": "is no instant such as 2026-11-02T15:00:00Z"}}


class Events(pa.DataFrameModel):
    """One row per status change; texts are empty where there is nothing to say."""

    event_id: Series[str] = pa.Field(
        unique=True, description="made from what happened: same event, same id", **_short(1, 64)
    )
    provider: Series[str] = pa.Field(description="the provider's name", **_short(1, 32))
    request_sid: Series[str] = pa.Field(description="the provider's id", **_short(1, 64))
    phone_number: Series[str] = pa.Field(
        str_matches=r"^(\+[1-9]\d{6,14})?\Z",
        description="E.164; empty for the request as a whole",
        metadata={"problem": "is no number in E.164, such as +12125550100"},
    )
    status: Series[str] = pa.Field(
        description="the canonical status", **_choice(*statuses.STATUSES)
    )
    cause: Series[str] = pa.Field(
        description="the canonical cause of a rejection", **_choice("", *causes.CAUSES)
    )
    reason_code: Series[str] = pa.Field(
        str_matches=r"^[^\n\x00]{0,32}\Z",
        description="the provider's code",
        metadata={"problem": "is longer than 32 characters"},
    )
    reason: Series[str] = pa.Field(description="the provider's words", **_words)
    occurred_at: Series[_Instant] = pa.Field(description="when it happened, in UTC", **_when)
    losing_carrier: Series[str] = pa.Field(description="the carrier the number leaves", **_words)
    line_type: Series[str] = pa.Field(
        description="landline or wireless", **_choice("", *LINE_TYPES)
    )
    supersedes: Series[str] = pa.Field(description="id of the request it corrects", **_short(0, 64))
    recorded_at: Series[_Instant] = pa.Field(description="when we recorded it, in UTC", **_when)
    port_date: Optional[Series[_Instant]] = pa.Field(  # noqa: UP045 - how pandera says optional
        nullable=True, description="FOC date and time where one is agreed, in UTC", **_when
    )

    class Config:
        """The table as a whole."""

        name = "EVENTS"
        strict = True


EVENTS = Events.to_schema()

EVENT_COLUMNS = tuple(EVENTS.columns)

#: Columns of instants, in UTC; they are missing (NaT) where the model allows it.
INSTANTS = tuple(name for name, column in EVENTS.columns.items() if column.dtype.type == _UTC)

#: Columns that a table from outside may leave out.
OPTIONAL = tuple(name for name, column in EVENTS.columns.items() if not column.required)


def shape(rows: Sequence[dict[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """Return rows with exactly the columns of EVENTS and their types; nothing is validated.

    Absent texts become empty, instants are read as ISO 8601 in UTC; what cannot be read is NaT.
    """
    written = _frame(rows)
    columns = {}
    for name in EVENT_COLUMNS:
        if name not in written:
            blank = pd.NaT if name in INSTANTS else ""
            columns[name] = pd.Series(
                blank, written.index, dtype=_UTC if name in INSTANTS else "str"
            )
        elif name in INSTANTS:
            columns[name] = _instants(written[name])
        else:
            columns[name] = written[name].astype("str").fillna("")
    return pd.DataFrame(columns, index=written.index)


def _frame(rows: Sequence[dict[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    if isinstance(rows, pd.DataFrame):
        return rows
    try:
        return pd.DataFrame(rows)
    except UnicodeEncodeError:
        # Half a character (a lone surrogate) is valid JSON, and no text.
        return pd.DataFrame([{key: _text(value) for key, value in row.items()} for row in rows])


def _text(value: object) -> object:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _instants(written: pd.Series) -> pd.Series:
    if isinstance(written.dtype, pd.DatetimeTZDtype):
        utc: pd.Series = written.dt.tz_convert("UTC")
        return utc.astype(_UTC)
    if pd.api.types.is_datetime64_dtype(written):
        utc = written.dt.tz_localize("UTC")
        return utc.astype(_UTC)
    # Many events are recorded at one instant, and each text is read once.
    code, texts = pd.factorize(written.astype("str"), use_na_sentinel=False)
    moments = pd.to_datetime(texts, utc=True, format="ISO8601", errors="coerce")
    return pd.Series(pd.Series(moments).astype(_UTC).array.take(code), written.index)


def fitting(
    rows: Sequence[dict[str, Any]] | pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that are EVENTS, and what does not fit in the others.

    The same event twice is one. The second table is `row` (the index of `rows`), `column, value,
    problem`; a row that has an entry there is not in the first. Columns that EVENTS does not have
    are left out.
    """
    written = _frame(rows)
    events = shape(written).drop_duplicates()
    wrong = misfits(EVENTS, events, written.reindex(columns=list(EVENT_COLUMNS)))
    lost = [_unread(written, events, name) for name in INSTANTS if EVENTS.columns[name].nullable]
    wrong = pd.concat([wrong, *lost], ignore_index=True) if lost else wrong
    return events[~events.index.isin(wrong["row"])], wrong.sort_values("row", ignore_index=True)


def _unread(written: pd.DataFrame, events: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the instants that may be absent, are there, and cannot be read."""
    if name not in written:
        return misfits(EVENTS, events.iloc[:0])
    text = written[name].loc[events.index].astype("str").fillna("")
    bad = text[(text != "") & events[name].isna()]
    problem = EVENTS.columns[name].metadata["problem"]
    return pd.DataFrame({"row": bad.index, "column": name, "value": bad, "problem": problem})


def check_columns(names: Sequence[str], place: str) -> None:
    """Raise InputError, which begins with `place`, when these are not the columns of EVENTS."""
    needed = set(EVENT_COLUMNS) - set(OPTIONAL)
    unknown, missing = set(names) - set(EVENT_COLUMNS), needed - set(names)
    if not unknown and not missing and len(set(names)) == len(names):
        return
    differences = [
        f"unknown: {', '.join(sorted(map(str, unknown)))}" if unknown else "",
        f"missing: {', '.join(sorted(missing))}" if missing else "",
    ]
    raise InputError(
        f"{place}: the columns are not those of a history "
        f"({'; '.join(filter(None, differences)) or 'one is there twice'}).",
        f"They are exactly: {', '.join(EVENT_COLUMNS)} (the last may be absent).",
    )


def from_user(table: pd.DataFrame) -> pd.DataFrame:
    """Return a user's own table as EVENTS, oldest first; texts may be missing, instants text.

    Instants without a time zone are in UTC. Raises InputError, which names the first rows that do
    not fit by the table's own index.
    """
    check_columns(list(table.columns), "The events")
    if not table.index.is_unique:
        table = table.reset_index(drop=True)
    events, wrong = fitting(table)
    if len(wrong):
        raise InputError(f"The events: {in_words(wrong)}.", "Fix these rows, then try again.")
    return events.sort_values(["occurred_at", "event_id"], kind="stable", ignore_index=True)


def in_words(wrong: pd.DataFrame, *, most: int = 3) -> str:
    """Say the first things that do not fit: row, column, value and problem."""
    return "; ".join(
        f"row {cell.row}: {cell.column} '{cell.value}' {cell.problem}"
        for cell in wrong.head(most).itertuples()
    )
