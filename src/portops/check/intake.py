"""The shell of check: reads workbooks, looks at statements, applies the rules, writes results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from portops import tables
from portops.check.headers import check_fields
from portops.check.marking import write_marked
from portops.check.reading import Grid, Reading, grids, read_grids
from portops.check.rules import account, address, contact, number, request, statement
from portops.check.rules.judge import judge
from portops.check.statements import Statement, look_up
from portops.checked import Checked
from portops.columns import FIELDS, NUMBER_FIELDS
from portops.errors import InputError
from portops.findings import defuse, tidy
from portops.limits import Limits, limits_of

Source: TypeAlias = str | Path | pd.DataFrame

_NO_OPEN = pd.DataFrame({"phone_number": [], "request_sid": [], "account": []}, dtype="str")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to check.

    `sheet` reads one sheet only; `documents` is the folder of statements (default: beside each
    workbook); `given` maps their headers to fields; `fill` gives fields a value where blank;
    `keep_all` does not roll up repairs; `provider` decides the limits; `open_numbers` are the
    store's open numbers (`phone_number`, `request_sid`, `account`).
    """

    sheet: str | None = None
    documents: Path | None = None
    provider: str = "sandbox"
    given: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, str] = field(default_factory=dict)
    keep_all: bool = False
    open_numbers: pd.DataFrame | None = None


def _grids_of(source: Source, sheet: str | None) -> list[Grid]:
    if isinstance(source, pd.DataFrame):
        cells = source.astype(object).where(source.notna(), None)
        rows = [list(map(str, source.columns)), *cells.to_numpy().tolist()]
        return [Grid(file="table", sheet="table", rows=rows)]
    return grids(Path(source), sheet)


def read_sources(sources: Sequence[Source], options: Options) -> Reading:
    """Read every source into one NUMBERS as written."""
    check_fields(options.given, "--map")
    check_fields(options.fill, "--set")
    if not sources:
        raise InputError("No workbook is named.", "Name one or more, such as migration.xlsx.")
    names = [str(each) for each in sources if not isinstance(each, pd.DataFrame)]
    if len(set(names)) < len(names):
        raise InputError("A workbook is named twice.", "Name each workbook once.")
    readings = [
        read_grids(_grids_of(each, options.sheet), given=options.given, fill=options.fill)
        for each in sources
    ]
    known = {header for each in readings for header in each.mapping["header"]}
    for header in options.given:
        if header not in known:
            raise InputError(
                f"--map names the column '{header}', which no sheet has.",
                f"The columns are: {', '.join(map(repr, sorted(known)))}.",
            )
    return Reading(
        numbers=pd.concat([each.numbers for each in readings], ignore_index=True),
        mapping=pd.concat([each.mapping for each in readings], ignore_index=True),
        rows=sum(each.rows for each in readings),
        skipped=tuple(name for each in readings for name in each.skipped),
    )


def read(source: Source, *, sheet: str | None = None) -> pd.DataFrame:
    """Read a workbook, or a table with its own headers, into NUMBERS as written.

    One row a telephone number; `file`, `sheet` and `row` (Excel's) say where it came from. The
    mapping of columns is in `.attrs["mapping"]`. Raises InputError when it cannot be read.
    """
    reading = read_sources([source], Options(sheet=sheet))
    reading.numbers.attrs["mapping"] = reading.mapping.to_dict("records")
    return reading.numbers


def _cells(numbers: pd.DataFrame, mapping: pd.DataFrame, fields: pd.Series) -> pd.DataFrame:
    """Return header (`column`) and `cell` of one field a row; missing where it has no column."""
    known = mapping[mapping["field"].notna()][["file", "sheet", "field", "header", "letter"]]
    keys = pd.DataFrame({"file": numbers["file"], "sheet": numbers["sheet"], "field": fields})
    merged = keys.merge(known, how="left", on=["file", "sheet", "field"])
    merged.index = numbers.index
    row = numbers["row"].astype("str")
    cell = numbers["sheet"] + "!" + merged["letter"] + row
    return pd.DataFrame({"column": merged["header"].astype("str"), "cell": cell})


