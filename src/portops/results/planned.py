"""What planning gives: the port requests that a submission would create."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from portops.results.displays import Tables
from portops.tables.requests import DETAILS
from portops.wording import counted

if TYPE_CHECKING:
    import pandas as pd

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
        columns = self.requests[list(dict.fromkeys([*names, *DETAILS]))]
        rows = columns.astype(object).where(columns.notna(), None)
        return {
            "workbooks": list(self.checked.workbooks),
            "provider": self.provider,
            "ready": len(self.ready),
            "held_back": len(self.held_back),
            "requests": [
                {
                    **{name: row[name] for name in names},
                    "details": {name: row[name] for name in DETAILS if row[name] is not None},
                }
                for row in rows.to_dict("records")
            ],
        }

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
