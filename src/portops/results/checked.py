"""What a check gives: the numbers, the findings and how the workbook was understood."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from portops.results.displays import Tables
from portops.tables import findings as finding_table
from portops.tables.columns import NUMBER_FIELDS
from portops.texts import blank, groups, take
from portops.wording import counted, letters_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from portops.redaction import Secret
    from portops.results.original import Original
    from portops.results.profile import ProfileUse
    from portops.results.reading import Sheet
    from portops.tables.findings import Code

#: Columns of the mapping table.
MAPPING_COLUMNS = (
    "file",
    "sheet",
    "header_row",
    "column",
    "letter",
    "header",
    "field",
    "how",
    "confidence",
    "why",
    "value",
    "value_row",
    "first_row",
    "last_row",
    "derived",
    "near",
    "examples",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of a check.

    `numbers` is NUMBERS (repaired), `findings` is FINDINGS, `mapping` tells for each column of
    each sheet which field it was taken for, `rows` counts data rows, `skipped` names sheets
    without a table, `documents` maps statement names to files that were found, `originals` are the
    workbooks as they were handed in, `sheets` is every sheet, read or not,
    `profiles` say which sender's profile each was read with, `given` and `fill` are what was named and
    filled in by hand or by a profile that was named, `provider` is whose limits counted, `codes` tell what each code
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
    profiles: tuple[ProfileUse, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, str | Secret] = field(default_factory=dict)
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
        own = self.understood
        pairs = zip(own["header"], own["field"], strict=True)
        return {header: None if pd.isna(field) else field for header, field in pairs}

    @property
    def understood(self) -> pd.DataFrame:
        """The columns as they are in the workbooks, without the fields that were taken out of them."""
        return self.mapping[~self.mapping["derived"].astype(bool)]

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
            # Only where a sender's profile counts, so that the document is the usual one without.
            **({"profiles": [use.as_json() for use in self.profiles]} if self.profiles else {}),
        }

    def _columns(self) -> list[dict[str, Any]]:
        """Return how each column was understood."""
        columns = self.understood[
            ["file", "sheet", "letter", "header", "field", "how", "confidence"]
        ]
        plain = columns.rename(columns={"letter": "column"}).astype(object)
        # A column that was not understood was understood by nothing.
        plain["how"] = plain["how"].where(plain["field"].notna() | (plain["how"] == "given"), None)
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
        lines = [line for use in self.profiles for line in use.lines]
        profiles = "".join(f"<p>{escape(line)}</p>" for line in lines)
        return head + profiles + table + tail + skipped


#: Columns of the rows that say where a number, and the details of its request, came from.
PLACE_COLUMNS = ("number_column", "details_sheet", "details_row")


def cells_of(rows: pd.DataFrame, mapping: pd.DataFrame, fields: pd.Series) -> pd.DataFrame:
    """Return header (`column`), `cell` and `cell_row` of one field a row; missing without a column.

    `rows` has `file, sheet, row`, and `PLACE_COLUMNS` where they are known; `fields` names the
    field of each. A value of a block of labels is in the block's cell, and a detail that another
    sheet gives in the cell of that sheet.
    """
    sheet, row = rows["sheet"], rows["row"].astype("Int64")
    own = fields.isin(NUMBER_FIELDS)
    letter = rows["number_column"] if "number_column" in rows else blank(rows.index)
    places = _Places(mapping)
    placed = places.of(rows["file"], sheet, row, fields, letter)
    if "details_sheet" in rows and rows["details_sheet"].notna().any():
        away = rows["details_sheet"].notna() & ~own & ~placed["within"]
        some = rows[away]
        if not some.empty:
            there = places.of(
                some["file"],
                some["details_sheet"].astype("str"),
                some["details_row"].astype("Int64"),
                fields[away],
                letter[away],
            )
            placed.loc[there.index[there["column"].notna()]] = there[there["column"].notna()]
    return placed.drop(columns="within")


class _Places:
    """Where each field of each sheet is, as `cells_of` asks."""

    def __init__(self, mapping: pd.DataFrame) -> None:
        understood = mapping[mapping["field"].notna()]
        self._places: dict[tuple[str, str, str], list[tuple[str, str, int, int, int]]] = {}
        names = ["file", "sheet", "field", "header", "letter", "value_row", "first_row", "last_row"]
        for file, name, field_name, *place in understood[names].itertuples(index=False, name=None):
            self._places.setdefault((file, name, field_name), []).append(tuple(place))

    def _one(
        self, key: tuple[str, str, str], letter: str | None, row: int
    ) -> tuple[str | None, str | None, int, bool]:
        """Return header, letter, a block's row, and whether it is meant for this very row."""
        there = self._places.get(key, [])
        if letter is not None and key[2] in NUMBER_FIELDS:
            there = [place for place in there if place[1] == letter] or there
        near = [place for place in there if not place[4] or place[3] <= row <= place[4]]
        columns = [place for place in near if not place[2]]
        if len(columns) > 1 and letter is not None:
            # Of tables side by side, the second one's numbers have the second one's details.
            numbers = [
                at
                for _, at, block_row, first, last in self._places.get(
                    (*key[:2], "phone_number"), []
                )
                if not block_row and (not last or first <= row <= last)
            ]
            if len(numbers) == len(columns) and letter in numbers:
                columns = [columns[numbers.index(letter)]]
        for header, at, block_row, _, _ in columns or near or there:
            return header, at, block_row, bool(near)
        return None, None, 0, False

    def of(
        self,
        file: pd.Series,
        sheet: pd.Series,
        row: pd.Series,
        fields: pd.Series,
        letter: pd.Series,
    ) -> pd.DataFrame:
        # Of the rows, only those parts matter in which a sheet has several tables.
        starts = sorted({place[3] for places in self._places.values() for place in places})
        band = pd.Series(
            np.searchsorted(starts, row.fillna(0).to_numpy(dtype="int64"), side="right"), file.index
        )
        group, first = groups([file, sheet, fields, letter, band.astype("str")])
        picked = [
            self._one(
                (file.iloc[at], sheet.iloc[at], fields.iloc[at]),
                None if pd.isna(letter.iloc[at]) else str(letter.iloc[at]),
                0 if pd.isna(row.iloc[at]) else int(row.iloc[at]),
            )
            for at in first
        ]
        header = pd.Series([place[0] for place in picked], dtype="str")
        start = pd.Series(
            [
                None
                if place[1] is None
                else f"{name}!{place[1]}" + ("#" if place[1].startswith("@") else "")
                for place, name in zip(picked, sheet.iloc[first], strict=True)
            ],
            dtype="str",
        )
        block = pd.Series([place[2] for place in picked], dtype="int64").to_numpy()[group]
        within = np.array([place[3] for place in picked], dtype=bool)[group]
        at_row = row.where(block == 0, pd.Series(block, row.index).astype("Int64"))
        cell = take(start, group, file.index) + at_row.astype("str")
        # On a sheet that lies on its side, `@5` is row 5, and the row is a column.
        aside = cell.str.contains("!@", regex=False).fillna(value=False)
        if aside.any():
            pairs = cell[aside].str.extract(r"^(.*)!@(\d+)#(\d+)$")
            letters = pairs[2].astype(int).map(letters_of)
            cell = cell.mask(aside, pairs[0] + "!" + letters + pairs[1])
            at_row = at_row.mask(aside, pairs[1].astype("Int64"))
        return pd.DataFrame(
            {
                "column": take(header, group, file.index),
                "cell": cell,
                "cell_row": at_row,
                "within": within,
            }
        )
