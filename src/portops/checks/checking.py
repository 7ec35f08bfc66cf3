"""The shell of check: reads workbooks, looks at statements, applies the rules, writes results."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from portops import tables
from portops.checks.evidence import Evidence, age_in_days
from portops.checks.judging import judge
from portops.checks.rules import (
    account,
    address,
    contact,
    correction,
    number,
    request,
    statement,
    workbook,
)
from portops.checks.statements import Statement, look_up
from portops.errors import InputError
from portops.intake.grids import Grid, grids, of_table
from portops.intake.headers import check_fields
from portops.intake.reading import Reading, read_grids, spans
from portops.providers import limits_of
from portops.results.checked import Checked, cells_of
from portops.tables.columns import FIELDS, NUMBER_FIELDS, REQUEST_FIELDS
from portops.tables.findings import defuse, tidy
from portops.texts import blank, by_distinct, codes_of, groups, take
from portops.workbooks.marking import Marked, write_marked

if TYPE_CHECKING:
    from portops.facts.limits import Limits
    from portops.redaction import Secret

Source: TypeAlias = str | Path | pd.DataFrame

_NO_OPEN = pd.DataFrame({"phone_number": [], "request_sid": [], "account": []}, dtype="str")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to check.

    `sheet` reads one sheet only; `documents` is the folder of statements (default: beside each
    workbook); `given` maps their headers to fields; `fill` gives fields a value where blank;
    `keep_all` does not roll up repairs; `provider` decides the limits; `open_numbers` are the
    store's open numbers (`phone_number`, `request_sid`, `account`); `refused` its rejected ones
    (`phone_number, request_sid, cause, details`), and `pins` the PINs these were submitted with;
    `as_of` stands for today.
    """

    sheet: str | None = None
    documents: Path | None = None
    provider: str = "sandbox"
    given: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, str] = field(default_factory=dict)
    keep_all: bool = False
    open_numbers: pd.DataFrame | None = None
    refused: pd.DataFrame | None = None
    pins: Mapping[str, Secret] = field(default_factory=dict)
    as_of: date | None = None


def _grids_of(source: Source, sheet: str | None) -> list[Grid]:
    return [of_table(source)] if isinstance(source, pd.DataFrame) else grids(Path(source), sheet)


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
        numbers=readings[0].numbers
        if len(readings) == 1
        else pd.concat([each.numbers for each in readings], ignore_index=True),
        mapping=pd.concat([each.mapping for each in readings], ignore_index=True),
        rows=sum(each.rows for each in readings),
        skipped=tuple(name for each in readings for name in each.skipped),
        hidden=tuple(each for reading in readings for each in reading.hidden),
    )


def read(source: Source, *, sheet: str | None = None) -> pd.DataFrame:
    """Read a workbook, or a table with its own headers, into NUMBERS as written.

    One row a telephone number; `file`, `sheet` and `row` (Excel's) say where it came from. The
    mapping of columns is in `.attrs["mapping"]`. Raises InputError when it cannot be read.
    """
    reading = read_sources([source], Options(sheet=sheet))
    reading.numbers.attrs["mapping"] = reading.mapping.to_dict("records")
    return reading.numbers


