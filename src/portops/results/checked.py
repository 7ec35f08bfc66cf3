"""What a check gives: the numbers, the findings and how the workbook was understood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from portops.results.displays import Tables
from portops.tables import findings as finding_table
from portops.texts import groups, take
from portops.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

#: Columns of the mapping table.
MAPPING_COLUMNS = ("file", "sheet", "header_row", "column", "letter", "header", "field", "how")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of a check.

    `numbers` is NUMBERS (repaired), `findings` is FINDINGS, `mapping` tells for each column of
    each sheet which field it was taken for, `rows` counts data rows, `skipped` names sheets
    without a table, `documents` maps statement names to files that were found.
    """

    workbooks: tuple[str, ...]
    numbers: pd.DataFrame
    findings: pd.DataFrame
    mapping: pd.DataFrame
    rows: int
    skipped: tuple[str, ...] = ()
    documents: dict[str, Path]

    @property
    def counts(self) -> dict[str, int]:
        """Findings by severity."""
        return finding_table.counts(self.findings)

    @property
    def requests(self) -> int:
        """How many port requests the numbers make."""
        return int(self.numbers["request"].nunique())

    @property
    def headers(self) -> dict[str, str | None]:
        """Their header to our field, None where a column was not understood."""
        pairs = zip(self.mapping["header"], self.mapping["field"], strict=True)
        return {header: None if pd.isna(field) else field for header, field in pairs}

    def adding(self, found: pd.DataFrame) -> Checked:
        """Return the same check with more findings."""
        if found.empty:
            return self
        both = pd.concat([self.findings, finding_table.tidy(found)], ignore_index=True)
        return replace(self, findings=finding_table.tidy(both))

    def held_back(self, *, strict: bool = False) -> bool:
        """Tell whether anything was found that keeps numbers from being submitted."""
        found = self.counts
        return bool(found["error"] or (strict and found["warning"]))

    @property
    def size(self) -> str:
        """Say how many rows, numbers and requests there are."""
        numbers = int(self.numbers["phone_number"].notna().sum())
        return ", ".join(
            counted(count, noun)
            for count, noun in ((self.rows, "row"), (numbers, "number"), (self.requests, "request"))
        )

    def _repr_html_(self) -> str:
        found = self.counts
        head = (
            f"<p><b>{self.size}.</b> "
            f"{counted(found['error'], 'error')}, {counted(found['warning'], 'warning')}, "
            f"{found['fixed']:,} repaired, {found['info']:,} worth knowing.</p>"
        )
        worst = self.findings[self.findings["severity"].isin(["error", "warning"])]
        shown = worst.head(50)[["severity", "cell", "code", "value", "message", "suggestion"]]
        rest = len(worst) - len(shown)
        tail = f"<p>… and {rest:,} more; see <code>.findings</code>.</p>" if rest > 0 else ""
        skipped = "".join(f"<p>Skipped: {escape(name)}</p>" for name in self.skipped)
        table = "" if shown.empty else Tables([("", shown)], unknown="")._repr_html_()
        return head + table + tail + skipped


def cells_of(rows: pd.DataFrame, mapping: pd.DataFrame, fields: pd.Series) -> pd.DataFrame:
    """Return header (`column`) and `cell` of one field a row; missing where it has no column.

    `rows` has `file, sheet, row`; `fields` names the field of each.
    """
    known = mapping[mapping["field"].notna()]
    places = {
        (file, sheet, field): (header, f"{sheet}!{letter}")
        for file, sheet, field, header, letter in known[
            ["file", "sheet", "field", "header", "letter"]
        ].itertuples(index=False, name=None)
    }
    group, first = groups([rows["file"], rows["sheet"], fields])
    some = zip(rows["file"].iloc[first], rows["sheet"].iloc[first], fields.iloc[first], strict=True)
    found = [places.get(key, (None, None)) for key in some]
    header, start = (pd.Series([each[at] for each in found], dtype="str") for at in (0, 1))
    cell = take(start, group, rows.index) + rows["row"].astype("str")
    return pd.DataFrame({"column": take(header, group, rows.index), "cell": cell})
