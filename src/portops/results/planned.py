"""What planning gives: the port requests that a submission would create."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.redaction import MASK
from portops.results.displays import Tables
from portops.results.understood import sent_pins
from portops.tables.requests import DETAILS
from portops.wording import counted

if TYPE_CHECKING:
    from portops.results.checked import Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The result of planning.

    `requests` is REQUESTS with the details of each; `numbers` is NUMBERS with `request` as
    planned; `findings` has those of the check and `request.split`.
    """

    checked: Checked
    provider: str
    requests: pd.DataFrame = field(repr=False)
    numbers: pd.DataFrame = field(repr=False)
    findings: pd.DataFrame = field(repr=False)
    strict: bool = False

    @property
    def ready(self) -> pd.DataFrame:
        """The requests that can be submitted."""
        return self.requests[self.requests["held_back"].isna()]

    @property
    def held_back(self) -> pd.DataFrame:
        """The requests that cannot."""
        return self.requests[self.requests["held_back"].notna()]

    def as_json(self) -> dict[str, Any]:
        """Return the plan as plain values: requests by name, with why any is held back."""
        names = [
            "request",
            "losing_carrier",
            "account_number",
            "customer_name",
            "numbers",
            "held_back",
            "split",
        ]
        rows = self.requests[names].astype(object).where(self.requests[names].notna(), None)
        details = self.details
        return {
            "workbooks": list(self.checked.workbooks),
            "provider": self.provider,
            "ready": len(self.ready),
            "held_back": len(self.held_back),
            "requests": [
                {**row, "details": details[str(row["request"])]} for row in rows.to_dict("records")
            ],
        }

    @property
    def details(self) -> dict[str, dict[str, str]]:
        """The fields of each request as they would be sent, as text; its PINs as `•••`.

        Its numbers are there by their kind, separated by commas as in a workbook; what is blank is
        not there.
        """
        rows = self.requests.set_index("request")[list(DETAILS)]
        details: dict[str, dict[str, str]] = {
            str(request): {str(name): str(value) for name, value in row.items() if pd.notna(value)}
            for request, row in rows.to_dict("index").items()
        }
        ordered = self.numbers.sort_values("phone_number", kind="stable")
        for kind, name in (("landline", "landline_numbers"), ("wireless", "wireless_numbers")):
            mine = ordered[ordered["line_type"] == kind].groupby("request")["phone_number"]
            for request, joined in mine.agg(", ".join).items():
                details[str(request)][name] = str(joined)
        for request in ordered.loc[sent_pins(ordered).notna(), "request"].unique():
            details[str(request)]["pin"] = MASK
        return details

    def _repr_html_(self) -> str:
        ready = self.ready
        head = (
            f"<p><b>Ready for {escape(self.provider)}: {counted(len(ready), 'request')} with "
            f"{counted(int(ready['count'].sum()), 'number')}. Held back: "
            f"{counted(len(self.held_back), 'request')}.</b></p>"
        )
        shown = self.requests[
            ["request", "losing_carrier", "account_number", "count", "held_back", "split"]
        ]
        return head + Tables([("", shown.head(200))], unknown="")._repr_html_()