def _facts(numbers: pd.DataFrame, mapping: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Derive every fact that the rules look at: repaired values beside what was written."""
    facts = numbers.rename(columns={name: f"written.{name}" for name in REQUEST_FIELDS})
    facts["number_written"] = facts["number_text"]
    facts = workbook.derive(facts)
    for name in ("request_name", "losing_carrier", "notes"):
        facts[name] = facts[f"written.{name}"]
    facts = number.derive(facts)
    for family in (account, contact, address, statement):
        facts = by_distinct(facts, family.READS, family.derive)
    facts = account.pins(facts, _blank_means(options))
    limits, today = limits_of(options.provider), options.as_of or date.today()  # noqa: DTZ011
    facts = by_distinct(
        facts, ["written.target_date"], lambda some: request.dates(some, today, limits.lead_days)
    )
    facts = request.derive(facts)
    again = number.twice(facts)
    facts["twice"] = blank(facts.index)
    if again.any():
        rows = facts[again]
        cells = cells_of(rows, mapping, rows["number_field"])["cell"].fillna("")
        several = bool((facts["file"] != facts["file"].iloc[0]).any())
        places = rows["file"].map(lambda file: Path(file).name) + " " + cells if several else cells
        facts.loc[again, "twice"] = places.groupby(rows["phone_number"]).transform(", ".join)
    facts = correction.derive(facts, options.refused, options.pins)
    open_numbers = _NO_OPEN if options.open_numbers is None else options.open_numbers
    return number.in_progress(facts, open_numbers)


def _blank_means(options: Options) -> dict[str, Secret]:
    """Return the PINs that a blank stands for: of numbers rejected for something else."""
    if options.refused is None or not options.pins:
        return {}
    wrong = set(options.refused.loc[options.refused["cause"] == "pin", "phone_number"])
    return {number: pin for number, pin in options.pins.items() if number not in wrong}


def _content(path: Path | None) -> str | None:
    return None if path is None else hashlib.sha256(path.read_bytes()).hexdigest()


def _statements(
    facts: pd.DataFrame, options: Options, limits: Limits
) -> tuple[pd.DataFrame, dict[str, Path]]:
    """Look at every named statement once; adds what was found, returns the files as well."""
    group, first = groups([facts["file"], facts["statement"]])
    named = facts[["file", "statement"]].iloc[first].reset_index(drop=True)
    seen: dict[tuple[str, str], Statement] = {}
    for file, names in named.groupby("file")["statement"]:
        folder = options.documents or Path(str(file)).parent
        for name, each in look_up(names.dropna(), folder, limits).items():
            seen[(str(file), name)] = each
    nothing = Statement(None)
    looked = [seen.get(key, nothing) for key in named.itertuples(index=False, name=None)]
    today = options.as_of or date.today()  # noqa: DTZ011 - the analyst's own day
    ages = [age_in_days(each.evidence, today) if each.evidence else None for each in looked]
    old = [str(age) if age is not None and age > statement.OLDEST_DAYS else None for age in ages]
    known = {
        "statement_fault": pd.Series([each.fault or "" for each in looked], dtype="str"),
        "statement_detail": pd.Series([each.detail for each in looked], dtype="str"),
        "statement_nearest": pd.Series([each.nearest for each in looked], dtype="str"),
        "statement_age": pd.Series(old, dtype="str"),
        "statement_no_text": pd.Series(
            [each.evidence is not None and not each.evidence.readable for each in looked]
        ),
    }
    facts = facts.assign(
        **{name: take(column, group, facts.index) for name, column in known.items()}
    )
    facts = _compare(facts, group, [each.evidence for each in looked])
    return facts, {name: each.path for (_, name), each in seen.items() if each.path is not None}


def _compare(
    facts: pd.DataFrame, statement_of: np.ndarray, evidence: list[Evidence | None]
) -> pd.DataFrame:
    """Add what each statement's text does not show: number, account, name, address."""
    said = {}
    if not any(each is not None and each.readable for each in evidence):
        nothing = pd.Series(data=False, index=facts.index)
        names = ("account_absent", "name_absent", "address_absent", "number_absent")
        return facts.assign(**dict.fromkeys(names, nothing), no_number_shown=nothing)
    box = facts["po_box"].to_numpy()
    for what, name in (
        ("account", "account_number"),
        ("name", "customer_name"),
        ("address", "street"),
    ):
        group, first = groups([pd.Series(statement_of), facts[name].reset_index(drop=True)])
        absent = np.zeros(len(first), dtype=bool)
        values = facts[name].iloc[first]
        for place, (at, value) in enumerate(zip(statement_of[first], values, strict=True)):
            each = evidence[at]
            if each is not None and each.readable and isinstance(value, str):
                absent[place] = not getattr(each, what)(value)
        rows = absent[group] & ~box if what == "address" else absent[group]
        said[f"{what}_absent"] = pd.Series(rows, facts.index)
    missing = np.zeros(len(facts), dtype=bool)
    numbers = facts["phone_number"]
    for at, each in enumerate(evidence):
        if each is None or not each.readable:
            continue
        rows = np.flatnonzero((statement_of == at) & numbers.notna().to_numpy())
        mine = numbers.iloc[rows]
        missing[rows] = ~np.array(each.numbers(mine), dtype=bool)
        main = facts["billing_number"].iloc[rows]
        # A statement may name the account's main number only.
        shown = {number: each.numbers([number])[0] for number in main.dropna().unique()}
        missing[rows] &= ~main.isin([number for number, seen in shown.items() if seen]).to_numpy()
    said["number_absent"] = pd.Series(missing, facts.index)
    of_request, _ = codes_of(facts["request"])
    said["no_number_shown"] = pd.Series(
        (np.bincount(of_request, missing) == np.bincount(of_request))[of_request], facts.index
    )
    return facts.assign(**said)


def _hidden(reading: Reading) -> pd.DataFrame:
    """Warn of rows that do not show and hold data, once a sheet."""
    rows = [
        {
            "code": "workbook.hidden_rows",
            "file": file,
            "sheet": sheet,
            "row": hidden[0],
            "cell": f"{sheet}!A{hidden[0]}",
            "value": spans(hidden),
            "message": f"{len(hidden):,} hidden or filtered rows hold data: {spans(hidden)}. They are "
            "checked and would be submitted; show them, or delete what is not meant.",
        }
        for file, sheet, hidden in reading.hidden
    ]
    return pd.DataFrame(rows)


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
                rows.append(
                    {
                        **place,
                        "code": "workbook.column_missing",
                        "column": each.label,
                        "message": said,
                        "suggestion": advice,
                    }
                )
        rows += [
            {
                **place,
                "code": "workbook.column_unknown",
                "column": column.header,
                "cell": f"{sheet}!{column.letter}{column.header_row}",
                "value": column.header,
                "message": f"The column '{column.header}' was not understood and is ignored.",
                "suggestion": f'--map "{column.header}=field"',
            }
            for column in columns[columns["field"].isna()].itertuples()
        ]
    return pd.DataFrame(rows)


def _place(found: pd.DataFrame, mapping: pd.DataFrame) -> pd.DataFrame:
    """Give findings their column and cell; a field without a column points at the number's."""
    own = cells_of(found, mapping, found["field"])
    number_cell = cells_of(found, mapping, found["number_field"])
    lost = own["column"].isna()
    own[lost] = number_cell[lost]
    return found.assign(column=own["column"], cell=own["cell"])


def _clean(facts: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in tables.NUMBERS.columns if name in facts]
    clean = facts[names].assign(ssn_last4=facts["written.ssn_last4"])
    return tables.NUMBERS.validate(clean[list(tables.NUMBERS.columns)], inplace=True)


def check_sources(sources: Sequence[Source], options: Options | None = None) -> Checked:
    """Check workbooks, or tables with their own headers, as one batch.

    Raises InputError when a source cannot be read; whatever is wrong in it is a finding.
    """
    options = options or Options()
    limits = limits_of(options.provider)
    reading = read_sources(sources, options)
    facts = _facts(reading.numbers, reading.mapping, options)
    facts, documents = _statements(facts, options, limits)
    facts = correction.statements(
        facts, options.refused, lambda name: _content(documents.get(name))
    )
    given = [
        {"file": file, "sheet": sheet, "field": name}
        for file, sheet in reading.mapping[["file", "sheet"]].drop_duplicates().to_numpy()
        for name in options.fill
    ]
    present = pd.concat([reading.mapping[["file", "sheet", "field"]].dropna(), pd.DataFrame(given)])
    found = judge(facts, present, keep_all=options.keep_all)
    if not found.empty:
        found = _place(found, reading.mapping)
    everything = pd.concat(
        [_column_findings(reading.mapping, options.fill), _hidden(reading), found]
    )
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
    our field), `fill` (field to value where blank), `keep_all`, `as_of` (a date for today). Returns `Checked` with `.numbers`
    (NUMBERS, repaired), `.findings` (FINDINGS) and `.mapping`. Raises InputError.
    """
    if isinstance(options.get("documents"), str):
        options["documents"] = Path(str(options["documents"]))
    sources = [source] if isinstance(source, str | Path | pd.DataFrame) else list(source)
    return check_sources(sources, Options(**options))  # type: ignore[arg-type]


def write_results(checked: Checked, out: Path, *, mark: bool = True) -> list[Marked]:
    """Write `<stem>.findings.csv` and `<stem>.checked.xlsx` for each workbook; returns the files.

    Each file is written beside its name and then renamed, so that none is ever half there.
    """
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for source in checked.workbooks:
        path = Path(source)
        mine = checked.findings[checked.findings["file"] == source].drop(columns="file")
        target = out / f"{path.stem}.findings.csv"
        beside = target.with_suffix(".csv.part")
        # The byte order mark makes Excel read UTF-8.
        defuse(mine).to_csv(beside, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        beside.replace(target)
        written.append(Marked(target))
        if mark:
            headers = checked.mapping.loc[checked.mapping["file"] == source]
            written.append(write_marked(path, mine, out / f"{path.stem}.checked.xlsx", headers))
    return written
