"""One request with everything that happened to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from portops.results.displays import Tables
from portops.wording import counted, words

if TYPE_CHECKING:
    import pandas as pd


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as plain values: instants as ISO 8601 text in UTC."""
    rows = table.copy()
    for name in rows.select_dtypes("datetimetz").columns:
        rows[name] = rows[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    plain = rows.astype(object).where(rows.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
        for name, value in row.items()
    }


#: Columns of EVENTS that a person reads of one request.
_HISTORY = (
    "occurred_at",
    "phone_number",
    "status",
    "cause",
    "reason_code",
    "reason",
    "port_date",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One request.

    `row` is its row of the tracker; `events` its EVENTS in order, with `flag` where a step cannot
    have followed the one before; `journal` the steps of its submission (`at, state, note`);
    `remarks` what the provider said beside its statuses (`at, author, words`): comments, where to
    sign, support tickets; `agreement` who agreed to what, and when (`operator, agreement, created_at`), empty where the
    store does not know.
    """

    row: dict[str, Any]
    events: pd.DataFrame
    journal: list[dict[str, Any]]
    agreement: dict[str, Any]
    remarks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def history(self) -> pd.DataFrame:
        """What a person reads of its events."""
        table = self._columns
        return table.drop(columns="port_date") if table["port_date"].isna().all() else table

    @property
    def _columns(self) -> pd.DataFrame:
        flag = ["flag"] if (self.events["flag"] != "").any() else []
        return self.events[[*_HISTORY, *flag]]

    def as_json(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            **self.row,
            **_plain(self.agreement),
            "history": plain_rows(self._columns),
            "journal": [_plain(step) for step in self.journal],
            "remarks": [_plain(remark) for remark in self.remarks],
        }

    def summary(self) -> str:
        """Say in a line where the request is."""
        row = self.row
        return (
            f"{words(row['status'])}, created {row['created']}, {counted(row['numbers'], 'number')} "
            f"({row['completed']} completed, {row['rejected']} rejected), {row['losing_carrier']}"
        )

    def _repr_html_(self) -> str:
        head = f"<p><b>{escape(self.row['request'])}</b> <code>{self.row['request_sid']}</code></p>"
        return (
            head
            + f"<p>{escape(self.summary())}</p>"
            + Tables([("History (UTC)", self.history)], unknown="")._repr_html_()
        )