def _facts(numbers: pd.DataFrame, mapping: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Derive every fact that the rules look at: repaired values beside what was written."""
    facts = numbers.rename(columns={name: f"written.{name}" for name in FIELDS})
    facts["number_written"] = facts["number_text"]
    for name in ("request_name", "customer_name", "losing_carrier", "target_date", "notes"):
        facts[name] = facts[f"written.{name}"]
    facts["number_cell"] = _cells(numbers, mapping, numbers["number_field"])["cell"].fillna("")
    # Address before ZIP code before request: each builds on what stands before it.
    for family in (number, account, contact, address, statement, request):
        facts = family.derive(facts)
    facts = number.places_of_duplicates(facts)
    open_numbers = _NO_OPEN if options.open_numbers is None else options.open_numbers
    return number.in_progress(facts, open_numbers)


def _statements(facts: pd.DataFrame, options: Options, limits: Limits) -> dict[str, Path]:
    """Look at every named statement once; adds its fault to the facts, returns the files found."""
    seen: dict[tuple[str, str], Statement] = {}
    for file, names in facts.groupby("file")["statement"]:
        folder = options.documents or Path(str(file)).parent
        for name, each in look_up(names.dropna().unique(), folder, limits).items():
            seen[(str(file), name)] = each
    keys = list(zip(facts["file"], facts["statement"], strict=True))
    nothing = Statement(None)
    looked = [seen.get(key, nothing) for key in keys]
    facts["statement_fault"] = pd.Series([e.fault for e in looked], facts.index, dtype="str")
    facts["statement_fault"] = facts["statement_fault"].fillna("")
    facts["statement_detail"] = pd.Series([e.detail for e in looked], facts.index, dtype="str")
    facts["statement_nearest"] = pd.Series([e.nearest for e in looked], facts.index, dtype="str")
    return {name: each.path for (_, name), each in seen.items() if each.path is not None}


def _column_findings(mapping: pd.DataFrame, fill: Mapping[str, str]) -> pd.DataFrame:
    """Find required fields without a column, and columns that were not understood."""
    rows = []
    for (file, sheet), columns in mapping.groupby(["file", "sheet"], sort=False):
        there = set(columns["field"].dropna()) | set(fill)
        if there & set(NUMBER_FIELDS):
            there.add("phone_number")
        if there & {"landline_numbers", "wireless_numbers"}:
            there.add("line_type")
        place = {"file": file, "sheet": sheet, "row": int(columns["header_row"].iloc[0])}
        for name, each in FIELDS.items():
            if each.needed == "always" and name not in there:
                said = f"There is no column for {each.label}. {each.help}"
                advice = f'--map "Their Header={name}" or --set {name}=VALUE'
                rows.append({**place, "code": "workbook.column_missing", "column": each.label,
                             "message": said, "suggestion": advice})  # fmt: skip
        rows += [
            {**place, "code": "workbook.column_unknown", "column": column.header,
             "cell": f"{sheet}!{column.letter}{column.header_row}", "value": column.header,
             "message": f"The column '{column.header}' was not understood and is ignored.",
             "suggestion": f'--map "{column.header}=field"'}
            for column in columns[columns["field"].isna()].itertuples()
        ]  # fmt: skip
    return pd.DataFrame(rows)


def _place(found: pd.DataFrame, mapping: pd.DataFrame) -> pd.DataFrame:
    """Give findings their column and cell; a field without a column points at the number's."""
    own = _cells(found, mapping, found["field"])
    number_cell = _cells(found, mapping, found["number_field"])
    lost = own["column"].isna()
    own[lost] = number_cell[lost]
    return found.assign(column=own["column"], cell=own["cell"])


def _clean(facts: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in tables.NUMBERS.columns if name in facts]
    clean = facts[names].copy()
    for name, field_ in FIELDS.items():
        if name not in clean and name in tables.NUMBERS.columns:
            clean[name] = facts[f"written.{name}"] if not field_.secret else np.nan
    clean["ssn_last4"] = facts["written.ssn_last4"]
    for name, column in tables.NUMBERS.columns.items():
        if str(column.dtype) == "str":
            clean[name] = clean[name].astype("str")
        elif column.dtype is not None and str(column.dtype) == "object":
            clean[name] = clean[name].astype(object)
    return tables.NUMBERS.validate(clean[list(tables.NUMBERS.columns)])


def check_sources(sources: Sequence[Source], options: Options | None = None) -> Checked:
    """Check workbooks, or tables with their own headers, as one batch.

    Raises InputError when a source cannot be read; whatever is wrong in it is a finding.
    """
    options = options or Options()
    limits = limits_of(options.provider)
    reading = read_sources(sources, options)
    facts = _facts(reading.numbers, reading.mapping, options)
    documents = _statements(facts, options, limits)
    given = [
        {"file": file, "sheet": sheet, "field": name}
        for file, sheet in reading.mapping[["file", "sheet"]].drop_duplicates().to_numpy()
        for name in options.fill
    ]
    present = pd.concat([reading.mapping[["file", "sheet", "field"]].dropna(), pd.DataFrame(given)])
    found = judge(facts, present, keep_all=options.keep_all)
    if not found.empty:
        found = _place(found, reading.mapping)
    everything = pd.concat([_column_findings(reading.mapping, options.fill), found])
    findings = tables.FINDINGS.validate(tidy(everything))
    return Checked(
        workbooks=tuple(
            "table" if isinstance(each, pd.DataFrame) else str(each) for each in sources
        ),
        numbers=_clean(facts),
        findings=findings,
        mapping=reading.mapping,
        rows=reading.rows,
        skipped=reading.skipped,
        documents=documents,
    )


def check(source: Source | Sequence[Source], **options: object) -> Checked:
    """Check a workbook (path), a table with its own headers (DataFrame), or several as one batch.

    Keywords: `sheet`, `documents` (folder of statements), `provider`, `given` (their header to
    our field), `fill` (field to value where blank), `keep_all`. Returns `Checked` with `.numbers`
    (NUMBERS, repaired), `.findings` (FINDINGS) and `.mapping`. Raises InputError.
    """
    if isinstance(options.get("documents"), str):
        options["documents"] = Path(str(options["documents"]))
    sources = [source] if isinstance(source, str | Path | pd.DataFrame) else list(source)
    return check_sources(sources, Options(**options))  # type: ignore[arg-type]


def write_results(checked: Checked, out: Path, *, mark: bool = True) -> list[Path]:
    """Write `<stem>.findings.csv` and `<stem>.checked.xlsx` for each workbook; returns the files.

    Each file is written beside its name and then renamed, so that none is ever half there.
    """
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for workbook in checked.workbooks:
        path = Path(workbook)
        mine = checked.findings[checked.findings["file"] == workbook].drop(columns="file")
        target = out / f"{path.stem}.findings.csv"
        beside = target.with_suffix(".csv.part")
        # The byte order mark makes Excel read UTF-8.
        defuse(mine).to_csv(beside, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        beside.replace(target)
        written.append(target)
        if mark:
            written.append(write_marked(path, mine, out / f"{path.stem}.checked.xlsx"))
    return written
