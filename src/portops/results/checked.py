"""What a check gives: the numbers, the findings and how the workbook was understood."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from portops.results.displays import Tables
from portops.tables import findings as finding_table
from portops.texts import groups, take
from portops.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from portops.results.original import Original
    from portops.results.reading import Sheet
    from portops.tables.findings import Code

#: Columns of the mapping table.
MAPPING_COLUMNS = ("file", "sheet", "header_row", "column", "letter", "header", "field", "how")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of a check.

    `numbers` is NUMBERS (repaired), `findings` is FINDINGS, `mapping` tells for each column of
    each sheet which field it was taken for, `rows` counts data rows, `skipped` names sheets
    without a table, `documents` maps statement names to files that were found, `originals` are the
    workbooks as they were handed in, `sheets` is every sheet, read or not, `provider` is whose limits counted, `codes` tell what each code
    of a finding means.
    """

    workbooks: tuple[str, ...]
    numbers: pd.DataFrame = field(repr=False)
    findings: pd.DataFrame = field(repr=False)
    mapping: pd.DataFrame = field(repr=False)
    rows: int
    skipped: tuple[str, ...] = ()
    documents: dict[str, Path]
    originals: tuple[Original, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    provider: str = "sandbox"
    codes: Mapping[str, Code] = field(repr=False, default_factory=lambda: finding_table.CODES)

    @property
    def stems(self) -> dict[str, str]:
        """How the files that are made of each workbook begin, by its name; each is unique."""
        times: dict[str, int] = {}
        stems = {}
        for original in self.originals:
            count = times[original.stem] = times.get(original.stem, 0) + 1
            stems[original.name] = original.stem if count == 1 else f"{original.stem}-{count}"
        return stems

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

    def findings_as_records(self) -> list[dict[str, object]]:
        """Return the findings as plain dictionaries, None where nothing is known (never NaN)."""
        records = finding_table.records(self.findings)
        for record in records:
            record["workbook"] = record.pop("file")
        return records

    def as_json(self) -> dict[str, Any]:
        """Return the document that `portops check --json` prints: plain values, never NaN."""
        return {
            "workbooks": list(self.workbooks),
            "rows": self.rows,
            "numbers": int(self.numbers["phone_number"].notna().sum()),
            "requests": self.requests,
            "mapping": self.headers,
            "columns": self._columns(),
            "sheets": [sheet._asdict() for sheet in self.sheets],
            "counts": self.counts,
            "findings": self.findings_as_records(),
        }

    def _columns(self) -> list[dict[str, Any]]:
        """Return how each column was understood."""
        columns = self.mapping[["file", "sheet", "letter", "header", "field", "how"]]
        plain = columns.rename(columns={"letter": "column"}).astype(object)
        rows: list[dict[Any, Any]] = plain.where(plain.notna(), None).to_dict("records")
        return rows

    def adding(self, more: pd.DataFrame) -> Checked:
        """Return the same check with more findings."""
        if more.empty:
            return self
        both = pd.concat([self.findings, finding_table.tidy(more, self.codes)], ignore_index=True)
        return replace(self, findings=finding_table.tidy(both))

    def held_back(self, *, strict: bool = False) -> bool:
        """Tell whether anything was found that keeps numbers from being submitted."""
        counts = self.counts
        return bool(counts["error"] or (strict and counts["warning"]))

    @property
    def size(self) -> str:
        """Say how many rows, numbers and requests there are."""
        numbers = int(self.numbers["phone_number"].notna().sum())
        return ", ".join(
            counted(count, noun)
            for count, noun in ((self.rows, "row"), (numbers, "number"), (self.requests, "request"))
        )

    def _repr_html_(self) -> str:
        counts = self.counts
        head = (
            f"<p><b>{self.size}.</b> "
            f"{counted(counts['error'], 'error')}, {counted(counts['warning'], 'warning')}, "
            f"{counts['fixed']:,} repaired, {counts['info']:,} worth knowing.</p>"
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
    understood = mapping[mapping["field"].notna()]
    places = {
        (file, sheet, field): (header, f"{sheet}!{letter}")
        for file, sheet, field, header, letter in understood[
            ["file", "sheet", "field", "header", "letter"]
        ].itertuples(index=False, name=None)
    }
    group, first = groups([rows["file"], rows["sheet"], fields])
    some = zip(rows["file"].iloc[first], rows["sheet"].iloc[first], fields.iloc[first], strict=True)
    pairs = [places.get(key, (None, None)) for key in some]
    header, start = (pd.Series([pair[at] for pair in pairs], dtype="str") for at in (0, 1))
    cell = take(start, group, rows.index) + rows["row"].astype("str")
    return pd.DataFrame({"column": take(header, group, rows.index), "cell": cell})
